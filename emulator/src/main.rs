//! `descope-mcp-emulator`: the emulator on a socket.
//!
//! Standard output holds three `export` lines and nothing else; everything meant for people goes to standard error.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use descope_mcp_emulator::{Config, Project, PublicUrl, StartError, app, serve};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;

/// Names the most detailed log level to print.
const LOG_VARIABLE: &str = "DESCOPE_EMULATOR_LOG";

const AFTER_HELP: &str = "\
Standard output gets three lines, for `eval` or a file: export DESCOPE_BASE_URL=..., DESCOPE_PROJECT_ID=... and
DESCOPE_MANAGEMENT_KEY=.... Then it serves until SIGINT or SIGTERM and keeps nothing.

DESCOPE_EMULATOR_LOG sets how much is logged on standard error: error, warn, info (default), debug (each exchange).

Exit codes: 0 stopped by a signal, 1 failed while serving, 2 a bad flag or setting, 3 cannot listen.";

/// An emulator of Descope's MCP server management API and its authorization server. Unofficial.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Flags {
    /// Address and port to listen on; port 0 takes a free one, which the printed URL names
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,

    /// Where clients reach the emulator, if not at the listening address; every issuer and URL derives from it
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,

    /// Id of the project to serve [default: a fresh one]
    #[arg(long, value_name = "ID")]
    project_id: Option<String>,

    /// Management key of the project; better given by the variable, since others can see arguments [default: a
    /// fresh one]
    #[arg(long, value_name = "KEY", env = "DESCOPE_MANAGEMENT_KEY", hide_env_values = true)]
    management_key: Option<String>,

    /// Listen on an address that other machines can reach
    #[arg(long)]
    allow_remote: bool,
}

/// Why the program ends; each has its exit code.
enum Failure {
    Setting(String),
    Start(StartError),
    Listen(SocketAddr, io::Error),
    Serve(&'static str, io::Error),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Serve(..) => 1,
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
    start_log()?;
    if !flags.listen.ip().is_loopback() && !flags.allow_remote {
        return Err(Failure::Setting(format!(
            "{} can be reached by other machines; pass --allow-remote if that is meant",
            flags.listen
        )));
    }
    let project = project(flags.project_id, flags.management_key).map_err(Failure::Start)?;
    let public_url =
        flags.public_url.map(|url| url.parse::<PublicUrl>()).transpose().map_err(Failure::Start)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Serve("cannot start the runtime", error))?;
    runtime.block_on(listen_and_serve(flags.listen, public_url, project))
}

async fn listen_and_serve(
    listen: SocketAddr,
    public_url: Option<PublicUrl>,
    project: Project,
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
    let router = app(Config::new(public_url, vec![project])).map_err(Failure::Start)?;
    let mut stdout = io::stdout();
    stdout
        .write_all(lines.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::Serve("cannot write to standard output", error))?;
    drop(lines);
    tracing::info!(%address, "listening");
    serve(listener, router, stopped).await.map_err(|error| Failure::Serve("cannot serve", error))
}

fn project(id: Option<String>, key: Option<String>) -> Result<Project, StartError> {
    let id = id.map_or_else(Project::generate_id, Ok)?;
    let key = key.map_or_else(Project::generate_management_key, Ok)?;
    Project::new(id, key)
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

fn start_log() -> Result<(), Failure> {
    let level = match std::env::var(LOG_VARIABLE) {
        Ok(name) => name.parse::<Level>().map_err(|_| {
            Failure::Setting(format!(
                "{LOG_VARIABLE} must be error, warn, info, debug or trace, not {name:?}"
            ))
        })?,
        Err(std::env::VarError::NotPresent) => Level::INFO,
        Err(error) => return Err(Failure::Setting(format!("{LOG_VARIABLE}: {error}"))),
    };
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).with_max_level(level).init();
    Ok(())
}
