//! Clients whose id is the URL of a metadata document.
//!
//! A client that passes becomes a record of the server with the URL as its client id (observed), so that the
//! management API shows it and grants refer to it. When its document changes, so does the record; consent is asked for
//! every time, so a change of redirect URIs never rides on an old consent.

use aws_lc_rs::digest;
use serde_json::{Map, Value, json};

use super::client::{ClientRefused, OAuthClient};
use super::dynamic;
use crate::app::App;
use crate::client_metadata::{ClientDocument, DocumentUrl, RegistrationError, redirect_uri};
use crate::problem::Problem;
use crate::records::registration_settings;
use crate::records::server_client::{self, Registered};
use crate::store::{ClientRow, NewClient, OAuthClientRow, ServerRow};
use crate::{clock, ids};

/// Member of the stored metadata that tells whether the document is the one that was stored.
const DIGEST: &str = "document_digest";

/// The client that is described at this URL, as a record of the server.
pub(super) async fn resolve(
    app: &App,
    project_id: &str,
    server: &ServerRow,
    client_id: &str,
) -> Result<OAuthClient, ClientRefused> {
    let refuse = |reason: String| {
        // The host only: what follows it may be meant for nobody's log.
        let host = DocumentUrl::parse(client_id, true).map(|url| url.host().to_owned()).unwrap_or_default();
        tracing::info!(server = %server.id, %host, %reason, "client metadata document refused");
        ClientRefused::Document
    };
    let url = app.registration.cimd.check(server, client_id).map_err(refuse)?;
    let mut document = app.registration.cimd.document(&url).await.map_err(refuse)?;
    let approved = registration_settings::approved_redirects(server);
    if !approved.is_empty() {
        let is_approved = |uri: &String| redirect_uri::is_one_of(approved.iter().copied(), uri);
        document.described.redirect_uris.retain(is_approved);
        if document.described.redirect_uris.is_empty() {
            return Err(refuse(String::from(
                "none of its redirect_uris is among those that the server approves",
            )));
        }
    }
    let scopes = dynamic::granted(server, document.described.scopes.as_deref());
    store(app, project_id, server, &url, &document, &scopes).await
}

/// Makes or updates the record of the client, and writes nothing if it is as it should be.
async fn store(
    app: &App,
    project_id: &str,
    server: &ServerRow,
    url: &DocumentUrl,
    document: &ClientDocument,
    scopes: &[String],
) -> Result<OAuthClient, ClientRefused> {
    let digest = digest_of(document, scopes);
    let mut metadata = document.metadata.to_members();
    metadata.insert(DIGEST.to_owned(), Value::from(digest.as_str()));
    let now = clock::now_unix_seconds() as i64;

    if let Some(stored) = find(app, project_id, server, url).await?
        && digest_stored(&stored) == Some(digest.as_str())
    {
        return Ok(stored.into());
    }
    let fresh_id = ids::client_record_id().map_err(Problem::from)?;
    let row = ClientRow {
        client_id: url.as_str().to_owned(),
        body: dynamic::record(&fresh_id, &document.described, scopes),
        registration_type: Registered::ByDocument.word(&app.variants).to_owned(),
        status: server_client::status_of_new(&app.variants).to_owned(),
        id: fresh_id,
    };
    let (project, server_id, most) =
        (project_id.to_owned(), server.id.clone(), app.registration.most_clients);
    let stored = app
        .records
        .write(move |records| {
            // Asked again inside the transaction: two browsers may begin at once.
            match records.oauth_client(Some(&project), Some(&server_id), &row.client_id)? {
                Some(known) => {
                    let mut changed = known.row;
                    changed.body.extend(row.body.clone());
                    records.replace_registration(&project, &server_id, &changed, &metadata)?;
                }
                None => {
                    dynamic::make_room(records, &project, &server_id, most, now)?;
                    let new = NewClient { row: row.clone(), secret: None };
                    if !records.insert_registration(&project, &server_id, &new, &metadata, now)? {
                        return Err(RegistrationError::NotFound);
                    }
                    records.mark_registration_used(&project, &server_id, &row.id, now)?;
                }
            }
            records
                .oauth_client(Some(&project), Some(&server_id), &row.client_id)?
                .ok_or(RegistrationError::NotFound)
        })
        .await
        .map_err(|error| refused(&server.id, error))?;
    Ok(stored.into())
}

fn refused(server_id: &str, error: RegistrationError) -> ClientRefused {
    match error {
        RegistrationError::NotFound => ClientRefused::Unknown,
        error => {
            tracing::warn!(server = %server_id, ?error, "the client of a metadata document was not stored");
            ClientRefused::Document
        }
    }
}

fn digest_stored(stored: &OAuthClientRow) -> Option<&str> {
    stored.registration.as_ref()?.get(DIGEST)?.as_str()
}

async fn find(
    app: &App,
    project_id: &str,
    server: &ServerRow,
    url: &DocumentUrl,
) -> Result<Option<OAuthClientRow>, Problem> {
    let (project, server, url) = (project_id.to_owned(), server.id.clone(), url.as_str().to_owned());
    app.records.read(move |records| Ok(records.oauth_client(Some(&project), Some(&server), &url)?)).await
}

/// Tells documents apart. Scopes are part of it, because they follow the server's approved ones as well.
fn digest_of(document: &ClientDocument, scopes: &[String]) -> String {
    let described: Map<String, Value> = dynamic::record("", &document.described, scopes);
    let text = json!([document.metadata.to_members(), described]).to_string();
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
