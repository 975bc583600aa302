//! DeleteMcpServerClients: removes every listed client of one server and answers `{}`.
//!
//! Basis: documented. Ids that do not exist are passed over in silence (observed); so are those of another server's
//! clients, which stay (assumed). An unknown server is a 404, an empty list counts as a missing one (both assumed).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::Operation;
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::Problem;

const ID: &str = "DeleteMcpServerClients";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/clients/delete", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let server_id = body::required_text(&mut sent, "mcpServerId")?;
    let ids = body::required_texts(&mut sent, "ids")?;
    let project_id = project.id.clone();
    app.records
        .write(move |records| {
            if !records.has_server(&project_id, &server_id)? {
                return Err(Problem::server_not_found(&server_id));
            }
            for id in &ids {
                records.delete_client(&project_id, &server_id, id)?;
            }
            Ok(())
        })
        .await?;
    Ok(Json(json!({})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/clients/delete";

    #[tokio::test]
    async fn deletes_the_listed_clients_of_this_server_only() {
        let emulator = Harness::new();
        let (server, other) =
            (emulator.server(json!({"name": "a"})).await, emulator.server(json!({"name": "b"})).await);
        let (one, two, kept) = (
            emulator.client(&server, json!({"name": "c"})).await,
            emulator.client(&server, json!({"name": "d"})).await,
            emulator.client(&server, json!({"name": "e"})).await,
        );
        let foreign = emulator.client(&other, json!({"name": "f"})).await;
        let sent = json!({"mcpServerId": server, "ids": [one.id, "TPAnone", two.id, foreign.id]});
        for _ in 0..2 {
            let answer = emulator.post(PATH, &sent).await;
            assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({})));
        }
        for (server, left) in [(&server, &kept), (&other, &foreign)] {
            let found =
                emulator.post("/v1/mgmt/mcp/server/clients/search", &json!({"mcpServerId": server})).await;
            assert_eq!((&found.body["total"], &found.body["clients"][0]["id"]), (&json!(1), &json!(left.id)));
        }
    }

    #[tokio::test]
    async fn refuses_missing_members_and_does_not_find_an_unknown_server() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        for (sent, status) in [
            (json!({"mcpServerId": server, "ids": []}), 400),
            (json!({"mcpServerId": server}), 400),
            (json!({"ids": ["TPA1"]}), 400),
            (json!({"mcpServerId": "MSnone", "ids": ["TPA1"]}), 404),
        ] {
            assert_eq!(emulator.post(PATH, &sent).await.status, status, "{sent}");
        }
    }
}
