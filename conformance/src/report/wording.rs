//! Words that several formats share.

use std::time::{Duration, UNIX_EPOCH};

use super::{Conclusion, Failure, Merged, ObservedAnswer, PropertyReport, Report, Verdict};
use crate::run::rotation::Rotation;
use crate::run::shrink::CutDown;
use crate::shard::Shard;
use crate::text::shorten;
use crate::wire::curl;
use crate::wire::scrubbed::ExchangeReport;

/// Most broken properties that a summary names.
const MAX_NAMED: usize = 10;

/// `1 time`, `2 times`.
pub(super) fn count(number: u64, what: &str) -> String {
    let plural = match what.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{what}s"),
    };
    if number == 1 { format!("1 {what}") } else { format!("{number} {plural}") }
}

/// The conclusion in capitals, as headings show it.
pub(super) fn verdict(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Pass => "PASS",
        Conclusion::Fail => "FAIL",
        Conclusion::StaleBaseline => "STALE BASELINE",
        Conclusion::Incomplete => "INCOMPLETE",
        Conclusion::LeftBehind => "LEFT BEHIND",
        Conclusion::Interrupted => "INTERRUPTED",
    }
}

/// How many properties have which verdict, such as `40 of 42 properties hold, 2 broken`.
pub(super) fn tally(report: &Report) -> String {
    let of = |verdict| report.with(verdict).count();
    let held = of(Verdict::Pass) + of(Verdict::UnexpectedPass);
    let mut parts = vec![format!("{held} of {} properties hold", report.properties.len())];
    let others = [
        (Verdict::Fail, "broken"),
        (Verdict::ExpectedFail, "broken as expected"),
        (Verdict::UnexpectedPass, "of them expected to be broken"),
        (Verdict::Untested, "never exercised"),
        (Verdict::NotApplicable, "not applicable"),
    ];
    for (verdict, words) in others {
        if of(verdict) > 0 {
            parts.push(format!("{} {words}", of(verdict)));
        }
    }
    parts.join(", ")
}

/// What the run cost, such as `95 requests in 0.4 s, 3 plans, seed 7; nothing left behind`.
pub(super) fn cost(report: &Report) -> String {
    let mut text = format!(
        "{} in {}, {}",
        count(report.requests, "request"),
        seconds(report.elapsed_ms),
        count(report.plans, "plan")
    );
    if !report.is_replay() {
        text += &format!(", seed {}", report.seed);
    }
    if report.shrinking_requests > 0 {
        text += &format!(", {} of them to shrink failing plans", report.shrinking_requests);
    }
    if report.rotation.requests > 0 {
        text += &format!(", {} to measure how long a rotated secret works", report.rotation.requests);
    }
    if report.wasted_requests > 0 {
        text += &format!(", {} judged by no property", report.wasted_requests);
    }
    text.extend(lateness(report).map(|late| format!(", {late}")));
    if report.rate_limited > 0 {
        text += &format!(", slowed down {}", count(report.rate_limited, "time"));
    }
    if let Some(why) = &report.gave_up {
        text += &format!("; the target has stopped answering ({why})");
    }
    match (report.left_behind, &report.left_because) {
        (0, _) => text += "; nothing left behind",
        (left, why) => {
            text += &format!("; at least {} may be left behind", count(left.into(), "record"));
            text.extend(why.iter().map(|why| format!(": {why}")));
        }
    }
    text
}

/// How late lists were, such as `lists late by 4.1 s to 12.1 s`: they were wrong after the one time and right after the other.
pub(super) fn lateness(report: &Report) -> Option<String> {
    let (more_than, at_most) = (seconds(report.longest_lag_more_than_ms), seconds(report.longest_lag_ms));
    (report.longest_lag_ms > 0).then(|| format!("lists late by {more_than} to {at_most}"))
}

/// What a reader must not miss, one line each: whether a rotation is proven to invalidate the old secret, how long old
/// secrets work, and what was asked for by name and does not apply.
pub(super) fn remarks(report: &Report) -> Vec<String> {
    let mut remarks: Vec<_> = rotation(report).into_iter().collect();
    remarks.extend(report.required_but_not_applicable().map(|property| {
        let reason = property.reason.as_deref().unwrap_or_default();
        format!("{} was asked for by name and is not applicable: {reason}", property.id)
    }));
    if report.proves_nothing() {
        remarks.push("none of the properties that were asked for applies to the target".to_owned());
    }
    remarks
}

