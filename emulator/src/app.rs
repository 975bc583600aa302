//! The router and what its handlers share.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::Uri;
use axum::middleware::{self, Next};
use axum::response::Response;
use descope_mcp_openapi::Document;
use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::authorization::{self, SigningKey};
use crate::config::{Config, PublicUrl, StartError};
use crate::operations;
use crate::problem::{Kind, Problem};
use crate::records::Forms;
use crate::store::Store;

/// Longer bodies are refused with 413. The largest sensible request is a server with some hundred scopes.
const LARGEST_BODY_BYTES: usize = 256 * 1024;

/// What every handler can reach.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) public_url: PublicUrl,
    pub(crate) document: &'static Document,
    pub(crate) forms: Forms,
    projects: HashMap<String, ProjectState>,
}

/// A project while it is served.
pub(crate) struct ProjectState {
    pub(crate) id: String,
    pub(crate) management_key: SecretString,
    /// Made when the first token or key set is asked for: an RSA key takes longer than the rest of the start.
    pub(crate) signing_key: OnceCell<SigningKey>,
}

impl App {
    pub(crate) fn project(&self, id: &str) -> Option<&ProjectState> {
        self.projects.get(id)
    }
}

/// The emulator as a router, for a listener ([`crate::serve`]) or to be called in memory.
///
/// Its records live as long as the router and its clones.
///
/// # Errors
/// [`StartError`] for settings that make no sense together, and when the store cannot be opened.
pub fn app(config: Config) -> Result<Router, StartError> {
    Ok(router(state(config)?))
}

pub(crate) fn state(config: Config) -> Result<Arc<App>, StartError> {
    let mut projects = HashMap::new();
    for project in config.projects {
        let (id, management_key) = project.into_parts();
        let state = ProjectState { id: id.clone(), management_key, signing_key: OnceCell::new() };
        if projects.insert(id.clone(), state).is_some() {
            return Err(StartError::DuplicateProject(id));
        }
    }
    if projects.is_empty() {
        return Err(StartError::NoProject);
    }
    let store = Store::in_memory().map_err(|error| StartError::Store(error.into()))?;
    let document = Document::management();
    let forms = Forms::read(document);
    Ok(Arc::new(App { store, public_url: config.public_url, document, forms, projects }))
}

pub(crate) fn router(state: Arc<App>) -> Router {
    let mut router = Router::new();
    for operation in operations::all() {
        router = router.route(operation.path, operation.handler);
    }
    router
        .merge(authorization::routes())
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY_BYTES))
        .layer(middleware::from_fn(log))
        .with_state(state)
}

async fn no_such_path(uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(200).collect();
    Problem::new(Kind::PathNotFound, format!("there is nothing at {path}"))
}

async fn no_such_method(request: Request) -> Problem {
    Problem::new(Kind::MethodNotAllowed, format!("{} is not a method of this path", request.method()))
}

/// One line per exchange: never a header, a query or a body, since any of them may hold a secret.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    let elapsed_us = started.elapsed().as_micros() as u64;
    tracing::debug!(%method, path, status = response.status().as_u16(), elapsed_us, "answered");
    response
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::config::Project;
    use crate::testing::Harness;

    fn config(projects: Vec<Project>) -> Config {
        Config::new("http://127.0.0.1:1".parse().unwrap(), projects)
    }

    #[test]
    fn refuses_to_start_without_projects_or_with_one_twice() {
        assert!(matches!(app(config(vec![])), Err(StartError::NoProject)));
        let twice = || Project::new("P1", "K2x").unwrap();
        assert!(matches!(app(config(vec![twice(), twice()])), Err(StartError::DuplicateProject(_))));
    }

    #[tokio::test]
    async fn unknown_paths_and_methods_answer_with_the_envelope() {
        let emulator = Harness::new();
        let answer = emulator.post("/v1/mgmt/mcp/server/nothing", &json!({})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.body["errorCode"], "E130404");
        let answer = emulator.get("/v1/mgmt/mcp/server/create").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.body["errorCode"], "E130405");
    }

    #[tokio::test]
    async fn refuses_a_body_over_the_limit() {
        let emulator = Harness::new();
        let answer = emulator
            .post("/v1/mgmt/mcp/server/create", &json!({"name": "x".repeat(LARGEST_BODY_BYTES)}))
            .await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.body["errorCode"], "E130413");
    }

    #[tokio::test]
    async fn projects_do_not_see_each_other() {
        let emulator = Harness::new();
        let made = emulator.post("/v1/mgmt/mcp/server/create", &json!({"name": "mine"})).await;
        let id = made.body["server"]["id"].clone();
        let other = emulator.other_project();
        let load = json!({ "id": id });
        assert_eq!(
            emulator.post_with(Some(&other), "/v1/mgmt/mcp/server/load", &load).await.status,
            StatusCode::NOT_FOUND
        );
        let delete = json!({ "ids": [id] });
        assert_eq!(
            emulator.post_with(Some(&other), "/v1/mgmt/mcp/servers/delete", &delete).await.status,
            StatusCode::OK
        );
        let all = emulator.post_with(Some(&other), "/v1/mgmt/mcp/servers/all", &json!({})).await;
        assert_eq!(all.body, json!({"servers": [], "total": 0}));
        assert_eq!(emulator.post("/v1/mgmt/mcp/server/load", &load).await.status, StatusCode::OK);
    }
}
