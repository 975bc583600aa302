//! UpdateMcpServer: puts the record under `server` in the place of the stored one and answers `{server}`.
//!
//! * It replaces: members that are left out are lost and answered with their zero values. Basis: documented
//!   (`fact/update-replaces`).
//! * `server.id` names the record and cannot be changed. Basis: documented (`fact/server-id`).
//! * `server.name` is required, as on creation (assumed). Unknown members are replaced like the others (assumed).
//! * An unknown id is a 404 (assumed).

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
use crate::store::ServerRow;

const ID: &str = "UpdateMcpServer";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/update", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let Some(Value::Object(mut sent)) = sent.remove("server") else { return Err(Problem::missing("server")) };
    let id = body::required_text(&mut sent, "id").map_err(|_| Problem::missing("server.id"))?;
    refuse_resource(&app, &id)?;
    let row = ServerRow { id, body: server::accept(app.rules(), &project.id, sent, "server.")? };
    let project_id = project.id.clone();
    let variants = app.variants.clone();
    let row = app
        .records
        .write(move |records| {
            server::check_name(&variants, records, &project_id, &row)?;
            if records.replace_server(&project_id, &row)? {
                Ok(row)
            } else {
                Err(Problem::server_not_found(&row.id))
            }
        })
        .await?;
    Ok(Json(json!({"server": server::view(app.rules(), row)})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/update";

    #[tokio::test]
    async fn replaces_the_record_and_loses_what_was_left_out() {
        let emulator = Harness::new();
        let id = emulator
            .server(json!({
                "name": "a", "description": "d", "tags": ["t"], "skipConsentScreen": true, "unknown": 1,
                "dynamicRegistration": {"enabled": false},
            }))
            .await;
        let answer = emulator.post(PATH, &json!({"server": {"id": id, "name": "b", "other": [null]}})).await;
        assert_eq!(answer.status, StatusCode::OK);
        let server = &answer.body["server"];
        assert_eq!((&server["id"], &server["name"]), (&json!(id), &json!("b")));
        assert_eq!((&server["description"], &server["tags"]), (&json!(""), &json!([])));
        assert_eq!((&server["skipConsentScreen"], &server["other"]), (&json!(false), &json!([null])));
        assert_eq!(server["dynamicRegistration"]["enabled"], true);
        assert!(server.get("unknown").is_none());
        let loaded = emulator.post("/v1/mgmt/mcp/server/load", &json!({"id": id})).await;
        assert_eq!(&loaded.body["server"], server);
    }

    #[tokio::test]
    async fn a_loaded_record_sent_back_changes_nothing() {
        let emulator = Harness::new();
        let id = emulator.server(json!({"name": "a", "unknown": {"x": null}, "consentFlowId": "f"})).await;
        let before = emulator.post("/v1/mgmt/mcp/server/load", &json!({"id": id})).await.body;
        let answer = emulator.post(PATH, &before).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &before));
    }

    #[tokio::test]
    async fn refuses_update_without_id_or_name() {
        let emulator = Harness::new();
        let id = emulator.server(json!({"name": "a"})).await;
        for (sent, member) in [
            (json!({}), "server"),
            (json!({"server": null}), "server"),
            (json!({"server": {"name": "b"}}), "server.id"),
            (json!({"server": {"id": "", "name": "b"}}), "server.id"),
            (json!({"server": {"id": id}}), "server.name"),
            (json!({"server": {"id": id, "name": ""}}), "server.name"),
            (json!({"server": {"id": id, "name": "b", "tags": 1}}), "server.tags"),
        ] {
            let answer = emulator.post(PATH, &sent).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{sent}");
            assert!(answer.message().contains(member), "{sent}: {}", answer.message());
        }
        assert_eq!(
            emulator.post("/v1/mgmt/mcp/server/load", &json!({"id": id})).await.body["server"]["name"],
            "a"
        );
    }

    #[tokio::test]
    async fn an_unknown_id_is_not_found() {
        let answer = Harness::new().post(PATH, &json!({"server": {"id": "MSnone", "name": "a"}})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.message().contains("MSnone"));
    }
}
