//! What a script answers to one request.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::Response;
use serde_json::{Value, json};

use crate::connect::ConnectFailure;
use crate::generated::types::{McpServer, McpServerClient};

/// The reply to one request of a [`Script`](super::Script): an answer, or none.
#[derive(Debug, Clone)]
#[must_use = "a reply does nothing until a script has it"]
pub struct Reply(pub(super) Kind);

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Answer(Answer),
    Failure(ScriptedFailure),
}

#[derive(Clone)]
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Why a request gets no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScriptedFailure {
    NoConnection(ConnectFailure),
    Lost,
    TimedOut,
}

impl Reply {
    /// A success with this body.
    pub fn json(body: &Value) -> Self {
        Self::body(200, "application/json", body.to_string())
    }

    /// A success with one server, as the creation, the update and the loading of a server have it.
    pub fn server(server: &McpServer) -> Self {
        Self::json(&json!({ "server": server }))
    }

    /// A success with these servers, as the loading of all servers has it.
    pub fn servers(servers: &[McpServer]) -> Self {
        Self::json(&json!({ "servers": servers }))
    }

    /// A success with one client, as the update and the loading of a client have it.
    pub fn client(client: &McpServerClient) -> Self {
        Self::json(&json!({ "client": client }))
    }

    /// A success with these clients, as a search has it: one page, and the only one. Of a full page, 100 clients unless
    /// `page_size` says otherwise, the stream asks for the next.
    pub fn clients(clients: &[McpServerClient]) -> Self {
        Self::json(&json!({ "clients": clients, "total": clients.len() }))
    }

    /// A success of the creation of a client.
    pub fn created_client(id: &str, client_id: &str, secret: &str) -> Self {
        Self::json(&json!({ "id": id, "clientId": client_id, "cleartext": secret }))
    }

    /// A success with a secret, as its rotation and its reading have it.
    pub fn secret(secret: &str) -> Self {
        Self::json(&json!({ "cleartext": secret }))
    }

    /// A success without anything, as deletions have it.
    pub fn empty() -> Self {
        Self::json(&json!({}))
    }

    /// A refusal by the service, with its error code and description.
    pub fn refusal(status: u16, code: &str, description: &str) -> Self {
        let envelope = json!({ "errorCode": code, "errorDescription": description });
        Self::body(status, "application/json", envelope.to_string())
    }

    /// Any answer, such as the error page of a proxy. A number that is no status counts as 500.
    pub fn body(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let answer = Answer { status, headers: HeaderMap::new(), body: body.into() };
        Self(Kind::Answer(answer)).header("content-type", content_type)
    }

    /// The same answer with one header more, such as `retry-after`. It is left out if it is no valid header, or if there is no
    /// answer to have one.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let header = (HeaderName::try_from(name), HeaderValue::from_str(value));
        if let (Kind::Answer(answer), (Ok(name), Ok(value))) = (&mut self.0, header) {
            answer.headers.insert(name, value);
        }
        self
    }

    /// No connection, so that nothing was sent.
    pub fn no_connection(failure: ConnectFailure) -> Self {
        Self(Kind::Failure(ScriptedFailure::NoConnection(failure)))
    }

    /// The request went out and the connection broke before an answer came: it may have taken effect.
    pub fn lost() -> Self {
        Self(Kind::Failure(ScriptedFailure::Lost))
    }

    /// The request went out and no answer came in time: it may have taken effect. The clock of the script moves on by the
    /// time limit of the attempt.
    pub fn timeout() -> Self {
        Self(Kind::Failure(ScriptedFailure::TimedOut))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Recorded answers can hold secrets.
        write!(f, "status {}, {} bytes", self.status.as_u16(), self.body.len())
    }
}

impl Answer {
    pub(super) fn into_response(self) -> Response {
        let mut response = http::Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.into()
    }
}
