use reqwest::header::HeaderValue;

use super::*;
use crate::generated::operations::{
    CREATE_MCP_SERVER, DELETE_MCP_SERVER, LOAD_MCP_SERVER, ROTATE_MCP_SERVER_CLIENT_SECRET,
};

const SECOND: Duration = Duration::from_secs(1);
const BACKOFF: Duration = Duration::from_millis(300);

fn status(status: u16) -> Outcome {
    Outcome::Status { status, retry_after: None }
}

fn asking(status: u16, seconds: u64) -> Outcome {
    Outcome::Status { status, retry_after: Some(Duration::from_secs(seconds)) }
}

fn first(outcome: Outcome, facts: &OperationFacts) -> Decision {
    let attempt = Attempt { number: 1, backoff: BACKOFF, key_waits: 0 };
    decide(attempt, outcome, facts, &RetryPolicy::new(), Duration::ZERO)
}

/// Repeated at all; repeated if idempotent; a writing operation may have been carried out.
type Row = (Outcome, Repeated, bool);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Repeated {
    Always,
    IfIdempotent,
    Never,
}

const TABLE: &[Row] = {
    use Repeated::{Always, IfIdempotent, Never};
    const fn status(status: u16) -> Outcome {
        Outcome::Status { status, retry_after: None }
    }
    &[
        (Outcome::NotSent, Always, false),
        (Outcome::CannotConnect, Never, false),
        (Outcome::TimedOut, IfIdempotent, true),
        (Outcome::Lost, IfIdempotent, true),
        (status(204), Never, true),
        (status(301), Never, true),
        (status(307), Never, true),
        (status(400), Never, false),
        (status(401), Never, false),
        (status(403), Never, false),
        (status(404), Never, false),
        (status(405), Never, false),
        (status(408), IfIdempotent, true),
        (status(409), Never, false),
        (status(410), Never, false),
        (status(422), Never, false),
        (status(425), Never, false),
        (status(429), Always, false),
        (status(499), Never, false),
        (status(500), IfIdempotent, true),
        (status(501), Never, true),
        (status(502), IfIdempotent, true),
        (status(503), IfIdempotent, true),
        (status(504), IfIdempotent, true),
        (status(505), Never, true),
        (status(519), Never, true),
        (status(520), IfIdempotent, true),
        (status(521), IfIdempotent, true),
        (status(522), IfIdempotent, true),
        (status(523), IfIdempotent, true),
        (status(524), IfIdempotent, true),
        (status(525), Never, true),
        (status(526), Never, true),
        (status(529), Never, true),
        (status(530), IfIdempotent, true),
        (status(599), Never, true),
    ]
};

#[test]
fn the_table_holds_for_operations_that_may_be_repeated_and_for_those_that_may_not() {
    // Of each kind: writes once, writes once and answers with a secret, writes repeatably, reads.
    let operations =
        [&CREATE_MCP_SERVER, &ROTATE_MCP_SERVER_CLIENT_SECRET, &DELETE_MCP_SERVER, &LOAD_MCP_SERVER];
    assert_eq!(operations.map(|facts| facts.idempotent), [false, false, true, true]);
    for &(outcome, repeated, may_have_applied) in TABLE {
        for facts in operations {
            let decision = first(outcome, facts);
            let expected = match repeated {
                Repeated::Always => true,
                Repeated::IfIdempotent => facts.idempotent,
                Repeated::Never => false,
            };
            let what = format!("{outcome:?} of {}", facts.id);
            assert_eq!(decision.again_after.is_some(), expected, "{what}");
            assert_eq!(decision.may_have_applied, may_have_applied && facts.writes, "{what}");
        }
    }
}

#[test]
fn no_outcome_that_may_have_been_carried_out_is_repeated_unless_idempotent() {
    let mut outcomes: Vec<_> = (100..600).map(status).collect();
    outcomes.extend([Outcome::NotSent, Outcome::TimedOut, Outcome::Lost]);
    for outcome in outcomes {
        let decision = first(outcome, &CREATE_MCP_SERVER);
        assert!(!(decision.may_have_applied && decision.again_after.is_some()), "{outcome:?}");
    }
}

