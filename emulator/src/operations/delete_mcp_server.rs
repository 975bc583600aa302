//! DeleteMcpServer: removes one server and answers `{}`.
//!
//! Basis: documented (`fact/delete-server`). That an unknown id is a 404, and that the server's clients go with it, is
//! assumed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::{Operation, refuse_resource};
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::Problem;
use crate::variants::{ServerDeleteClients, SingleDeleteUnknown};

const ID: &str = "DeleteMcpServer";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/delete", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let id = body::required_text(&mut sent, "id")?;
    refuse_resource(&app, &id)?;
    let project_id = project.id.clone();
    let lenient = app.variants.single_delete_unknown() == SingleDeleteUnknown::Ok;
    let keep_clients = app.variants.server_delete_clients() == ServerDeleteClients::Keep;
    app.records
        .write(move |records| {
            if records.delete_server(&project_id, &id, keep_clients)? || lenient {
                Ok(())
            } else {
                Err(Problem::server_not_found(&id))
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

    const PATH: &str = "/v1/mgmt/mcp/server/delete";

    #[tokio::test]
    async fn a_deleted_server_is_gone_and_its_clients_with_it() {
        let emulator = Harness::new();
        let id = emulator.server(json!({"name": "a"})).await;
        let client = emulator.client(&id, json!({"name": "c"})).await;
        let kept = emulator.server(json!({"name": "b"})).await;
        let answer = emulator.post(PATH, &json!({"id": id})).await;
        assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({})));
        let load = emulator.post("/v1/mgmt/mcp/server/load", &json!({"id": id})).await;
        assert_eq!(load.status, StatusCode::NOT_FOUND);
        let load = json!({"id": client.id, "mcpServerId": id});
        let load = emulator.post("/v1/mgmt/mcp/server/client/load", &load).await;
        assert_eq!(load.status, StatusCode::NOT_FOUND);
        let all = emulator.post("/v1/mgmt/mcp/servers/all", &json!({})).await.body;
        assert_eq!((&all["total"], &all["servers"][0]["id"]), (&json!(1), &json!(kept)));
    }

    #[tokio::test]
    async fn the_second_deletion_finds_nothing() {
        let emulator = Harness::new();
        let id = emulator.server(json!({"name": "a"})).await;
        assert_eq!(emulator.post(PATH, &json!({"id": id})).await.status, StatusCode::OK);
        assert_eq!(emulator.post(PATH, &json!({"id": id})).await.status, StatusCode::NOT_FOUND);
    }
}
