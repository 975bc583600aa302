//! Refusals of the authorization endpoint: pages until client and redirect URI are known, redirects afterwards.

use axum::http::StatusCode;

use super::*;

fn is_page(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert!(!answer.headers.contains_key("location"));
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(answer.text.contains("<h1>"));
}

#[tokio::test]
async fn unknown_clients_and_redirect_uris_get_a_page_and_no_redirect() {
    let flow = Flow::auto().await;
    let good = flow.request();
    for request in [
        good.clone().without("client_id"),
        good.clone().with("client_id", "nobody"),
        good.clone().with("client_id", &flow.client.id),
        good.clone().and("client_id", &flow.client.client_id),
        good.clone().without("redirect_uri"),
        good.clone().and("redirect_uri", REDIRECT),
        good.clone().with("redirect_uri", "https://evil.example/cb"),
        Params(Vec::new()),
    ] {
        is_page(&flow.authorize(&request).await, 400);
        is_page(&flow.post_form(&flow.endpoint("authorize"), &request).await, 400);
    }
    let path = flow.endpoint("authorize");
    is_page(&flow.emulator.raw(&path, None, Some("text/plain"), "x").await, 400);
    is_page(&flow.emulator.raw(&path, None, Some("application/json"), "{").await, 400);
}

#[tokio::test]
async fn servers_and_projects_that_are_not_there_get_a_page() {
    let flow = Flow::auto().await;
    let project = flow.emulator.project();
    let query = flow.request().encoded();
    for path in
        [format!("agentic/{project}/MSnone"), format!("agentic/Pnone/{}", flow.server), String::from("Pnone")]
    {
        is_page(&flow.emulator.get(&format!("/oauth2/v1/apps/{path}/authorize?{query}")).await, 404);
    }
}

#[tokio::test]
async fn every_later_fault_goes_to_the_redirect_uri_with_its_code() {
    let flow = Flow::auto().await;
    let good = flow.request();
    for (request, error) in [
        (good.clone().without("response_type"), "invalid_request"),
        (good.clone().with("response_type", "token"), "unsupported_response_type"),
        (good.clone().with("response_type", "code id_token"), "unsupported_response_type"),
        (good.clone().and("response_type", "code"), "invalid_request"),
        (good.clone().and("scope", "read"), "invalid_request"),
        (good.clone().with("response_mode", "fragment"), "invalid_request"),
        (good.clone().without("code_challenge"), "invalid_request"),
        (good.clone().with("code_challenge", "short"), "invalid_request"),
        (good.clone().without("code_challenge_method"), "invalid_request"),
        (good.clone().with("code_challenge_method", "plain"), "invalid_request"),
        (good.clone().with("code_challenge_method", "s256"), "invalid_request"),
        (good.clone().with("scope", "read unheard-of"), "invalid_scope"),
        (good.clone().with("scope", "READ"), "invalid_scope"),
        (good.clone().with("resource", "https://evil.example"), "invalid_target"),
        (good.clone().with("resource", &format!("{RESOURCE}#x")), "invalid_target"),
        (good.clone().with("resource", "mcp"), "invalid_target"),
        (good.clone().and("resource", "https://evil.example"), "invalid_target"),
        (good.clone().with("request", "ey"), "request_not_supported"),
        (good.clone().with("request_uri", "urn:x"), "request_uri_not_supported"),
        (good.clone().with("nonce", &"n".repeat(1_000)), "invalid_request"),
    ] {
        let answer = flow.authorize(&request).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{error} {}", answer.text);
        assert!(location(&answer).starts_with(&format!("{REDIRECT}?error=")), "{}", location(&answer));
        assert_eq!(super::query(&answer, "error").unwrap(), error, "{}", request.encoded());
        assert_eq!(super::query(&answer, "state").unwrap(), "s t&a=te");
        assert_eq!(super::query(&answer, "iss").unwrap(), flow.issuer());
        assert_eq!(super::query(&answer, "code"), None);
    }
}

#[tokio::test]
async fn prompts_change_nothing_except_that_none_cannot_be_asked() {
    let auto = Flow::auto().await;
    for prompt in ["consent", "login", "select_account", "none"] {
        assert!(!auto.code_for(&auto.request().and("prompt", prompt)).await.is_empty());
    }
    let asking = Flow::new().await;
    let answer = asking.authorize(&asking.request().and("prompt", "none")).await;
    assert_eq!(super::query(&answer, "error").unwrap(), "consent_required");
    assert_eq!(asking.authorize(&asking.request().and("prompt", "consent")).await.status, StatusCode::OK);
}
