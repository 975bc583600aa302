//! The errors of a call.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::answer::KEY_NOT_YET_ACTIVE;
use crate::connect::ConnectFailure;
use crate::generated::operations::OperationFacts;
use crate::retry::is_transient;

/// The kind of failure of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The service refused the request as wrong: status 400, 405, 422 and every 4xx that has no other kind.
    InvalidRequest,
    /// Arguments of an untyped call that no request can be made of. Nothing was sent.
    InvalidArguments,
    /// The table of operations has no operation of that id. Nothing was sent.
    UnknownOperation,
    /// The management key is missing, wrong, or of another project: status 401.
    Unauthorized,
    /// The management key does not allow this: status 403.
    Forbidden,
    /// There is no such record: status 404 or 410.
    NotFound,
    /// The record conflicts with another one: status 409. Without a status, several records have the name that `ensure` was
    /// given.
    Conflict,
    /// Too many requests: status 429. Without a status, the quota of this client has no room.
    RateLimited,
    /// The service, or a proxy in front of it, failed: status 5xx.
    Server,
    /// A status that the API does not have, such as a redirect. Redirects are never followed.
    UnexpectedStatus,
    /// No connection could be made, so nothing was sent. [`Error::connect_failure`] says why.
    Connect,
    /// The request or the response was lost.
    Transport,
    /// No complete response came in time.
    Timeout,
    /// The response was a success, but does not match the API. The request may have taken effect.
    UnexpectedBody,
    /// Someone else changed the record between the load and the write. Nothing was written.
    ChangedMeanwhile,
}

impl ErrorKind {
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            408 => Self::Timeout,
            409 => Self::Conflict,
            429 => Self::RateLimited,
            400..=499 => Self::InvalidRequest,
            500..=599 => Self::Server,
            _ => Self::UnexpectedStatus,
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::InvalidRequest => "the request was refused",
            Self::InvalidArguments => "the arguments do not fit the operation",
            Self::UnknownOperation => "there is no such operation",
            Self::Unauthorized => "the management key was not accepted",
            Self::Forbidden => "the management key does not allow this",
            Self::NotFound => "there is no such record",
            Self::Conflict => "the record conflicts with another one",
            Self::RateLimited => "too many requests",
            Self::Server => "the service failed",
            Self::UnexpectedStatus => "the answer has a status that the API does not use",
            Self::Connect => "there is no connection to the service",
            Self::Transport => "the request or its answer was lost on the way",
            Self::Timeout => "no complete answer came in time",
            Self::UnexpectedBody => "the answer is not what the API promises",
            Self::ChangedMeanwhile => "the record was changed by someone else since it was loaded",
        }
    }
}

/// A call that failed.
///
/// Contains the error envelope of the service. It never quotes the body of a success, which could contain a secret. Of
/// an error body that is not JSON, it keeps a short, scrubbed [`preview`](Self::preview).
pub struct Error(Box<Details>);

#[derive(Default)]
pub(crate) struct Details {
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) preview: Option<String>,
    /// What exactly was wrong, in words of ours.
    pub(crate) detail: Option<String>,
    /// The record that the call is about, where the error names one.
    pub(crate) record_id: Option<String>,
    pub(crate) source: Option<reqwest::Error>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) may_have_applied: bool,
    pub(crate) kind: Option<ErrorKind>,
    pub(crate) connect_failure: Option<ConnectFailure>,
    /// The headers of the last response that help to find the request in logs.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) operation: &'static str,
}

impl Error {
    pub(crate) fn new(facts: &OperationFacts, kind: ErrorKind, details: Details) -> Self {
        Self(Box::new(Details { kind: Some(kind), operation: facts.id, ..details }))
    }

    #[cfg(feature = "testing")]
    pub(crate) fn of(details: Details) -> Self {
        Self(Box::new(details))
    }

