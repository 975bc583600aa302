//! The command line: arguments in, settings out, a report printed, an exit code returned.

mod answers;
mod arguments;
mod clean_up;
mod documents;
pub mod exit_code;
mod merge;
mod named_target;
mod output;
mod progress;
mod refusal;
mod repeat;

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use descope_mcp_program::Failure;

pub use self::arguments::Arguments;
use self::arguments::{AnswersCommand, Command, ReportCommand};
use self::clean_up::clean_up;
pub use self::named_target::target_of_environment;
use self::output::{open_all, write_all};
use self::progress::Progress;
use crate::embedded::Embedded;
use crate::properties::property::Property;
use crate::properties::registry::{self, GROUPS, Group};
use crate::report::baseline::Baseline;
use crate::report::policy::{Policy, Replayed};
use crate::report::{Conclusion, Report};
use crate::run::journal::Journal;
use crate::run::narrow::Narrowing;
use crate::run::replay::Replay;
use crate::run::settings::{Profile, Settings};
use crate::run::{self, Source};
use crate::wire::rate_limit::PENALTY;
use crate::wire::stop::Stop;
use crate::wire::target::{Target, is_loopback};

/// Rate limit that the API documents, in requests per 60 s.
const DOCUMENTED_PACE: usize = 100;
/// Requests that may be spent on finding a smaller plan for each cause of failure: plenty where they are free, few where a
/// run has a hundred a minute.
const SHRINKING_ON_LOOPBACK: u64 = 300;
const SHRINKING_ELSEWHERE: u64 = 30;
/// Plans at the same time where nobody counts requests.
const JOBS: NonZeroUsize = NonZeroUsize::new(8).unwrap();
/// How long lists of a target may lag behind writes: the longest lag reported for the live API.
pub const CONSISTENCY_WINDOW: Duration = Duration::from_secs(20);

