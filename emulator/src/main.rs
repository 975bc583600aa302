//! `descope-mcp-emulator`: the emulator on a socket.
//!
//! Standard output holds three `export` lines and nothing else; everything meant for people goes to standard error.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use descope_mcp_emulator::{
    Adversity, AuthorizationSettings, Config, DataDirectory, PinnedDocument, Project, PublicUrl, RateLimit,
    RegistrationSettings, Seed, StartError, Variants, app, app_with_control, check, serve,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::Level;

/// Names the most detailed log level to print.
const LOG_VARIABLE: &str = "DESCOPE_EMULATOR_LOG";

const AFTER_HELP: &str = "\
Standard output gets three lines, for `eval` or a file: export DESCOPE_BASE_URL=..., DESCOPE_PROJECT_ID=... and
DESCOPE_MANAGEMENT_KEY=.... Then it serves until SIGINT or SIGTERM. Without --data it keeps
nothing.

DESCOPE_EMULATOR_LOG sets how much is logged on standard error: error, warn, info (default), debug (each exchange).

Exit codes: 0 stopped by a signal, 1 failed while serving, 2 a bad flag or setting, 3 cannot listen,
4 the data directory cannot be used, 5 `check` found damage (one line each on standard output).";

/// An emulator of Descope's MCP server management API and its authorization server. Unofficial.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP, args_conflicts_with_subcommands = true)]
struct Flags {
    #[command(subcommand)]
    command: Option<Task>,

    /// Address and port to listen on; port 0 takes a free one, which the printed URL names
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,

    /// Where clients reach the emulator, if not at the listening address; every issuer and URL derives from it
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,

    /// Keep everything in this directory, which is made if it is not there; one process at a time [default: in memory]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Projects, servers and clients to begin with (JSON, see SEED-FILE.md); what is there already stays
    #[arg(long, value_name = "FILE")]
    seed_file: Option<PathBuf>,

    /// Id of the project to print, and to make if it is not there [default: the first of the seed file, or of the data
    /// directory, or a fresh one]
    #[arg(long, value_name = "ID")]
    project_id: Option<String>,

    /// Management key of the project; better given by the variable, since others can see arguments [default: the
    /// stored one, or a fresh one]
    #[arg(long, value_name = "KEY", env = "DESCOPE_MANAGEMENT_KEY", hide_env_values = true)]
    management_key: Option<String>,

    /// Answers an open question in another way; repeatable, see --variants
    #[arg(long = "variant", value_name = "NAME=VALUE")]
    variant: Vec<String>,

    /// Lists every variant with its values, default, question and basis, and ends
    #[arg(long)]
    variants: bool,

    /// Makes faults, such as seed=7,rate=0.1; also kinds=delay+429+503+520+reset-before+reset-after+truncate, delay=MS,
    /// retry-after=SECONDS, well-known=yes. The line printed at the start makes the same faults again
    #[arg(long, value_name = "SETTINGS")]
    adversity: Option<String>,

    /// Answers so many requests per address in so many seconds, and after one more none for as long
    #[arg(long, value_name = "REQUESTS/SECONDS", num_args = 0..=1, default_missing_value = "100/60")]
    rate_limit: Option<String>,

    /// Loopback address and port of the inspector at /_emulator/ and of what can be switched while it runs
    #[arg(long, value_name = "ADDR:PORT")]
    control: Option<SocketAddr>,

    /// How logs look
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,

    /// A client metadata document that counts for the URL and is never fetched; repeatable
    #[arg(long = "cimd-pin", value_name = "URL=FILE")]
    cimd_pins: Vec<String>,

    /// Take client metadata documents from this machine too, also by http; needs to listen on a loopback address
    #[arg(long)]
    cimd_allow_loopback: bool,

    /// Take redirect URIs with schemes of applications, such as cursor://
    #[arg(long)]
    allow_private_use_redirects: bool,

    /// Grant all that a client asks for without a consent page
    #[arg(long)]
    auto_consent: bool,

    /// Compare the port of http://localhost redirect URIs too, as RFC 8252 has it
    #[arg(long)]
    exact_localhost_port: bool,

    /// Listen on an address that other machines can reach
    #[arg(long)]
    allow_remote: bool,
}

/// What to do instead of serving.
#[derive(Subcommand)]
enum Task {
    /// Look a data directory over, without serving it: 0 sound, 5 damaged, 4 cannot be looked at
    Check {
        /// The directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
}

/// How logs look.
#[derive(Clone, Copy, clap::ValueEnum)]
enum LogFormat {
    /// A line of text for each event.
    Text,
    /// A JSON object for each event, one on a line.
    Json,
}

/// Why the program ends; each has its exit code.
enum Failure {
    Setting(String),
    Start(StartError),
    Listen(SocketAddr, io::Error),
    Serve(&'static str, io::Error),
    Damaged(usize),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Serve(..) => 1,
            Self::Start(StartError::Data(_)) => 4,
            Self::Damaged(_) => 5,
            Self::Setting(_) | Self::Start(_) => 2,
            Self::Listen(..) => 3,
        }
    }

