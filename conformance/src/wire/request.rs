//! What is sent: a request to the management API or to an authorization server. No I/O here.

use descope_mcp_operations::AUTHORIZATION_SERVER;
use serde_json::Value;

/// What an endpoint's path says where the project id goes.
pub const PROJECT: &str = "{projectId}";

/// The grant that spends nothing.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";

/// What to send.
#[derive(Clone)]
pub enum Request {
    /// A management operation, by its operationId, with a JSON body.
    Management(&'static str, Value),
    /// A request to an authorization server.
    Web(WebRequest),
}

// By hand: a token request holds a secret.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Management(operation, body) => write!(f, "{operation} {body}"),
            Self::Web(request) => request.fmt(f),
        }
    }
}

/// A request to an authorization server, ready to be sent.
#[derive(Clone)]
pub struct WebRequest {
    /// Its operationId in the authorization server's document.
    pub operation: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path below the target, with [`PROJECT`] where the project's id goes.
    pub path: String,
    /// The query, if it is one by method; else the form.
    pub parameters: Vec<(&'static str, String)>,
    /// A JSON body instead of a form.
    pub json: Option<Value>,
    /// What goes into the header `Authorization`.
    pub credentials: WebCredentials,
}

/// What is sent in the header `Authorization` of a request to an authorization server.
#[derive(Clone)]
pub enum WebCredentials {
    /// No such header.
    None,
    /// By the scheme Basic.
    Basic {
        /// The client id.
        client_id: String,
        /// The secret.
        secret: String,
    },
    /// An access token, by the scheme Bearer (RFC 6750 section 2.1).
    AccessToken(String),
}

impl WebRequest {
    /// Whether it can be sent again without harm.
    pub fn is_idempotent(&self) -> bool {
        // The document cannot tell the grants of the token endpoint apart: only this one spends nothing.
        let spends_nothing =
            |(name, value): &(&str, String)| *name == "grant_type" && value == CLIENT_CREDENTIALS;
        self.parameters.iter().any(spends_nothing)
            || AUTHORIZATION_SERVER.find(self.operation).is_some_and(|operation| operation.idempotent)
    }
}

// By hand: parameters hold secrets.
impl std::fmt::Debug for WebRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
