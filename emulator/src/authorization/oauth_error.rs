//! Every error of the token endpoint: status and code in one table, in the form of RFC 6749 section 5.2.
//!
//! The service is seen to answer its own envelope here; OAuth clients need the standard form, so that is the default.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::problem::Problem;

/// Why a token request got no token. Descriptions are constants: nothing of the request comes back.
#[derive(Debug)]
pub(super) enum OAuthError {
    /// Not readable, or a parameter is missing, repeated or no text.
    InvalidRequest(&'static str),
    /// No or wrong client credentials. `basic` says whether they came in the Authorization header.
    InvalidClient { basic: bool },
    /// The grant type exists nowhere or not here.
    UnsupportedGrantType,
    /// A scope that the client does not have.
    InvalidScope,
    /// No such authorization server.
    NotFound,
    /// The body is longer than the limit.
    TooLarge,
    /// The emulator failed.
    Internal,
}

impl OAuthError {
    const fn row(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidRequest(description) => (StatusCode::BAD_REQUEST, "invalid_request", description),
            Self::InvalidClient { .. } => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "the client is unknown or its secret is wrong")
            }
            Self::UnsupportedGrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "only client_credentials is supported")
            }
            Self::InvalidScope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "the client does not have every scope it asked for",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "invalid_request", "there is no such MCP server"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "the request is too large"),
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the emulator failed; its log says why")
            }
        }
    }
}

impl From<Problem> for OAuthError {
    fn from(problem: Problem) -> Self {
        match problem.status() {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::BAD_REQUEST => Self::InvalidRequest("the request could not be read"),
            _ => Self::Internal,
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let (status, error, description) = self.row();
        let mut response =
            (status, Json(json!({"error": error, "error_description": description}))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self, Self::InvalidClient { basic: true }) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        }
        response
    }
}