#[test]
fn waits_for_what_was_asked_and_the_drawn_pause() {
    for (outcome, asked_for) in [
        (Outcome::NotSent, Duration::ZERO),
        (Outcome::Lost, Duration::ZERO),
        (status(503), Duration::ZERO),
        (asking(503, 7), 7 * SECOND),
        (asking(429, 0), Duration::ZERO),
        (asking(429, 7), 7 * SECOND),
        (status(429), 60 * SECOND),
    ] {
        assert_eq!(first(outcome, &LOAD_MCP_SERVER).again_after, Some(asked_for + BACKOFF), "{outcome:?}");
    }
}

#[test]
fn gives_up_after_the_last_attempt() {
    let policy = RetryPolicy::new().max_attempts(3);
    for (number, again) in [(1, true), (2, true), (3, false), (4, false)] {
        for outcome in [Outcome::NotSent, asking(429, 1), status(503)] {
            let attempt = Attempt { number, backoff: BACKOFF, key_waits: 0 };
            let decision = decide(attempt, outcome, &LOAD_MCP_SERVER, &policy, Duration::ZERO);
            assert_eq!(decision.again_after.is_some(), again, "{number} {outcome:?}");
        }
    }
    for policy in [RetryPolicy::never(), RetryPolicy::new().max_attempts(0)] {
        let attempt = Attempt { number: 1, backoff: BACKOFF, key_waits: 0 };
        let decision = decide(attempt, Outcome::NotSent, &LOAD_MCP_SERVER, &policy, Duration::ZERO);
        assert_eq!(decision.again_after, None);
    }
}

#[test]
fn the_deadline_beats_everything() {
    let policy = RetryPolicy::new().deadline(10 * SECOND);
    let attempt = Attempt { number: 1, backoff: SECOND, key_waits: 0 };
    for (outcome, elapsed, again) in [
        (Outcome::NotSent, 8 * SECOND, true),
        (Outcome::NotSent, 9 * SECOND, false),
        (Outcome::NotSent, 20 * SECOND, false),
        (asking(429, 8), Duration::ZERO, true),
        (asking(429, 9), Duration::ZERO, false),
        (asking(429, u64::MAX), Duration::ZERO, false),
        (status(429), Duration::ZERO, false),
        (status(503), 9 * SECOND, false),
        (Outcome::TimedOut, Duration::MAX, false),
    ] {
        let decision = decide(attempt, outcome, &LOAD_MCP_SERVER, &policy, elapsed);
        assert_eq!(decision.again_after.is_some(), again, "{outcome:?} after {elapsed:?}");
    }
}

#[test]
fn a_minute_of_silence_fits_into_the_usual_time_limit() {
    let decision = first(asking(429, 60), &CREATE_MCP_SERVER);
    assert!(decision.again_after.is_some());
    assert!(first(status(429), &CREATE_MCP_SERVER).again_after.is_some());
}

#[test]
fn pauses_grow_to_the_longest_and_jitter_at_most_doubles_them() {
    let policy = RetryPolicy::new();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let drawn: Vec<_> = policy.draw().take(6).collect();
        for (drawn, base) in drawn.iter().zip([0.2, 1.0, 5.0, 5.0, 5.0, 5.0]) {
            let ratio = drawn.as_secs_f64() / base;
            assert!((0.999..=2.001).contains(&ratio), "{drawn:?} from {base}");
        }
        assert_eq!(drawn.len(), 6, "pauses never run out");
        seen.insert(drawn[0]);
    }
    assert!(seen.len() > 100, "callers must not come back together: {} of 200 differ", seen.len());
}

fn headers(entries: &[(&'static str, &str)]) -> HeaderMap {
    entries
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

#[test]
fn retry_after_is_read_in_seconds_and_as_a_date() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
    for (value, expected) in [
        ("0", Some(0)),
        ("7", Some(7)),
        (" 60 ", Some(60)),
        ("99999999999999999999999", Some(u64::MAX)),
        ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
        ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
        ("Sun Nov  6 08:50:37 1994", Some(60)),
        ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("+7", None),
        ("soon", None),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
    ] {
        let expected = expected.map(Duration::from_secs);
        assert_eq!(retry_after(&headers(&[("retry-after", value)]), || now), expected, "{value:?}");
    }
    assert_eq!(retry_after(&HeaderMap::new(), || now), None);
}

#[test]
fn a_date_is_compared_with_the_clock_of_whoever_wrote_it() {
    let headers = headers(&[
        ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"),
        ("date", "Sun, 06 Nov 1994 08:50:07 GMT"),
    ]);
    let wrong_by_years = SystemTime::UNIX_EPOCH;
    assert_eq!(retry_after(&headers, || wrong_by_years), Some(30 * SECOND));
}
