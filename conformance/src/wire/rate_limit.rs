//! How long to wait after an answer 429.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::wire::exchange::Answer;

/// How long to wait after a 429 that does not say how long: the API's documented penalty.
pub const PENALTY: Duration = Duration::from_secs(60);
/// Longest that a `Retry-After` is obeyed.
const MAX_PAUSE: Duration = Duration::from_secs(120);
/// Most times that the time is doubled which a target names.
const MAX_DOUBLINGS: u32 = 3;

/// The limit of requests of a target, as far as its answers tell.
#[derive(Debug)]
pub(super) struct RateLimit {
    /// How long to wait after a 429 that does not say how long.
    penalty: Duration,
    answers: AtomicU64,
    /// How many times the time that the target names is doubled: it turned out to be too short.
    doublings: AtomicU32,
}

impl RateLimit {
    pub(super) fn new(penalty: Duration) -> Self {
        Self { penalty, answers: AtomicU64::new(0), doublings: AtomicU32::new(0) }
    }

    /// Answers so far that said to slow down.
    pub(super) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// How long to wait after an answer 429, and in which form it says so. `again` says whether the same request was answered
    /// with 429 before, and was sent again when it was due: each such request is one that others lack, so the wait gets
    /// longer from then on.
    pub(super) fn pause(&self, answer: &Answer, again: bool) -> (Duration, &'static str) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        let doublings = match again {
            true => (self.doublings.load(Ordering::Relaxed) + 1).min(MAX_DOUBLINGS),
            false => self.doublings.load(Ordering::Relaxed),
        };
        self.doublings.fetch_max(doublings, Ordering::Relaxed);
        let (pause, form) = named_pause(answer);
        let pause = pause.unwrap_or(self.penalty);
        (pause.saturating_mul(1 << doublings).min(MAX_PAUSE), form)
    }
}

/// The time that an answer names, and in which form.
fn named_pause(answer: &Answer) -> (Option<Duration>, &'static str) {
    match answer.header("retry-after").map(str::trim) {
        None => (None, "not at all"),
        Some(value) => match (value.parse(), httpdate::parse_http_date(value)) {
            (Ok(seconds), _) => (Some(Duration::from_secs(seconds)), "in seconds"),
            // A date in the past means now.
            (_, Ok(date)) => (Some(date.duration_since(SystemTime::now()).unwrap_or_default()), "as a date"),
            _ => (None, "in another way"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(retry_after: Option<&str>) -> Answer {
        let headers = retry_after.map(|value| ("retry-after".to_owned(), value.to_owned()));
        Answer { status: 429, headers: headers.into_iter().collect(), body: Default::default(), json: None }
    }

    #[test]
    fn a_target_that_names_too_short_a_time_is_given_longer_from_then_on() {
        let limit = RateLimit::new(PENALTY);
        let seconds = |again| limit.pause(&answer(Some("1")), again).0.as_secs();
        assert_eq!([seconds(false), seconds(false), seconds(true), seconds(false)], [1, 1, 2, 2]);
        assert_eq!([seconds(true), seconds(true), seconds(true)], [4, 8, 8]);
        assert_eq!(limit.answers(), 7);
    }

    #[test]
    fn a_time_is_read_in_each_form_and_never_longer_than_two_minutes() {
        let limit = RateLimit::new(PENALTY);
        assert_eq!(limit.pause(&answer(None), false), (PENALTY, "not at all"));
        assert_eq!(limit.pause(&answer(Some("soon")), false), (PENALTY, "in another way"));
        let past = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(limit.pause(&answer(Some(past)), false), (Duration::ZERO, "as a date"));
        assert_eq!(limit.pause(&answer(Some("9000")), false), (MAX_PAUSE, "in seconds"));
    }
}
