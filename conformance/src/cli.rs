//! The command line: arguments in, settings out, a report printed, an exit code returned.

use std::{
    fs::File,
    io::{BufWriter, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::Duration,
};

use clap::{Parser, ValueEnum};
use descope_mcp_management::{ManagementKey, ProjectId};

use crate::{
    baseline::Baseline,
    call::RunMark,
    cleanup::{self, Cleaned, Remains},
    curl,
    documents::Document,
    embedded::Embedded,
    exit_code,
    journal::{Journal, JournalError, UnfinishedRun},
    progress::Progress,
    property::{Level, Property},
    registry,
    replay::Replay,
    report::{self, Conclusion, Report, Verdict},
    runner::{self, Profile, Settings, Source, StartError},
    sweep::Swept,
    target::{self, Target, is_loopback},
};

/// Environment variable with the project id of the target.
const PROJECT_ID: &str = curl::PROJECT_ID;
/// Environment variable with the management key of the target.
const MANAGEMENT_KEY: &str = curl::MANAGEMENT_KEY;
/// Environment variable with the command that this program was started by, if that is another.
const COMMAND: &str = "DESCOPE_CONFORMANCE_COMMAND";
/// The name of this program.
const PROGRAM: &str = "descope-mcp-conformance";
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
#[command(name = PROGRAM, version, after_help = after_help())]
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
    /// Take only the plans in this file to the target: a JSON report with failures, or a single plan
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "seed", "requests", "minutes"])]
    replay: Option<PathBuf>,
    /// Expect these failures: a TOML file with a `property` and a `reason` in each [[expected-failure]]
    ///
    /// Strict both ways: a failure that it does not list fails the run, and so does a property that it lists and that
    /// holds.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
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
        conflicts_with_all = ["profile", "seed", "requests", "minutes", "jobs", "only", "list", "report", "replay", "baseline"]
    )]
    cleanup: Option<Option<String>>,
    /// File that says what runs have made on targets [default: in the folder for the state of programs]
    #[arg(long, value_name = "FILE", requires = "target")]
    journal: Option<PathBuf>,
    /// Write a report as json, junit, html or markdown; repeatable
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse_report)]
    report: Vec<ReportFile>,
    /// Show every exchange of every failure, not only the last
    #[arg(long, short)]
    verbose: bool,
    /// Print a document of the repository and stop
    #[arg(long, value_enum, hide = true)]
    print: Option<Document>,
}

/// Where a report goes.
#[derive(Debug, Clone)]
struct ReportFile {
    format: Format,
    path: PathBuf,
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Junit,
    Html,
    Markdown,
}

