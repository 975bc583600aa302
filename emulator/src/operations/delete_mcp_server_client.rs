//! DeleteMcpServerClient: removes one client and answers `{}`.
//!
//! Basis: documented (`fact/delete-client`). That an unknown client, or one of another server, is a 404 is assumed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::{Operation, missing_client};
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::Problem;
use crate::variants::SingleDeleteUnknown;

const ID: &str = "DeleteMcpServerClient";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/client/delete", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let server_id = body::required_text(&mut sent, "mcpServerId")?;
    let id = body::required_text(&mut sent, "id")?;
    let project_id = project.id.clone();
    let variants = app.variants.clone();
    app.records
        .write(move |records| {
            if records.delete_client(&project_id, &server_id, &id)?
                || variants.single_delete_unknown() == SingleDeleteUnknown::Ok
            {
                Ok(())
            } else {
                Err(missing_client(&variants, records, &project_id, &server_id, &id))
            }
        })
        .await?;
    Ok(Json(json!({})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/client/delete";

    #[tokio::test]
    async fn a_deleted_client_is_gone_from_load_search_and_secret() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        let made = emulator.client(&server, json!({"name": "needle", "tags": ["t"]})).await;
        let named = json!({"id": made.id, "mcpServerId": server});
        let answer = emulator.post(PATH, &named).await;
        assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({})));
        for path in ["load", "secret", "secret/rotate", "delete"] {
            let path = format!("/v1/mgmt/mcp/server/client/{path}");
            assert_eq!(emulator.post(&path, &named).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for filter in [json!({}), json!({"text": "needle"}), json!({"tag": "t"})] {
            let mut search = filter;
            search["mcpServerId"] = json!(server);
            let found = emulator.post("/v1/mgmt/mcp/server/clients/search", &search).await;
            assert_eq!(found.body, json!({"clients": [], "total": 0}));
        }
    }

    #[tokio::test]
    async fn does_not_delete_through_another_server() {
        let emulator = Harness::new();
        let (server, other) =
            (emulator.server(json!({"name": "a"})).await, emulator.server(json!({"name": "b"})).await);
        let made = emulator.client(&server, json!({"name": "c"})).await;
        let answer = emulator.post(PATH, &json!({"id": made.id, "mcpServerId": other})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let load = json!({"id": made.id, "mcpServerId": server});
        assert_eq!(emulator.post("/v1/mgmt/mcp/server/client/load", &load).await.status, StatusCode::OK);
    }
}
