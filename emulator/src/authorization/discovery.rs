//! The metadata of one MCP server's authorization server (RFC 8414, OpenID Connect Discovery).
//!
//! Basis: documented for the members and both appended forms; the inserted forms are what MCP clients ask first. All
//! forms answer the same document. It lists what works here and nothing else: a client that finds a grant or a method
//! in it may use it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{ServerPath, Urls, find};
use crate::app::App;
use crate::problem::Problem;
use crate::records::approved_scopes;

pub(super) async fn handle(State(app): State<Arc<App>>, path: ServerPath) -> Result<Json<Value>, Problem> {
    let (project, server) = find(&app, path).await?;
    let urls = Urls { base: &app.public_url, project: &project.id, server: &server.id };
    Ok(Json(json!({
        "issuer": urls.issuer(),
        "jwks_uri": urls.jwks(),
        "token_endpoint": urls.token_endpoint(),
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": approved_scopes::names(&server.body),
        // Required members: no endpoint gives out codes or id tokens, but readers refuse a document without these.
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    #[tokio::test]
    async fn all_four_forms_answer_the_document_of_this_server() {
        let emulator = Harness::new();
        let server = emulator
            .server(json!({"name": "a", "approvedScopes": {"permissionsScopes": [{"name": "orders:read"}]}}))
            .await;
        let path = format!("/v1/apps/agentic/{}/{server}", emulator.project());
        let mut documents = Vec::new();
        for document in ["openid-configuration", "oauth-authorization-server"] {
            for url in [format!("{path}/.well-known/{document}"), format!("/.well-known/{document}{path}")] {
                let answer = emulator.get(&url).await;
                assert_eq!(answer.status, StatusCode::OK, "{url}");
                assert_eq!(answer.headers["content-type"], "application/json");
                documents.push(answer.body);
            }
        }
        assert!(documents.iter().all(|document| *document == documents[0]));
        let base = Harness::PUBLIC_URL;
        assert_eq!(documents[0]["issuer"], format!("{base}{path}"));
        assert_eq!(documents[0]["token_endpoint"], format!("{base}/oauth2{}/token", path));
        assert_eq!(documents[0]["jwks_uri"], format!("{base}/{}/.well-known/jwks.json", emulator.project()));
        assert_eq!(documents[0]["scopes_supported"], json!(["orders:read"]));
        assert_eq!(documents[0]["grant_types_supported"], json!(["client_credentials"]));
    }

    #[tokio::test]
    async fn unknown_servers_and_projects_are_not_found() {
        let emulator = Harness::new();
        let server = emulator.server(json!({"name": "a"})).await;
        for path in
            [format!("{}/MSnone", emulator.project()), format!("Pnone/{server}"), format!("%ff/{server}")]
        {
            let answer =
                emulator.get(&format!("/v1/apps/agentic/{path}/.well-known/openid-configuration")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
