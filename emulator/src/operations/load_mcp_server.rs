//! LoadMcpServer: answers `{server}` with the whole record. Basis: documented
//! (`fact/load-server`); that an unknown id is a 404 is assumed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::{Operation, refuse_resource};
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::Problem;
use crate::records::server;

const ID: &str = "LoadMcpServer";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/load", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let id = body::required_text(&mut sent, "id")?;
    refuse_resource(&app, &id)?;
    let project_id = project.id.clone();
    let row = app
        .records
        .read(move |records| records.server(&project_id, &id)?.ok_or_else(|| Problem::server_not_found(&id)))
        .await?;
    Ok(Json(json!({"server": server::view(app.rules(), row)})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/load";

    #[tokio::test]
    async fn loads_what_was_created() {
        let emulator = Harness::new();
        let id = emulator.server(json!({"name": "a", "description": "d"})).await;
        let answer = emulator.post(PATH, &json!({"id": id})).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            (&answer.body["server"]["id"], &answer.body["server"]["description"]),
            (&json!(id), &json!("d"))
        );
    }

    #[tokio::test]
    async fn refuses_an_empty_id_and_does_not_find_an_unknown_one() {
        let emulator = Harness::new();
        assert_eq!(emulator.post(PATH, &json!({"id": ""})).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(emulator.post(PATH, &json!({"id": "MSnone"})).await.status, StatusCode::NOT_FOUND);
    }
}
