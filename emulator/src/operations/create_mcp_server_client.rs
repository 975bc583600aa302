//! CreateMcpServerClient: registers a client with one server and answers `{id, clientId, cleartext}`, flat.
//!
//! * `name` and `mcpServerId` are required. Basis: documented (`fact/create-client`). Names may repeat (assumed).
//! * The server may be an `MS…` server or an `RS…` resource; an unknown one is a 404 (assumed).
//! * Scopes and callback URLs are stored as sent, not compared with the server's. Basis: observed for scopes
//!   (`fact/client-scopes-as-stored`).
//! * Members that the service manages are ignored when sent; unknown ones are stored (both assumed).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Operation, with_secret};
use crate::app::App;
use crate::management_key::authenticate;
use crate::problem::Problem;
use crate::records::server_client::{self, Registered};
use crate::store::{ClientRow, NewClient};
use crate::{body, ids};

const ID: &str = "CreateMcpServerClient";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/client/create", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let server_id = body::required_text(&mut sent, "mcpServerId")?;
    let id = ids::client_record_id()?;
    let row = ClientRow {
        client_id: ids::oauth_client_id(&project.id, &id, app.variants.client_id_form()),
        id,
        registration_type: Registered::ByHand.word(&app.variants).to_owned(),
        status: server_client::status_of_new(&app.variants).to_owned(),
        body: server_client::accept(app.rules(), sent)?,
    };
    let secret = ids::client_secret()?;
    let new = NewClient { row, secret: Some(secret.clone()) };
    let project_id = project.id.clone();
    let variants = app.variants.clone();
    let new = app
        .records
        .write(move |records| {
            let row = &new.row;
            server_client::check(&variants, records, &project_id, &server_id, &row.id, &row.body)?;
            if records.insert_client(&project_id, &server_id, &new)? {
                Ok(new)
            } else {
                Err(Problem::server_not_found(&server_id))
            }
        })
        .await?;
    let cleartext = secret.expose_secret();
    Ok(with_secret(json!({"id": new.row.id, "clientId": new.row.client_id, "cleartext": cleartext})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/client/create";

    #[tokio::test]
    async fn answers_ids_and_secret_of_the_real_shapes_and_forbids_caching() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        let answer = emulator.post(PATH, &json!({"name": "c", "mcpServerId": server})).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers["cache-control"], "no-store");
        let members: Vec<_> = answer.body.as_object().unwrap().keys().collect();
        assert_eq!(members, ["cleartext", "clientId", "id"]);
        let id = answer.body["id"].as_str().unwrap();
        assert!(id.starts_with("TPA") && id.len() == 30);
        let decoded = STANDARD.decode(answer.body["clientId"].as_str().unwrap()).unwrap();
        assert_eq!(decoded, format!("{}:{id}", emulator.project()).into_bytes());
        assert_eq!(answer.body["cleartext"].as_str().unwrap().len(), 43);
    }

    #[tokio::test]
    async fn stores_what_was_sent_but_not_what_the_service_manages() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        let sent = json!({
            "name": "c", "scopes": ["x"], "allowedTenants": ["T1"], "unknown": {"y": null},
            "status": "mine", "clientId": "mine", "id": "mine", "registrationType": "mine", "logo": null,
        });
        let made = emulator.client(&server, sent).await;
        let load = json!({"id": made.id, "mcpServerId": server});
        let answer = emulator.post("/v1/mgmt/mcp/server/client/load", &load).await;
        assert_eq!(
            answer.body["client"],
            json!({
                "id": made.id, "name": "c", "clientId": made.client_id, "mcpServerId": server,
                "approvedCallbackUrls": [], "scopes": ["x"], "tags": [], "logo": "",
                "registrationType": "manual", "status": "active", "forceAddAllAuthorizationInfo": false,
                "allowedTenants": ["T1"], "unknown": {"y": null},
            })
        );
    }

    #[tokio::test]
    async fn takes_the_id_of_a_resource_for_the_server() {
        let emulator = Harness::new();
        let resource = emulator.resource().await;
        assert!(resource.starts_with("RS"));
        let made = emulator.client(&resource, json!({"name": "c"})).await;
        let found =
            emulator.post("/v1/mgmt/mcp/server/clients/search", &json!({"mcpServerId": resource})).await;
        assert_eq!(found.body["clients"][0]["id"], json!(made.id));
    }

    #[tokio::test]
    async fn refuses_bad_members_and_does_not_find_an_unknown_server() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        for (sent, member) in [
            (json!({"name": "c"}), "mcpServerId"),
            (json!({"name": "c", "mcpServerId": ""}), "mcpServerId"),
            (json!({"mcpServerId": server}), "name"),
            (json!({"name": "", "mcpServerId": server}), "name"),
            (json!({"name": "c", "mcpServerId": server, "scopes": "x"}), "scopes"),
            (json!({"name": "c", "mcpServerId": server, "scopes": [{"name": "x"}]}), "scopes"),
        ] {
            let answer = emulator.post(PATH, &sent).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{sent}");
            assert!(answer.message().contains(member), "{sent}: {}", answer.message());
        }
        let answer = emulator.post(PATH, &json!({"name": "c", "mcpServerId": "MSnone"})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}
