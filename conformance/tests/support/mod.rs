//! What several test programs of the suite share.

#![allow(
    dead_code,
    clippy::print_stdout,
    unused_imports,
    clippy::unwrap_used,
    reason = "each test program uses some of these helpers; a test fails by panicking"
)]

mod bystanders;
pub(crate) mod program;
pub(crate) mod serve;
#[cfg(feature = "embedded")]
pub(crate) mod store;
mod suite;

use std::fmt::Debug;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

pub(crate) use bystanders::Bystanders;
use descope_mcp_conformance::properties::property::Level;
use descope_mcp_conformance::properties::registry;
use descope_mcp_conformance::report::baseline::Baseline;
use descope_mcp_conformance::report::policy::Policy;
use descope_mcp_conformance::report::{PropertyReport, Report, Verdict};
use descope_mcp_conformance::run;
use descope_mcp_conformance::run::StartError;
use descope_mcp_conformance::run::findings::Findings;
use descope_mcp_conformance::run::settings::{Profile, Settings};
use descope_mcp_conformance::wire::rate_limit::PENALTY;
use descope_mcp_conformance::wire::stop::Stop;
use descope_mcp_conformance::wire::target::Target;
pub(crate) use suite::suite;

/// Answers that contradict an assumption of ours, which is reported and fails no run unless asked for.
pub(crate) const CONTRADICTED: [(&str, &str, &str); 1] =
    [("total", "page", "clients/search/total-counts-all-pages")];

/// Answers that no document rules out, and that break what this suite was made for.
pub(crate) const WRONG: [(&str, &str, &str); 1] =
    [("rotation", "grace", "client/rotate/invalidates-old-secret")];

/// A number that a campaign sets in the environment, or the usual one.
pub(crate) fn setting<T: FromStr<Err: Debug>>(name: &str, usual: T) -> T {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|error| panic!("{name}: {error:?}")))
}

/// A run of every property, without looking for smaller plans.
pub(crate) fn settings(target: Target, profile: Profile, seed: u64, requests: u64) -> Settings {
    Settings {
        target,
        profile,
        seed,
        properties: registry::all().collect(),
        requests,
        duration: None,
        pace: 0,
        penalty: PENALTY,
        consistency_window: Duration::ZERO,
        rotation_grace: Duration::ZERO,
        jobs: NonZeroUsize::MIN,
        journal: None,
        shrinking: 0,
        fails_from: Level::Should,
        until_broken: false,
    }
}

/// What the suite reports unless it is told otherwise.
pub(crate) fn report(findings: Findings) -> Report {
    let baseline = Baseline::default();
    Report::new(
        findings,
        &Policy {
            fails_from: Level::Should,
            required: &[],
            baseline: &baseline,
            replays: None,
            commands: None,
        },
    )
}

pub(crate) async fn run(settings: &Settings) -> Report {
    begun(settings).await.unwrap()
}

/// The same, for targets on which a run may not be able to begin.
pub(crate) async fn begun(settings: &Settings) -> Result<Report, StartError> {
    run::run(settings, &Stop::default()).await.map(report)
}

/// What a run found wrong with a target that is right, one line for each; empty if all is well. `contradicted` are the
/// properties that the target contradicts on purpose.
pub(crate) fn false_alarms(report: &Report, contradicted: &[&str]) -> Vec<String> {
    let is_contradicted =
        |property: &PropertyReport| property.level == Level::Info && contradicted.contains(&property.id);
    let wrong = report.properties.iter().filter_map(|property| match property.verdict {
        Verdict::Fail if is_contradicted(property) => None,
        Verdict::Pass | Verdict::NotApplicable => None,
        Verdict::ExpectedFail | Verdict::UnexpectedPass => Some(format!("{} has no baseline", property.id)),
        Verdict::Untested => {
            let reason = property.reason.as_deref().unwrap_or("without a reason");
            Some(format!("{} is untested: {reason}", property.id))
        }
        Verdict::Fail => {
            let failure = property.failure.as_ref().unwrap();
            let (last, expected, actual) =
                (failure.steps.last().unwrap(), &failure.expected, &failure.actual);
            Some(format!("{}: expected {expected}, actual {actual}, after: {last}", property.id))
        }
    });
    let why = report.left_because.as_deref().unwrap_or("without a reason");
    let left =
        (report.left_behind > 0).then(|| format!("left behind: {} records: {why}", report.left_behind));
    wrong.chain(left).collect()
}