impl Format {
    fn write(self, report: &Report, to: &mut impl Write) -> std::io::Result<()> {
        match self {
            Self::Json => report::json::write(report, to),
            Self::Junit => report::junit::write(report, to),
            Self::Html => report::html::write(report, to),
            Self::Markdown => report::markdown::write(report, to),
        }
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

fn parse_report(text: &str) -> Result<ReportFile, String> {
    let parts = text.split_once('=').filter(|(_, path)| !path.is_empty());
    parts
        .and_then(|(format, path)| {
            Some(ReportFile { format: Format::from_str(format, false).ok()?, path: path.into() })
        })
        .ok_or_else(|| "expected json=PATH, junit=PATH, html=PATH or markdown=PATH".to_owned())
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
    let mut properties = select(arguments.only.as_deref())?;
    if let Some(document) = arguments.print {
        print(&document.text());
        return Ok(exit_code::PASS);
    }
    if arguments.list {
        list(&properties);
        return Ok(exit_code::PASS);
    }
    if let (Some(prefix), Some(url)) = (&arguments.cleanup, &arguments.target) {
        let target = named_target(url, arguments.project.as_deref())?;
        return clean_up(target, prefix.as_deref(), &arguments).await;
    }
    let baseline = match &arguments.baseline {
        Some(path) => Baseline::read(path).map_err(|error| unusable("baseline", path, &error))?,
        None => Baseline::default(),
    };
    let replay = match &arguments.replay {
        Some(path) => Some(Replay::read(path).map_err(|error| unusable("file to replay", path, &error))?),
        None => None,
    };
    let mut plans = None;
    if let Some(replay) = &replay {
        let (chosen, asked) = replay.select(properties);
        if chosen.is_empty() {
            let reason = "the file to replay shows no failure of the properties chosen by --only";
            return Err(Refusal::new(exit_code::UNKNOWN_PROPERTY, reason));
        }
        (properties, plans) = (chosen, Some(asked));
    }
    // Opened before the first request: a report that cannot be written should cost none.
    let files = arguments.report.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let (embedded, target) = match &arguments.target {
        Some(url) => (None, named_target(url, arguments.project.as_deref())?),
        None => {
            let embedded =
                Embedded::start().await.map_err(|error| Refusal::new(exit_code::CANNOT_START, error))?;
            let target = embedded.target();
            (Some(embedded), target)
        }
    };
    let settings = settings(&arguments, properties, target, embedded.is_some(), replay.is_some())?;
    let (source, most) = match &plans {
        Some(plans) => (Source::Replay(plans), None),
        None => (Source::Profile, Some(settings.requests)),
    };
    let watch = |sent| Progress::follow(sent, most);
    let mut report = runner::run_plans(&settings, source, stop, watch).await?;
    if let Some(embedded) = embedded {
        embedded.stop().await;
    }
    if matches!(replay, Some(Replay::Plan(_))) {
        // A single plan says nothing of the properties that it never comes by.
        report.properties.retain(|property| property.verdict != Verdict::Untested);
    }
    report.replays_failures = matches!(replay, Some(Replay::Failures(_)));
    report.conclude(arguments.least());
    baseline.apply(&mut report);
    arguments.say_how_to_repeat(&mut report);
    let mut stdout = anstream::stdout().lock();
    // A closed pipe (`| head`) must not hide the verdict, which is the exit code.
    let _ = report::terminal::write(&report, arguments.verbose, &mut stdout).and_then(|()| stdout.flush());
    for (file, ReportFile { format, path }) in files {
        let mut file = BufWriter::new(file);
        let written = format.write(&report, &mut file).and_then(|()| file.flush());
        written.map_err(|error| unwritable(path, &error))?;
    }
    Ok(code_of(report.conclusion))
}

fn settings(
    arguments: &Arguments,
    properties: Vec<&'static Property>,
    target: Target,
    is_embedded: bool,
    is_replay: bool,
) -> Result<Settings, Refusal> {
    let profile = arguments.profile.unwrap_or(if is_embedded { Profile::Standard } else { Profile::Smoke });
    let local = is_loopback(&target.base_url);
    let journal = match is_embedded {
        // What is made on the embedded emulator ends with it.
        true => None,
        false => Some(Journal::for_run(&arguments.journal_path()?)?),
    };
    let shrinking = if local { SHRINKING_ON_LOOPBACK } else { SHRINKING_ELSEWHERE };
    Ok(Settings {
        profile,
        seed: arguments.seed.unwrap_or_else(random_seed),
        properties,
        requests: arguments.requests.unwrap_or_else(|| profile.requests()),
        duration: arguments.minutes.map(|minutes| Duration::from_secs(minutes * 60)),
        pace: arguments.pace.unwrap_or_else(|| usual_pace(&target)),
        consistency_window: if is_embedded { Duration::ZERO } else { CONSISTENCY_WINDOW },
        jobs: arguments.jobs.unwrap_or(match profile {
            Profile::Deep if is_embedded => JOBS,
            _ => NonZeroUsize::MIN,
        }),
        journal,
        // The plans of a file are taken as they are.
        shrinking: if is_replay { 0 } else { shrinking },
        target,
    })
}

impl Arguments {
    fn journal_path(&self) -> Result<PathBuf, JournalError> {
        self.journal.clone().map_or_else(Journal::usual_path, Ok)
    }

    /// The lowest level at which a broken property fails the run.
    fn least(&self) -> Level {
        match (self.strict, self.lenient) {
            (true, _) => Level::Info,
            (_, true) => Level::Must,
            _ => Level::Should,
        }
    }

    /// Writes into a report the commands that take its steps again: all of them, and those of each failure.
    fn say_how_to_repeat(&self, report: &mut Report) {
        let program = std::env::var(COMMAND).unwrap_or_else(|_| PROGRAM.to_owned());
        let mut common = Vec::new();
        let mut flag = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                common.extend([name.to_owned(), value]);
            }
        };
        flag("--target", self.target.clone());
        flag("--project", self.project.clone());
        flag("--pace", self.pace.map(|pace| pace.to_string()));
        flag("--jobs", self.jobs.map(|jobs| jobs.to_string()));
        let file = |path: &PathBuf| path.display().to_string();
        let mut steps = Vec::new();
        match &self.replay {
            Some(path) => steps.extend(["--replay".to_owned(), file(path)]),
            None => {
                let profile = ["--profile".to_owned(), report.profile.to_owned()];
                steps.extend(profile.into_iter().chain(["--seed".to_owned(), report.seed.to_string()]));
                let requests = self.requests.map(|requests| ["--requests".to_owned(), requests.to_string()]);
                steps.extend(requests.into_iter().flatten());
            }
        }
        // What a report holds of a failure is its smallest plan: far cheaper than the whole run.
        let written = self.report.iter().find(|report| report.format == Format::Json);
        let smallest =
            written.map_or_else(|| steps.clone(), |json| vec!["--replay".to_owned(), file(&json.path)]);
        let line = |rest: &[&[String]]| {
            let words = common.iter().chain(rest.iter().copied().flatten()).map(String::as_str);
            // No argument of a program holds NUL, and nothing else cannot be quoted.
            let quoted = shlex::try_join(words).unwrap_or_default();
            format!("{program} {quoted}")
        };
        for property in &mut report.properties {
            if let Some(failure) = &mut property.failure {
                failure.repeat = Some(line(&[&smallest, &["--only".to_owned(), property.id.to_owned()]]));
            }
        }
        let only = self.only.clone().map(|only| vec!["--only".to_owned(), only]).unwrap_or_default();
        let level = [("--strict", self.strict), ("--lenient", self.lenient)];
        let level: Vec<_> =
            level.into_iter().filter(|(_, set)| *set).map(|(flag, _)| flag.to_owned()).collect();
        let baseline = self.baseline.as_ref().map(|path| vec!["--baseline".to_owned(), file(path)]);
        report.repeat = Some(line(&[&steps, &only, &level, &baseline.unwrap_or_default()]));
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

fn code_of(conclusion: Conclusion) -> u8 {
    match conclusion {
        Conclusion::Pass => exit_code::PASS,
        Conclusion::Fail => exit_code::BROKEN,
        Conclusion::StaleBaseline => exit_code::STALE_BASELINE,
        Conclusion::Incomplete => exit_code::UNTESTED,
        Conclusion::LeftBehind => exit_code::LEFT_BEHIND,
        Conclusion::Interrupted => exit_code::INTERRUPTED,
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
    let row =
        |property: &&Property| format!("{:<42} {:<6} {}\n", property.id, property.level, property.sentence);
    print(&properties.iter().map(row).collect::<String>());
}

fn print(text: &str) {
    let mut stdout = anstream::stdout().lock();
    // A closed pipe (`| head`) is no error.
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

fn unusable(what: &str, path: &Path, error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(exit_code::BAD_FILE, format!("cannot use the {what} {}: {error}", path.display()))
}

fn open(report: &ReportFile) -> Result<(File, &ReportFile), Refusal> {
    match File::create(&report.path) {
        Ok(file) => Ok((file, report)),
        Err(error) => Err(unwritable(&report.path, &error)),
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Refusal {
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
