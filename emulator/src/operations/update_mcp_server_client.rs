//! UpdateMcpServerClient: changes a client and answers `{client}`.
//!
//! `id` and `mcpServerId` are required, the rest is optional. Basis: documented (`fact/update-client`). What becomes
//! of members that are left out is not; the rule applied here is `records::server_client::update`. The client id, the
//! secret, the registration type and the status never change (assumed). A client of another server is a 404 (assumed).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::{Operation, missing_client};
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::Problem;
use crate::records::server_client;

const ID: &str = "UpdateMcpServerClient";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/client/update", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let server_id = body::required_text(&mut sent, "mcpServerId")?;
    let id = body::required_text(&mut sent, "id")?;
    let (app_for_rule, project_id, server) = (Arc::clone(&app), project.id.clone(), server_id.clone());
    let row = app
        .records
        .write(move |records| {
            let variants = &app_for_rule.variants;
            let not_found = || missing_client(variants, records, &project_id, &server, &id);
            let mut row = records.client(&project_id, &server, &id)?.ok_or_else(not_found)?;
            row.body = server_client::update(app_for_rule.rules(), &row.body, sent)?;
            server_client::check(variants, records, &project_id, &server, &id, &row.body)?;
            if records.replace_client(&project_id, &server, &row)? { Ok(row) } else { Err(not_found()) }
        })
        .await?;
    Ok(Json(json!({"client": server_client::view(app.rules(), &server_id, row)})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/client/update";

    #[tokio::test]
    async fn clears_what_was_left_out_except_the_name() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        let sent = json!({"name": "c", "scopes": ["x"], "tags": ["t"], "logo": "l", "unknown": 1});
        let made = emulator.client(&server, sent).await;
        let update =
            json!({"id": made.id, "mcpServerId": server, "scopes": ["y", "z"], "other": {"n": null}});
        let answer = emulator.post(PATH, &update).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            answer.body["client"],
            json!({
                "id": made.id, "name": "c", "clientId": made.client_id, "mcpServerId": server,
                "approvedCallbackUrls": [], "scopes": ["y", "z"], "tags": [], "logo": "",
                "registrationType": "manual", "status": "active", "forceAddAllAuthorizationInfo": false,
                "allowedTenants": [], "other": {"n": null},
            })
        );
        let load = json!({"id": made.id, "mcpServerId": server});
        assert_eq!(emulator.post("/v1/mgmt/mcp/server/client/load", &load).await.body, answer.body);
    }

    #[tokio::test]
    async fn changes_neither_the_secret_nor_what_the_service_manages() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        let made = emulator.client(&server, json!({"name": "c"})).await;
        let update =
            json!({"id": made.id, "mcpServerId": server, "name": "d", "status": "x", "clientId": "x"});
        let client = emulator.post(PATH, &update).await.body["client"].clone();
        assert_eq!((&client["status"], &client["clientId"]), (&json!("active"), &json!(made.client_id)));
        let secret = json!({"id": made.id, "mcpServerId": server});
        let secret = emulator.post("/v1/mgmt/mcp/server/client/secret", &secret).await;
        assert_eq!(secret.body["cleartext"], json!(made.secret));
    }

    #[tokio::test]
    async fn searches_see_the_new_values_and_no_longer_the_old_ones() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        let made = emulator.client(&server, json!({"name": "before", "tags": ["old"]})).await;
        let update = json!({"id": made.id, "mcpServerId": server, "name": "after", "tags": ["new"]});
        emulator.post(PATH, &update).await;
        for (filter, count) in [
            (json!({"name": "before"}), 0),
            (json!({"text": "before"}), 0),
            (json!({"tag": "old"}), 0),
            (json!({"name": "AFTER"}), 1),
            (json!({"text": "new"}), 1),
            (json!({"tag": "new"}), 1),
        ] {
            let mut search = filter.clone();
            search["mcpServerId"] = json!(server);
            let found = emulator.post("/v1/mgmt/mcp/server/clients/search", &search).await;
            assert_eq!(found.body["total"], count, "{filter}");
        }
    }

    #[tokio::test]
    async fn refuses_an_empty_name_and_does_not_find_the_client_of_another_server() {
        let emulator = Harness::new();
        let (server, other) =
            (emulator.server(json!({"name": "a"})).await, emulator.server(json!({"name": "b"})).await);
        let made = emulator.client(&server, json!({"name": "c"})).await;
        for (update, status) in [
            (json!({"id": made.id, "mcpServerId": server, "name": ""}), 400),
            (json!({"id": made.id, "name": "d"}), 400),
            (json!({"mcpServerId": server, "name": "d"}), 400),
            (json!({"id": made.id, "mcpServerId": other, "name": "d"}), 404),
            (json!({"id": "TPAnone", "mcpServerId": server, "name": "d"}), 404),
        ] {
            assert_eq!(emulator.post(PATH, &update).await.status, status, "{update}");
        }
    }
}