fn rotation(report: &Report) -> Option<String> {
    let of = |id: &str| report.properties.iter().find(|property| property.id == id);
    let unproven = of(INVALIDATES_OLD_SECRET).filter(|property| {
        matches!(property.verdict, Verdict::NotApplicable | Verdict::Untested)
            && !report.rotation.old_secrets_worked()
    });
    if let Some(property) = unproven {
        let reason = property.reason.as_deref().unwrap_or("it was never exercised");
        return Some(format!("it could not be proven that a rotation invalidates the old secret: {reason}"));
    }
    let Rotation { accepted_grace_ms, worked_after_ms, refused_after_ms, .. } = report.rotation;
    let accepted = match accepted_grace_ms {
        0 => String::new(),
        ms => format!("; a grace period of {} is accepted (--rotation-grace)", seconds(ms)),
    };
    let Some(worked) = worked_after_ms else {
        return (accepted_grace_ms > 0).then(|| format!("rotated secrets were refused at once{accepted}"));
    };
    let found = match refused_after_ms {
        Some(refused) => format!(
            "a rotated secret still worked {} after its rotation, and no longer after {}",
            seconds(worked),
            seconds(refused)
        ),
        None if report.rotation.is_measured() => {
            format!(
                "a rotated secret still worked {} after its rotation, when it was last tried",
                seconds(worked)
            )
        }
        None => {
            let worked = seconds(worked);
            format!(
                "a rotated secret still worked {worked} after its rotation; for how long was not measured"
            )
        }
    };
    Some(found + &accepted)
}

/// The property that is proven only where secrets can be used.
const INVALIDATES_OLD_SECRET: &str = "client/rotate/invalidates-old-secret";

/// Which shard of a run the report is of, or of which shards it is made up, such as `, shard 2 of 4`; empty for a whole run.
pub(super) fn shards(report: &Report) -> String {
    if let Some(Shard { index, of }) = report.shard {
        return format!(", shard {index} of {of}");
    }
    let Some(Merged { of, missing }) = &report.merged else { return String::new() };
    if missing.is_empty() {
        return format!(", {}", count((*of).into(), "shard"));
    }
    let numbers: Vec<_> = missing.iter().map(u32::to_string).collect();
    format!(", {} of {of} shards, without {}", *of as usize - missing.len(), numbers.join(", "))
}

/// How far the plan of a failure was shrunk, unless it was to the end.
pub(super) fn cut_down(report: &Report, property: &PropertyReport, failure: &Failure) -> Option<String> {
    let words = match failure.cut_down {
        CutDown::Finished | CutDown::Follows | CutDown::FailsNothing => return None,
        // The plans of a file are taken as they are, unless something else is asked for.
        CutDown::TurnedOff if report.is_replay() => return None,
        CutDown::Unfinished => "shrunk, but not to the end: the requests for that ran out",
        CutDown::TurnedOff => "not shrunk: --shrink 0 turns that off",
        CutDown::NotTried => "not shrunk: there were too few requests for that",
        CutDown::NotReproduced => "not shrunk: taken again, the plan did not break the property",
    };
    let ran_out = matches!(failure.cut_down, CutDown::Unfinished | CutDown::NotTried);
    let shared = property.shares_requests_with.filter(|_| ran_out).map(|other| {
        format!("; {other} is broken about the same member, most likely by the same fault, and was shrunk first with requests that both share")
    });
    Some(words.to_owned() + &shared.unwrap_or_default())
}

/// What to do about failures that were not shrunk to the end, if there are any.
pub(super) fn cut_down_hint(report: &Report) -> Option<String> {
    let failures = report.not_cut_down().count() as u64;
    (failures > 0).then(|| {
        format!(
            "{} not shrunk to the end; after --report json=FILE, --replay FILE --shrink N goes on with up to N requests for each",
            count(failures, "failure")
        )
    })
}

/// What to do about plans that were not taken to their end because requests ran out, if there are any.
pub(super) fn ran_out_hint(report: &Report) -> Option<String> {
    let allowed = report.allowed_requests.filter(|_| report.ran_out_of_requests)?;
    let allowed = count(allowed, "request");
    Some(format!("the {allowed} of this run did not last to the end of its plans; --requests N allows more"))
}

