//! RotateMcpServerClientSecret: gives the client a new secret and answers `{cleartext}` with it.
//!
//! Basis: documented (`fact/rotate-client-secret`). The old secret is refused from the moment of the answer (assumed,
//! after access keys); tokens that were issued stay valid until they expire, since they are checked without the
//! service (assumed). Nothing else of the client changes. An unknown client, or one of another server, is a 404; a
//! public client stays without a secret and the request is refused (both assumed).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Operation, missing_client, with_secret};
use crate::app::App;
use crate::management_key::authenticate;
use crate::problem::{Kind, Problem};
use crate::store::ClientRef;
use crate::variants::{Rotation, RotationTokens};
use crate::{body, ids};

const ID: &str = "RotateMcpServerClientSecret";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/client/secret/rotate", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let server_id = body::required_text(&mut sent, "mcpServerId")?;
    let id = body::required_text(&mut sent, "id")?;
    let secret = ids::client_secret()?;
    let project_id = project.id.clone();
    let (variants, record_id) = (app.variants.clone(), id.clone());
    let (secret, old) = app
        .records
        .write(move |records| match records.client_secret(&project_id, &server_id, &id)? {
            None => Err(missing_client(&variants, records, &project_id, &server_id, &id)),
            Some(None) => {
                let message = "the client is public and has no secret to rotate";
                Err(Problem::new(Kind::FailedValidation, message))
            }
            Some(Some(old)) => {
                records.set_client_secret(&project_id, &server_id, &id, &secret)?;
                if variants.rotation_tokens() == RotationTokens::Revoked {
                    records.revoke_grants_of(&ClientRef { project: project_id, server: server_id, id })?;
                }
                Ok((secret, old))
            }
        })
        .await?;
    if app.variants.rotation() == Rotation::Grace {
        app.retired_secrets.retire(&record_id, old);
    }
    Ok(with_secret(json!({"cleartext": secret.expose_secret()})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/client/secret/rotate";

    #[tokio::test]
    async fn the_new_secret_is_in_force_and_nothing_else_changes() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        let made =
            emulator.client(&server, json!({"name": "c", "tags": ["t"], "unknown": {"x": null}})).await;
        let named = json!({"id": made.id, "mcpServerId": server});
        let before = emulator.post("/v1/mgmt/mcp/server/client/load", &named).await.body;
        let rotated = emulator.post(PATH, &named).await;
        assert_eq!(rotated.status, StatusCode::OK);
        assert_eq!(rotated.headers["cache-control"], "no-store");
        let new = rotated.body["cleartext"].as_str().unwrap();
        assert!(new.len() == 43 && new != made.secret);
        let read = emulator.post("/v1/mgmt/mcp/server/client/secret", &named).await;
        assert_eq!(read.body["cleartext"], new);
        assert_eq!(emulator.post("/v1/mgmt/mcp/server/client/load", &named).await.body, before);
    }

    #[tokio::test]
    async fn does_not_rotate_through_another_server() {
        let emulator = Harness::new();
        let (server, other) =
            (emulator.server(json!({"name": "a"})).await, emulator.server(json!({"name": "b"})).await);
        let made = emulator.client(&server, json!({"name": "c"})).await;
        let answer = emulator.post(PATH, &json!({"id": made.id, "mcpServerId": other})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let named = json!({"id": made.id, "mcpServerId": server});
        let read = emulator.post("/v1/mgmt/mcp/server/client/secret", &named).await;
        assert_eq!(read.body["cleartext"], json!(made.secret));
    }
}
