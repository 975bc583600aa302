//! Turns what the generated client returns, and what the transport noted, into a result or an error of this crate.

use progenitor_client::{Error as Raw, ResponseValue};
use serde::de::DeserializeOwned;
use tracing::Span;

use crate::answer::{misfit, mismatch};
use crate::error::{Details, Error, ErrorKind};
use crate::generated::Client;
use crate::generated::operations::OperationFacts;
use crate::logged::note_error;
use crate::readable::{Readable, count};
use crate::secret::Secret;
use crate::transport::Failure;

/// One call of one operation.
pub(crate) struct Call {
    facts: OperationFacts,
    raw: Client,
    /// Ends with the call, when its answer was read.
    span: Span,
}

impl Call {
    /// `raw` must not be used for another call at the same time.
    pub(crate) fn new(facts: OperationFacts, raw: Client, span: Span) -> Self {
        Self { facts, raw, span }
    }

    /// The client to make the call with.
    pub(crate) fn raw(&self) -> &Client {
        &self.raw
    }

    /// The answer, or what went wrong in terms of this crate.
    pub(crate) fn finish<T: DeserializeOwned, E>(
        &self,
        result: Result<ResponseValue<T>, Raw<E>>,
    ) -> Result<T, Error> {
        match result {
            Ok(answer) => Ok(answer.into_inner()),
            Err(Raw::InvalidResponsePayload(body, error)) => {
                let inner = &self.raw.inner;
                let detail = Some(misfit::<T>(&body, &error, inner.answer_is_json()));
                Err(self.failed(ErrorKind::UnexpectedBody, Details { detail, ..inner.details() }))
            }
            Err(error) => Err(self.error(error)),
        }
    }

    /// The records of an answer, those that cannot be read apart. `list` is their member in the answer.
    pub(crate) fn finish_readable<T: DeserializeOwned, R: DeserializeOwned, E>(
        &self,
        result: Result<ResponseValue<T>, Raw<E>>,
        list: &str,
        records: impl FnOnce(T) -> (Option<Vec<R>>, Option<i32>),
    ) -> Result<Readable<R>, Error> {
        let inner = &self.raw.inner;
        if let Err(Raw::InvalidResponsePayload(body, _)) = &result
            && inner.answer_is_json()
            && let Some(readable) = Readable::of(body, list, |id| inner.shown_id(id).map(str::to_owned))
        {
            return Ok(readable);
        }
        let (records, total) = records(self.finish(result)?);
        Ok(Readable { records: records.unwrap_or_default(), unreadable: Vec::new(), total: count(total) })
    }

    /// What went wrong, in terms of this crate.
    pub(crate) fn error<E>(&self, error: Raw<E>) -> Error {
        let inner = &self.raw.inner;
        let mut details = inner.details();
        if let (Some(kind), Some(refusal)) = (details.kind, inner.take_refusal()) {
            return self.failed(kind, refusal.into_details(details));
        }
        if let Some(failure) = inner.take_failure() {
            details.detail = Some(failure.to_string());
            return self.failed(failure.kind(), details);
        }
        let kind = match error {
            Raw::CommunicationError(source)
            | Raw::ResponseBodyError(source)
            | Raw::InvalidUpgrade(source) => {
                let at = |failure| format!("{}: {failure}", inner.shared.base_url);
                details.detail = details.connect_failure.map(at);
                details.source = Some(source);
                details.kind.unwrap_or(ErrorKind::Transport)
            }
            // The body is dropped unseen, and so is the parser's message: both can hold a secret.
            Raw::InvalidResponsePayload(_, error) => {
                details.detail = Some(mismatch(&error, inner.answer_is_json()));
                ErrorKind::UnexpectedBody
            }
            Raw::UnexpectedResponse(_) | Raw::ErrorResponse(_) => ErrorKind::UnexpectedStatus,
            Raw::InvalidRequest(message) | Raw::Custom(message) => {
                details.detail = Some(inner.without_key(&message));
                ErrorKind::InvalidRequest
            }
        };
        self.failed(kind, details)
    }

    /// Insists on something that a success must have.
    pub(crate) fn require(&self, present: bool, member: &str) -> Result<(), Error> {
        if present {
            return Ok(());
        }
        let detail = Some(format!("`{member}` is missing or empty"));
        Err(self.unexpected(Details { detail, ..self.raw.inner.details() }))
    }

    /// Insists on the secret of a client record: a success without one, or with an empty one, is none.
    pub(crate) fn require_secret(&self, secret: &Secret, record_id: &str) -> Result<(), Error> {
        if secret.is_empty() { Err(self.secret_is_missing("cleartext", record_id)) } else { Ok(()) }
    }

    /// The error for a success without its secret. It names the record, which may exist all the same.
    pub(crate) fn secret_is_missing(&self, member: &str, record_id: &str) -> Error {
        let record_id = self.raw.inner.shown_id(record_id);
        let record = match record_id {
            Some(id) => format!("the record `{id}` may exist all the same"),
            None => "a record may exist all the same".to_owned(),
        };
        let detail = Some(format!("`{member}` is missing or empty; {record}"));
        let record_id = record_id.map(str::to_owned);
        self.unexpected(Details { detail, record_id, ..self.raw.inner.details() })
    }

    /// The error for a success that is not what it should be.
    #[cfg(feature = "untyped")]
    pub(crate) fn not_fitting(&self, detail: String) -> Error {
        self.unexpected(Details { detail: Some(detail), ..self.raw.inner.details() })
    }

    fn unexpected(&self, details: Details) -> Error {
        self.failed(ErrorKind::UnexpectedBody, details)
    }

    fn failed(&self, kind: ErrorKind, details: Details) -> Error {
        let error = Error::new(&self.facts, kind, details);
        note_error(&self.span, &error);
        error
    }
}

impl Failure {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::TimedOut { .. } => ErrorKind::Timeout,
            Self::NoRoom { .. } => ErrorKind::RateLimited,
            Self::Elsewhere => ErrorKind::InvalidRequest,
            Self::TooLong | Self::Mismatch(_) => ErrorKind::UnexpectedBody,
        }
    }
}
