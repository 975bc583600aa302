//! One report out of those of the parts of a run. No I/O here.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use url::Url;

use super::{Conclusion, Merged, ObservationReport, PropertyReport, Report, Verdict};
use crate::run::latency::Latency;
use crate::shard::Shard;
use crate::wire::target::is_loopback;

/// Why reports cannot be merged. Reports are named as the caller names them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is none.
    #[error("there is no report to merge")]
    Nothing,
    /// A report is not one of a part.
    #[error("{name} is no part of a run: its run had no --shard")]
    NoPart {
        /// Its name.
        name: String,
    },
    /// A report is of another run.
    #[error("{name} and {first} are not parts of one run: they differ in {what}")]
    AnotherRun {
        /// Its name.
        name: String,
        /// The name of the first report.
        first: String,
        /// What they differ in.
        what: &'static str,
    },
    /// A part is there twice.
    #[error("{name} and {other} are both shard {shard}; leave one of them out")]
    Twice {
        /// Its name.
        name: String,
        /// The name of the other one.
        other: String,
        /// The part.
        shard: Shard,
    },
}

/// A report with the name by which errors call it, and the part of the run that it is of.
struct Part {
    name: String,
    shard: Shard,
    report: Report,
}

/// Merges the reports of the parts of one run, each with its name. A missing part makes the result incomplete.
///
/// # Errors
/// If they are not parts of one run, each there once.
pub fn merge(reports: Vec<(String, Report)>) -> Result<Report, MergeError> {
    let part = |(name, report): (String, Report)| match report.shard {
        Some(shard) => Ok(Part { name, shard, report }),
        None => Err(MergeError::NoPart { name }),
    };
    let mut parts = reports.into_iter().map(part).collect::<Result<Vec<_>, _>>()?;
    parts.sort_by_key(|part| part.shard);
    for pair in parts.windows(2) {
        if let [other, part] = pair
            && other.shard == part.shard
        {
            let (name, other) = (part.name.clone(), other.name.clone());
            return Err(MergeError::Twice { name, other, shard: part.shard });
        }
    }
    let (first, others) = parts.split_first().ok_or(MergeError::Nothing)?;
    for part in others {
        if let Some(what) = difference(first, part) {
            let (name, first) = (part.name.clone(), first.name.clone());
            return Err(MergeError::AnotherRun { name, first, what });
        }
    }
    Ok(together(parts.iter().map(|part| (part.shard, &part.report)).collect()))
}

/// What two reports differ in that two parts of one run have in common.
fn difference(one: &Part, other: &Part) -> Option<&'static str> {
    let stays_here = |report: &Report| Url::parse(&report.target).map_or(true, |url| is_loopback(&url));
    let ids = |report: &Report| report.properties.iter().map(|property| property.id).collect::<BTreeSet<_>>();
    let (a, b) = (&one.report, &other.report);
    // Each machine may test a server of its own, at whichever port and with whichever project.
    let same_target =
        (a.target == b.target && a.project_id == b.project_id) || stays_here(a) && stays_here(b);
    let seed = |part: &Part| part.shard.seed_of_the_run(part.report.seed);
    let rows = [
        (one.shard.of == other.shard.of, "the number of parts"),
        (same_target, "the target or its project"),
        (a.profile == b.profile, "the profile"),
        (seed(one) == seed(other), "the seed of the run"),
        (a.fails_from == b.fails_from, "the level that fails the run (--strict, --lenient)"),
        (ids(a) == ids(b), "the properties that were judged (--only)"),
    ];
    rows.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
}

