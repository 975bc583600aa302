//! The hook through which the generated client sends its requests: what every request gets, and what is noted of a
//! call.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, Response};
use secrecy::zeroize::Zeroizing;
use tracing::{Instrument, Span};

use crate::answer::{MAX_SUCCESS, Refusal, is_json};
use crate::base_url::BaseUrl;
use crate::budget::Budget;
pub(crate) use crate::call::Call;
use crate::clock::Clock;
use crate::connect::ConnectFailure;
use crate::credentials::{ManagementKey, ProjectId};
use crate::error::{Details, ErrorKind};
use crate::generated::Client;
use crate::generated::operations::{OPERATIONS, OperationFacts};
use crate::limiter::Queue;
use crate::logged::call_span;
use crate::preview::{looks_like_id, without_known};
use crate::record_locks::RecordLocks;
use crate::retry::RetryPolicy;
use crate::run::{Run, unreadable};

/// Header that the generated code adds to every request and that Descope does not ask for.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// What Descope's own SDKs tell about themselves (documented by their code).
const SDK_NAME: HeaderName = HeaderName::from_static("x-descope-sdk-name");
const SDK_VERSION: HeaderName = HeaderName::from_static("x-descope-sdk-version");
const SDK_PROJECT_ID: HeaderName = HeaderName::from_static("x-descope-project-id");

/// What all calls of a client share.
pub(crate) struct Shared {
    pub(crate) base_url: BaseUrl,
    project_id: HeaderValue,
    access: RwLock<Arc<Access>>,
    pub(crate) policy: RetryPolicy,
    pub(crate) attempt_timeout: Duration,
    pub(crate) queue: Option<Queue>,
    pub(crate) record_locks: RecordLocks,
    pub(crate) clock: Arc<dyn Clock>,
    /// What answers in the place of the service.
    #[cfg(feature = "testing")]
    pub(crate) script: Option<crate::testing::Script>,
}

/// The key of requests, and the header that carries it.
pub(crate) struct Access {
    key: ManagementKey,
    authorization: HeaderValue,
    /// The key that this one replaced: what is shown must not have it either.
    before: Option<ManagementKey>,
    /// Whether any request with it was a success: then it is active.
    has_succeeded: AtomicBool,
}

impl Access {
    fn new(
        project_id: &ProjectId,
        key: ManagementKey,
        before: Option<ManagementKey>,
    ) -> Result<Self, http::header::InvalidHeaderValue> {
        let text = Zeroizing::new(format!("Bearer {project_id}:{}", key.expose()).into_bytes());
        // The header refers to memory that is wiped when the last copy of it goes.
        let mut authorization = HeaderValue::from_maybe_shared(Bytes::from_owner(text))?;
        authorization.set_sensitive(true);
        Ok(Self { key, authorization, before, has_succeeded: AtomicBool::new(false) })
    }

    pub(crate) fn has_succeeded(&self) -> bool {
        self.has_succeeded.load(Ordering::Relaxed)
    }

    pub(crate) fn authorize(&self, headers: &mut HeaderMap) {
        headers.insert(AUTHORIZATION, self.authorization.clone());
    }

    pub(crate) fn note_success(&self) {
        // Nearly always it is known, and a store would take the line from other cores.
        if !self.has_succeeded() {
            self.has_succeeded.store(true, Ordering::Relaxed);
        }
    }

