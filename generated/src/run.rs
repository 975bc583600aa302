//! One call from its first request to its last: the attempts, the pauses between them, and their results.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Request, Response, ResponseBuilderExt, StatusCode};
use tracing::Span;

use crate::answer::{Collected, End, MAX_REFUSAL, MAX_SUCCESS, Refusal, is_json, kept_headers, mismatch};
use crate::clock::{Wait, within};
use crate::connect::ConnectFailure;
use crate::error::ErrorKind;
use crate::generated::operations::{OperationFacts, check_secret_answer};
use crate::limiter::NoRoom;
use crate::logged::note_failure;
use crate::retry::{Attempt, Outcome, decide, retry_after};
use crate::sent::Sent;
#[cfg(feature = "testing")]
use crate::testing::ScriptedFailure;
use crate::transport::{Access, Failure, Inner, Seen};

/// What an attempt came to.
struct AttemptResult {
    outcome: Outcome,
    /// Of the answer, if its head came.
    head: Option<Head>,
    end: Ended,
}

/// What the head of an answer says.
#[derive(Default)]
struct Head {
    status: u16,
    content_type: Option<HeaderValue>,
    /// Those by which the request can be found in logs.
    headers: Vec<(&'static str, String)>,
}

enum Ended {
    /// A complete answer: for a refusal what it says, and an envelope as its body.
    Answer(Response, Option<Box<Refusal>>),
    /// There was no connection for the request.
    Unconnected(reqwest::Error, ConnectFailure),
    /// No complete answer to a request.
    Broken(reqwest::Error),
    /// Ended by this crate.
    Stopped(Failure),
}

impl Ended {
    fn timed_out(limit: Duration) -> Self {
        Self::Stopped(Failure::TimedOut { limit })
    }
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
    /// How many of them found that the management key is not active yet.
    key_waits: u32,
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
            started: inner.budget.as_ref().map_or_else(|| inner.shared.clock.now(), |budget| budget.began),
            attempts: 0,
            key_waits: 0,
            waited_for_limiter: Duration::ZERO,
            may_have_applied: false,
        }
    }

    fn elapsed(&self) -> Duration {
        self.inner.shared.clock.now().saturating_duration_since(self.started)
    }

    /// How long the call waited for the quota, also before this request.
    fn queued(&self) -> Duration {
        self.inner.budget.as_ref().map_or(self.waited_for_limiter, |budget| budget.queued())
    }

    /// How much of its time limit the call has used.
    fn used(&self) -> Duration {
        self.elapsed().saturating_sub(self.queued())
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
                    let end = Ended::Stopped(failure);
                    break before.unwrap_or(AttemptResult { outcome: Outcome::NotSent, head: None, end });
                }
            };
            self.attempts += 1;
            let access = shared.access();
            access.authorize(request.headers_mut());
            let another = shared.policy.allows_another(self.attempts) || !access.has_succeeded();
            let spare = if another { request.try_clone() } else { None };
            let result = self.attempt(http, request, &access, left).await;
            if let Outcome::Status { status: 200..=299, .. } = result.outcome {
                // Should it turn out to be unreadable, it was carried out all the same.
                self.may_have_applied |= self.facts.writes;
                access.note_success();
                break result;
            }
            let pauses = pauses.get_or_insert_with(|| shared.policy.draw());
            let backoff = match result.outcome {
                Outcome::KeyNotYetActive => Duration::ZERO,
                _ => pauses.next().unwrap_or_default(),
            };
            let number = self.attempts - self.key_waits;
            let attempt = Attempt { number, backoff, key_waits: self.key_waits };
            let decision = decide(attempt, result.outcome, self.facts, &shared.policy, self.used());
            if result.outcome == Outcome::KeyNotYetActive {
                self.key_waits += 1;
            }
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
        let left = match (self.attempts, &self.inner.budget) {
            // Asking the clock would cost a little, and say that no time has passed.
            (0, None) => deadline,
            _ => deadline.saturating_sub(self.used()),
        };
        if left.is_zero() {
            return Err(Failure::TimedOut { limit: deadline });
        }
        let Some(queue) = &self.inner.shared.queue else { return Ok(left) };
        match queue.admit(self.queued()).await {
            Ok(waited) => {
                self.waited_for_limiter += waited;
                if let Some(budget) = &self.inner.budget {
                    budget.add_queued(waited);
                }
                Ok(left)
            }
            Err(NoRoom { needed }) => Err(Failure::NoRoom { needed }),
        }
    }

    /// Sends the request once and reads the answer, within one time limit.
    async fn attempt(
        &self,
        http: &reqwest::Client,
        request: Request,
        access: &Access,
        left: Duration,
    ) -> AttemptResult {
        let shared = &*self.inner.shared;
        let allowed = shared.attempt_timeout.min(left);
        let mut limit = shared.clock.time_limit(allowed);
        let mut response = match self.exchange(http, request, &mut limit, allowed).await {
            Ok(response) => response,
            Err(result) => return result,
        };

        let is_success = response.status().is_success();
        let mut body = Collected::default();
        let most = if is_success { MAX_SUCCESS } else { MAX_REFUSAL };
        let end = within(&mut limit, body.read(&mut response, most)).await;
        let head = Some(self.head(&response, access));
        let retry_after = retry_after(response.headers(), || shared.clock.wall_clock());
        let mut outcome = Outcome::Status { status: response.status().as_u16(), retry_after };
        if !is_success {
            // A refusal that breaks off still says something.
            let refusal = Refusal::read(&body.into_bytes(), &access.hidden(self.hidden));
            if refusal.is_of_a_new_key() && !access.has_succeeded() {
                outcome = Outcome::KeyNotYetActive;
            }
            let status = response.status();
            let answer = with_body(response, status, refusal.as_envelope().into());
            return AttemptResult { outcome, head, end: Ended::Answer(answer, Some(Box::new(refusal))) };
        }
        let (outcome, end) = match end {
            Some(Ok(End::Complete)) => (outcome, self.success(response, body.into_bytes())),
            Some(Ok(End::TooLong)) => (outcome, Ended::Stopped(Failure::TooLong)),
            Some(Err(error)) => (Outcome::Lost, Ended::Broken(error)),
            None => (Outcome::TimedOut, Ended::timed_out(allowed)),
        };
        AttemptResult { outcome, head, end }
    }

    /// The head of the answer to a request, or how the attempt ended without one.
    async fn exchange(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        limit: &mut Wait,
        allowed: Duration,
    ) -> Result<Response, AttemptResult> {
        #[cfg(feature = "testing")]
        if let Some(script) = &self.inner.shared.script {
            return match script.reply(self.facts.id, &request) {
                Ok(response) => Ok(response),
                Err(failure) => Err(self.scripted(failure, allowed).await),
            };
        }
        let sent = Sent::watching(&mut request);
        let (may_have_arrived, outcome, end) = match within(limit, http.execute(request)).await {
            Some(Ok(response)) => return Ok(response),
            Some(Err(error)) if error.is_connect() => return Err(AttemptResult::without_connection(error)),
            Some(Err(error)) => (sent.may_have_arrived(Some(&error)), Outcome::Lost, Ended::Broken(error)),
            None => (sent.may_have_arrived(None), Outcome::TimedOut, Ended::timed_out(allowed)),
        };
        let outcome = if may_have_arrived { outcome } else { Outcome::NotSent };
        Err(AttemptResult { outcome, head: None, end })
    }

    /// The result of an attempt that a script leaves without an answer.
    #[cfg(feature = "testing")]
    async fn scripted(&self, failure: ScriptedFailure, allowed: Duration) -> AttemptResult {
        let why = match failure {
            ScriptedFailure::TimedOut => {
                self.inner.shared.clock.sleep(allowed).await;
                return AttemptResult::timed_out(allowed);
            }
            ScriptedFailure::NoConnection(failure) => failure.to_string(),
            ScriptedFailure::Lost => "the connection broke".to_owned(),
        };
        // Errors of reqwest cannot be made, only got.
        match (failing(io::Error::other(why)).bytes().await, failure) {
            (Err(error), ScriptedFailure::NoConnection(failure)) => {
                AttemptResult::unconnected(error, failure)
            }
            (Err(error), _) => {
                AttemptResult { outcome: Outcome::Lost, head: None, end: Ended::Broken(error) }
            }
            (Ok(_), _) => AttemptResult::timed_out(allowed),
        }
    }

    fn head(&self, response: &Response, access: &Access) -> Head {
        Head {
            status: response.status().as_u16(),
            content_type: response.headers().get(CONTENT_TYPE).cloned(),
            headers: kept_headers(response.headers(), || access.hidden(self.hidden)),
        }
    }

    /// What the machine-written code gets of a success. Any status of a success is the one that it knows, 200.
    fn success(&self, response: Response, body: Bytes) -> Ended {
        // A service without anything to say means the same as one that sends an object without members.
        let is_empty = response.status() == StatusCode::NO_CONTENT && !self.facts.function.is_empty();
        let body = if is_empty { Bytes::from_static(b"{}") } else { body };
        match check_secret_answer(self.facts.function, &body) {
            Ok(()) => Ended::Answer(with_body(response, StatusCode::OK, body), None),
            Err(error) => {
                let json = is_json(response.headers().get(CONTENT_TYPE));
                Ended::Stopped(Failure::Mismatch(mismatch(&error, json)))
            }
        }
    }

    /// Notes what the call came to, for the error and for the span.
    fn report(self, result: AttemptResult) -> reqwest::Result<Response> {
        let head = result.head.unwrap_or_default();
        let mut seen = Seen {
            status: Some(head.status).filter(|status| *status > 0),
            content_type: head.content_type,
            headers: head.headers,
            attempts: self.attempts,
            elapsed: self.elapsed(),
            may_have_applied: self.may_have_applied,
            ..Seen::default()
        };
        if let Outcome::Status { retry_after, .. } = result.outcome {
            seen.retry_after = retry_after;
        }
        let (kind, result) = match result.end {
            Ended::Answer(response, refusal) => {
                let kind = refusal.is_some().then(|| ErrorKind::of_status(head.status));
                seen.refusal = refusal;
                (kind, Ok(response))
            }
            Ended::Unconnected(error, failure) => {
                seen.connect_failure = Some(failure);
                (Some(ErrorKind::Connect), Err(error))
            }
            Ended::Broken(error) => {
                let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
                (Some(kind), Err(error))
            }
            Ended::Stopped(failure) => {
                if let Failure::NoRoom { needed } = failure {
                    seen.retry_after = Some(needed);
                }
                seen.failure = Some(failure.clone());
                (Some(failure.kind()), Ok(unreadable(failure)))
            }
        };
        if !self.span.is_disabled() {
            if let Some(status) = seen.status {
                self.span.record("status", status);
            }
            self.span.record("attempts", seen.attempts);
            self.span.record("elapsed_ms", milliseconds(seen.elapsed));
            self.span.record("limiter_wait_ms", milliseconds(self.waited_for_limiter));
            if let Some(kind) = kind {
                note_failure(&self.span, kind, seen.refusal.as_ref().and_then(|refusal| refusal.code()));
            }
        }
        seen.kind = kind;
        self.inner.note(seen);
        result
    }
}

