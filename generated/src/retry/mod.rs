//! Whether and when to retry a request. No clock, no I/O and no randomness here: the same input gives the same
//! decision.

use std::fmt;
use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::generated::operations::OperationFacts;

/// The first request and three more, as in Descope's own SDKs.
const MAX_ATTEMPTS: u32 = 4;
/// Shortest pause after the first failure.
const FIRST_DELAY: Duration = Duration::from_millis(200);
/// Each pause is this many times as long as the one before.
const FACTOR: f32 = 5.0;
/// No pause is drawn from a longer one, as in Descope's own SDKs; jitter at most doubles it.
const MAX_DELAY: Duration = Duration::from_secs(5);
/// How long the service refuses everything after too many requests (documented), should an answer not say.
const RATE_LIMIT_PAUSE: Duration = Duration::from_secs(60);
/// Pauses until a new key is active, as in Descope's own Terraform provider.
const NEW_KEY_PAUSES: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// Time for a minute of silence after too many requests, and for an attempt before and after it.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(180);

/// When a request is retried.
///
/// | what happened | `x-idempotent` operations | the others |
/// | --- | --- | --- |
/// | no connection, and that may pass: refused, no answer, no proxy | again | again |
/// | no connection, and that cannot pass: certificate, TLS, unknown host, refusal of a proxy | not again | not again |
/// | a stream refused unseen | again | again |
/// | 429 | again | again |
/// | 408, 500, 502, 503, 504, 520–524, 530 | again | not again |
/// | `E111009` before the first success of the client | again | again |
/// | no answer in time, connection lost, answer broken off | again | not again |
/// | any other answer | not again | not again |
///
/// The documentation of an operation says whether it is idempotent, and so does the table `descope-mcp-operations`.
/// Retries are limited by the number of attempts and by the time limit of the call. A pause that would end after that
/// limit is not started.
///
/// For some seconds, the service answers `E111009` to a management key that was just made: nothing is done yet. Until the
/// first success of a client, such a refusal is waited out, for 7.5 seconds in all and besides the number of attempts, unless
/// the policy allows only one.
///
/// Pauses grow from 0.2 to 5 seconds; jitter adds at most the same time again. The time of `Retry-After` (seconds or a
/// date) is added. A 429 without `Retry-After` counts as 60 seconds, the documented penalty.
///
/// # Source
///
/// Descope's SDKs retry 503, 520–522, 524 and 530 (documented by their source code), but for every operation. This
/// crate adds 523, a proxy that cannot reach the service, 408, 502 and 504, with which proxies report the same, and 500,
/// which updates are reported to answer now and then. For idempotent operations, retrying them does no harm. That a new key is
/// answered with `E111009`, and for how long, is documented by the source code of Descope's Terraform provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    first_delay: Duration,
    longest_delay: Duration,
    /// Time limit of a whole call; set by the builder of the client.
    pub(crate) deadline: Duration,
}

impl RetryPolicy {
    /// The default policy: at most four requests for one call.
    pub const fn new() -> Self {
        Self {
            max_attempts: MAX_ATTEMPTS,
            first_delay: FIRST_DELAY,
            longest_delay: MAX_DELAY,
            deadline: DEFAULT_TIMEOUT,
        }
    }

    /// No retries: every call is one request.
    pub const fn never() -> Self {
        Self::new().max_attempts(1)
    }

    /// Maximum number of requests for one call, including the first one. 0 counts as 1.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// The pause after the first failure, and the maximum of later pauses, both without jitter.
    pub const fn delays(mut self, first: Duration, longest: Duration) -> Self {
        self.first_delay = first;
        self.longest_delay = longest;
        self
    }

    /// With that time limit for a whole call.
    pub(crate) const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Draws the pauses of one call.
    pub(crate) fn draw(&self) -> ExponentialBackoff {
        ExponentialBuilder::new()
            .with_min_delay(self.first_delay)
            .with_max_delay(self.longest_delay)
            .with_factor(FACTOR)
            .with_jitter()
            .without_max_times()
            .build()
    }

