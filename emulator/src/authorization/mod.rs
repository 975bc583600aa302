//! The authorization server that each MCP server has, and the one of each project: discovery, key sets, authorization
//! with a consent page, tokens, revocation and userinfo.
//!
//! Metadata name only what exists here. There is no sign-in: every project has one built-in user (`demo_user.rs`).

mod access_token;
mod authorization_code;
mod authorize;
mod client_authentication;
mod client_credentials;
mod consent;
mod demo_user;
mod discovery;
mod entrance;
mod granted_to;
mod issuer;
mod jwks;
mod key_ring;
mod oauth_error;
mod page;
mod parameters;
mod pkce;
mod received_token;
mod redirect;
mod refresh_token;
mod resources;
mod revoke;
mod scopes;
mod secret_text;
mod settings;
mod signing_key;
#[cfg(test)]
mod tests;
mod token;
mod user_tokens;
mod userinfo;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(crate) use key_ring::{KeyRing, rotate as rotate_signing_key};
pub use settings::AuthorizationSettings;
#[cfg(test)]
pub(crate) use tests::shows_rotation_tokens;

/// Discovery in all four forms, of MCP servers and of projects: appended to the issuer, as documented, and inserted
/// before its path, as RFC 8414 and MCP clients have it.
const DISCOVERY_PATHS: [&str; 8] = [
    "/v1/apps/agentic/{project}/{server}/.well-known/openid-configuration",
    "/v1/apps/agentic/{project}/{server}/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration/v1/apps/agentic/{project}/{server}",
    "/.well-known/oauth-authorization-server/v1/apps/agentic/{project}/{server}",
    "/v1/apps/{project}/.well-known/openid-configuration",
    "/v1/apps/{project}/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration/v1/apps/{project}",
    "/.well-known/oauth-authorization-server/v1/apps/{project}",
];

/// Where the authorization and token endpoints are: of an MCP server, of a project, and of all projects.
const APPS: [&str; 3] =
    ["/oauth2/v1/apps/agentic/{project}/{server}", "/oauth2/v1/apps/{project}", "/oauth2/v1/apps"];

pub(crate) fn routes() -> Router<Arc<App>> {
    let mut router = Router::new();
    for path in DISCOVERY_PATHS {
        router = router.route(path, get(discovery::handle));
    }
    for apps in APPS {
        router = router
            .route(&format!("{apps}/authorize"), get(authorize::get).post(authorize::post))
            .route(&format!("{apps}/token"), post(token::handle));
    }
    for apps in &APPS[1..] {
        router = router
            .route(&format!("{apps}/revoke"), post(revoke::handle))
            .route(&format!("{apps}/userinfo"), get(userinfo::handle).post(userinfo::handle));
    }
    router
        .route(page::CONSENT_PATH, post(consent::handle))
        .route("/{project}/.well-known/jwks.json", get(jwks::handle))
        .route("/v2/keys/{project}", get(jwks::handle))
}
