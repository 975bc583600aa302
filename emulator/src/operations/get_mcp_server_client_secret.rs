//! GetMcpServerClientSecret: answers `{cleartext}`, the secret in force, any number of times.
//!
//! Basis: documented and observed (`fact/get-client-secret`, `fact/secret-read-again`); the guide's "shown only once"
//! is contradicted by a public user of the service who reads it again and again. An unknown client, or one of another
//! server, is a 404 (assumed). A public client has no secret: the answer is an empty text, the zero value of the
//! member (assumed).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Operation, missing_client, with_secret};
use crate::app::App;
use crate::body;
use crate::management_key::authenticate;
use crate::problem::Problem;
use crate::variants::SecretRead;

const ID: &str = "GetMcpServerClientSecret";

pub(super) fn operation() -> Operation {
    Operation::post(ID, "/v1/mgmt/mcp/server/client/secret", handle)
}

async fn handle(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let project = authenticate(&app, request.headers())?;
    let mut sent = body::object(app.document, ID, request).await?;
    let server_id = body::required_text(&mut sent, "mcpServerId")?;
    let id = body::required_text(&mut sent, "id")?;
    let project_id = project.id.clone();
    if app.variants.secret_read() == SecretRead::Once {
        return Err(Problem::refused("the secret is shown once, when it is made; rotate it to get another"));
    }
    let variants = app.variants.clone();
    let secret = app
        .records
        .read(move |records| {
            let secret = records.client_secret(&project_id, &server_id, &id)?;
            secret.ok_or_else(|| missing_client(&variants, records, &project_id, &server_id, &id))
        })
        .await?;
    let cleartext = secret.as_ref().map_or("", |secret| secret.expose_secret());
    Ok(with_secret(json!({ "cleartext": cleartext })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Harness;

    const PATH: &str = "/v1/mgmt/mcp/server/client/secret";

    #[tokio::test]
    async fn answers_the_secret_of_the_creation_again_and_again() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        let made = emulator.client(&server, json!({"name": "c"})).await;
        for _ in 0..2 {
            let answer = emulator.post(PATH, &json!({"id": made.id, "mcpServerId": server})).await;
            assert_eq!(answer.body, json!({"cleartext": made.secret}));
            assert_eq!(answer.headers["cache-control"], "no-store");
        }
    }

    #[tokio::test]
    async fn shows_no_secret_through_another_server() {
        let emulator = Harness::new();
        let (server, other) =
            (emulator.server(json!({"name": "a"})).await, emulator.server(json!({"name": "b"})).await);
        let made = emulator.client(&server, json!({"name": "c"})).await;
        for (sent, status) in [
            (json!({"id": made.id, "mcpServerId": other}), 404),
            (json!({"id": "TPAnone", "mcpServerId": server}), 404),
            (json!({"mcpServerId": server}), 400),
            (json!({"id": made.id}), 400),
        ] {
            let answer = emulator.post(PATH, &sent).await;
            assert_eq!(answer.status, status, "{sent}");
            assert!(!answer.text.contains(&made.secret));
        }
    }
}