/// Runs the command line and returns the exit code. Reports go to stdout, what went wrong to stderr.
pub async fn main(arguments: Arguments, stop: &Stop) -> u8 {
    match try_main(arguments, stop).await {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

async fn try_main(arguments: Arguments, stop: &Stop) -> Result<u8, Failure> {
    match &arguments.command {
        Some(Command::Answers(AnswersCommand::Diff { first, second })) => {
            return answers::diff(first, second);
        }
        Some(Command::Report(ReportCommand::Merge { files, output })) => return merge::merge(files, output),
        None => {}
    }
    let mut properties = select(arguments.only.as_deref())?;
    let required = registry::required_by(selector(arguments.only.as_deref()));
    if let Some(document) = arguments.print {
        print(&document.text());
        return Ok(exit_code::PASS);
    }
    if arguments.list {
        list(&properties);
        return Ok(exit_code::PASS);
    }
    if let (Some(prefix), Some(url)) = (&arguments.cleanup, &arguments.target) {
        let target = arguments.named_target(url)?;
        return clean_up(target, prefix.as_deref(), &arguments, stop).await;
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
            return Err(Failure::new(exit_code::UNKNOWN_PROPERTY, reason));
        }
        (properties, plans) = (chosen, Some(asked));
    }
    // Opened before the first request: a report that cannot be written should cost none.
    check_shard(&arguments)?;
    let files = open_all(&arguments.output)?;
    let (embedded, target) = match &arguments.target {
        Some(url) => (None, arguments.named_target(url)?),
        None => {
            let embedded =
                Embedded::start().await.map_err(|error| Failure::new(exit_code::CANNOT_START, error))?;
            let target = embedded.target();
            (Some(embedded), target)
        }
    };
    let journal = match embedded {
        // What is made on the embedded emulator ends with it.
        Some(_) => None,
        None => Some(Journal::for_run(&arguments.journal_path()?)?),
    };
    let settings = settings(&arguments, properties, target, journal, replay.is_some());
    let narrowing = if arguments.only.is_some() && plans.is_none() { narrow(&settings).await } else { None };
    let (source, most) = match (&plans, &narrowing) {
        (Some(plans), _) => (Source::Replay(plans), None),
        (None, Some(narrowing)) => (Source::Narrowed(narrowing), Some(settings.requests)),
        (None, None) => (Source::Profile, Some(settings.requests)),
    };
    let watch = |activity| Progress::follow(activity, most, &settings);
    let findings = run::run_plans(&settings, source, stop, watch).await?;
    if let Some(embedded) = embedded {
        embedded.stop().await;
    }
    let replays = replay.as_ref().map(|replay| match replay {
        Replay::Plan(_) => Replayed::Plan,
        Replay::Failures(_) => Replayed::Failures,
    });
    let policy = Policy {
        fails_from: arguments.least(),
        required: &required,
        baseline: &baseline,
        replays,
        commands: Some(&arguments),
    };
    let mut report = Report::new(findings, &policy);
    report.shard = arguments.shard;
    Ok(write_all(&report, arguments.output.verbose, files))
}

/// Cuts the plans to what exercises the selected properties, as far as the emulator shows it.
async fn narrow(settings: &Settings) -> Option<Narrowing> {
    // Without an emulator the plans are taken whole.
    let reference = Embedded::start().await.ok()?;
    let narrowing = Narrowing::of(settings, reference.target()).await;
    reference.stop().await;
    narrowing
}

fn settings(
    arguments: &Arguments,
    properties: Vec<&'static Property>,
    target: Target,
    journal: Option<Journal>,
    is_replay: bool,
) -> Settings {
    let is_embedded = arguments.target.is_none();
    let profile = arguments.profile.unwrap_or(if is_embedded { Profile::Standard } else { Profile::Smoke });
    let is_local = is_loopback(&target.base_url) && !arguments.as_remote;
    let seed = arguments.seed.unwrap_or_else(random_seed);
    let requests = arguments.requests.unwrap_or_else(|| profile.requests());
    let usual_shrinking = if is_local { SHRINKING_ON_LOOPBACK } else { SHRINKING_ELSEWHERE };
    Settings {
        profile,
        seed: arguments.shard.map_or(seed, |shard| shard.seed(seed)),
        properties,
        requests: arguments.shard.map_or(requests, |shard| shard.requests(requests)),
        duration: arguments.minutes.map(|minutes| Duration::from_secs(minutes * 60)),
        pace: arguments.pace(&target),
        penalty: PENALTY,
        consistency_window: if is_embedded { Duration::ZERO } else { CONSISTENCY_WINDOW },
        rotation_grace: arguments.rotation_grace.unwrap_or_default(),
        jobs: arguments.jobs.unwrap_or(match profile {
            Profile::Deep if is_embedded => JOBS,
            _ => NonZeroUsize::MIN,
        }),
        journal,
        fails_from: arguments.least(),
        until_broken: false,
        // The plans of a file are taken as they are, unless they are to be shrunk further.
        shrinking: arguments.shrink.unwrap_or(if is_replay { 0 } else { usual_shrinking }),
        target,
    }
}

impl Arguments {
    /// Most requests in any 60 s, 0 for no limit.
    fn pace(&self, target: &Target) -> usize {
        let usual = if self.as_remote { DOCUMENTED_PACE } else { usual_pace(target) };
        self.pace.unwrap_or_else(|| self.shard.map_or(usual, |shard| shard.pace(usual)))
    }
}

/// Most requests in any 60 s unless told otherwise, 0 for no limit.
pub fn usual_pace(target: &Target) -> usize {
    if is_loopback(&target.base_url) { 0 } else { DOCUMENTED_PACE }
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

fn selector(only: Option<&str>) -> &str {
    only.unwrap_or_default().trim_end_matches('/')
}

fn select(only: Option<&str>) -> Result<Vec<&'static Property>, Failure> {
    let selector = selector(only);
    let properties = registry::select(selector);
    if properties.is_empty() {
        let failure = Failure::new(
            exit_code::UNKNOWN_PROPERTY,
            format!("no property or group is called {selector:?}, and none lies below it"),
        );
        return Err(failure.hint(registry::hint_for_unknown(selector)));
    }
    Ok(properties)
}

fn list(properties: &[&Property]) {
    let row =
        |property: &&Property| format!("{:<42} {:<6} {}\n", property.id, property.level, property.sentence);
    let is_shown = |id: &str| properties.iter().any(|property| property.id == id);
    let groups = GROUPS.iter().filter(|group| group.properties.iter().all(|id| is_shown(id)));
    let group_row = |group: &Group| format!("{:<42} {:<6} {}\n", group.name, "group", group.sentence);
    print(&groups.map(group_row).chain(properties.iter().map(row)).collect::<String>());
}

fn print(text: &str) {
    let mut stdout = anstream::stdout().lock();
    // A closed pipe (`| head`) is no error.
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

fn unusable(what: &str, path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(exit_code::BAD_FILE, format!("cannot use the {what} {}: {error}", path.display()))
}

/// Only generated plans differ from shard to shard, and only a deep run consists of them for the most part.
fn check_shard(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.shard.is_none() || arguments.profile == Some(Profile::Deep) {
        return Ok(());
    }
    let failure = Failure::new(exit_code::USAGE, "--shard splits only runs of the profile deep");
    Err(failure.hint("add --profile deep"))
}

/// A seed short enough to be typed again.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id()) % 1_000_000_000
}
