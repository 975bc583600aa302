//! The arguments of the command line.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

use crate::cli::documents::Document;
use crate::cli::exit_code;
use crate::properties::property::Level;
use crate::report::{self, Report};
use crate::run::journal::{Journal, JournalError};
use crate::run::settings::Profile;
use crate::shard::Shard;
use crate::wire::run_mark::RunMark;

/// The name of this program.
pub(super) const PROGRAM: &str = "descope-mcp-conformance";

/// Tests whether a server follows the rules of Descope's MCP server management API.
///
/// Without --target, it tests the emulator of this project, which it starts inside the process.
#[derive(Debug, Parser)]
#[command(
    name = PROGRAM,
    version,
    after_help = exit_codes(&exit_code::ALL),
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// What to do instead of a run.
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// URL of the server to test; DESCOPE_PROJECT_ID and DESCOPE_MANAGEMENT_KEY give access to it
    #[arg(long, value_name = "URL")]
    pub(super) target: Option<String>,
    /// Treat a target on this machine as one on another machine: with its pace, its --shrink, and a project that is named
    #[arg(long, requires = "target")]
    pub(super) as_remote: bool,
    /// Project to work in, the one of DESCOPE_PROJECT_ID if that is set; required if the target is not on this machine
    #[arg(long, value_name = "ID", requires = "target")]
    pub(super) project: Option<String>,
    /// Trust also the authorities whose certificates are in this PEM file, for a target whose certificate one of them signed
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(super) ca: Option<PathBuf>,
    /// How much to test [default: standard on the embedded emulator, smoke on a target]
    #[arg(long, value_enum)]
    pub(super) profile: Option<Profile>,
    /// Seed of all generated values; the same seed gives the same steps [default: random]
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Run shard I of N of a deep run, with its share of the requests; `report merge` makes one verdict of all shards. Shard I
    /// has the seed of the run plus I - 1. All shards together keep the usual --pace
    #[arg(long, value_name = "I/N", requires = "seed")]
    pub(super) shard: Option<Shard>,
    /// Send at most N requests, clean-up included [default: 100 for smoke, 1000 for standard, 10000 for deep]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) requests: Option<u64>,
    /// Send at most N further requests for each cause of failure to shrink its plan, for at most ten causes; 0 shows failing
    /// plans as they were found [default: 30, or 300 for a target on this machine, or 0 for --replay]
    #[arg(long, value_name = "N")]
    pub(super) shrink: Option<u64>,
    /// Start no more plans after N minutes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) minutes: Option<u64>,
    /// Send at most N requests in any 60 s; 0 means no limit [default: 100, or 0 for a target on this machine]
    #[arg(long, value_name = "N")]
    pub(super) pace: Option<usize>,
    /// Run N plans at the same time [default: 1, or 8 for deep on the embedded emulator]
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    /// Judge only the properties of this group (update-preserves-fields, rotate-invalidates-secret), with this id, or whose
    /// id begins with this path, such as server/update, and send only what exercises them. A group or id that does not apply
    /// to the target ends with exit code 10
    #[arg(long, value_name = "NAME")]
    pub(super) only: Option<String>,
    /// Accept that a secret works for this long after its rotation, such as 60s or 5m; a run that sees an old secret work
    /// tries it again until this time is over
    #[arg(long, value_name = "TIME", value_parser = parse_grace)]
    pub(super) rotation_grace: Option<Duration>,
    /// Run only the plans of this file: a JSON report with failures, or a single plan
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "seed", "shard", "requests", "minutes"])]
    pub(super) replay: Option<PathBuf>,
    /// Expect these failures: a TOML file with a `property` and a `reason` in each [[expected-failure]]
    ///
    /// The file is strict in both directions: a failure that it does not list fails the run, and so does a property that it
    /// lists and that holds.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// List groups and properties and stop
    #[arg(long)]
    pub(super) list: bool,
    /// Fail also on properties that rest on assumptions (level info)
    #[arg(long, conflicts_with = "lenient")]
    pub(super) strict: bool,
    /// Fail only on properties of level must
    #[arg(long)]
    pub(super) lenient: bool,
    /// Delete what earlier runs left on the target, for example because they were killed, and stop. Deletes the records of
    /// all unfinished runs that the journal has for this target, or of the run with this prefix
    #[arg(
        long,
        value_name = "PREFIX",
        value_parser = parse_prefix,
        requires = "target",
        conflicts_with_all = ["profile", "seed", "shard", "requests", "minutes", "shrink", "jobs", "only", "rotation_grace", "list", "report", "replay", "baseline"]
    )]
    pub(super) cleanup: Option<Option<String>>,
    /// File in which runs note what they create on targets [default: in the state directory of the user]
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(super) journal: Option<PathBuf>,
    #[command(flatten)]
    pub(super) output: Output,
    /// Print a document of the repository and stop
    #[arg(long, value_enum, hide = true)]
    pub(super) print: Option<Document>,
}

