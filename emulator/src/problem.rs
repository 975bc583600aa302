//! Every error of the management API: status, code and sentence in one table.
//!
//! The envelope is `{errorCode, errorDescription, errorMessage}` (basis: `fact/error-envelope`). Codes of the E011
//! family and their meanings are known from SDKs (`fact/common-codes`); E111119 is in an SDK's test; which HTTP status
//! goes with a code, and all codes marked so below, are assumed, because no document lists them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::store::StoreError;
use crate::variants::{
    NotFoundCode, NotFoundStatus, UnauthorizedCode, UnauthorizedStatus, ValidationCode, Variants,
};

/// A refused or failed request of the management API.
#[derive(Clone, Debug)]
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
    /// The client belongs to another MCP server of the project; only a variant tells.
    ForeignClient,
    /// The name is taken; only a variant minds.
    DuplicateName,
    /// The service does not do that; only variants refuse so.
    Refused,
    /// A login page with a flow of another type; only a variant minds.
    FlowType,
    /// No such path.
    PathNotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The body is longer than the limit.
    TooLarge,
    /// The body took too long.
    TimedOut,
    /// Too many requests.
    RateLimited,
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
            Self::ForeignClient => {
                (StatusCode::FORBIDDEN, "E063316", "The client is not associated with this MCP server")
            }
            Self::DuplicateName => (StatusCode::BAD_REQUEST, "E113011", "The name is already in use"),
            Self::Refused => (StatusCode::BAD_REQUEST, "E113007", "The request failed validation"),
            Self::FlowType => (StatusCode::BAD_REQUEST, "E102005", "The flow has the wrong type"),
            // Observed: the description is a link, the message says what happened.
            Self::RateLimited => {
                (StatusCode::TOO_MANY_REQUESTS, "E130429", "https://docs.descope.com/rate-limiting")
            }
            // From here on the codes are assumed.
            Self::ServerNotFound => (StatusCode::NOT_FOUND, "E114101", "MCP server not found"),
            Self::ClientNotFound => (StatusCode::NOT_FOUND, "E114102", "MCP server client not found"),
            Self::PathNotFound => (StatusCode::NOT_FOUND, "E130404", "Not found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "E130405", "Method not allowed"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "E130413", "The request is too large"),
            Self::TimedOut => (StatusCode::REQUEST_TIMEOUT, "E130408", "Request timeout"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "E130500", "Internal error"),
        }
    }

    /// The table as variants change it.
    fn row_under(self, variants: &Variants) -> (StatusCode, &'static str, &'static str) {
        let (mut status, mut code, description) = self.row();
        match self {
            Self::ServerNotFound | Self::ClientNotFound => {
                if variants.not_found_status() == NotFoundStatus::BadRequest {
                    status = StatusCode::BAD_REQUEST;
                }
                if variants.not_found_code() == NotFoundCode::Common {
                    code = "E011004";
                }
            }
            Self::Unauthorized | Self::UnknownProject => {
                if variants.unauthorized_status() == UnauthorizedStatus::Forbidden {
                    status = StatusCode::FORBIDDEN;
                }
                if self == Self::Unauthorized {
                    code = match variants.unauthorized_code() {
                        UnauthorizedCode::Management => code,
                        UnauthorizedCode::Common => "E011001",
                        UnauthorizedCode::Infrastructure => "E130401",
                    };
                }
            }
            Self::MissingArgument | Self::FailedValidation | Self::InvalidArgument
                if variants.validation_code() == ValidationCode::Management =>
            {
                code = "E113007";
            }
            _ => {}
        }
        (status, code, description)
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

    /// A member that only a variant refuses.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    pub(crate) fn unknown_member(path: &str) -> Self {
        Self::new(Kind::FailedValidation, format!("{} is not a member of the record", quoted(path)))
    }

    pub(crate) fn foreign_client(id: &str) -> Self {
        Self::new(Kind::ForeignClient, format!("the client {} belongs to another MCP server", quoted(id)))
    }

    pub(crate) fn duplicate_name() -> Self {
        Self::new(Kind::DuplicateName, "there is another record of this name")
    }

    fn answer(self, (status, code, description): (StatusCode, &'static str, &'static str)) -> Response {
        let envelope =
            json!({"errorCode": code, "errorDescription": description, "errorMessage": self.message});
        let mut response = (status, Json(envelope)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }

    /// What is wrong with the request.
    pub(crate) fn message(&self) -> &str {
        &self.message
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
        let row = self.kind.row();
        self.answer(row)
    }
}

/// Answers the problems of the management API once more, as variants have them.
pub(crate) async fn under_variants(
    State(variants): State<Arc<Variants>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => {
            let row = problem.kind.row_under(&variants);
            problem.answer(row)
        }
        None => response,
    }
}

/// Whether [`under_variants`] has anything to do.
pub(crate) fn changed_by(variants: &Variants) -> bool {
    variants.not_found_status() != NotFoundStatus::default()
        || variants.not_found_code() != NotFoundCode::default()
        || variants.unauthorized_status() != UnauthorizedStatus::default()
        || variants.unauthorized_code() != UnauthorizedCode::default()
        || variants.validation_code() != ValidationCode::default()
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
            Kind::ForeignClient,
            Kind::DuplicateName,
            Kind::Refused,
            Kind::FlowType,
            Kind::PathNotFound,
            Kind::MethodNotAllowed,
            Kind::TooLarge,
            Kind::TimedOut,
            Kind::RateLimited,
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