    /// The kind of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind.unwrap_or(ErrorKind::Transport)
    }

    /// The operationId of the call.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The HTTP status of the response; `None` if there was no response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Descope's error code (`errorCode`), such as `E011002`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Descope's description of the error (`errorDescription`), meant for people.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Descope's details of the error (`errorMessage`).
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The beginning of an error body that is not Descope's envelope, such as the error page of a proxy: at most 200
    /// characters, without markup and without anything that looks like a credential.
    #[must_use]
    pub fn preview(&self) -> Option<&str> {
        self.0.preview.as_deref()
    }

    /// The id of the client record (`TPA…`) whose secret is missing from the response. If the record was created, or
    /// its secret rotated, use the id to read the secret or to delete the record. `None` for every other failure, and
    /// if the response has no value that looks like an id.
    #[must_use]
    pub fn record_id(&self) -> Option<&str> {
        self.0.record_id.as_deref()
    }

    /// Why no connection could be made; `None` unless the kind is [`ErrorKind::Connect`].
    #[must_use]
    pub fn connect_failure(&self) -> Option<ConnectFailure> {
        self.0.connect_failure
    }

    /// A header of the last response, by its name in any case. Kept are those by which a request can be found in the logs of
    /// the service or of a proxy in front of it: `cf-ray`, `request-id`, `traceparent`, `via`, `x-amz-cf-id`,
    /// `x-amzn-requestid`, `x-correlation-id`, `x-request-id` and `x-trace-id`. Anything in them that looks like a credential
    /// is replaced.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.0.headers.iter();
        headers.find(|(kept, _)| kept.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the same call can succeed a moment later although nobody changes anything: after a timeout, a lost
    /// connection, a failure to connect that may pass, a response 429, one that says "not now" (408, 500, 502–504, 520–524,
    /// 530), one to a management key that is not active yet (`E111009`), or `ChangedMeanwhile`.
    ///
    /// It does not say that a repetition does no harm: see [`may_have_applied`](Self::may_have_applied).
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.kind() {
            ErrorKind::Timeout
            | ErrorKind::Transport
            | ErrorKind::RateLimited
            | ErrorKind::ChangedMeanwhile => true,
            ErrorKind::Connect => self.0.connect_failure.is_none_or(ConnectFailure::may_pass),
            ErrorKind::Server => self.0.status.is_some_and(is_transient),
            _ => self.code() == Some(KEY_NOT_YET_ACTIVE),
        }
    }

    /// Whether the operation may have taken effect although the call failed.
    ///
    /// `false` is certain: the operation only reads, no request was sent, or every request was refused. `true` means
    /// that it is unknown; load the record before you repeat the call.
    #[must_use]
    pub fn may_have_applied(&self) -> bool {
        self.0.may_have_applied
    }

    /// Number of attempts, including the first one. 0 if the call ended before the first attempt.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Duration of the call, with all attempts and the pauses between them.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How long to wait before the next call: the time that the last response asked for (`Retry-After`, both forms), or
    /// that the limiter of this client would have needed.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &self.0;
        write!(f, "{}: {}", details.operation, self.kind().sentence())?;
        match (details.status, &details.code) {
            (Some(status), Some(code)) => write!(f, " (status {status}, {code})")?,
            (Some(status), None) => write!(f, " (status {status})")?,
            (None, _) => {}
        }
        let texts = [&details.detail, &details.description, &details.message, &details.preview];
        for text in texts.into_iter().flatten().filter(|text| !text.is_empty()) {
            write!(f, ": {text}")?;
        }
        // One is enough to find the request.
        match details.headers.iter().find(|(name, _)| *name != "via") {
            Some((name, value)) => write!(f, " ({name} {value})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("operation", &self.0.operation)
            .field("status", &self.0.status)
            .field("code", &self.0.code)
            .field("description", &self.0.description)
            .field("message", &self.0.message)
            .field("preview", &self.0.preview)
            .field("detail", &self.0.detail)
            .field("record_id", &self.0.record_id)
            .field("connect_failure", &self.0.connect_failure)
            .field("headers", &self.0.headers)
            .field("attempts", &self.0.attempts)
            .field("elapsed", &self.0.elapsed)
            .field("retry_after", &self.0.retry_after)
            .field("may_have_applied", &self.0.may_have_applied)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}
