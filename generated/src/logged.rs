//! The spans of calls and edits: their names and fields. No id, no body and no text of an answer is in them.

use tracing::Span;
use tracing::field::{Empty, debug};

use crate::error::{Error, ErrorKind};

/// The span of a call of an operation: all its attempts, and the reading of its answer.
pub(crate) fn call_span(operation: &str) -> Span {
    tracing::info_span!(
        "descope_call",
        operation,
        status = Empty,
        attempts = Empty,
        elapsed_ms = Empty,
        limiter_wait_ms = Empty,
        error = Empty,
        code = Empty,
    )
}

/// The span of an edit: the wait for other changes of the record, the load and the update.
pub(crate) fn edit_span(update: &str) -> Span {
    tracing::info_span!("descope_edit", operation = update, written = Empty, error = Empty, code = Empty)
}

/// Notes the kind of an error, and the code that the service gave.
pub(crate) fn note_error(span: &Span, error: &Error) {
    note_failure(span, error.kind(), error.code());
}

/// The same for what is no error of this crate yet.
pub(crate) fn note_failure(span: &Span, kind: ErrorKind, code: Option<&str>) {
    if span.is_disabled() {
        return;
    }
    span.record("error", debug(kind));
    if let Some(code) = code {
        span.record("code", code);
    }
}
