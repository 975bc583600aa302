//! Revocation and userinfo.

use axum::http::StatusCode;
use serde_json::json;

use super::*;

impl Flow {
    async fn revoke(&self, token: &Value) -> Answer {
        let request = Params(Vec::new())
            .and("token", token.as_str().unwrap())
            .and("client_id", &self.client.client_id)
            .and("client_secret", &self.client.secret);
        self.post_form(&format!("/oauth2/v1/apps/{}/revoke", self.emulator.project()), &request).await
    }
}

#[tokio::test]
async fn a_refresh_token_takes_its_grant_along_and_the_answer_is_empty() {
    let flow = Flow::auto().await;
    let (one, other) = (flow.tokens().await, flow.tokens().await);
    for _ in 0..2 {
        let answer = flow.revoke(&one["refresh_token"]).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
    }
    assert!(!flow.is_good(&one).await);
    refused(&flow.token(&flow.refreshment(&one["refresh_token"])).await, 400, "invalid_grant");
    assert!(flow.is_good(&other).await);
}

#[tokio::test]
async fn a_spent_refresh_token_revokes_its_grant_too() {
    let flow = Flow::auto().await;
    let one = flow.tokens().await;
    let two = flow.token(&flow.refreshment(&one["refresh_token"])).await.body;
    assert_eq!(flow.revoke(&one["refresh_token"]).await.status, StatusCode::OK);
    assert!(!flow.is_good(&two).await);
}

#[tokio::test]
async fn an_access_token_goes_alone() {
    let flow = Flow::auto().await;
    let one = flow.tokens().await;
    assert_eq!(flow.revoke(&one["access_token"]).await.status, StatusCode::OK);
    assert!(!flow.is_good(&one).await);
    let two = flow.token(&flow.refreshment(&one["refresh_token"])).await;
    assert_eq!(two.status, StatusCode::OK);
    assert!(flow.is_good(&two.body).await);
}

#[tokio::test]
async fn only_the_client_itself_can_revoke() {
    let flow = Flow::auto().await;
    let tokens = flow.tokens().await;
    let other = flow.emulator.client(&flow.server, client()).await;
    let thief = Flow { client: other, ..flow };
    for token in ["access_token", "refresh_token"] {
        refused(&thief.revoke(&tokens[token]).await, 400, "invalid_grant");
    }
    assert!(thief.is_good(&tokens).await);
    let nobody = Params(Vec::new()).and("token", tokens["access_token"].as_str().unwrap());
    refused(&thief.post_form("/oauth2/v1/apps/revoke", &nobody).await, 401, "invalid_client");
    let wrong = nobody.and("client_id", &thief.client.client_id).and("client_secret", "x");
    refused(&thief.post_form("/oauth2/v1/apps/revoke", &wrong).await, 401, "invalid_client");
    let without = wrong.with("client_secret", &thief.client.secret).without("token");
    refused(&thief.post_form("/oauth2/v1/apps/revoke", &without).await, 400, "invalid_request");
    assert!(thief.is_good(&tokens).await);
}

#[tokio::test]
async fn the_path_without_a_project_revokes_as_well() {
    let flow = Flow::auto().await;
    let tokens = flow.tokens().await;
    let request = Params(Vec::new())
        .and("token", tokens["refresh_token"].as_str().unwrap())
        .and("token_type_hint", "refresh_token")
        .and("client_id", &flow.client.client_id)
        .and("client_secret", &flow.client.secret);
    assert_eq!(flow.post_form("/oauth2/v1/apps/revoke", &request).await.status, StatusCode::OK);
    assert!(!flow.is_good(&tokens).await);
}

#[tokio::test]
async fn userinfo_tells_what_the_scopes_allow_by_get_and_post() {
    let flow = Flow::auto().await;
    let code = flow.code_for(&flow.request().with("scope", "openid profile email phone read")).await;
    let tokens = flow.token(&flow.redemption(&code)).await.body;
    let token = tokens["access_token"].as_str().unwrap();
    let by_get = flow.userinfo(token).await;
    let id = claims(&tokens["id_token"]);
    for claim in ["sub", "name", "given_name", "family_name", "email", "email_verified", "phone_number"] {
        assert!(!by_get.body[claim].is_null(), "{claim}");
        assert_eq!(by_get.body[claim], id[claim], "{claim}");
    }
    let form = Params(Vec::new()).and("access_token", token);
    for path in [
        format!("/oauth2/v1/apps/{}/userinfo", flow.emulator.project()),
        String::from("/oauth2/v1/apps/userinfo"),
    ] {
        assert_eq!(flow.post_form(&path, &form).await.body, by_get.body);
        let bearer = format!("bearer {token}");
        let by_post = flow.emulator.raw(&path, Some(&bearer), None, "").await;
        assert_eq!(by_post.body, by_get.body);
        assert_eq!(
            flow.emulator.get(&format!("{path}?access_token={token}")).await.status,
            401,
            "never there"
        );
    }
    let little = flow.tokens().await;
    let answer = flow.userinfo(little["access_token"].as_str().unwrap()).await;
    assert_eq!(answer.body, json!({"sub": id["sub"]}));
}

#[tokio::test]
async fn userinfo_asks_for_a_token_and_refuses_those_of_clients_and_of_other_projects() {
    let flow = Flow::auto().await;
    let path = format!("/oauth2/v1/apps/{}/userinfo", flow.emulator.project());
    let bare = flow.emulator.get(&path).await;
    assert_eq!(
        (bare.status, &bare.headers["www-authenticate"]),
        (StatusCode::UNAUTHORIZED, &"Bearer".parse().unwrap())
    );
    let own = Params(Vec::new())
        .and("grant_type", "client_credentials")
        .and("client_id", &flow.client.client_id)
        .and("client_secret", &flow.client.secret);
    assert!(!flow.is_good(&flow.token(&own).await.body).await);
    let tokens = flow.tokens().await;
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let other = flow.emulator.other_project();
    let other = other.trim_start_matches("Bearer ").split(':').next().unwrap();
    let answer = flow.emulator.get_with(Some(&bearer), &format!("/oauth2/v1/apps/{other}/userinfo")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let nowhere = flow.emulator.get_with(Some(&bearer), "/oauth2/v1/apps/Pnone/userinfo").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_signed_before_a_rotation_of_keys_stays_good() {
    let flow = Flow::auto().await;
    let tokens = flow.tokens().await;
    flow.emulator.project_state().keys.rotate().await.unwrap();
    assert!(flow.is_good(&tokens).await);
    assert!(flow.is_good(&flow.tokens().await).await);
}
