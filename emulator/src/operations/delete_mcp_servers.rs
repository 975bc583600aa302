//! DeleteMcpServers: removes every listed server and answers `{}`.
//!
//! Basis: documented. That ids which do not exist, or belong to another project, are passed over in silence is
//! observed for clients and assumed for servers. An empty list counts as a missing one (assumed).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::{Operation, is_hidden};
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::Problem;
use crate::variants::ServerDeleteClients;

const ID: &str = "DeleteMcpServers";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/servers/delete", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let mut ids = body::required_texts(&mut sent, "ids")?;
    ids.retain(|id| !is_hidden(&app, id));
    let project_id = project.id.clone();
    let keep_clients = app.variants.server_delete_clients() == ServerDeleteClients::Keep;
    app.records
        .write(move |records| {
            for id in &ids {
                records.delete_server(&project_id, id, keep_clients)?;
            }
            Ok::<_, Problem>(())
        })
        .await?;
    Ok(Json(json!({})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/servers/delete";

    #[tokio::test]
    async fn deletes_the_listed_servers_and_passes_over_unknown_ids() {
        let emulator = Harness::new();
        let (one, two) =
            (emulator.server(json!({"name": "a"})).await, emulator.server(json!({"name": "b"})).await);
        let kept = emulator.server(json!({"name": "c"})).await;
        let ids = json!({"ids": [one, "MSnone", two, one]});
        for _ in 0..2 {
            let answer = emulator.post(PATH, &ids).await;
            assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({})));
        }
        let all = emulator.post("/v1/mgmt/mcp/servers/all", &json!({})).await.body;
        assert_eq!((&all["total"], &all["servers"][0]["id"]), (&json!(1), &json!(kept)));
    }

    #[tokio::test]
    async fn refuses_an_empty_list_and_ids_that_are_no_text() {
        let emulator = Harness::new();
        for ids in [json!([]), json!([1]), json!("MS1"), json!(null)] {
            let answer = emulator.post(PATH, &json!({ "ids": ids })).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{ids}");
            assert!(answer.message().contains("ids"));
        }
    }
}
