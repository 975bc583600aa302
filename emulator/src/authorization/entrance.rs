//! Which authorization server a path leads to, and which client of it a request is about.
//!
//! Three kinds of path exist (basis: documented): with project and MCP server, with the project alone, and with neither.
//! The last two find the MCP server by the client id. A client id that is a URL can be known at many MCP servers: there
//! the code or token that the client brings decides. An authorization request brings neither, so such a client can begin
//! only at an MCP server's own authorization endpoint (assumed).

use std::collections::HashMap;
use std::convert::Infallible;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::issuer::Issuer;
use crate::app::{App, ProjectState};
use crate::problem::Problem;
use crate::store::{ClientRef, ServerRow};
use crate::variants::TokenIssuer;

/// What a path names.
#[derive(Debug)]
pub(super) struct Entrance {
    project: Option<String>,
    server: Option<String>,
}

/// An MCP server, and the authorization server through which it was reached.
pub(super) struct Realm<'a> {
    pub(super) app: &'a App,
    pub(super) project: &'a ProjectState,
    pub(super) server: ServerRow,
    /// Whether it was reached through the project's authorization server.
    pub(super) of_project: bool,
}

/// What a path leads to.
pub(super) enum Destination<'a> {
    /// The MCP server that it names.
    Server(Realm<'a>),
    /// A project, or all of them: the client decides.
    Clients { app: &'a App, project: Option<String> },
}

impl<S: Send + Sync> FromRequestParts<S> for Entrance {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(match Path::<HashMap<String, String>>::from_request_parts(parts, state).await {
            Ok(Path(mut names)) => Self { project: names.remove("project"), server: names.remove("server") },
            Err(PathRejection::MissingPathParams(_)) => Self { project: None, server: None },
            // What does not decode is the name of nothing.
            Err(_) => Self { project: Some(String::new()), server: None },
        })
    }
}

impl Entrance {
    /// Where the path leads.
    ///
    /// # Errors
    /// `ServerNotFound` if it names a project or a server that is not there.
    pub(super) async fn enter(self, app: &App) -> Result<Destination<'_>, Problem> {
        if let Some(project) = &self.project
            && app.project(project).is_none()
        {
            return Err(Problem::server_not_found(self.server.as_deref().unwrap_or_default()));
        }
        match (self.project, self.server) {
            (Some(project), Some(server)) => {
                let missing = Problem::server_not_found(&server);
                let realm = realm(app, project, server, false).await?.ok_or(missing)?;
                Ok(Destination::Server(realm))
            }
            (project, _) => Ok(Destination::Clients { app, project }),
        }
    }

    /// The project that the path names, if it names one that there is.
    ///
    /// # Errors
    /// `ServerNotFound` if it names another.
    pub(super) fn project(self, app: &App) -> Result<Option<&ProjectState>, Problem> {
        let Some(project) = self.project else { return Ok(None) };
        app.project(&project).map(Some).ok_or_else(|| Problem::server_not_found(""))
    }
}

impl<'a> Destination<'a> {
    /// The MCP server that a client with this id belongs to, if the path does not say it. `None` if there is no such
    /// client, or if several MCP servers know it.
    pub(super) async fn of_client(self, client_id: &str) -> Result<Option<Realm<'a>>, Problem> {
        let (app, project) = match self {
            Self::Server(realm) => return Ok(Some(realm)),
            Self::Clients { app, project } => (app, project),
        };
        let mut found = servers_of_client(app, project, client_id, None).await?;
        match (found.pop(), found.is_empty()) {
            (Some((project, server)), true) => realm(app, project, server, true).await,
            _ => Ok(None),
        }
    }
}

/// Project and MCP server of every client with this id, in one project or in all. If one of them is the client that
/// something was `granted_to`, it is the only one that counts.
pub(super) async fn servers_of_client(
    app: &App,
    project: Option<String>,
    client_id: &str,
    granted_to: Option<&ClientRef>,
) -> Result<Vec<(String, String)>, Problem> {
    let client_id = client_id.to_owned();
    let found = app
        .store
        .read::<_, Problem>(move |records| Ok(records.servers_of_client(project.as_deref(), &client_id)?))
        .await?;
    let of_grant = granted_to.map(|client| (client.project.clone(), client.server.clone()));
    Ok(match of_grant.filter(|of_grant| found.contains(of_grant)) {
        Some(of_grant) => vec![of_grant],
        None => found,
    })
}

impl Realm<'_> {
    pub(super) fn issuer(&self) -> Issuer<'_> {
        Issuer {
            base: &self.app.public_url,
            project: &self.project.id,
            server: (!self.of_project).then_some(&self.server.id),
        }
    }

    /// What tokens name as their issuer.
    pub(super) fn token_issuer(&self) -> String {
        match self.app.variants().token_issuer() {
            TokenIssuer::Server => self.issuer().url(),
            TokenIssuer::Project => Issuer { server: None, ..self.issuer() }.url(),
        }
    }
}

/// The MCP server, if it is there.
pub(super) async fn realm(
    app: &App,
    project: String,
    server: String,
    of_project: bool,
) -> Result<Option<Realm<'_>>, Problem> {
    let Some(state) = app.project(&project) else { return Ok(None) };
    let found = app.store.read::<_, Problem>(move |records| Ok(records.server(&project, &server)?)).await?;
    Ok(found.map(|server| Realm { app, project: state, server, of_project }))
}
