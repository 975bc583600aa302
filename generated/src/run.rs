//! One call from its first request to its last: the attempts, the pauses between them, and their results.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Request, Response, ResponseBuilderExt};
use tracing::Span;

use crate::answer::{Collected, End, MAX_REFUSAL, MAX_SUCCESS, Refusal, is_json, mismatch};
use crate::clock::within;
use crate::generated::operations::{OperationFacts, check_secret_answer};
use crate::limiter::NoRoom;
use crate::retry::{Attempt, Outcome, decide, retry_after};
use crate::sent::Sent;
use crate::transport::{Failure, Inner, Seen};

/// What an attempt came to.
struct AttemptResult {
    outcome: Outcome,
    end: Ended,
}

enum Ended {
    /// A complete answer: for a refusal what it says, and an envelope as its body.
    Answer(Response, Option<Box<Refusal>>),
    /// No complete answer to a request; the status, if that much came.
    Broken(reqwest::Error, Option<u16>),
    /// Ended by this crate.
    Stopped(Failure, Option<u16>),
}

/// One call on its way: all its attempts.
pub(crate) struct Run<'c> {
    inner: &'c Inner,
    facts: &'c OperationFacts,
    /// What may stand in no text that is shown, besides the key.
    hidden: &'c [&'c str],
    span: Span,
    started: Instant,
    attempts: u32,
    waited_for_limiter: Duration,
    may_have_applied: bool,
}