    fn line(&self) -> String {
        match self {
            Self::Setting(problem) => problem.clone(),
            Self::Start(error) => match error.source() {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            },
            Self::Listen(address, error) => format!("cannot listen on {address}: {error}"),
            Self::Serve(what, error) => format!("{what}: {error}"),
            Self::Damaged(faults) => format!("the data directory has {faults} faults"),
        }
    }
}

fn main() -> ExitCode {
    let flags = match Flags::try_parse() {
        Ok(flags) => flags,
        // Help and version are no errors and go to standard output.
        Err(asked) if !asked.use_stderr() => {
            return if asked.print().is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) };
        }
        Err(error) => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or("error: bad arguments");
            return end(&format!("{}; see --help", line.trim_start_matches("error: ")), 2);
        }
    };
    match run(flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure.line(), failure.code()),
    }
}

fn end(line: &str, code: u8) -> ExitCode {
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(io::stderr(), "error: {line}");
    ExitCode::from(code)
}

fn run(flags: Flags) -> Result<(), Failure> {
    if flags.variants {
        let mut stdout = io::stdout();
        return stdout
            .write_all(Variants::listing().as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(|error| Failure::Serve("cannot write to standard output", error));
    }
    start_log(flags.log_format)?;
    if let Some(Task::Check { data }) = flags.command {
        return look_over(&data);
    }
    let behaviour = Behaviour::read(&flags)?;
    if !flags.listen.ip().is_loopback() && !flags.allow_remote {
        return Err(Failure::Setting(format!(
            "{} can be reached by other machines; pass --allow-remote if that is meant",
            flags.listen
        )));
    }
    let registration = registration(&flags)?;
    let stored = stored(flags.data.as_deref(), flags.seed_file.as_deref()).map_err(Failure::Start)?;
    let project =
        project(flags.project_id, flags.management_key, &stored.projects).map_err(Failure::Start)?;
    let public_url =
        flags.public_url.map(|url| url.parse::<PublicUrl>()).transpose().map_err(Failure::Start)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Serve("cannot start the runtime", error))?;
    runtime.block_on(listen_and_serve(flags.listen, public_url, project, stored, registration, behaviour))
}

/// What the flags say about how the emulator behaves, and about watching it.
struct Behaviour {
    authorization: AuthorizationSettings,
    variants: Variants,
    adversity: Option<Adversity>,
    rate_limit: Option<RateLimit>,
    control: Option<SocketAddr>,
}

impl Behaviour {
    fn read(flags: &Flags) -> Result<Self, Failure> {
        fn setting(error: impl Error) -> Failure {
            Failure::Setting(error.to_string())
        }
        let mut variants = Variants::default();
        for pair in &flags.variant {
            variants.set_pair(pair).map_err(setting)?;
        }
        if let Some(control) = flags.control.filter(|control| !control.ip().is_loopback()) {
            return Err(Failure::Setting(format!(
                "--control {control} can be reached by other machines; it must be a loopback address"
            )));
        }
        let mut authorization = AuthorizationSettings::default();
        authorization.auto_consent = flags.auto_consent;
        authorization.exact_localhost_port = flags.exact_localhost_port;
        Ok(Self {
            authorization,
            variants,
            adversity: flags.adversity.as_deref().map(str::parse).transpose().map_err(setting)?,
            rate_limit: flags.rate_limit.as_deref().map(str::parse).transpose().map_err(setting)?,
            control: flags.control,
        })
    }
}

/// What the flags say about the registration of clients.
fn registration(flags: &Flags) -> Result<RegistrationSettings, Failure> {
    if flags.cimd_allow_loopback && !flags.listen.ip().is_loopback() {
        return Err(Failure::Setting(format!(
            "--cimd-allow-loopback needs a loopback address to listen on, not {}",
            flags.listen
        )));
    }
    let mut settings = RegistrationSettings::default();
    settings.allow_loopback_documents = flags.cimd_allow_loopback;
    settings.allow_private_use_redirects = flags.allow_private_use_redirects;
    for pin in &flags.cimd_pins {
        let (url, file) = pin
            .split_once('=')
            .ok_or_else(|| Failure::Setting(format!("--cimd-pin {pin:?} must be URL=FILE")))?;
        let json = std::fs::read(file)
            .map_err(|error| Failure::Setting(format!("--cimd-pin: cannot read {file}: {error}")))?;
        settings.pinned_documents.push(PinnedDocument::new(url, json));
    }
    Ok(settings)
}