/// The report of all parts, of which there is at least one.
fn together(parts: Vec<(Shard, &Report)>) -> Report {
    let (shard, first) = parts[0];
    let all = || parts.iter().map(|(_, report)| *report);
    let sum = |of: fn(&Report) -> u64| all().map(of).sum::<u64>();
    let began = all().map(|report| report.started_at_ms).min().unwrap_or_default();
    let ended = all().map(|report| report.started_at_ms + report.elapsed_ms).max().unwrap_or_default();
    let there: BTreeSet<_> = parts.iter().map(|(shard, _)| shard.index).collect();
    let missing = (1..=shard.of).filter(|index| !there.contains(index)).collect();
    let joined = |of: fn(&Report) -> &str| {
        let distinct: BTreeSet<_> = all().map(of).collect();
        distinct.into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut report = Report {
        format: first.format,
        version: first.version.clone(),
        target: joined(|report| &report.target),
        project_id: joined(|report| &report.project_id),
        profile: first.profile.clone(),
        seed: shard.seed_of_the_run(first.seed),
        shard: None,
        merged: Some(Merged { of: shard.of, missing }),
        repeat: None,
        replays_failures: false,
        started_at_ms: began,
        conclusion: Conclusion::Pass,
        fails_from: first.fails_from,
        properties: first.properties.iter().map(|one| property(one, all())).collect(),
        observations: first.observations.iter().map(|one| observation(one, all())).collect(),
        latencies: latencies(all()),
        plans: sum(|report| report.plans),
        allowed_requests: all().map(|report| report.allowed_requests).sum(),
        requests: sum(|report| report.requests),
        shrinking_requests: sum(|report| report.shrinking_requests),
        wasted_requests: sum(|report| report.wasted_requests),
        longest_lag_ms: all().map(|report| report.longest_lag_ms).max().unwrap_or_default(),
        rate_limited: sum(|report| report.rate_limited),
        elapsed_ms: ended.saturating_sub(began),
        left_behind: all().map(|report| report.left_behind).sum(),
        interrupted: all().any(|report| report.interrupted),
    };
    report.conclusion = report.conclude();
    report
}

/// The result for one property: what one part saw of it counts for all.
fn property<'a>(first: &PropertyReport, all: impl Iterator<Item = &'a Report>) -> PropertyReport {
    let results: Vec<_> =
        all.flat_map(|report| &report.properties).filter(|result| result.id == first.id).collect();
    let decisive = results.iter().max_by_key(|result| (weight(result.verdict), Reverse(steps(result))));
    let decisive = decisive.copied().unwrap_or(first);
    let sum = |of: fn(&PropertyReport) -> u64| results.iter().map(|result| of(result)).sum::<u64>();
    PropertyReport {
        held: sum(|result| result.held),
        broken: sum(|result| result.broken),
        requests: sum(|result| result.requests),
        follows_from: results.iter().find_map(|result| result.follows_from),
        ..decisive.clone()
    }
}

/// Which of several verdicts on one property stands.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Untested => 0,
        Verdict::NotApplicable => 1,
        Verdict::Pass => 2,
        Verdict::UnexpectedPass => 3,
        Verdict::ExpectedFail => 4,
        Verdict::Fail => 5,
    }
}

/// The length of the plan that shows a failure: the shortest is shown.
fn steps(result: &PropertyReport) -> usize {
    result.failure.as_ref().map_or(usize::MAX, |failure| failure.steps.len())
}

fn observation<'a>(first: &ObservationReport, all: impl Iterator<Item = &'a Report>) -> ObservationReport {
    let mut together = ObservationReport { answers: Vec::new(), ..first.clone() };
    let seen = all.flat_map(|report| &report.observations).filter(|asked| asked.id == first.id);
    for answer in seen.flat_map(|asked| &asked.answers) {
        match together.answers.iter_mut().find(|known| known.answer == answer.answer) {
            Some(known) => known.times += answer.times,
            None => together.answers.push(answer.clone()),
        }
    }
    together.answers.sort_by_key(|answer| Reverse(answer.times));
    together
}

/// One row for each operation. Percentiles of all are not known: the largest of the parts' is an upper bound.
fn latencies<'a>(all: impl Iterator<Item = &'a Report>) -> Vec<Latency> {
    let mut rows: Vec<Latency> = Vec::new();
    for row in all.flat_map(|report| &report.latencies) {
        match rows.iter_mut().find(|known| known.operation == row.operation) {
            Some(known) => {
                known.answers += row.answers;
                known.p50_ms = known.p50_ms.max(row.p50_ms);
                known.p95_ms = known.p95_ms.max(row.p95_ms);
                known.max_ms = known.max_ms.max(row.max_ms);
            }
            None => rows.push(row.clone()),
        }
    }
    rows.sort_by(|a, b| a.operation.cmp(&b.operation));
    rows
}