    /// What may stand in no text that is shown, besides these.
    pub(crate) fn hidden<'t>(&'t self, others: &[&'t str]) -> Vec<&'t str> {
        let keys = std::iter::once(&self.key).chain(&self.before).map(ManagementKey::expose);
        keys.chain(others.iter().copied()).collect()
    }
}

impl Shared {
    pub(crate) fn new(
        base_url: BaseUrl,
        project_id: &ProjectId,
        key: ManagementKey,
        policy: RetryPolicy,
        attempt_timeout: Duration,
        queue: Option<Queue>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, http::header::InvalidHeaderValue> {
        let access = RwLock::new(Arc::new(Access::new(project_id, key, None)?));
        let project_id = HeaderValue::from_str(project_id.as_str())?;
        Ok(Self {
            base_url,
            project_id,
            access,
            policy,
            attempt_timeout,
            queue,
            record_locks: RecordLocks::default(),
            clock,
            #[cfg(feature = "testing")]
            script: None,
        })
    }

    #[cfg(feature = "testing")]
    pub(crate) fn with_script(self, script: Option<crate::testing::Script>) -> Self {
        Self { script, ..self }
    }

    /// The key that requests have now.
    pub(crate) fn access(&self) -> Arc<Access> {
        Arc::clone(&self.access.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives all attempts from now on another key, which can be as new as the first one was.
    pub(crate) fn replace_key(
        &self,
        project_id: &ProjectId,
        key: ManagementKey,
    ) -> Result<(), http::header::InvalidHeaderValue> {
        let mut current = self.access.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(Access::new(project_id, key, Some(current.key.clone()))?);
        Ok(())
    }

    /// Adds what every request has but the key, which is that of the moment of an attempt.
    fn add_headers(&self, headers: &mut HeaderMap) {
        headers.remove(API_VERSION);
        // Ours, and those that are added on the way: growing while they are added costs more.
        headers.reserve(8);
        headers.insert(SDK_NAME, HeaderValue::from_static(env!("CARGO_PKG_NAME")));
        headers.insert(SDK_VERSION, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
        headers.insert(SDK_PROJECT_ID, self.project_id.clone());
    }
}

/// State of a machine-written client: what is shared by all calls, and what one call finds out.
#[derive(Clone)]
pub struct Inner {
    pub(crate) shared: Arc<Shared>,
    /// The time of the call that this is for, if it began before its first request.
    pub(crate) budget: Option<Arc<Budget>>,
    /// The span of the call; without one, it gets its own.
    pub(crate) span: Option<Span>,
    seen: Arc<Mutex<Seen>>,
}

/// What the transport saw of a call that the machine-written code does not pass on.
#[derive(Default)]
pub(crate) struct Seen {
    /// What kind of failure it was, if it was one.
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) status: Option<u16>,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) refusal: Option<Box<Refusal>>,
    pub(crate) failure: Option<Failure>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) may_have_applied: bool,
    pub(crate) connect_failure: Option<ConnectFailure>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// Why a call ended without an answer, where it was this crate that ended it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the time limit of {limit:?} ended")]
    TimedOut { limit: Duration },
    #[error(
        "the quota of this client has no room for at least {needed:?}, which is longer than the call may wait for it"
    )]
    NoRoom { needed: Duration },
    #[error("it would go elsewhere than to the base URL of the client")]
    Elsewhere,
    #[error("it is longer than {} bytes", MAX_SUCCESS)]
    TooLong,
    /// Where it does not fit; nothing of what it says.
    #[error("{0}")]
    Mismatch(String),
}

impl Inner {
    pub(crate) fn new(shared: Arc<Shared>, budget: Option<Arc<Budget>>, span: Option<Span>) -> Self {
        Self { shared, budget, span, seen: Arc::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A panic while it was held leaves nothing half-done that a later call could see.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what a call came to, in place of what was noted of an earlier one.
    pub(crate) fn note(&self, seen: Seen) {
        *self.seen() = seen;
    }

    /// Ends a call before its first request.
    fn stop(&self, failure: Failure) -> Response {
        self.note(Seen { failure: Some(failure.clone()), ..Seen::default() });
        unreadable(failure)
    }

    /// Sends a request as what `facts` say it is, as often as the policy allows. `hidden` are values in it that no error
    /// may show.
    pub(crate) async fn send(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        facts: &OperationFacts,
        hidden: &[&str],
    ) -> reqwest::Result<Response> {
        if !self.shared.base_url.covers(request.url()) {
            // Only a caller who makes requests of their own gets here.
            return Ok(self.stop(Failure::Elsewhere));
        }
        self.shared.add_headers(request.headers_mut());
        let span = self.span.clone().unwrap_or_else(|| call_span(facts.id));
        let run = Run::new(self, facts, hidden, span.clone());
        run.complete(http, request).instrument(span).await
    }

    /// What is known about the call, whatever went wrong.
    pub(crate) fn details(&self) -> Details {
        let mut seen = self.seen();
        Details {
            kind: seen.kind,
            status: seen.status,
            attempts: seen.attempts,
            elapsed: seen.elapsed,
            retry_after: seen.retry_after,
            may_have_applied: seen.may_have_applied,
            connect_failure: seen.connect_failure,
            headers: std::mem::take(&mut seen.headers),
            ..Details::default()
        }
    }

    pub(crate) fn take_refusal(&self) -> Option<Box<Refusal>> {
        self.seen().refusal.take()
    }

    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.seen().failure.take()
    }

    pub(crate) fn answer_is_json(&self) -> bool {
        is_json(self.seen().content_type.as_ref())
    }

    /// An id as errors may show it; nothing for a text that is none.
    pub(crate) fn shown_id<'t>(&self, text: &'t str) -> Option<&'t str> {
        Some(text).filter(|text| looks_like_id(text, &self.shared.access().hidden(&[])))
    }

    pub(crate) fn without_key(&self, text: &str) -> String {
        without_known(text, &self.shared.access().hidden(&[]))
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

impl ClientHooks<Inner> for Client {
    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        self.inner.send(&self.client, request, facts_of(info.operation_id), &[]).await
    }
}

/// Facts by the name of the machine-written method.
fn facts_of(function: &str) -> &'static OperationFacts {
    /// The most careful assumptions, should the two ever disagree.
    const UNKNOWN: OperationFacts =
        OperationFacts { id: "unknown", function: "unknown", writes: true, idempotent: false };
    OPERATIONS.iter().find(|facts| facts.function == function).unwrap_or(&UNKNOWN)
}

#[cfg(test)]
mod tests;