async fn listen_and_serve(
    listen: SocketAddr,
    public_url: Option<PublicUrl>,
    project: Project,
    stored: Stored,
    registration: RegistrationSettings,
    behaviour: Behaviour,
) -> Result<(), Failure> {
    let listener = TcpListener::bind(listen).await.map_err(|error| Failure::Listen(listen, error))?;
    let address = listener.local_addr().map_err(|error| Failure::Listen(listen, error))?;
    let public_url = match public_url {
        Some(url) => url,
        None => PublicUrl::of_listener(address).map_err(Failure::Start)?,
    };
    // Before the lines are printed, so that whoever reads them can stop it.
    let stopped = stop_signal().map_err(|error| Failure::Serve("cannot wait for signals", error))?;
    let lines = format!(
        "export DESCOPE_BASE_URL={public_url}\nexport DESCOPE_PROJECT_ID={}\nexport DESCOPE_MANAGEMENT_KEY={}\n",
        project.id(),
        project.expose_management_key()
    );
    let mut config = Config::new(public_url, vec![project]);
    config.registration = registration;
    config.data = stored.data;
    config.seed = stored.seed;
    config.authorization = behaviour.authorization;
    config.variants = behaviour.variants;
    config.rate_limit = behaviour.rate_limit;
    if let Some(adversity) = behaviour.adversity {
        // At a level that is always printed short of errors: without the seed nothing can be repeated.
        tracing::warn!(%adversity, "adversity is on; --adversity with these settings repeats it");
        config.adversity = Some(adversity);
    }
    let (router, control) = match behaviour.control {
        Some(address) => {
            let listener =
                TcpListener::bind(address).await.map_err(|error| Failure::Listen(address, error))?;
            let (router, control) = app_with_control(config).map_err(Failure::Start)?;
            (router, Some((listener, control)))
        }
        None => (app(config).map_err(Failure::Start)?, None),
    };
    let mut stdout = io::stdout();
    stdout
        .write_all(lines.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::Serve("cannot write to standard output", error))?;
    drop(lines);
    tracing::info!(%address, "listening");
    let Some((control_listener, control)) = control else {
        return serve(listener, router, stopped).await.map_err(|error| Failure::Serve("cannot serve", error));
    };
    let control_address = control_listener.local_addr().map_err(|error| Failure::Listen(address, error))?;
    tracing::info!(url = %format_args!("http://{control_address}/_emulator/"), "inspector");
    // Both stop when the sender is gone.
    let (stop, stopping) = watch::channel(());
    let until_stopped = || {
        let mut stopping = stopping.clone();
        async move {
            let _ = stopping.changed().await;
        }
    };
    tokio::spawn(async move {
        stopped.await;
        drop(stop);
    });
    tokio::try_join!(
        serve(listener, router, until_stopped()),
        serve(control_listener, control, until_stopped())
    )
    .map(|_| ())
    .map_err(|error| Failure::Serve("cannot serve", error))
}

/// What there is to begin with.
#[derive(Default)]
struct Stored {
    data: Option<DataDirectory>,
    seed: Option<Seed>,
    /// Ids and keys: of the seed in its order, then of the directory, whose key counts if both know a project.
    projects: Vec<(String, SecretString)>,
}

fn stored(data: Option<&Path>, seed: Option<&Path>) -> Result<Stored, StartError> {
    let seed = seed.map(Seed::read).transpose()?;
    let mut data = data.map(DataDirectory::open).transpose()?;
    let kept = data.as_mut().map(DataDirectory::projects).transpose()?.unwrap_or_default();
    let mut projects: Vec<(String, SecretString)> = Vec::new();
    for project in seed.iter().flat_map(Seed::projects).chain(&kept) {
        let key = SecretString::from(project.expose_management_key());
        match projects.iter_mut().find(|(id, _)| id == project.id()) {
            Some((_, known)) => *known = key,
            None => projects.push((project.id().to_owned(), key)),
        }
    }
    Ok(Stored { data, seed, projects })
}

/// The project to print: as the flags say, else the first one there is, else a fresh one.
fn project(
    id: Option<String>,
    key: Option<String>,
    known: &[(String, SecretString)],
) -> Result<Project, StartError> {
    let found = match &id {
        Some(id) => known.iter().find(|(known, _)| known == id),
        None => known.first(),
    };
    let id = match (id, found) {
        (Some(id), _) => id,
        (None, Some((id, _))) => id.clone(),
        (None, None) => Project::generate_id()?,
    };
    let key = match (key, found) {
        (Some(key), _) => key,
        (None, Some((_, key))) => key.expose_secret().to_owned(),
        (None, None) => Project::generate_management_key()?,
    };
    Project::new(id, key)
}

fn look_over(data: &Path) -> Result<(), Failure> {
    let faults = check(data).map_err(Failure::Start)?;
    let mut stdout = io::stdout();
    for fault in &faults {
        writeln!(stdout, "{fault}")
            .map_err(|error| Failure::Serve("cannot write to standard output", error))?;
    }
    if faults.is_empty() { Ok(()) } else { Err(Failure::Damaged(faults.len())) }
}

fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}

fn start_log(format: LogFormat) -> Result<(), Failure> {
    let level = match std::env::var(LOG_VARIABLE) {
        Ok(name) => name.parse::<Level>().map_err(|_| {
            Failure::Setting(format!(
                "{LOG_VARIABLE} must be error, warn, info, debug or trace, not {name:?}"
            ))
        })?,
        Err(std::env::VarError::NotPresent) => Level::INFO,
        Err(error) => return Err(Failure::Setting(format!("{LOG_VARIABLE}: {error}"))),
    };
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).with_max_level(level);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}
