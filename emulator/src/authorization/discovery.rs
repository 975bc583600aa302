//! The metadata of an authorization server (RFC 8414, OpenID Connect Discovery): of one MCP server, or of a project.
//!
//! Basis: documented for the members and both appended forms; the inserted forms are what MCP clients ask first. All
//! forms answer the same document. It lists what works here and nothing else: a client that finds a grant or a method
//! in it may use it. `scopes_supported` are the MCP server's own, as documented; the project's document has none. So has
//! it no registration endpoint (observed), because clients register with a server.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::demo_user;
use super::entrance::{Destination, Entrance};
use super::issuer::Issuer;
use crate::app::App;
use crate::problem::Problem;
use crate::records::{approved_scopes, registration_settings};
use crate::registration;
use crate::store::ServerRow;

pub(super) async fn handle(State(app): State<Arc<App>>, entrance: Entrance) -> Result<Json<Value>, Problem> {
    let document = match entrance.enter(&app).await? {
        Destination::Server(realm) => {
            let mut document = document(&realm.issuer());
            document["scopes_supported"] = json!(approved_scopes::names(&realm.server.body));
            add_registration(&app, &realm.project.id, &realm.server, &mut document);
            document
        }
        Destination::Clients { project, .. } => {
            let project = project.ok_or_else(|| Problem::server_not_found(""))?;
            document(&Issuer { base: &app.public_url, project: &project, server: None })
        }
    };
    Ok(Json(document))
}

fn document(issuer: &Issuer<'_>) -> Value {
    let own_claims = ["iss", "aud", "iat", "exp", "sub"].into_iter();
    json!({
        "issuer": issuer.url(),
        "jwks_uri": issuer.jwks_uri(),
        "authorization_endpoint": issuer.authorization_endpoint(),
        "token_endpoint": issuer.token_endpoint(),
        "userinfo_endpoint": issuer.userinfo_endpoint(),
        "revocation_endpoint": issuer.revocation_endpoint(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": own_claims.chain(demo_user::CLAIMS).collect::<Vec<_>>(),
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    })
}

/// How clients that nobody made can come.
fn add_registration(app: &App, project_id: &str, server: &ServerRow, document: &mut Value) {
    if registration_settings::dynamic_registration_enabled(&app.variants, server) {
        document["registration_endpoint"] = json!(registration::endpoint(app, project_id, &server.id));
    }
    if registration_settings::metadata_documents_enabled(server) {
        document["client_id_metadata_document_supported"] = json!(true);
    }
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
