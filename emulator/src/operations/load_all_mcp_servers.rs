//! LoadAllMcpServers: answers `{servers, total}` with every server of the project, the oldest first.
//!
//! Basis: documented (`fact/load-all-servers`), except the order, which is assumed. A new server is there at once;
//! `--variant search-lag` makes it late. The guide speaks of paging and filters; no schema has any, so members of the
//! body are ignored.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::{Operation, is_hidden};
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::Problem;
use crate::records::server;
use crate::store::Records;

const ID: &str = "LoadAllMcpServers";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/servers/all", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    body::object(app.document, ID, request).await?;
    let project_id = project.id.clone();
    let servers = move |records: &Records<'_>| Ok::<_, Problem>(records.servers(&project_id)?);
    let rows = app.records.read_for_search(servers).await?;
    let rows = rows.into_iter().filter(|row| !is_hidden(&app, &row.id));
    let servers: Vec<_> = rows.map(|row| server::view(app.rules(), row)).collect();
    Ok(Json(json!({"total": servers.len(), "servers": servers})))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/servers/all";

    #[tokio::test]
    async fn answers_every_server_in_the_order_of_creation() {
        let emulator = Harness::new();
        assert_eq!(emulator.post(PATH, &json!({})).await.body, json!({"servers": [], "total": 0}));
        let ids = [emulator.server(json!({"name": "b"})).await, emulator.server(json!({"name": "a"})).await];
        let all = emulator.post(PATH, &json!({"page": 0, "unknown": null})).await.body;
        assert_eq!(all["total"], 2);
        let listed: Vec<_> =
            all["servers"].as_array().unwrap().iter().map(|server| server["id"].clone()).collect();
        assert_eq!(listed, ids);
        let one =
            emulator.post("/v1/mgmt/mcp/server/load", &json!({"id": ids[0]})).await.body["server"].clone();
        assert_eq!(all["servers"][0], one);
    }
}
