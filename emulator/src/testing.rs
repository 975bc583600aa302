//! The emulator in memory, for the tests of each operation: requests go through the whole router, without a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use descope_mcp_openapi::Document;
use serde_json::{Map, Value, json};
use tower::ServiceExt;

use crate::app::{App, ProjectState};
use crate::config::Config;
use crate::project::Project;
use crate::router::router;
use crate::start::state;
use crate::store::{ServerRow, StoreError};

pub(crate) struct Harness {
    router: Router,
    state: Arc<App>,
    project: String,
    key: String,
    other: String,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// `null` if the body is not JSON.
    pub(crate) body: Value,
}

/// What the creation of a client answers.
pub(crate) struct MadeClient {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) secret: String,
}

impl Harness {
    pub(crate) const PUBLIC_URL: &str = "https://emulator.example.com";

    /// An emulator with two projects; requests are made for the first unless they say otherwise.
    pub(crate) fn new() -> Self {
        Self::with_variants(&[])
    }

    /// The same, with variants as `(name, value)`.
    pub(crate) fn with_variants(variants: &[(&str, &str)]) -> Self {
        Self::with_config(|config| varied(config, variants))
    }

    /// The same, where so many requests are answered in a minute.
    pub(crate) fn limited(requests: u32, variants: &[(&str, &str)]) -> Self {
        let limit = format!("{requests}/60").parse().unwrap();
        Self::with_config(|config| varied(config, variants).with_rate_limit(limit))
    }

    /// The same with other settings.
    pub(crate) fn with_config(change: impl FnOnce(Config) -> Config) -> Self {
        let (one, two) = (Project::generate().unwrap(), Project::generate().unwrap());
        let (project, key) = (one.id().to_owned(), one.expose_management_key().to_owned());
        let other = format!("Bearer {}:{}", two.id(), two.expose_management_key());
        let config = Config::new(Self::PUBLIC_URL.parse().unwrap(), vec![one, two]);
        let state = state(change(config)).unwrap();
        Self { router: router(Arc::clone(&state)), state, project, key, other }
    }

    /// What the handlers share.
    pub(crate) fn state(&self) -> &App {
        &self.state
    }

    /// The first project while it is served.
    pub(crate) fn project_state(&self) -> &ProjectState {
        self.state.project(&self.project).unwrap()
    }

    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The Authorization header of the first project.
    pub(crate) fn credentials(&self) -> String {
        format!("Bearer {}:{}", self.project, self.key)
    }

    /// The Authorization header of the second project.
    pub(crate) fn other_project(&self) -> String {
        self.other.clone()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(Some(&self.credentials()), path, body).await
    }

    pub(crate) async fn post_with(&self, credentials: Option<&str>, path: &str, body: &Value) -> Answer {
        self.raw(path, credentials, Some("application/json"), &body.to_string()).await
    }

    pub(crate) async fn raw(
        &self,
        path: &str,
        credentials: Option<&str>,
        content_type: Option<&str>,
        body: &str,
    ) -> Answer {
        self.raw_bytes(path, credentials, content_type, body.as_bytes().to_vec()).await
    }

    pub(crate) async fn raw_bytes(
        &self,
        path: &str,
        credentials: Option<&str>,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Answer {
        let mut request = Request::builder().method(Method::POST).uri(path);
        if let Some(credentials) = credentials {
            request = request.header(header::AUTHORIZATION, credentials);
        }
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// A POST with exactly these headers.
    pub(crate) async fn raw_with(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(Method::POST).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(None, path).await
    }

    pub(crate) async fn get_with(&self, credentials: Option<&str>, path: &str) -> Answer {
        let mut request = Request::builder().uri(path);
        if let Some(credentials) = credentials {
            request = request.header(header::AUTHORIZATION, credentials);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer { status: parts.status, headers: parts.headers, text, body };
        answer.assert_documented(&method, &path);
        answer
    }

    /// Creates a server and gives its id.
    pub(crate) async fn server(&self, members: Value) -> String {
        let answer = self.post("/v1/mgmt/mcp/server/create", &members).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.body["server"]["id"].as_str().unwrap().to_owned()
    }

    /// Creates a client of a server.
    pub(crate) async fn client(&self, server: &str, members: Value) -> MadeClient {
        let mut sent = members;
        sent["mcpServerId"] = json!(server);
        let answer = self.post("/v1/mgmt/mcp/server/client/create", &sent).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let text = |member: &str| answer.body[member].as_str().unwrap().to_owned();
        MadeClient { id: text("id"), client_id: text("clientId"), secret: text("cleartext") }
    }

    /// Puts an MCP resource (`RS…`), which no management operation makes, straight into the store.
    pub(crate) async fn resource(&self) -> String {
        let id = format!("RS{}", &crate::ids::server_id().unwrap()[2..]);
        let (project, row) = (self.project.clone(), ServerRow { id: id.clone(), body: Map::new() });
        self.state
            .records
            .write::<_, StoreError>(move |records| records.insert_server(&project, &row))
            .await
            .unwrap();
        id
    }
}

fn varied(config: Config, variants: &[(&str, &str)]) -> Config {
    variants.iter().fold(config, |config, (name, value)| config.with_variant(name, value).unwrap())
}

impl Answer {
    /// Whatever a test is about: what the authorization server answers must be what its document says.
    fn assert_documented(&self, method: &Method, path: &str) {
        let document = Document::authorization_server();
        let Some(operation) = document.operation_by_path(method.as_str(), path) else { return };
        let status = self.status.as_u16();
        let is_json = self.headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/json");
        if is_json {
            let violations = document.validate_response(&operation.id, status, &self.body);
            assert!(violations.is_empty(), "{} {status}: {violations:?}", operation.id);
            let unknown = document.unknown_members(&operation.id, status, &self.body);
            assert!(
                unknown.is_empty() || !self.status.is_success(),
                "{} {status}: {unknown:?}",
                operation.id
            );
        } else {
            let listed = operation
                .statuses()
                .any(|known| known == self.status.as_str() || known == format!("{}XX", status / 100));
            assert!(listed, "the document lists no status {status} for {}", operation.id);
        }
    }

    /// The detail of a refusal.
    pub(crate) fn message(&self) -> &str {
        self.body["errorMessage"].as_str().unwrap_or_default()
    }
}
