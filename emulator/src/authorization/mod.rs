//! The authorization server that each MCP server has, as far as it goes: discovery, key sets and a token endpoint for
//! `client_credentials`.
//!
//! The issuer of a server is `<public URL>/v1/apps/agentic/<project id>/<server id>` (basis: documented). Metadata name
//! only what exists here.

mod access_token;
mod client_authentication;
mod discovery;
mod jwks;
mod oauth_error;
mod parameters;
mod signing_key;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::routing::{get, post};

use crate::app::{App, ProjectState};
use crate::config::PublicUrl;
use crate::problem::Problem;
use crate::store::ServerRow;

pub(crate) use signing_key::SigningKey;

/// Discovery in all four forms: appended to the issuer, as documented, and inserted before its path, as RFC 8414 and
/// MCP clients have it.
const DISCOVERY_PATHS: [&str; 4] = [
    "/v1/apps/agentic/{project}/{server}/.well-known/openid-configuration",
    "/v1/apps/agentic/{project}/{server}/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration/v1/apps/agentic/{project}/{server}",
    "/.well-known/oauth-authorization-server/v1/apps/agentic/{project}/{server}",
];

pub(crate) fn routes() -> Router<Arc<App>> {
    let mut router = Router::new();
    for path in DISCOVERY_PATHS {
        router = router.route(path, get(discovery::handle));
    }
    router
        .route("/{project}/.well-known/jwks.json", get(jwks::handle))
        .route("/v2/keys/{project}", get(jwks::handle))
        .route("/oauth2/v1/apps/agentic/{project}/{server}/token", post(token::handle))
}

/// The URLs of one MCP server's authorization server.
struct Urls<'a> {
    base: &'a PublicUrl,
    project: &'a str,
    server: &'a str,
}

impl Urls<'_> {
    fn issuer(&self) -> String {
        format!("{}/v1/apps/agentic/{}/{}", self.base, self.project, self.server)
    }

    fn token_endpoint(&self) -> String {
        format!("{}/oauth2/v1/apps/agentic/{}/{}/token", self.base, self.project, self.server)
    }

    fn jwks(&self) -> String {
        format!("{}/{}/.well-known/jwks.json", self.base, self.project)
    }
}

/// A path of project id and server id; a path that does not decode names nothing.
type ServerPath = Result<Path<(String, String)>, PathRejection>;

/// The project and the server that a path names.
async fn find(app: &App, path: ServerPath) -> Result<(&ProjectState, ServerRow), Problem> {
    let Ok(Path((project_id, server_id))) = path else { return Err(Problem::server_not_found("")) };
    let project = app.project(&project_id).ok_or_else(|| Problem::server_not_found(&server_id))?;
    let server = app
        .store
        .read(move |records| {
            records.server(&project_id, &server_id)?.ok_or_else(|| Problem::server_not_found(&server_id))
        })
        .await?;
    Ok((project, server))
}
