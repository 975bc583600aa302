//! How clients become known to the authorization server: made by the management API, registered by themselves
//! (RFC 7591, `dynamic.rs`), or described by a document at the URL that is their id (`by_document.rs`).
//!
//! The authorization endpoints ask here and nowhere else: [`for_authorization`] where a client begins, [`stored`]
//! afterwards. Both answer an [`OAuthClient`], whatever the client came by.

mod by_document;
mod client;
mod dynamic;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;

pub(crate) use client::{ClientRefused, OAuthClient};

use crate::app::App;
use crate::clock;
use crate::problem::Problem;
use crate::store::ServerRow;

/// Where clients register, as documented; it takes the place of `{project}` and `{server}`.
const REGISTER_PATH: &str = "/v1/mgmt/mcp/client/{project}/{server}/register";

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route(REGISTER_PATH, post(dynamic::handle))
}

/// The URL to advertise as `registration_endpoint`.
pub(crate) fn endpoint(app: &App, project_id: &str, server_id: &str) -> String {
    format!("{}/v1/mgmt/mcp/client/{project_id}/{server_id}/register", app.public_url)
}

/// The client that asks to authorize. A URL is looked up as a metadata document, which may be fetched, and the client
/// becomes a record of the server; any other id must be one.
///
/// # Errors
/// [`ClientRefused`]: there is no such client, its document is refused, or the store failed.
pub(crate) async fn for_authorization(
    app: &App,
    project_id: &str,
    server: &ServerRow,
    client_id: &str,
) -> Result<OAuthClient, ClientRefused> {
    if app.registration.cimd.is_document_url(client_id) {
        return by_document::resolve(app, project_id, server, client_id).await;
    }
    let client = stored(app, project_id, server, client_id).await?.ok_or(ClientRefused::Unknown)?;
    if client.is_registered() {
        let (project, server, id) = (project_id.to_owned(), server.id.clone(), client.stored.row.id.clone());
        app.records
            .write::<_, Problem>(move |records| {
                Ok(records.mark_registration_used(
                    &project,
                    &server,
                    &id,
                    clock::now_unix_seconds() as i64,
                )?)
            })
            .await?;
    }
    Ok(client)
}

/// The client with this id, for the token and revocation endpoints. A client that is described by a document is found
/// once it began to authorize, and only while the server still admits it; nothing is fetched.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn stored(
    app: &App,
    project_id: &str,
    server: &ServerRow,
    client_id: &str,
) -> Result<Option<OAuthClient>, Problem> {
    if app.registration.cimd.is_document_url(client_id) && !app.registration.cimd.admits(server, client_id) {
        return Ok(None);
    }
    let (project, server, client_id) = (project_id.to_owned(), server.id.clone(), client_id.to_owned());
    app.records
        .read(move |records| {
            Ok(records.oauth_client(Some(&project), Some(&server), &client_id)?.map(OAuthClient::from))
        })
        .await
}