/// What the suite does besides runs.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compares what targets answer to the open questions.
    #[command(subcommand)]
    Answers(AnswersCommand),
    /// Works on reports of earlier runs.
    #[command(subcommand)]
    Report(ReportCommand),
}

/// What can be done with answers files.
#[derive(Debug, Subcommand)]
pub(super) enum AnswersCommand {
    /// Says how two targets differ, or one target at two times: two files that `--report answers=PATH` wrote.
    #[command(after_help = exit_codes(&exit_code::OF_ANSWERS_DIFF))]
    Diff {
        /// The one file.
        #[arg(value_name = "A")]
        first: PathBuf,
        /// The other.
        #[arg(value_name = "B")]
        second: PathBuf,
    },
}

/// What can be done with reports.
#[derive(Debug, Subcommand)]
pub(super) enum ReportCommand {
    /// Merges the JSON reports of all shards of a run (`--shard`) into one verdict; the exit codes are those of a run.
    Merge {
        /// The JSON reports.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
}

/// How a verdict is shown and written.
#[derive(Debug, clap::Args)]
pub(super) struct Output {
    /// Write a report in one of the formats json, junit, html or markdown, or the answers to the open questions (answers);
    /// repeatable
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse_report)]
    pub(super) report: Vec<ReportFile>,
    /// Show every exchange of every failure, not only the last one
    #[arg(long, short)]
    pub(super) verbose: bool,
}

impl Arguments {
    /// Whether to delete what earlier runs have left, and nothing else.
    pub fn is_cleanup(&self) -> bool {
        self.cleanup.is_some()
    }

    /// The lowest level at which a broken property fails the run.
    pub(super) fn least(&self) -> Level {
        match (self.strict, self.lenient) {
            (true, _) => Level::Info,
            (_, true) => Level::Must,
            _ => Level::Should,
        }
    }

    /// The journal of the runs on named targets.
    pub(super) fn journal_path(&self) -> Result<PathBuf, JournalError> {
        self.journal.clone().map_or_else(Journal::usual_path, Ok)
    }
}

/// Where a report goes.
#[derive(Debug, Clone)]
pub(super) struct ReportFile {
    pub(super) format: Format,
    pub(super) path: PathBuf,
}

/// What a report is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Json,
    Junit,
    Html,
    Markdown,
    Answers,
}

impl Format {
    pub(super) fn write(self, report: &Report, to: &mut impl Write) -> std::io::Result<()> {
        match self {
            Self::Json => report::json::write(report, to),
            Self::Junit => report::junit::write(report, to),
            Self::Html => report::html::write(report, to),
            Self::Markdown => report::markdown::write(report, to),
            Self::Answers => report::answers::write(report, to),
        }
    }
}

fn parse_report(text: &str) -> Result<ReportFile, String> {
    let parts = text.split_once('=').filter(|(_, path)| !path.is_empty());
    parts
        .and_then(|(format, path)| {
            Some(ReportFile { format: Format::from_str(format, false).ok()?, path: path.into() })
        })
        .ok_or_else(|| "expected json=PATH, junit=PATH, html=PATH, markdown=PATH or answers=PATH".to_owned())
}

/// Longest grace period that can be accepted: a run waits until it is over.
const MAX_ROTATION_GRACE: Duration = Duration::from_secs(3_600);

fn parse_grace(text: &str) -> Result<Duration, String> {
    let seconds = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((number, "s")) => number.parse().ok(),
        Some((number, "m")) => number.parse::<u64>().ok().and_then(|minutes| minutes.checked_mul(60)),
        _ => None,
    };
    let grace = seconds.map(Duration::from_secs).filter(|grace| *grace <= MAX_ROTATION_GRACE);
    grace.ok_or_else(|| {
        "expected a time of at most one hour in seconds or minutes, such as 60s or 5m".to_owned()
    })
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

fn exit_codes(codes: &[(u8, &str)]) -> String {
    let codes: Vec<_> = codes.iter().map(|(code, meaning)| format!("  {code:>3}  {meaning}")).collect();
    format!("Exit codes:\n{}", codes.join("\n"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_grace_period_is_read_in_seconds_or_minutes() {
        assert_eq!(parse_grace("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(parse_grace("5m"), Ok(Duration::from_secs(300)));
        for wrong in ["", "s", "60", "-1s", "1.5s", "61m", "60 s", "5µ"] {
            assert!(parse_grace(wrong).is_err(), "{wrong}");
        }
    }
}