impl AttemptResult {
    /// The result of an attempt that found no connection, so that nothing was sent.
    fn without_connection(error: reqwest::Error) -> Self {
        let failure = ConnectFailure::of(&error).unwrap_or(if error.is_timeout() {
            ConnectFailure::Timeout
        } else {
            ConnectFailure::Other
        });
        Self::unconnected(error, failure)
    }

    fn unconnected(error: reqwest::Error, failure: ConnectFailure) -> Self {
        let outcome = if failure.may_pass() { Outcome::NotSent } else { Outcome::CannotConnect };
        Self { outcome, head: None, end: Ended::Unconnected(error, failure) }
    }

    #[cfg(feature = "testing")]
    fn timed_out(allowed: Duration) -> Self {
        Self { outcome: Outcome::TimedOut, head: None, end: Ended::timed_out(allowed) }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The same answer with another status and body.
fn with_body(mut response: Response, status: StatusCode, body: Bytes) -> Response {
    // Without the address, reqwest makes one up and shows it in errors. Setting it cannot fail.
    let answer = http::Response::builder().url(response.url().clone()).body(body);
    let mut answer = answer.unwrap_or_default();
    *answer.status_mut() = status;
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
    failing(io::Error::new(kind, failure))
}

/// An answer whose body cannot be read.
fn failing(error: io::Error) -> Response {
    let body = Unreadable(Some(error));
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
