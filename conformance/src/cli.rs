//! The command line: arguments in, settings out, a report printed, an exit code returned.

use std::{
    fs::File,
    io::{BufWriter, Write},
    num::NonZeroUsize,
    path::PathBuf,
    sync::atomic::AtomicBool,
    time::Duration,
};

use clap::Parser;
use descope_mcp_management::{ManagementKey, ProjectId};

use crate::{
    call::RunMark,
    cleanup::{self, Cleaned, Remains},
    embedded::Embedded,
    exit_code,
    journal::{Journal, JournalError, UnfinishedRun},
    property::{Level, Property},
    registry,
    report::{self, Report, Verdict},
    runner::{self, Profile, Settings, StartError},
    sweep::Swept,
    target::{self, Target, is_loopback},
};

/// Environment variable with the project id of the target.
const PROJECT_ID: &str = "DESCOPE_PROJECT_ID";
/// Environment variable with the management key of the target.
const MANAGEMENT_KEY: &str = "DESCOPE_MANAGEMENT_KEY";
/// Rate limit that the API documents, in requests per 60 s.
const DOCUMENTED_PACE: usize = 100;
/// Requests that may be spent on each broken property to find a smaller plan that breaks it: plenty where they are free,
/// few where a run has a hundred a minute.
const SHRINKING_ON_LOOPBACK: u64 = 2_000;
const SHRINKING_ELSEWHERE: u64 = 50;
/// Plans at the same time where nobody counts requests.
const JOBS: NonZeroUsize = NonZeroUsize::new(8).unwrap();
/// How long lists of a target may lag behind writes: the longest lag reported for the live API.
pub const CONSISTENCY_WINDOW: Duration = Duration::from_secs(20);

/// Checks whether a server keeps the rules of Descope's MCP server management API.
///
/// Without a target it checks the emulator of this project, started inside the process.
#[derive(Debug, Parser)]
#[command(name = "descope-mcp-conformance", version, after_help = after_help())]
pub struct Arguments {
    /// URL of the server to check; DESCOPE_PROJECT_ID and DESCOPE_MANAGEMENT_KEY give access to it
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// Confirms which project to work in; needed when the target is not on this machine
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// How much to do [default: standard on the embedded emulator, smoke elsewhere]
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    /// Decides every generated value; the same seed takes the same steps [default: random]
    #[arg(long)]
    seed: Option<u64>,
    /// Most requests to send [default: 100 for smoke, 1000 for standard, 10000 for deep]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    requests: Option<u64>,
    /// Begin no more plans after this many minutes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    minutes: Option<u64>,
    /// Most requests in any 60 s, 0 for no limit [default: 100, or 0 for a target on this machine]
    #[arg(long, value_name = "N")]
    pace: Option<usize>,
    /// Plans that run at the same time [default: 1, or 8 on the embedded emulator in deep]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Judge only properties with this id, or below this path, such as server/update
    #[arg(long, value_name = "ID-PREFIX")]
    only: Option<String>,
    /// List the properties and stop
    #[arg(long)]
    list: bool,
    /// Also fail on properties that rest on assumptions
    #[arg(long, conflicts_with = "lenient")]
    strict: bool,
    /// Fail only on documented or observed properties
    #[arg(long)]
    lenient: bool,
    /// Delete what runs have left on the target that were killed, and stop: all that the journal has for it, or the run
    /// with this prefix
    #[arg(
        long,
        value_name = "PREFIX",
        value_parser = parse_prefix,
        requires = "target",
        conflicts_with_all = ["profile", "seed", "requests", "minutes", "jobs", "only", "list", "report"]
    )]
    cleanup: Option<Option<String>>,
    /// File that says what runs have made on targets [default: in the folder for the state of programs]
    #[arg(long, value_name = "FILE", requires = "target")]
    journal: Option<PathBuf>,
    /// Write a report: json=PATH
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse_report)]
    report: Vec<ReportFile>,
}

/// Where a report goes.
#[derive(Debug, Clone)]
struct ReportFile {
    path: PathBuf,
}

fn parse_report(text: &str) -> Result<ReportFile, String> {
    match text.split_once('=') {
        Some(("json", path)) if !path.is_empty() => Ok(ReportFile { path: path.into() }),
        _ => Err("expected json=PATH".to_owned()),
    }
}

fn parse_prefix(text: &str) -> Result<String, String> {
    match RunMark::is_prefix(text) {
        true => Ok(text.to_owned()),
        false => {
            Err("expected conformance- and 16 hexadecimal digits, as in the names that a run gives"
                .to_owned())
        }
    }
}

fn after_help() -> String {
    let codes = exit_code::ALL.map(|(code, meaning)| format!("  {code:>3}  {meaning}"));
    format!("Exit codes:\n{}", codes.join("\n"))
}

/// A reason not to run, with its exit code.
struct Refusal {
    code: u8,
    reason: String,
    hint: Option<String>,
}

impl Refusal {
    fn new(code: u8, reason: impl ToString) -> Self {
        Self { code, reason: reason.to_string(), hint: None }
    }

    fn hint(mut self, hint: impl ToString) -> Self {
        self.hint = Some(hint.to_string());
        self
    }
}

