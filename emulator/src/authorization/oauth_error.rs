//! Every error of the token and revocation endpoints: status and code in one table, in the form of RFC 6749 section
//! 5.2, or in the envelope of the management API (`--variant token-errors=descope`).
//!
//! Basis: the standard form is what OAuth clients understand, so it is the default; the service is seen to answer its
//! envelope. Of the codes, E063302 with 404 for a consent that is gone is observed, E064006 is observed without its
//! status, E111119 and the E011 family are those of the management API; that each stands for these cases is assumed.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::problem::Problem;
use crate::variants::TokenErrors;

/// Why a token request got no token. Descriptions are constants: nothing of the request comes back.
#[derive(Debug)]
pub(super) enum OAuthError {
    /// Not readable, or a parameter is missing, repeated or no text.
    InvalidRequest(&'static str),
    /// No or wrong client credentials. `basic` says whether they came in the Authorization header.
    InvalidClient { basic: bool },
    /// The code or refresh token is not good, or not for this client.
    InvalidGrant(GrantFault),
    /// The client may not use this grant.
    UnauthorizedClient,
    /// The grant type exists nowhere or not here.
    UnsupportedGrantType,
    /// A scope that was not granted, or that the client does not have.
    InvalidScope,
    /// A resource that was not granted, or that is none.
    InvalidTarget,
    /// No such authorization server.
    NotFound,
    /// The body is longer than the limit.
    TooLarge,
    /// The emulator failed.
    Internal,
}

/// What is wrong with a code or a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GrantFault {
    /// It is unknown, belongs to another client, was used before, or does not fit the rest of the request.
    NotGood,
    /// Its time is over.
    Expired,
    /// It was revoked, or the user's consent was.
    Revoked,
}

impl OAuthError {
    /// Status, code of RFC 6749 and description.
    const fn row(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidRequest(description) => (StatusCode::BAD_REQUEST, "invalid_request", description),
            Self::InvalidClient { .. } => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "the client is unknown or its secret is wrong")
            }
            Self::InvalidGrant(fault) => (StatusCode::BAD_REQUEST, "invalid_grant", fault.description()),
            Self::UnauthorizedClient => (
                StatusCode::BAD_REQUEST,
                "unauthorized_client",
                "the client is not registered for this grant",
            ),
            Self::UnsupportedGrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "the grants are authorization_code, refresh_token and client_credentials",
            ),
            Self::InvalidScope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "the client does not have every scope it asked for",
            ),
            Self::InvalidTarget => (
                StatusCode::BAD_REQUEST,
                "invalid_target",
                "the resource is malformed, unknown or not the one that was granted",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "invalid_request", "there is no such MCP server"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "the request is too large"),
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the emulator failed; its log says why")
            }
        }
    }

    /// Status and code of the envelope.
    const fn envelope_row(&self) -> (StatusCode, &'static str) {
        let (status, ..) = self.row();
        match self {
            Self::InvalidRequest(_) => (status, "E011001"),
            Self::InvalidClient { .. } => (status, "E111119"),
            Self::InvalidGrant(GrantFault::NotGood) => (status, "E011003"),
            Self::InvalidGrant(GrantFault::Expired) => (status, "E064006"),
            Self::InvalidGrant(GrantFault::Revoked) => (StatusCode::NOT_FOUND, "E063302"),
            Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::InvalidScope
            | Self::InvalidTarget => (status, "E011004"),
            Self::NotFound => (status, "E114101"),
            Self::TooLarge => (status, "E130413"),
            Self::Internal => (status, "E130500"),
        }
    }

    /// The answer.
    pub(super) fn respond(self, form: TokenErrors) -> Response {
        let (status, error, description) = self.row();
        let mut response = match form {
            TokenErrors::OAuth => {
                (status, Json(json!({"error": error, "error_description": description}))).into_response()
            }
            TokenErrors::Descope => {
                let (status, code) = self.envelope_row();
                let envelope =
                    json!({"errorCode": code, "errorDescription": error, "errorMessage": description});
                (status, Json(envelope)).into_response()
            }
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self, Self::InvalidClient { basic: true }) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
        }
        response
    }
}

impl GrantFault {
    const fn description(self) -> &'static str {
        match self {
            Self::NotGood => "the code or refresh token is not good for this client and request",
            Self::Expired => "the code or refresh token has expired",
            Self::Revoked => "the grant was revoked",
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
