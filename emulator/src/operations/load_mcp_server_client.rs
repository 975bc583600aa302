//! LoadMcpServerClient: answers `{client}`, never with the secret.
//!
//! `mcpServerId` is required, and one of `id` and `clientId`. Basis: documented (`fact/load-client`,
//! `fact/load-by-client-id`); the guide knows `id` only. With both, both have to fit (assumed). An unknown client, or
//! one of another server, is a 404 (assumed).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::{Operation, missing_client};
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::{Kind, Problem};
use crate::records::server_client;

const ID: &str = "LoadMcpServerClient";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/client/load", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let server_id = body::required_text(&mut sent, "mcpServerId")?;
    let (id, client_id) = (body::optional_text(&mut sent, "id"), body::optional_text(&mut sent, "clientId"));
    let Some(given) = id.clone().or(client_id.clone()) else {
        return Err(Problem::new(Kind::MissingArgument, "id or clientId is required and must not be empty"));
    };
    let (project_id, server) = (project.id.clone(), server_id.clone());
    let variants = app.variants.clone();
    let row = app
        .records
        .read(move |records| {
            let row = match (&id, &client_id) {
                (None, Some(client_id)) => {
                    records.client_by_client_id(&project_id, &server, client_id)?.map(|(row, _)| row)
                }
                _ => records.client(&project_id, &server, &given)?,
            };
            row.filter(|row| client_id.is_none_or(|client_id| row.client_id == client_id))
                .ok_or_else(|| missing_client(&variants, records, &project_id, &server, &given))
        })
        .await?;
    Ok(Json(json!({"client": server_client::view(app.rules(), &server_id, row)})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/client/load";

    #[tokio::test]
    async fn loads_by_either_id_and_never_shows_the_secret() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        let made = emulator.client(&server, json!({"name": "c"})).await;
        for by in [json!({"id": made.id}), json!({"clientId": made.client_id, "id": null})] {
            let mut load = by;
            load["mcpServerId"] = json!(server);
            let answer = emulator.post(PATH, &load).await;
            assert_eq!((answer.status, &answer.body["client"]["id"]), (StatusCode::OK, &json!(made.id)));
            assert!(!answer.text.contains(&made.secret));
        }
    }

    #[tokio::test]
    async fn needs_one_id_and_two_must_agree() {
        let emulator = Harness::new();
        let (server, other) =
            (emulator.server(json!({"name": "a"})).await, emulator.server(json!({"name": "b"})).await);
        let (one, two) = (
            emulator.client(&server, json!({"name": "c"})).await,
            emulator.client(&server, json!({"name": "d"})).await,
        );
        for (load, status) in [
            (json!({"mcpServerId": server}), 400),
            (json!({"mcpServerId": server, "id": "", "clientId": ""}), 400),
            (json!({"id": one.id}), 400),
            (json!({"mcpServerId": server, "id": one.id, "clientId": one.client_id}), 200),
            (json!({"mcpServerId": server, "id": one.id, "clientId": two.client_id}), 404),
            (json!({"mcpServerId": other, "id": one.id}), 404),
            (json!({"mcpServerId": other, "clientId": one.client_id}), 404),
            (json!({"mcpServerId": "MSnone", "id": one.id}), 404),
        ] {
            assert_eq!(emulator.post(PATH, &load).await.status, status, "{load}");
        }
    }
}
