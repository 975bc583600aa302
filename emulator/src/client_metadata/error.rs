//! Every refusal of a registration, in the form of RFC 7591 section 3.2.2.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::problem::Problem;
use crate::store::StoreError;

/// Why a client was not registered. Descriptions name members and never quote the request.
#[derive(Debug)]
pub(crate) enum RegistrationError {
    /// A redirect URI is missing or not allowed.
    RedirectUri(String),
    /// Another member is not allowed.
    ClientMetadata(String),
    /// The server does not take registrations.
    Disabled,
    /// The server has as many registered clients as it takes, and all are in use.
    Full,
    /// There is no such server.
    NotFound,
    /// The body is longer than the limit.
    TooLarge,
    /// The emulator failed.
    Internal,
}

/// How long a client should wait before it tries again at a server that is full.
const RETRY_AFTER_SECONDS: &str = "60";

impl RegistrationError {
    fn row(self) -> (StatusCode, &'static str, String) {
        match self {
            Self::RedirectUri(description) => (StatusCode::BAD_REQUEST, "invalid_redirect_uri", description),
            Self::ClientMetadata(description) => {
                (StatusCode::BAD_REQUEST, "invalid_client_metadata", description)
            }
            Self::Disabled => (
                StatusCode::FORBIDDEN,
                "access_denied",
                String::from("dynamic client registration is switched off for this MCP server"),
            ),
            Self::Full => (
                StatusCode::TOO_MANY_REQUESTS,
                "temporarily_unavailable",
                String::from("this MCP server has as many registered clients as it takes"),
            ),
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "invalid_request", String::from("there is no such MCP server"))
            }
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "invalid_client_metadata",
                String::from("the request is too large"),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                String::from("the emulator failed; its log says why"),
            ),
        }
    }
}

impl From<Problem> for RegistrationError {
    fn from(problem: Problem) -> Self {
        match problem.status() {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::BAD_REQUEST => Self::ClientMetadata(String::from("the body could not be read")),
            _ => Self::Internal,
        }
    }
}

impl From<StoreError> for RegistrationError {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<aws_lc_rs::error::Unspecified> for RegistrationError {
    fn from(error: aws_lc_rs::error::Unspecified) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for RegistrationError {
    fn into_response(self) -> Response {
        let full = matches!(self, Self::Full);
        let (status, error, description) = self.row();
        let mut response =
            (status, Json(json!({"error": error, "error_description": description}))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if full {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
        }
        response
    }
}
