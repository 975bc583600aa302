//! Clients whose id is the URL of a document: any number of MCP servers can know the same one.

use axum::http::StatusCode;
use serde_json::json;

use super::*;
use crate::registration::PinnedDocument;

const DOCUMENT_URL: &str = "https://agent.example.com/oauth/client.json";

/// A project's endpoint, with the project in its path and without.
fn project_paths(flow: &Flow, name: &str) -> [String; 2] {
    [format!("/oauth2/v1/apps/{}/{name}", flow.emulator.project()), format!("/oauth2/v1/apps/{name}")]
}

/// An MCP server that admits the document's client, in an emulator that does not ask for consent.
async fn flow() -> Flow {
    let document = json!({
        "client_id": DOCUMENT_URL, "client_name": "Agent", "redirect_uris": [REDIRECT], "scope": "read write",
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let emulator = Harness::with_config(|config| {
        let mut config = auto_consent(config);
        let pinned = PinnedDocument::new(DOCUMENT_URL, document.to_string());
        config.registration.pinned_documents.push(pinned);
        config
    });
    let server = emulator.server(open_server()).await;
    // It authenticates by its id alone.
    let client = MadeClient { id: String::new(), client_id: DOCUMENT_URL.to_owned(), secret: String::new() };
    Flow { emulator, server, client }
}

fn open_server() -> Value {
    let policies = json!([{"domainPattern": "agent.example.com", "enabled": true}]);
    let mut members = server();
    members["cimdSettings"] = json!({"enabled": true, "domainPolicies": {"policies": policies}});
    members
}

impl Flow {
    /// Makes the client known at one more MCP server of the project.
    async fn known_elsewhere(&self) -> String {
        let other = self.emulator.server(open_server()).await;
        let path = format!("/oauth2/v1/apps/agentic/{}/{other}/authorize", self.emulator.project());
        let answer = self.emulator.get(&format!("{path}?{}", self.request().encoded())).await;
        assert!(query(&answer, "code").is_some(), "{}", location(&answer));
        other
    }

    fn revocation(&self, token: &Value) -> Params {
        Params(Vec::new()).and("token", token.as_str().unwrap()).and("client_id", &self.client.client_id)
    }
}

#[tokio::test]
async fn a_document_client_revokes_what_it_was_granted_however_many_servers_know_it() {
    let flow = flow().await;
    for others in 0..3 {
        for path in project_paths(&flow, "revoke") {
            let (by_refresh, by_access) = (flow.tokens().await, flow.tokens().await);
            let answer = flow.post_form(&path, &flow.revocation(&by_refresh["refresh_token"])).await;
            assert_eq!(answer.status, StatusCode::OK, "{others} more servers, {path}: {}", answer.text);
            refused(&flow.token(&flow.refreshment(&by_refresh["refresh_token"])).await, 400, "invalid_grant");
            assert!(!flow.is_good(&by_refresh).await);

            let answer = flow.post_form(&path, &flow.revocation(&by_access["access_token"])).await;
            assert_eq!(answer.status, StatusCode::OK, "{others} more servers, {path}: {}", answer.text);
            assert!(!flow.is_good(&by_access).await);
            // RFC 7009 section 2.2: a text that is no token is answered like one that was revoked.
            let answer = flow.post_form(&path, &flow.revocation(&json!("x"))).await;
            assert_eq!(answer.status, StatusCode::OK, "{others} more servers, {path}: {}", answer.text);
        }
        flow.known_elsewhere().await;
    }
}

#[tokio::test]
async fn nobody_else_revokes_what_a_document_client_was_granted() {
    let flow = flow().await;
    flow.known_elsewhere().await;
    let tokens = flow.tokens().await;
    let other = flow.emulator.client(&flow.server, client()).await;
    for path in project_paths(&flow, "revoke") {
        for token in ["access_token", "refresh_token"] {
            let request = flow.revocation(&tokens[token]);
            let foreign = request.clone().with("client_id", &other.client_id);
            let foreign = foreign.and("client_secret", &other.secret);
            refused(&flow.post_form(&path, &foreign).await, 400, "invalid_grant");
            let unknown = request.clone().with("client_id", "https://agent.example.com/oauth/other.json");
            refused(&flow.post_form(&path, &unknown).await, 401, "invalid_client");
            // A public client has no secret to show.
            refused(&flow.post_form(&path, &request.and("client_secret", "x")).await, 401, "invalid_client");
        }
    }
    assert!(flow.is_good(&tokens).await);
    assert_eq!(flow.token(&flow.refreshment(&tokens["refresh_token"])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_a_client_no_longer_admitted_was_granted_is_not_revoked_as_if_it_were_another_servers() {
    let flow = flow().await;
    flow.known_elsewhere().await;
    let tokens = flow.tokens().await;
    let update = json!({"server": {"id": flow.server, "name": "Orders"}});
    assert_eq!(flow.emulator.post("/v1/mgmt/mcp/server/update", &update).await.status, StatusCode::OK);
    let [path, _] = project_paths(&flow, "revoke");
    let answer = flow.post_form(&path, &flow.revocation(&tokens["refresh_token"])).await;
    refused(&answer, 401, "invalid_client");
}

#[tokio::test]
async fn a_document_client_gets_tokens_at_the_project_after_another_server_came_to_know_it() {
    for place in [0, 1] {
        let flow = flow().await;
        let authorize = &project_paths(&flow, "authorize")[place];
        let token = &project_paths(&flow, "token")[place];
        flow.tokens().await;
        let ask = async || {
            let back = flow.emulator.get(&format!("{authorize}?{}", flow.request().encoded())).await;
            query(&back, "code").unwrap()
        };
        let (early, late) = (ask().await, ask().await);
        let tokens = flow.post_form(token, &flow.redemption(&early)).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
        flow.known_elsewhere().await;

        let redeemed = flow.post_form(token, &flow.redemption(&late)).await;
        assert_eq!(redeemed.status, StatusCode::OK, "{}", redeemed.text);
        let refreshed = flow.post_form(token, &flow.refreshment(&tokens.body["refresh_token"])).await;
        assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text);
        assert!(flow.is_good(&refreshed.body).await);
        for wrong in [flow.redemption("x"), flow.refreshment(&json!("x-y"))] {
            refused(&flow.post_form(token, &wrong).await, 400, "invalid_grant");
        }
    }
}
