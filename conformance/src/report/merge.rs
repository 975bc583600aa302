//! One report out of those of the shards of a run. No I/O here.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use url::Url;

use super::{Conclusion, Merged, ObservationReport, PropertyReport, Report, Verdict};
use crate::run::latency::Latency;
use crate::run::rotation::Rotation;
use crate::shard::Shard;
use crate::wire::target::is_loopback;

/// Why reports cannot be merged. Reports are named as the caller names them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is none.
    #[error("there is no report to merge")]
    Nothing,
    /// A report is not one of a shard.
    #[error("{name} is not the report of a shard: its run had no --shard")]
    NoShard {
        /// Its name.
        name: String,
    },
    /// A report is of another run.
    #[error("{name} and {first} are not shards of one run: they differ in {what}")]
    AnotherRun {
        /// Its name.
        name: String,
        /// The name of the first report.
        first: String,
        /// What they differ in.
        what: &'static str,
    },
    /// A shard is there twice.
    #[error("{name} and {other} are both shard {shard}; leave one of them out")]
    Twice {
        /// Its name.
        name: String,
        /// The name of the other one.
        other: String,
        /// The shard.
        shard: Shard,
    },
}

/// A report with the name by which errors call it, and the shard that it is of.
struct NamedReport {
    name: String,
    shard: Shard,
    report: Report,
}

/// Merges the reports of the shards of one run, each with its name. A missing shard makes the result incomplete.
///
/// # Errors
/// If they are not shards of one run, each there once.
pub fn merge(reports: Vec<(String, Report)>) -> Result<Report, MergeError> {
    let with_its_shard = |(name, report): (String, Report)| match report.shard {
        Some(shard) => Ok(NamedReport { name, shard, report }),
        None => Err(MergeError::NoShard { name }),
    };
    let mut shards = reports.into_iter().map(with_its_shard).collect::<Result<Vec<_>, _>>()?;
    shards.sort_by_key(|one| one.shard);
    for pair in shards.windows(2) {
        if let [other, one] = pair
            && other.shard == one.shard
        {
            let (name, other) = (one.name.clone(), other.name.clone());
            return Err(MergeError::Twice { name, other, shard: one.shard });
        }
    }
    let (first, others) = shards.split_first().ok_or(MergeError::Nothing)?;
    for one in others {
        if let Some(what) = difference(first, one) {
            let (name, first) = (one.name.clone(), first.name.clone());
            return Err(MergeError::AnotherRun { name, first, what });
        }
    }
    Ok(together(shards.iter().map(|one| (one.shard, &one.report)).collect()))
}

/// What two reports differ in that two shards of one run have in common.
fn difference(one: &NamedReport, other: &NamedReport) -> Option<&'static str> {
    let stays_here = |report: &Report| Url::parse(&report.target).map_or(true, |url| is_loopback(&url));
    let ids = |report: &Report| report.properties.iter().map(|property| property.id).collect::<BTreeSet<_>>();
    let (a, b) = (&one.report, &other.report);
    // Each machine may test a server of its own, at whichever port and with whichever project.
    let same_target =
        (a.target == b.target && a.project_id == b.project_id) || stays_here(a) && stays_here(b);
    let seed = |of: &NamedReport| of.shard.seed_of_the_run(of.report.seed);
    let rows = [
        (one.shard.of == other.shard.of, "the number of shards"),
        (same_target, "the target or its project"),
        (a.profile == b.profile, "the profile"),
        (seed(one) == seed(other), "the seed of the run"),
        (a.fails_from == b.fails_from, "the level that fails the run (--strict, --lenient)"),
        (ids(a) == ids(b), "the properties that were judged (--only)"),
    ];
    rows.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
}

