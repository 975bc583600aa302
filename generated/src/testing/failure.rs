//! Errors, made to measure.

use std::time::Duration;

use crate::connect::ConnectFailure;
use crate::error::{Details, Error, ErrorKind};

/// Starts an error of this kind, for a function under test that takes one.
///
/// ```
/// use std::time::Duration;
/// use descope_mcp_management::{ErrorKind, testing};
///
/// let error = testing::failed(ErrorKind::RateLimited).status(429).retry_after(Duration::from_secs(60)).error();
/// assert!(error.is_transient() && !error.may_have_applied());
/// ```
pub fn failed(kind: ErrorKind) -> FailedCall {
    FailedCall(Details { kind: Some(kind), operation: "LoadMcpServer", attempts: 1, ..Details::default() })
}

/// An [`Error`] in the making. Get it from [`failed`]. What is not set is as in an error without it; the operation is
/// `LoadMcpServer`, after one attempt.
#[must_use = "it is no error before `error`"]
pub struct FailedCall(Details);

impl FailedCall {
    /// The operationId.
    pub fn operation(mut self, operation: &'static str) -> Self {
        self.0.operation = operation;
        self
    }

    /// The HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Descope's error code.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Descope's description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// Descope's details.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// The id of a record whose secret is missing.
    pub fn record_id(mut self, id: impl Into<String>) -> Self {
        self.0.record_id = Some(id.into());
        self
    }

    /// Why there was no connection.
    pub fn connect_failure(mut self, failure: ConnectFailure) -> Self {
        self.0.connect_failure = Some(failure);
        self
    }

    /// How long to wait before the next call.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Whether the call may have taken effect.
    pub fn may_have_applied(mut self, may_have_applied: bool) -> Self {
        self.0.may_have_applied = may_have_applied;
        self
    }

    /// Number of attempts.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Duration of the call.
    pub fn elapsed(mut self, elapsed: Duration) -> Self {
        self.0.elapsed = elapsed;
        self
    }

    /// The error.
    #[must_use]
    pub fn error(self) -> Error {
        Error::of(self.0)
    }
}

impl std::fmt::Debug for FailedCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FailedCall").field("kind", &self.0.kind).finish_non_exhaustive()
    }
}
