//! What clients that registered themselves get without a user: nothing, and no redirect to a site of their choice.

use axum::http::StatusCode;
use serde_json::json;

use super::*;
use crate::registration::PinnedDocument;

const DOCUMENT_URL: &str = "https://agent.example.com/oauth/client.json";

/// How a client comes to be known.
#[derive(Clone, Copy, Debug)]
enum By {
    Registration,
    Document,
}

/// A client that registered itself, at an MCP server with these members more.
async fn flow(by: By, variants: &[(&str, &str)], more: Value) -> Flow {
    let document = json!({"client_id": DOCUMENT_URL, "client_name": "Agent", "redirect_uris": [REDIRECT]});
    let emulator = Harness::with_config(|mut config| {
        let pinned = PinnedDocument::new(DOCUMENT_URL, document.to_string());
        config.registration.pinned_documents.push(pinned);
        variants.iter().fold(config, |config, (name, value)| config.with_variant(name, value).unwrap())
    });
    let mut members = server();
    let policies = json!([{"domainPattern": "*", "enabled": true}]);
    members["cimdSettings"] = json!({"enabled": true, "domainPolicies": {"policies": policies}});
    members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let server = emulator.server(members).await;
    let client = MadeClient { id: String::new(), client_id: DOCUMENT_URL.to_owned(), secret: String::new() };
    let mut flow = Flow { emulator, server, client };
    if let By::Registration = by {
        let made = flow.register(&json!({"token_endpoint_auth_method": "none"})).await;
        flow.client.client_id = made.body["client_id"].as_str().unwrap().to_owned();
    }
    flow
}

impl Flow {
    async fn register(&self, members: &Value) -> Answer {
        let mut metadata = json!({"client_name": "Agent", "redirect_uris": [REDIRECT]});
        metadata.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let path = format!("/v1/mgmt/mcp/client/{}/{}/register", self.emulator.project(), self.server);
        self.emulator.post_with(None, &path, &metadata).await
    }

    /// Authorization requests with the error that each gets.
    fn faulty(&self) -> Vec<(Params, &'static str)> {
        let good = self.request();
        vec![
            (good.clone().without("code_challenge"), "invalid_request"),
            (good.clone().with("response_type", "token"), "unsupported_response_type"),
            (good.clone().and("scope", "read"), "invalid_request"),
            (good.clone().with("scope", "unheard-of"), "invalid_scope"),
            (good.clone().with("resource", "https://evil.example"), "invalid_target"),
            (good.clone().with("request", "ey"), "request_not_supported"),
            (good.with("prompt", "none"), "consent_required"),
        ]
    }
}

#[tokio::test]
async fn before_a_user_acts_their_errors_are_pages_and_lead_nowhere() {
    for by in [By::Registration, By::Document] {
        let flow = flow(by, &[], json!({})).await;
        for (request, error) in flow.faulty() {
            for answer in
                [flow.authorize(&request).await, flow.post_form(&flow.endpoint("authorize"), &request).await]
            {
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{by:?} {error} {:?}", answer.headers);
                assert!(!answer.headers.contains_key("location"), "{by:?} {error}");
                assert!(answer.text.contains("<h1>") && answer.text.contains(error), "{}", answer.text);
            }
        }
    }
}

#[tokio::test]
async fn after_the_user_refused_they_are_told_at_their_redirect_uri() {
    for by in [By::Registration, By::Document] {
        let flow = flow(by, &[], json!({})).await;
        let page = flow.authorize(&flow.request()).await;
        let back = consent_page::answer(&flow, &ticket(&page), "decision=deny").await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{by:?} {}", back.text);
        assert!(location(&back).starts_with(&format!("{REDIRECT}?error=access_denied")), "{by:?}");
    }
}

#[tokio::test]
async fn a_variant_sends_their_errors_to_the_redirect_uri_like_those_of_other_clients() {
    for by in [By::Registration, By::Document] {
        let flow = flow(by, &[("self-registered-errors", "redirect")], json!({})).await;
        for (request, error) in flow.faulty() {
            let answer = flow.authorize(&request).await;
            assert_eq!(answer.status, StatusCode::FOUND, "{by:?} {error} {}", answer.text);
            assert_eq!(query(&answer, "error").unwrap(), error);
        }
    }
}

#[tokio::test]
async fn a_server_that_skips_consent_skips_it_for_them_too_unless_a_variant_asks() {
    for by in [By::Registration, By::Document] {
        let flow_of = |variants| flow(by, variants, json!({"skipConsentScreen": true}));
        let skips = flow_of(&[]).await;
        assert!(!skips.code().await.is_empty());
        let asks = flow_of(&[("self-registered-consent", "ask")]).await;
        let page = asks.authorize(&asks.request()).await;
        assert_eq!(page.status, StatusCode::OK, "{by:?} {:?}", page.headers);
        let back = consent_page::answer(&asks, &ticket(&page), "decision=approve").await;
        assert!(query(&back, "code").is_some());
        // What the management API made was made by somebody who may decide for the users.
        let made = asks.emulator.client(&asks.server, client()).await;
        assert!(!asks.code_for(&asks.request().with("client_id", &made.client_id)).await.is_empty());
    }
}

#[tokio::test]
async fn they_get_no_token_without_a_user() {
    let flow = flow(By::Registration, &[], json!({})).await;
    // RFC 7591 section 3.2.1: the server may leave a grant out, and then says so.
    for method in ["client_secret_basic", "client_secret_post", "none"] {
        let grants = json!(["authorization_code", "client_credentials", "refresh_token"]);
        let answer =
            flow.register(&json!({"grant_types": grants, "token_endpoint_auth_method": method})).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{method} {}", answer.text);
        assert_eq!(answer.body["grant_types"], json!(["authorization_code", "refresh_token"]), "{method}");
        let mut own = Params(Vec::new())
            .and("grant_type", "client_credentials")
            .and("client_id", answer.body["client_id"].as_str().unwrap());
        if let Some(secret) = answer.body["client_secret"].as_str() {
            own = own.and("client_secret", secret);
        }
        refused(&flow.token(&own).await, 400, "unauthorized_client");
        refused(&flow.post_form("/oauth2/v1/apps/token", &own).await, 400, "unauthorized_client");
    }
    // Without it nothing is left to register.
    for grants in [json!(["client_credentials"]), json!(["client_credentials", "refresh_token"])] {
        let answer = flow.register(&json!({"grant_types": grants})).await;
        refused(&answer, 400, "invalid_client_metadata");
        assert!(answer.body["error_description"].as_str().unwrap().contains("grant_types"));
    }
}

#[tokio::test]
async fn a_variant_gives_them_tokens_of_their_own_with_every_approved_scope() {
    let flow = flow(By::Registration, &[("dcr-client-credentials", "allow")], json!({})).await;
    let answer = flow.register(&json!({"grant_types": ["client_credentials"]})).await;
    assert_eq!(answer.body["grant_types"], json!(["client_credentials"]), "{}", answer.text);
    let own = Params(Vec::new())
        .and("grant_type", "client_credentials")
        .and("client_id", answer.body["client_id"].as_str().unwrap())
        .and("client_secret", answer.body["client_secret"].as_str().unwrap());
    let tokens = flow.token(&own).await;
    assert_eq!((tokens.status, &tokens.body["scope"]), (StatusCode::OK, &json!("read write")));
    let public = json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"});
    refused(&flow.register(&public).await, 400, "invalid_client_metadata");
}
