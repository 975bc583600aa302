//! Refresh tokens: rotation, reuse, narrowing.

use axum::http::StatusCode;
use serde_json::json;

use super::*;

#[tokio::test]
async fn every_refresh_spends_the_token_and_gives_its_successor() {
    let flow = Flow::auto().await;
    let mut tokens = flow.tokens().await;
    let first = claims(&tokens["access_token"]);
    for _ in 0..3 {
        let answer = flow.token(&flow.refreshment(&tokens["refresh_token"])).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_ne!(answer.body["refresh_token"], tokens["refresh_token"]);
        assert_ne!(answer.body["access_token"], tokens["access_token"]);
        tokens = answer.body;
    }
    let last = claims(&tokens["access_token"]);
    for claim in ["iss", "aud", "sub", "azp", "scope", "dci"] {
        assert_eq!(first[claim], last[claim], "{claim}");
    }
}

#[tokio::test]
async fn a_spent_token_revokes_the_family_and_no_other() {
    let flow = Flow::auto().await;
    let (one, other) = (flow.tokens().await, flow.tokens().await);
    let two = flow.token(&flow.refreshment(&one["refresh_token"])).await.body;
    assert!(flow.is_good(&two).await);
    refused(&flow.token(&flow.refreshment(&one["refresh_token"])).await, 400, "invalid_grant");
    refused(&flow.token(&flow.refreshment(&two["refresh_token"])).await, 400, "invalid_grant");
    assert!(!flow.is_good(&two).await && !flow.is_good(&one).await);
    assert!(flow.is_good(&other).await);
    assert_eq!(flow.token(&flow.refreshment(&other["refresh_token"])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn scopes_can_be_narrowed_for_one_token_and_never_widened() {
    let flow = Flow::auto().await;
    let tokens = flow.tokens().await;
    let narrowed = flow.token(&flow.refreshment(&tokens["refresh_token"]).and("scope", "write write")).await;
    assert_eq!(narrowed.body["scope"], "write");
    let refreshment = flow.refreshment(&narrowed.body["refresh_token"]);
    let wider = flow.token(&refreshment.clone().and("scope", "read openid")).await;
    refused(&wider, 400, "invalid_scope");
    let all = flow.token(&refreshment).await;
    assert_eq!(all.body["scope"], "read write", "the grant is as wide as ever");
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let flow = Flow::auto().await;
    let tokens = flow.tokens().await;
    let refreshment = flow.refreshment(&tokens["refresh_token"]);
    refused(&flow.token(&refreshment.clone().without("refresh_token")).await, 400, "invalid_request");
    let made_up = format!("{}-{}", "a".repeat(43), "b".repeat(43));
    for text in ["x", "-", &made_up, tokens["access_token"].as_str().unwrap()] {
        refused(&flow.token(&flow.refreshment(&json!(text))).await, 400, "invalid_grant");
    }
    assert_eq!(flow.token(&refreshment).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_did_not_register_the_grant_gets_no_refresh_token_and_cannot_use_one() {
    let flow = Flow::auto().await;
    let registration = json!({
        "client_name": "c", "redirect_uris": [REDIRECT], "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "none", "scope": "read",
    });
    let path = format!("/v1/mgmt/mcp/client/{}/{}/register", flow.emulator.project(), flow.server);
    let registered = flow.emulator.post_with(None, &path, &registration).await;
    assert_eq!(registered.status, StatusCode::CREATED, "{}", registered.text);
    let id = registered.body["client_id"].as_str().unwrap();
    let request = flow.request().with("client_id", id).with("scope", "read");
    let redemption =
        flow.redemption(&flow.code_for(&request).await).with("client_id", id).without("client_secret");
    let tokens = flow.token(&redemption).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    assert!(tokens.body.get("refresh_token").is_none());
    let owner = flow.tokens().await;
    let refreshment =
        flow.refreshment(&owner["refresh_token"]).with("client_id", id).without("client_secret");
    refused(&flow.token(&refreshment).await, 400, "unauthorized_client");
}

#[tokio::test]
async fn public_clients_authenticate_by_their_id_alone_and_confidential_ones_never() {
    let flow = Flow::auto().await;
    refused(
        &flow.token(&flow.redemption(&flow.code().await).without("client_secret")).await,
        401,
        "invalid_client",
    );
    let registration = json!({
        "client_name": "c", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let path = format!("/v1/mgmt/mcp/client/{}/{}/register", flow.emulator.project(), flow.server);
    let registered = flow.emulator.post_with(None, &path, &registration).await;
    let id = registered.body["client_id"].as_str().unwrap();
    let code = flow.code_for(&flow.request().with("client_id", id)).await;
    let redemption = flow.redemption(&code).with("client_id", id);
    refused(&flow.token(&redemption).await, 401, "invalid_client");
    let tokens = flow.token(&redemption.without("client_secret")).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    let refreshment =
        flow.refreshment(&tokens.body["refresh_token"]).with("client_id", id).without("client_secret");
    assert_eq!(flow.token(&refreshment).await.status, StatusCode::OK);
    let own = Params(Vec::new()).and("grant_type", "client_credentials").and("client_id", id);
    refused(&flow.token(&own).await, 400, "unauthorized_client");
}