/// What is broken, in the order in which it is shown, without what follows from something else.
pub(super) fn broken(report: &Report) -> Option<String> {
    let causes: Vec<_> = report.causes().filter(|property| property.verdict == Verdict::Fail).collect();
    let (named, others) = causes.split_at(causes.len().min(MAX_NAMED));
    let mut names: Vec<_> = named.iter().map(|property| property.id.to_owned()).collect();
    if !others.is_empty() {
        names.push(format!("{} more", others.len()));
    }
    (!names.is_empty()).then(|| format!("broken: {}", names.join(", ")))
}

/// How often an answer to an open question occurred, and what was asked, such as `2 times: LoadMcpServer, token`.
pub(super) fn seen_at(answer: &ObservedAnswer) -> String {
    let times = count(answer.times, "time");
    let operations: Vec<_> = answer.operations.iter().map(AsRef::as_ref).collect();
    if operations.is_empty() { times } else { format!("{times}: {}", operations.join(", ")) }
}

/// A command for the shell, cut to so many characters.
pub(super) fn curl_line(line: &str, most: usize) -> String {
    let shown = shorten(line, most);
    let note = "; the whole line is in the report of --report json=FILE, html=FILE or junit=FILE";
    if shown == line { shown } else { shown + note }
}

/// What whoever pastes the commands of these exchanges into a shell must know before.
pub(super) fn of_curl_lines(exchanges: &[ExchangeReport]) -> Option<String> {
    let holds = |name: &str| {
        let variable = [format!("${name}"), format!("${{{name}}}")];
        exchanges.iter().any(|one| variable.iter().any(|variable| one.curl.contains(variable)))
    };
    let meanings = [
        (curl::BASE_URL, "the URL of the target"),
        (curl::PROJECT_ID, "the project"),
        (curl::MANAGEMENT_KEY, "its key"),
        (curl::SECRET, "a secret that the target gave out in the run, or what is nearly the key"),
    ];
    let held = meanings.into_iter().filter(|(name, _)| holds(name));
    let held: Vec<_> = held.map(|(name, meaning)| format!("${name} is {meaning}")).collect();
    (!held.is_empty()).then(|| {
        format!(
            "In lines for the shell, {}. The records that they name are deleted; the command that repeats the failure makes such records again.",
            held.join(", ")
        )
    })
}

/// What was found of a property, such as `held 3 times`.
pub(super) fn finding(report: &Report, property: &PropertyReport) -> String {
    let reason = property.reason.as_deref().unwrap_or_default();
    let broken = || {
        let times = count(property.held + property.broken, "time");
        let follows = report.cause_of(property).map(|cause| format!("; follows from {}", cause.id));
        format!("broken {} of {times}{}", property.broken, follows.unwrap_or_default())
    };
    match property.verdict {
        Verdict::Pass if report.replays_failures => {
            format!("no longer broken: held {}", count(property.held, "time"))
        }
        Verdict::Pass => format!("held {}", count(property.held, "time")),
        Verdict::Fail if report.replays_failures => format!("still {}", broken()),
        Verdict::Fail => broken(),
        Verdict::ExpectedFail => format!("{}, as expected: {reason}", broken()),
        Verdict::UnexpectedPass => {
            format!(
                "held {}, though the baseline expects it to be broken: {reason}",
                count(property.held, "time")
            )
        }
        Verdict::Untested => format!("never exercised: {reason}"),
        Verdict::NotApplicable => format!("not applicable: {reason}"),
    }
}

/// The sign that stands for a verdict.
pub(super) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✗",
        Verdict::ExpectedFail => "~",
        Verdict::UnexpectedPass => "!",
        Verdict::Untested => "?",
        Verdict::NotApplicable => "–",
    }
}

/// When the run began, in UTC.
pub(super) fn started(report: &Report) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(report.started_at_ms))
}

/// A duration in seconds, or in minutes where they are many.
pub(super) fn seconds(ms: u64) -> String {
    match ms {
        0..120_000 => format!("{:.1} s", ms as f64 / 1000.0),
        _ => format!("{:.1} min", ms as f64 / 60_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!(
            [count(1, "time"), count(2, "time"), count(0, "property")],
            ["1 time", "2 times", "0 properties"]
        );
    }
}