impl From<StartError> for Refusal {
    fn from(error: StartError) -> Self {
        let code = match &error {
            StartError::Unreachable { .. } => exit_code::UNREACHABLE,
            StartError::KeyRefused { .. } => exit_code::KEY_REFUSED,
            StartError::NotThisApi { .. } => exit_code::NOT_THIS_API,
            StartError::Http(_) => exit_code::CANNOT_START,
            StartError::Journal(_) => exit_code::BAD_JOURNAL,
        };
        Self::new(code, error)
    }
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Self {
        Self::new(exit_code::BAD_JOURNAL, error)
    }
}

/// Runs the command line and returns the exit code. Reports go to stdout, what went wrong to stderr.
pub async fn main(arguments: Arguments, stop: &AtomicBool) -> u8 {
    match try_main(arguments, stop).await {
        Ok(code) => code,
        Err(Refusal { code, reason, hint }) => {
            let mut stderr = anstream::stderr().lock();
            // Nobody is left to tell if stderr is closed.
            let _ = writeln!(stderr, "error: {reason}");
            if let Some(hint) = hint {
                let _ = writeln!(stderr, "hint: {hint}");
            }
            code
        }
    }
}

async fn try_main(arguments: Arguments, stop: &AtomicBool) -> Result<u8, Refusal> {
    let properties = select(arguments.only.as_deref())?;
    if arguments.list {
        list(&properties);
        return Ok(exit_code::PASS);
    }
    if let (Some(prefix), Some(url)) = (&arguments.cleanup, &arguments.target) {
        let target = named_target(url, arguments.project.as_deref())?;
        return clean_up(target, prefix.as_deref(), &arguments).await;
    }
    // Opened before the first request: a report that cannot be written should cost none.
    let files = arguments.report.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let least = match (arguments.strict, arguments.lenient) {
        (true, _) => Level::Info,
        (_, true) => Level::Must,
        _ => Level::Should,
    };
    let (embedded, target) = match &arguments.target {
        Some(url) => (None, named_target(url, arguments.project.as_deref())?),
        None => {
            let embedded =
                Embedded::start().await.map_err(|error| Refusal::new(exit_code::CANNOT_START, error))?;
            let target = embedded.target();
            (Some(embedded), target)
        }
    };
    let profile =
        arguments.profile.unwrap_or(if embedded.is_some() { Profile::Standard } else { Profile::Smoke });
    let local = is_loopback(&target.base_url);
    let journal = match embedded {
        // What is made on the embedded emulator ends with it.
        Some(_) => None,
        None => Some(Journal::for_run(&arguments.journal_path()?)?),
    };
    let settings = Settings {
        profile,
        seed: arguments.seed.unwrap_or_else(random_seed),
        properties,
        requests: arguments.requests.unwrap_or_else(|| profile.requests()),
        duration: arguments.minutes.map(|minutes| Duration::from_secs(minutes * 60)),
        pace: arguments.pace.unwrap_or_else(|| usual_pace(&target)),
        consistency_window: if embedded.is_some() { Duration::ZERO } else { CONSISTENCY_WINDOW },
        jobs: arguments.jobs.unwrap_or(match profile {
            Profile::Deep if embedded.is_some() => JOBS,
            _ => NonZeroUsize::MIN,
        }),
        journal,
        shrinking: if local { SHRINKING_ON_LOOPBACK } else { SHRINKING_ELSEWHERE },
        target,
    };
    let report = runner::run(&settings, stop).await?;
    if let Some(embedded) = embedded {
        embedded.stop().await;
    }
    let mut stdout = anstream::stdout().lock();
    // A closed pipe (`| head`) must not hide the verdict, which is the exit code.
    let _ = report::terminal::write(&report, least, &mut stdout).and_then(|()| stdout.flush());
    for (file, path) in files {
        let mut file = BufWriter::new(file);
        let written = report::json::write(&report, &mut file).and_then(|()| file.flush());
        written.map_err(|error| unwritable(path, &error))?;
    }
    Ok(code_of(&report, least))
}

impl Arguments {
    fn journal_path(&self) -> Result<PathBuf, JournalError> {
        self.journal.clone().map_or_else(Journal::usual_path, Ok)
    }
}

/// Deletes what runs have left, says what was done, and returns the exit code.
async fn clean_up(target: Target, prefix: Option<&str>, arguments: &Arguments) -> Result<u8, Refusal> {
    let path = arguments.journal_path();
    let remains = match (prefix, &path) {
        (Some(prefix), _) => Remains::Of(prefix),
        (None, Ok(path)) => Remains::InJournal(path),
        (None, Err(_)) => return Err(JournalError::NoPlace.into()),
    };
    let pace = arguments.pace.unwrap_or_else(|| usual_pace(&target));
    let cleaned = cleanup::clean_up(target, remains, pace, CONSISTENCY_WINDOW).await?;
    // A closed pipe (`| head`) must not hide the exit code.
    let _ = say_what_was_cleaned(&cleaned, remains, &mut anstream::stdout().lock());
    let mut stderr = anstream::stderr().lock();
    for line in &cleaned.damaged {
        let _ = writeln!(stderr, "error: {line}");
    }
    if !cleaned.damaged.is_empty() {
        let _ = writeln!(
            stderr,
            "hint: if such a line began a run, the names it gave tell its prefix: --cleanup PREFIX"
        );
    }
    Ok(match (cleaned.left(), cleaned.damaged.len()) {
        (1.., _) => exit_code::LEFT_BEHIND,
        (0, 1..) => exit_code::BAD_JOURNAL,
        (0, 0) => exit_code::PASS,
    })
}

