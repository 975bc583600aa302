//! The authorization server of a project, with and without the project in the path.

use axum::http::StatusCode;
use serde_json::json;

use super::*;

#[tokio::test]
async fn the_projects_document_names_its_own_issuer_and_endpoints_in_all_four_forms() {
    let flow = Flow::auto().await;
    let path = format!("/v1/apps/{}", flow.emulator.project());
    for name in ["openid-configuration", "oauth-authorization-server"] {
        for url in [format!("{path}/.well-known/{name}"), format!("/.well-known/{name}{path}")] {
            let document = flow.emulator.get(&url).await;
            assert_eq!(document.status, StatusCode::OK, "{url}");
            assert_eq!(document.body["issuer"], format!("{}{path}", Harness::PUBLIC_URL));
            assert_eq!(
                document.body["token_endpoint"],
                format!("{}/oauth2{path}/token", Harness::PUBLIC_URL)
            );
            assert!(document.body.get("registration_endpoint").is_none());
        }
    }
    assert_eq!(flow.emulator.get("/v1/apps/Pnone/.well-known/openid-configuration").await.status, 404);
}

#[tokio::test]
async fn the_whole_flow_works_there_with_the_projects_issuer() {
    let flow = Flow::auto().await;
    let project = flow.emulator.project();
    let issuer = format!("{}/v1/apps/{project}", Harness::PUBLIC_URL);
    for apps in [format!("/oauth2/v1/apps/{project}"), String::from("/oauth2/v1/apps")] {
        let back = flow.emulator.get(&format!("{apps}/authorize?{}", flow.request().encoded())).await;
        assert_eq!(query(&back, "iss").unwrap(), issuer);
        let redemption = flow.redemption(&query(&back, "code").unwrap());
        let tokens = flow.post_form(&format!("{apps}/token"), &redemption).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
        assert_eq!(claims(&tokens.body["access_token"])["iss"], issuer);
        assert!(flow.is_good(&tokens.body).await);
        let refreshment = flow.refreshment(&tokens.body["refresh_token"]);
        let refreshed = flow.post_form(&format!("{apps}/token"), &refreshment).await;
        assert_eq!(refreshed.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_client_gets_tokens_for_itself_there_with_a_resource() {
    let flow = Flow::auto().await;
    let own = Params(Vec::new())
        .and("grant_type", "client_credentials")
        .and("resource", RESOURCE)
        .and("client_id", &flow.client.client_id)
        .and("client_secret", &flow.client.secret);
    let tokens = flow.post_form("/oauth2/v1/apps/token", &own).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    let access = claims(&tokens.body["access_token"]);
    assert_eq!(access["aud"], json!([flow.client.client_id, flow.emulator.project()]));
    refused(
        &flow.post_form("/oauth2/v1/apps/token", &own.with("resource", "https://evil.example")).await,
        400,
        "invalid_target",
    );
}

#[tokio::test]
async fn what_one_issuer_issued_the_other_does_not_take() {
    let flow = Flow::auto().await;
    let path = format!("/oauth2/v1/apps/{}/token", flow.emulator.project());
    let code = flow.code().await;
    refused(&flow.post_form(&path, &flow.redemption(&code)).await, 400, "invalid_grant");
    let tokens = flow.token(&flow.redemption(&code)).await.body;
    refused(&flow.post_form(&path, &flow.refreshment(&tokens["refresh_token"])).await, 400, "invalid_grant");
    assert_eq!(flow.token(&flow.refreshment(&tokens["refresh_token"])).await.status, StatusCode::OK);
}

#[tokio::test]
async fn clients_of_other_projects_are_unknown_there() {
    let flow = Flow::auto().await;
    let other = flow.emulator.other_project();
    let other = other.trim_start_matches("Bearer ").split(':').next().unwrap();
    let request = flow.request().encoded();
    let answer = flow.emulator.get(&format!("/oauth2/v1/apps/{other}/authorize?{request}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let redemption = flow.redemption(&flow.code().await);
    refused(
        &flow.post_form(&format!("/oauth2/v1/apps/{other}/token"), &redemption).await,
        401,
        "invalid_client",
    );
}