/// The report of all shards, of which there is at least one.
fn together(shards: Vec<(Shard, &Report)>) -> Report {
    let (shard, first) = shards[0];
    let all = || shards.iter().map(|(_, report)| *report);
    let sum = |of: fn(&Report) -> u64| all().map(of).sum::<u64>();
    let began = all().map(|report| report.started_at_ms).min().unwrap_or_default();
    let ended = all().map(|report| report.started_at_ms + report.elapsed_ms).max().unwrap_or_default();
    let there: BTreeSet<_> = shards.iter().map(|(shard, _)| shard.index).collect();
    let missing = (1..=shard.of).filter(|index| !there.contains(index)).collect();
    let joined = |of: fn(&Report) -> &str| {
        let distinct: BTreeSet<_> = all().map(of).collect();
        distinct.into_iter().collect::<Vec<_>>().join(", ")
    };
    let slowest = all().max_by_key(|report| report.longest_lag_ms);
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
        required: first.required.clone(),
        properties: first.properties.iter().map(|one| property(one, all())).collect(),
        observations: first.observations.iter().map(|one| observation(one, all())).collect(),
        rotation: Rotation::together(all().map(|report| &report.rotation)),
        latencies: latencies(all()),
        plans: sum(|report| report.plans),
        allowed_requests: all().map(|report| report.allowed_requests).sum(),
        requests: sum(|report| report.requests),
        shrinking_requests: sum(|report| report.shrinking_requests),
        wasted_requests: sum(|report| report.wasted_requests),
        ran_out_of_requests: all().any(|report| report.ran_out_of_requests),
        longest_lag_ms: slowest.map_or(0, |report| report.longest_lag_ms),
        longest_lag_more_than_ms: slowest.map_or(0, |report| report.longest_lag_more_than_ms),
        rate_limited: sum(|report| report.rate_limited),
        elapsed_ms: ended.saturating_sub(began),
        left_behind: all().map(|report| report.left_behind).fold(0, u32::saturating_add),
        left_because: all().find_map(|report| report.left_because.clone()),
        gave_up: all().find_map(|report| report.gave_up.clone()),
        interrupted: all().any(|report| report.interrupted),
    };
    report.conclusion = report.conclude();
    report
}

/// The result for one property: what one shard saw of it counts for all.
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
            Some(known) => {
                known.times += answer.times;
                known.operations.extend(answer.operations.iter().cloned());
            }
            None => together.answers.push(answer.clone()),
        }
    }
    together.answers.sort_by_key(|answer| Reverse(answer.times));
    together
}

/// One row for each operation. Percentiles of all are not known: the largest of the shards' is an upper bound.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::read;

    /// Two shards whose first property has these verdicts and counts.
    fn merged(one: (Verdict, u64, u64), other: (Verdict, u64, u64)) -> Report {
        let shard = |index: u32, (verdict, held, broken): (Verdict, u64, u64)| {
            let mut report = read(include_bytes!("../../tests/formats/report-1.json")).unwrap();
            report.shard = Some(Shard { index, of: 2 });
            report.seed = u64::from(index);
            report.properties.truncate(1);
            let property = &mut report.properties[0];
            (property.verdict, property.held, property.broken) = (verdict, held, broken);
            (index.to_string(), report)
        };
        merge(vec![shard(2, other), shard(1, one)]).unwrap()
    }

    #[test]
    fn what_one_shard_saw_of_a_property_counts_for_all() {
        use Verdict::{ExpectedFail, Fail, NotApplicable, Pass, UnexpectedPass, Untested};
        for (one, other, verdict, conclusion) in [
            (Pass, Untested, Pass, Conclusion::Pass),
            (Untested, Untested, Untested, Conclusion::Incomplete),
            // The only property that was asked for does not apply.
            (NotApplicable, Untested, NotApplicable, Conclusion::Incomplete),
            (NotApplicable, Pass, Pass, Conclusion::Pass),
            (Pass, Fail, Fail, Conclusion::Fail),
            // A baseline lists it: it is broken as expected, though one shard did not see that.
            (UnexpectedPass, ExpectedFail, ExpectedFail, Conclusion::Pass),
            (UnexpectedPass, UnexpectedPass, UnexpectedPass, Conclusion::StaleBaseline),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                let report = merged((one, 3, 0), (other, 4, 1));
                let property = &report.properties[0];
                assert_eq!((property.held, property.broken), (7, 1));
                assert_eq!((property.verdict, report.conclusion), (verdict, conclusion), "{one:?} {other:?}");
            }
        }
    }
}
