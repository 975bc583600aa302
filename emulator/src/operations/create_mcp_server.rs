//! CreateMcpServer: makes a server of the members sent and answers `{server}`.
//!
//! * `name` is required and not empty; everything else is optional. Basis: documented (`fact/server-name-required`).
//! * The id is the service's choice; a sent `id` is ignored. Basis: documented that create takes none
//!   (`fact/create-server`); ignoring is assumed. Names may repeat (assumed).
//! * `consentFlowId` and `consentFlowHostingURL` go in and never come out; see `records/login_page.rs`.
//! * Members that the document does not know are stored and answered verbatim (assumed).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::Operation;
use crate::app::App;
use crate::management_key::authenticate;
use crate::problem::Problem;
use crate::records::server;
use crate::store::ServerRow;
use crate::variants::ServerIds;
use crate::{body, ids};

const ID: &str = "CreateMcpServer";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/create", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let sent = body::object(app.document, ID, request).await?;
    let id = match app.variants.server_ids() {
        ServerIds::Server => ids::server_id()?,
        ServerIds::Resource => ids::resource_id()?,
    };
    let row = ServerRow { id, body: server::accept(app.rules(), &project.id, sent, "")? };
    let project_id = project.id.clone();
    let variants = app.variants.clone();
    let row = app
        .records
        .write(move |records| {
            server::check_name(&variants, records, &project_id, &row)?;
            records.insert_server(&project_id, &row)?;
            Ok::<_, Problem>(row)
        })
        .await?;
    Ok(Json(json!({"server": server::view(app.rules(), row)})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use descope_mcp_openapi::Document;
    use serde_json::{Value, json};

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/create";

    #[tokio::test]
    async fn answers_every_member_with_its_zero_value_and_registration_on() {
        let answer = Harness::new().post(PATH, &json!({"name": "orders"})).await;
        assert_eq!(answer.status, StatusCode::OK);
        let server = answer.body["server"].as_object().unwrap();
        let expected = json!({
            "name": "orders",
            "dynamicRegistration": {"enabled": true, "disableApprovedScopesAsDefault": false, "flowId": ""},
            "approvedScopes": {"permissionsScopes": [], "attributesScopes": [], "connectionsScopes": []},
            "sessionSettings": {
                "enabled": false,
                "refreshTokenExpiration": 0,
                "refreshTokenExpirationUnit": "",
                "sessionTokenExpiration": 0,
                "sessionTokenExpirationUnit": "",
                "userTemplateId": "",
                "keyTemplateId": "",
                "keySessionTokenExpiration": 0,
                "keySessionTokenExpirationUnit": "",
            },
            "cimdSettings": {"enabled": false, "domainPolicies": {"policies": []}},
        });
        let documented = Document::management().members("McpServer");
        assert!(server.keys().all(|name| documented.iter().any(|member| member.name == *name)));
        for member in documented {
            let value = &server[&member.name];
            match member.name.as_str() {
                "id" => assert!(value.as_str().is_some_and(|id| id.starts_with("MS") && id.len() == 29)),
                name if expected.get(name).is_some() => assert_eq!(*value, expected[name], "{name}"),
                name => {
                    assert!([json!(""), json!([]), json!(false), json!(0)].contains(value), "{name}: {value}")
                }
            }
        }
    }

    #[tokio::test]
    async fn answers_and_stores_what_was_sent_unknown_members_included() {
        let emulator = Harness::new();
        let sent = json!({
            "name": "Bestellungen €",
            "tags": ["b", "a", "b"],
            "dynamicRegistration": {"enabled": false, "new": [null, 1.10]},
            "futureMember": {"nested": [null, {"deep": null}], "number": 0.1, "big": 9_007_199_254_740_993_i64},
            "futureNull": null,
        });
        let made = emulator.post(PATH, &sent).await.body["server"].clone();
        for member in ["name", "tags", "futureMember", "futureNull"] {
            assert_eq!(made[member], sent[member], "{member}");
        }
        assert_eq!(made["dynamicRegistration"]["new"], sent["dynamicRegistration"]["new"]);
        assert_eq!(made["dynamicRegistration"]["enabled"], false);
        let loaded = emulator.post("/v1/mgmt/mcp/server/load", &json!({"id": made["id"]})).await;
        assert_eq!(loaded.body["server"], made);
    }

    #[tokio::test]
    async fn ignores_a_sent_id_and_gives_each_server_its_own() {
        let emulator = Harness::new();
        let sent = json!({"name": "a", "id": "MSmine"});
        let one = emulator.post(PATH, &sent).await.body["server"]["id"].clone();
        let two = emulator.post(PATH, &sent).await.body["server"]["id"].clone();
        assert!(one != two && one != "MSmine" && two != "MSmine");
    }

    #[tokio::test]
    async fn folds_the_consent_pair_into_the_login_page_and_takes_flat_scopes() {
        let sent = json!({
            "name": "a",
            "consentFlowId": "flow-1",
            "consentFlowHostingURL": "https://login.example.com/consent",
            "approvedScopes": [{"name": "a", "description": null}, {"name": "b", "values": ["https://c"]}],
        });
        let server = Harness::new().post(PATH, &sent).await.body["server"].clone();
        assert_eq!(server["loginPageURL"], "https://login.example.com/consent?flow=flow-1");
        assert_eq!(server.get("consentFlowId").or(server.get("consentFlowHostingURL")), None);
        assert_eq!(
            server["approvedScopes"],
            json!({
                "permissionsScopes": [{"name": "a", "description": "", "optional": false, "values": []}],
                "attributesScopes": [],
                "connectionsScopes": [{"name": "b", "description": "", "optional": false, "values": ["https://c"]}],
            })
        );
    }

    #[tokio::test]
    async fn refuses_a_missing_null_or_empty_name_and_bad_settings() {
        let emulator = Harness::new();
        for (sent, member) in [
            (json!({}), "name"),
            (json!({"name": null}), "name"),
            (json!({"name": ""}), "name"),
            (json!({"name": "a", "approvedScopes": "x"}), "approvedScopes"),
            (json!({"name": "a", "approvedScopes": [{"name": 1}]}), "approvedScopes"),
            (json!({"name": "a", "tags": ["a", null]}), "tags"),
            (
                json!({"name": "a", "sessionSettings": {"keySessionTokenExpirationUnit": "eons"}}),
                "sessionSettings.keySessionTokenExpirationUnit",
            ),
        ] {
            let answer = emulator.post(PATH, &sent).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{sent}");
            assert!(answer.message().contains(member), "{sent}: {}", answer.message());
        }
        let all: Value = emulator.post("/v1/mgmt/mcp/servers/all", &json!({})).await.body;
        assert_eq!(all["total"], 0);
    }
}
