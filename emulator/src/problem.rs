//! Every error of the management API: status, code and sentence in one table.
//!
//! The envelope is `{errorCode, errorDescription, errorMessage}` (basis: observed in SDKs). Codes of the E011 family
//! and their meanings are known from SDKs; E111119 is in an SDK's test; which HTTP status goes with a code, and all
//! codes marked so below, are assumed, because no document lists them.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::store::StoreError;

/// A refused or failed request of the management API.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: Kind,
    /// What is wrong with this request, naming the member. Never holds a secret or a part of the body.
    message: String,
}

/// The situations that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Not JSON, not an object, or not sent as JSON.
    Malformed,
    /// A required member is absent, `null` or empty.
    MissingArgument,
    /// A member has the right type and a value that is not allowed.
    FailedValidation,
    /// A member has the wrong type.
    InvalidArgument,
    /// No usable credentials, or a wrong key.
    Unauthorized,
    /// Credentials of a project that is not served.
    UnknownProject,
    /// No such MCP server in this project.
    ServerNotFound,
    /// No such client of this MCP server.
    ClientNotFound,
    /// No such path.
    PathNotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The body is longer than the limit.
    TooLarge,
    /// The emulator itself failed.
    Internal,
}

impl Kind {
    /// The table: status, code, description.
    const fn row(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "E011001", "The request is malformed"),
            Self::MissingArgument => (StatusCode::BAD_REQUEST, "E011002", "The request lacks an argument"),
            Self::FailedValidation => (StatusCode::BAD_REQUEST, "E011003", "The request failed validation"),
            Self::InvalidArgument => {
                (StatusCode::BAD_REQUEST, "E011004", "The request has an invalid argument")
            }
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "E111119", "Unauthorized"),
            Self::UnknownProject => (StatusCode::UNAUTHORIZED, "E011008", "Project not found"),
            // From here on the codes are assumed.
            Self::ServerNotFound => (StatusCode::NOT_FOUND, "E114101", "MCP server not found"),
            Self::ClientNotFound => (StatusCode::NOT_FOUND, "E114102", "MCP server client not found"),
            Self::PathNotFound => (StatusCode::NOT_FOUND, "E130404", "Not found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "E130405", "Method not allowed"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "E130413", "The request is too large"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "E130500", "Internal error"),
        }
    }
}

impl Problem {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn missing(member: &str) -> Self {
        Self::new(Kind::MissingArgument, format!("{member} is required and must not be empty"))
    }

    pub(crate) fn server_not_found(id: &str) -> Self {
        Self::new(Kind::ServerNotFound, format!("the project has no MCP server {}", quoted(id)))
    }

    pub(crate) fn client_not_found(id: &str) -> Self {
        Self::new(Kind::ClientNotFound, format!("the MCP server has no client {}", quoted(id)))
    }

    /// A failure of the emulator. The caller learns nothing of it but the fact; the log learns the cause.
    pub(crate) fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(Kind::Internal, "the emulator failed; its log says why")
    }

    /// How the table answers this problem.
    pub(crate) fn status(&self) -> StatusCode {
        self.kind.row().0
    }
}

/// An id out of a request, cut short so that answers stay small.
fn quoted(id: &str) -> String {
    const LONGEST: usize = 120;
    if id.chars().count() > LONGEST {
        return format!("{:?} (cut)", id.chars().take(LONGEST).collect::<String>());
    }
    format!("{id:?}")
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<aws_lc_rs::error::Unspecified> for Problem {
    fn from(error: aws_lc_rs::error::Unspecified) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, description) = self.kind.row();
        let envelope =
            json!({"errorCode": code, "errorDescription": description, "errorMessage": self.message});
        let mut response = (status, Json(envelope)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_an_e_and_six_digits_and_stands_for_one_situation() {
        let kinds = [
            Kind::Malformed,
            Kind::MissingArgument,
            Kind::FailedValidation,
            Kind::InvalidArgument,
            Kind::Unauthorized,
            Kind::UnknownProject,
            Kind::ServerNotFound,
            Kind::ClientNotFound,
            Kind::PathNotFound,
            Kind::MethodNotAllowed,
            Kind::TooLarge,
            Kind::Internal,
        ];
        let mut codes: Vec<_> = kinds.iter().map(|kind| kind.row().1).collect();
        for code in &codes {
            assert!(code.len() == 7 && code.starts_with('E') && code[1..].parse::<u32>().is_ok(), "{code}");
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), kinds.len());
    }

    #[test]
    fn long_ids_are_cut_in_messages() {
        assert!(Problem::server_not_found(&"x".repeat(100_000)).message.len() < 300);
    }
}