    /// Whether there is a next attempt after this one.
    pub(crate) fn allows_another(&self, attempt: u32) -> bool {
        attempt < self.max_attempts
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// One request of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// Counted from 1.
    pub(crate) number: u32,
    /// The pause drawn for after it.
    pub(crate) backoff: Duration,
    /// How often a key that is not active yet was waited for before.
    pub(crate) key_waits: u32,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// An answer came; at least its head.
    Status { status: u16, retry_after: Option<Duration> },
    /// Nothing that the server could act on has left, whatever the reason.
    NotSent,
    /// There is no connection, and there will be none however often it is tried.
    CannotConnect,
    /// The key was made just now, and nothing works with it yet.
    KeyNotYetActive,
    /// The request left, at least in part, and no complete answer came in time.
    TimedOut,
    /// The request left, at least in part, and the connection was lost before a complete answer.
    Lost,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status, .. } => write!(f, "status {status}"),
            Self::NotSent => f.write_str("nothing was sent"),
            Self::CannotConnect => f.write_str("no connection can be made"),
            Self::KeyNotYetActive => f.write_str("the management key is not active yet"),
            Self::TimedOut => f.write_str("no complete answer in time"),
            Self::Lost => f.write_str("the connection was lost"),
        }
    }
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Send it again after this long; `None` ends the call.
    pub(crate) again_after: Option<Duration>,
    /// Whether this attempt may have changed something.
    pub(crate) may_have_applied: bool,
}

/// Decides after an attempt. `elapsed` is the time since the call began.
pub(crate) fn decide(
    attempt: Attempt,
    outcome: Outcome,
    facts: &OperationFacts,
    policy: &RetryPolicy,
    elapsed: Duration,
) -> Decision {
    let repeatable = match outcome {
        Outcome::NotSent | Outcome::Status { status: 429, .. } => true,
        Outcome::Status { status, .. } => facts.idempotent && is_transient(status),
        Outcome::TimedOut | Outcome::Lost => facts.idempotent,
        Outcome::CannotConnect => false,
        Outcome::KeyNotYetActive => return wait_for_key(attempt, policy, elapsed),
    };
    let asked_for = match outcome {
        Outcome::Status { retry_after: Some(asked_for), .. } => asked_for,
        Outcome::Status { status: 429, .. } => RATE_LIMIT_PAUSE,
        _ => Duration::ZERO,
    };
    // On top, not instead: callers that were told the same time must not all come back in the same instant.
    let wait = asked_for.saturating_add(attempt.backoff);
    let in_time = elapsed.saturating_add(wait) < policy.deadline;
    Decision {
        again_after: (repeatable && in_time && policy.allows_another(attempt.number)).then_some(wait),
        may_have_applied: facts.writes && may_have_been_carried_out(outcome),
    }
}

/// Decides after an answer that the key is not active yet. Nothing was done.
fn wait_for_key(attempt: Attempt, policy: &RetryPolicy, elapsed: Duration) -> Decision {
    let index = attempt.key_waits as usize;
    let wait = NEW_KEY_PAUSES.get(index).copied().filter(|_| policy.max_attempts > 1);
    Decision {
        again_after: wait.filter(|wait| elapsed.saturating_add(*wait) < policy.deadline),
        may_have_applied: false,
    }
}

/// Statuses that say "not now" rather than "not like this".
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 500 | 502 | 503 | 504 | 520..=524 | 530)
}

fn may_have_been_carried_out(outcome: Outcome) -> bool {
    match outcome {
        Outcome::NotSent | Outcome::CannotConnect | Outcome::KeyNotYetActive => false,
        Outcome::TimedOut | Outcome::Lost => true,
        // A refusal is a promise, except that a proxy's 408 does not know what the service behind it got.
        Outcome::Status { status, .. } => !(400..=499).contains(&status) || status == 408,
    }
}

/// How long an answer asks to wait: `Retry-After` in seconds, or as a date compared with the answer's own `Date`,
/// because the clocks of the two sides may differ.
pub(crate) fn retry_after(headers: &HeaderMap, wall_clock: impl FnOnce() -> SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds still mean "very long".
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(until.duration_since(date.unwrap_or_else(wall_clock)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests;