fn say_what_was_cleaned(cleaned: &Cleaned, remains: Remains<'_>, to: &mut impl Write) -> std::io::Result<()> {
    if let (Remains::InJournal(path), true) = (remains, cleaned.runs.is_empty()) {
        let path = path.display();
        match cleaned.journal_was_found {
            true => writeln!(
                to,
                "nothing to delete: the journal {path} has no unfinished run for this target and project"
            )?,
            false => writeln!(to, "nothing to delete: there is no journal {path}")?,
        }
    }
    for (prefix, Swept { servers, clients, left }) in &cleaned.runs {
        writeln!(to, "{prefix}: deleted {servers} servers and {clients} clients")?;
        if *left > 0 {
            writeln!(to, "{prefix}: {left} records may be left; try again")?;
        }
    }
    for run in &cleaned.elsewhere {
        let UnfinishedRun { prefix, target, project, began, .. } = run;
        writeln!(to, "{prefix}: left alone, since it began on {target} in project {project} ({began})")?;
    }
    Ok(())
}

fn code_of(report: &Report, least: Level) -> u8 {
    if report.broken(least).next().is_some() {
        exit_code::BROKEN
    } else if report.interrupted && report.left_behind == 0 {
        exit_code::INTERRUPTED
    } else if report.interrupted {
        exit_code::LEFT_BEHIND
    } else if report.with(Verdict::Untested).next().is_some() {
        exit_code::UNTESTED
    } else if report.left_behind > 0 {
        exit_code::LEFT_BEHIND
    } else {
        exit_code::PASS
    }
}

fn select(only: Option<&str>) -> Result<Vec<&'static Property>, Refusal> {
    let selector = only.unwrap_or_default().trim_end_matches('/');
    let properties = registry::select(selector);
    if properties.is_empty() {
        let refusal = Refusal::new(
            exit_code::UNKNOWN_PROPERTY,
            format!("no property is called or lies below {selector:?}"),
        );
        return Err(refusal.hint("`--list` prints every id"));
    }
    Ok(properties)
}

fn list(properties: &[&Property]) {
    let mut stdout = anstream::stdout().lock();
    for property in properties {
        // A closed pipe (`| head`) is no error.
        let _ = writeln!(stdout, "{:<42} {:<6} {}", property.id, property.level, property.sentence);
    }
}

fn open(report: &ReportFile) -> Result<(File, &PathBuf), Refusal> {
    match File::create(&report.path) {
        Ok(file) => Ok((file, &report.path)),
        Err(error) => Err(unwritable(&report.path, &error)),
    }
}

fn unwritable(path: &std::path::Path, error: &std::io::Error) -> Refusal {
    Refusal::new(
        exit_code::UNWRITABLE_REPORT,
        format!("cannot write the report to {}: {error}", path.display()),
    )
}

/// Most requests in any 60 s unless told otherwise, 0 for no limit.
pub fn usual_pace(target: &Target) -> usize {
    if is_loopback(&target.base_url) { 0 } else { DOCUMENTED_PACE }
}

/// The target at a URL, with the project and key of the environment. `confirmed` is the project that must be meant if the
/// target is not on this machine.
///
/// # Errors
/// In words, if the URL is none, a credential is missing or malformed, or the project is not confirmed.
pub fn target_of_environment(url: &str, confirmed: Option<&str>) -> Result<Target, String> {
    named_target(url, confirmed).map_err(|refusal| refusal.reason)
}

fn named_target(url: &str, confirmed: Option<&str>) -> Result<Target, Refusal> {
    let base_url = target::parse_url(url).map_err(|error| Refusal::new(exit_code::BAD_TARGET, error))?;
    let bad = |reason: String| Refusal::new(exit_code::BAD_CREDENTIALS, reason);
    let read = |name: &str| match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(bad(format!("{name} is not set")).hint("both variables are needed to call a target")),
    };
    let project_id: ProjectId =
        read(PROJECT_ID)?.parse().map_err(|error| bad(format!("{PROJECT_ID}: {error}")))?;
    let management_key = ManagementKey::new(read(MANAGEMENT_KEY)?)
        .map_err(|error| bad(format!("{MANAGEMENT_KEY}: {error}")))?;
    if !is_loopback(&base_url) && confirmed != Some(project_id.as_str()) {
        let what =
            format!("{base_url} is not on this machine, and the run creates and deletes records there");
        return Err(bad(what).hint(format!("confirm with --project {}", project_id.as_str())));
    }
    Ok(Target { name: base_url.to_string(), base_url, project_id, management_key })
}

/// A seed short enough to be typed again.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id()) % 1_000_000_000
}
