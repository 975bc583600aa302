//! Where the browser goes after an authorization request, and what it takes along: `code` or `error`, the client's
//! `state`, and `iss` always (RFC 9207), so that a client cannot be made to send the code elsewhere.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};

use crate::app::App;
use crate::registration::{OAuthClient, redirect_uri};
use crate::store::ServerRow;

/// A redirect URI that the client may use, and what goes with every answer to it.
#[derive(Debug)]
pub(super) struct Redirect {
    pub(super) uri: String,
    pub(super) state: Option<String>,
    pub(super) issuer: String,
}

/// Why an authorization request is refused at the redirect URI; codes are those of RFC 6749 section 4.1.2.1, RFC 8707
/// and OpenID Connect Core section 3.1.2.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AuthorizeError {
    InvalidRequest(&'static str),
    UnauthorizedClient,
    AccessDenied,
    UnsupportedResponseType,
    InvalidScope,
    InvalidTarget,
    ConsentRequired,
    RequestNotSupported,
    RequestUriNotSupported,
    ServerError,
}

impl AuthorizeError {
    /// Code and description.
    pub(super) const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::InvalidRequest(description) => ("invalid_request", description),
            Self::UnauthorizedClient => {
                ("unauthorized_client", "the client is not registered for this grant")
            }
            Self::AccessDenied => ("access_denied", "the user said no"),
            Self::UnsupportedResponseType => ("unsupported_response_type", "the only response type is code"),
            Self::InvalidScope => ("invalid_scope", "a scope is unknown, or the client has none of them"),
            Self::InvalidTarget => ("invalid_target", "a resource is malformed or not on the server's list"),
            Self::ConsentRequired => ("consent_required", "prompt=none, but the user has to be asked"),
            Self::RequestNotSupported => ("request_not_supported", "request objects are not supported"),
            Self::RequestUriNotSupported => {
                ("request_uri_not_supported", "request objects are not supported")
            }
            Self::ServerError => ("server_error", "the emulator failed; its log says why"),
        }
    }
}

impl Redirect {
    /// Sends the browser back with a code.
    pub(super) fn code(&self, status: StatusCode, code: &SecretString) -> Response {
        self.respond(status, &[("code", code.expose_secret())])
    }

    /// Sends the browser back with an error.
    pub(super) fn error(&self, status: StatusCode, error: AuthorizeError) -> Response {
        let (error, description) = error.row();
        self.respond(status, &[("error", error), ("error_description", description)])
    }

    fn respond(&self, status: StatusCode, parameters: &[(&str, &str)]) -> Response {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &self.issuer);
        let join = if self.uri.contains('?') { '&' } else { '?' };
        let location = format!("{}{join}{}", self.uri, query.finish());
        // Redirect URIs are ASCII without control characters, and the rest is encoded.
        let Ok(location) = HeaderValue::try_from(location) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let no_store = HeaderValue::from_static("no-store");
        (status, [(header::LOCATION, location), (header::CACHE_CONTROL, no_store)]).into_response()
    }
}

/// Whether the browser may be sent to this URI with something for this client.
///
/// It has to be registered, and be HTTPS, HTTP on loopback, or of a scheme of the client's own. A client without
/// redirect URIs has those that its MCP server approves (assumed).
pub(super) fn may_use(app: &App, server: &ServerRow, client: &OAuthClient, given: &str) -> bool {
    // The management API stores any text, so what is registered has to be checked too.
    if redirect_uri::check_all([given].into_iter(), true).is_err() {
        return false;
    }
    let mut registered: Vec<_> = client.redirect_uris().collect();
    if registered.is_empty() {
        let approved = server.body.get("approvedCallbackUrls").and_then(serde_json::Value::as_array);
        registered = approved.into_iter().flatten().filter_map(serde_json::Value::as_str).collect();
    }
    if app.authorization.exact_localhost_port && given.starts_with("http://localhost") {
        return registered.contains(&given);
    }
    redirect_uri::is_one_of(registered.into_iter(), given)
}
