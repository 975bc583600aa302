//! How variants change what the endpoints answer.

use axum::http::StatusCode;
use serde_json::json;

use super::*;

async fn under(name: &str, value: &str) -> Flow {
    let config = |config: Config| auto_consent(config.with_variant(name, value).unwrap());
    Flow::of(Harness::with_config(config), server(), client()).await
}

/// Shows that `rotation-tokens` has this value: whether a grant outlives the rotation of its client's secret.
pub(crate) async fn shows_rotation_tokens(value: &str) {
    let flow = under("rotation-tokens", value).await;
    let tokens = flow.tokens().await;
    let rotated = flow.emulator.post("/v1/mgmt/mcp/server/client/secret/rotate", &flow.named()).await;
    let new = rotated.body["cleartext"].as_str().unwrap();
    let refreshed = flow.token(&flow.refreshment(&tokens["refresh_token"]).with("client_secret", new)).await;
    match value {
        "kept" => assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text),
        _ => refused(&refreshed, 400, "invalid_grant"),
    }
}

#[tokio::test]
async fn the_envelope_says_with_its_own_codes_what_the_standard_form_says() {
    let flow = under("token-errors", "descope").await;
    let tokens = flow.tokens().await;
    let refreshment = flow.refreshment(&tokens["refresh_token"]);
    for (request, status, code) in [
        (refreshment.clone().without("refresh_token"), 400, "E011001"),
        (refreshment.clone().with("client_secret", "x"), 401, "E111119"),
        (refreshment.clone().with("refresh_token", "x"), 400, "E011003"),
        (refreshment.clone().and("scope", "admin"), 400, "E011004"),
        (refreshment.clone().and("resource", "x"), 400, "E011004"),
        (refreshment.clone().with("grant_type", "x"), 400, "E011004"),
    ] {
        let answer = flow.token(&request).await;
        assert_eq!((answer.status.as_u16(), &answer.body["errorCode"]), (status, &json!(code)));
        assert!(answer.body.get("error").is_none() && answer.body["errorMessage"].is_string());
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    let spent = flow.token(&refreshment).await;
    flow.emulator.state().clock.advance(5 * 7 * 86_400);
    let expired = flow.token(&flow.refreshment(&spent.body["refresh_token"])).await;
    assert_eq!((expired.status.as_u16(), &expired.body["errorCode"]), (400, &json!("E064006")));
    flow.token(&refreshment).await;
    let revoked = flow.token(&refreshment).await;
    assert_eq!((revoked.status.as_u16(), &revoked.body["errorCode"]), (404, &json!("E063302")));
    let userinfo = flow.userinfo("x").await;
    assert_eq!((userinfo.status.as_u16(), &userinfo.body["errorCode"]), (401, &json!("E111119")));
}

#[tokio::test]
async fn the_issuer_of_tokens_can_be_the_projects_while_that_of_redirects_stays() {
    let flow = under("token-issuer", "project").await;
    let back = flow.authorize(&flow.request()).await;
    assert_eq!(query(&back, "iss").unwrap(), flow.issuer());
    let tokens = flow.token(&flow.redemption(&query(&back, "code").unwrap())).await.body;
    let issuer = format!("{}/v1/apps/{}", Harness::PUBLIC_URL, flow.emulator.project());
    assert_eq!(claims(&tokens["access_token"])["iss"], issuer);
    assert!(flow.is_good(&tokens).await);
}