impl<'c> Run<'c> {
    pub(crate) fn new(
        inner: &'c Inner,
        facts: &'c OperationFacts,
        hidden: &'c [&'c str],
        span: Span,
    ) -> Self {
        Self {
            inner,
            facts,
            hidden,
            span,
            started: inner.began.unwrap_or_else(|| inner.shared.clock.now()),
            attempts: 0,
            waited_for_limiter: Duration::ZERO,
            may_have_applied: false,
        }
    }

    fn elapsed(&self) -> Duration {
        self.inner.shared.clock.now().saturating_duration_since(self.started)
    }

    pub(crate) async fn complete(
        mut self,
        http: &reqwest::Client,
        mut request: Request,
    ) -> reqwest::Result<Response> {
        let shared = &*self.inner.shared;
        let mut pauses = None;
        let mut before = None;
        let result = loop {
            let left = match self.wait_for_room().await {
                Ok(left) => left,
                // What the service said last is worth more than that there was no time to ask again.
                Err(failure) => {
                    let stopped = Ended::Stopped(failure, None);
                    break before.unwrap_or(AttemptResult { outcome: Outcome::NotSent, end: stopped });
                }
            };
            self.attempts += 1;
            let another = shared.policy.allows_another(self.attempts);
            let spare = if another { request.try_clone() } else { None };
            let result = self.attempt(http, request, left).await;
            if let Outcome::Status { status: 200..=299, .. } = result.outcome {
                // Should it turn out to be unreadable, it was carried out all the same.
                self.may_have_applied |= self.facts.writes;
                break result;
            }
            let pauses = pauses.get_or_insert_with(|| shared.policy.draw());
            let attempt = Attempt { number: self.attempts, backoff: pauses.next().unwrap_or_default() };
            let decision = decide(attempt, result.outcome, self.facts, &shared.policy, self.elapsed());
            self.may_have_applied |= decision.may_have_applied;
            let (Some(wait), Some(spare)) = (decision.again_after, spare) else { break result };
            tracing::info!(
                attempt = self.attempts,
                outcome = %result.outcome,
                wait_ms = milliseconds(wait),
                "sending the request again"
            );
            shared.clock.sleep(wait).await;
            request = spare;
            before = Some(result);
        };
        self.report(result)
    }

    /// Waits until the quota allows a request, and says how much time there is for it. An error when that, or
    /// anything, would take too long.
    async fn wait_for_room(&mut self) -> Result<Duration, Failure> {
        let deadline = self.inner.shared.policy.deadline;
        let left = match (self.attempts, self.inner.began) {
            // Asking the clock would cost a little, and say that no time has passed.
            (0, None) => deadline,
            _ => deadline.saturating_sub(self.elapsed()),
        };
        if left.is_zero() {
            return Err(Failure::TimedOut { limit: deadline });
        }
        let Some(limiter) = &self.inner.shared.limiter else { return Ok(left) };
        match limiter.admit(left).await {
            Ok(waited) => {
                self.waited_for_limiter += waited;
                Ok(left.saturating_sub(waited))
            }
            Err(NoRoom { needed }) => Err(Failure::NoRoom { needed }),
        }
    }

    /// Sends the request once and reads the answer, within one time limit.
    async fn attempt(&self, http: &reqwest::Client, mut request: Request, left: Duration) -> AttemptResult {
        let shared = &*self.inner.shared;
        let allowed = shared.attempt_timeout.min(left);
        let mut limit = shared.clock.time_limit(allowed);
        let sent = Sent::watching(&mut request);
        let timed_out = Failure::TimedOut { limit: allowed };
        let mut response = match within(&mut limit, http.execute(request)).await {
            Some(Ok(response)) => response,
            Some(Err(error)) => {
                let outcome =
                    if sent.may_have_arrived(Some(&error)) { Outcome::Lost } else { Outcome::NotSent };
                return AttemptResult { outcome, end: Ended::Broken(error, None) };
            }
            None => {
                let outcome = if sent.may_have_arrived(None) { Outcome::TimedOut } else { Outcome::NotSent };
                return AttemptResult { outcome, end: Ended::Stopped(timed_out, None) };
            }
        };

        let is_success = response.status().is_success();
        let mut body = Collected::default();
        let most = if is_success { MAX_SUCCESS } else { MAX_REFUSAL };
        let end = within(&mut limit, body.read(&mut response, most)).await;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers(), || shared.clock.wall_clock());
        let outcome = Outcome::Status { status, retry_after };
        if !is_success {
            // A refusal that breaks off still says something.
            let refusal = Refusal::read(&body.into_bytes(), shared.key.expose(), self.hidden);
            let answer = with_body(response, refusal.as_envelope().into());
            return AttemptResult { outcome, end: Ended::Answer(answer, Some(Box::new(refusal))) };
        }
        match end {
            Some(Ok(End::Complete)) => {
                AttemptResult { outcome, end: self.success(response, body.into_bytes()) }
            }
            Some(Ok(End::TooLong)) => {
                AttemptResult { outcome, end: Ended::Stopped(Failure::TooLong, Some(status)) }
            }
            Some(Err(error)) => {
                AttemptResult { outcome: Outcome::Lost, end: Ended::Broken(error, Some(status)) }
            }
            None => {
                AttemptResult { outcome: Outcome::TimedOut, end: Ended::Stopped(timed_out, Some(status)) }
            }
        }
    }

    fn success(&self, response: Response, body: Bytes) -> Ended {
        match check_secret_answer(self.facts.function, &body) {
            Ok(()) => Ended::Answer(with_body(response, body), None),
            Err(error) => {
                let json = is_json(response.headers().get(CONTENT_TYPE));
                let status = response.status().as_u16();
                Ended::Stopped(Failure::Mismatch(mismatch(&error, json)), Some(status))
            }
        }
    }

    /// Notes what the call came to, for the error and for the span.
    fn report(self, result: AttemptResult) -> reqwest::Result<Response> {
        let mut seen = Seen {
            attempts: self.attempts,
            elapsed: self.elapsed(),
            may_have_applied: self.may_have_applied,
            ..Seen::default()
        };
        if let Outcome::Status { retry_after, .. } = result.outcome {
            seen.retry_after = retry_after;
        }
        let result = match result.end {
            Ended::Answer(response, refusal) => {
                seen.status = Some(response.status().as_u16());
                seen.content_type = response.headers().get(CONTENT_TYPE).cloned();
                seen.refusal = refusal;
                Ok(response)
            }
            Ended::Broken(error, status) => {
                seen.status = status;
                Err(error)
            }
            Ended::Stopped(failure, status) => {
                seen.status = status;
                if let Failure::NoRoom { needed } = failure {
                    seen.retry_after = Some(needed);
                }
                seen.failure = Some(failure.clone());
                Ok(unreadable(failure))
            }
        };
        if !self.span.is_disabled() {
            if let Some(status) = seen.status {
                self.span.record("status", status);
            }
            self.span.record("attempts", seen.attempts);
            self.span.record("elapsed_ms", milliseconds(seen.elapsed));
            self.span.record("limiter_wait_ms", milliseconds(self.waited_for_limiter));
        }
        self.inner.note(seen);
        result
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The same answer with another body.
fn with_body(mut response: Response, body: Bytes) -> Response {
    // Without the address, reqwest makes one up and shows it in errors. Setting it cannot fail.
    let answer = http::Response::builder().url(response.url().clone()).body(body);
    let mut answer = answer.unwrap_or_default();
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    // Errors of the machine-written client show them, and a proxy may echo what it got.
    for value in answer.headers_mut().values_mut() {
        value.set_sensitive(true);
    }
    answer.into()
}

/// An answer that fails to be read with this failure. It is how the machine-written code, which takes only reqwest's
/// errors, can be given one: they cannot be made from outside.
pub(crate) fn unreadable(failure: Failure) -> Response {
    let kind = match failure {
        Failure::TimedOut { .. } => io::ErrorKind::TimedOut,
        Failure::NoRoom { .. } | Failure::Elsewhere => io::ErrorKind::Other,
        Failure::TooLong | Failure::Mismatch(_) => io::ErrorKind::InvalidData,
    };
    let body = Unreadable(Some(io::Error::new(kind, failure)));
    http::Response::new(reqwest::Body::wrap(body)).into()
}

struct Unreadable(Option<io::Error>);

impl Body for Unreadable {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(self.0.take().map(Err))
    }
}
