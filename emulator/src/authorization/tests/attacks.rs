//! What must never work, each with the code that refuses it.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;

#[tokio::test]
async fn pkce_cannot_be_left_out_downgraded_or_guessed() {
    let flow = Flow::auto().await;
    for request in [
        flow.request().without("code_challenge").without("code_challenge_method"),
        flow.request().with("code_challenge", VERIFIER).with("code_challenge_method", "plain"),
        flow.request().without("code_challenge_method"),
    ] {
        assert_eq!(query(&flow.authorize(&request).await, "error").unwrap(), "invalid_request");
    }
    let code = flow.code().await;
    for request in [
        flow.redemption(&code).without("code_verifier"),
        flow.redemption(&code).with("code_verifier", CHALLENGE),
        flow.redemption(&code).with("code_verifier", &VERIFIER.to_lowercase()),
        flow.redemption(&code).with("code_verifier", "x"),
    ] {
        refused(&flow.token(&request).await, 400, "invalid_grant");
    }
    assert_eq!(flow.token(&flow.redemption(&code)).await.status, StatusCode::OK, "the owner still can");
}

#[tokio::test]
async fn a_code_that_is_brought_twice_revokes_what_it_issued() {
    let flow = Flow::auto().await;
    let code = flow.code().await;
    let tokens = flow.token(&flow.redemption(&code)).await.body;
    let untouched = flow.tokens().await;
    assert!(flow.is_good(&tokens).await);
    refused(&flow.token(&flow.redemption(&code)).await, 400, "invalid_grant");
    assert!(!flow.is_good(&tokens).await);
    refused(&flow.token(&flow.refreshment(&tokens["refresh_token"])).await, 400, "invalid_grant");
    refused(&flow.token(&flow.redemption(&code)).await, 400, "invalid_grant");
    assert!(flow.is_good(&untouched).await, "other grants have nothing to do with it");
}

#[tokio::test]
async fn of_two_redemptions_at_once_one_at_most_succeeds() {
    let flow = Flow::auto().await;
    let request = flow.redemption(&flow.code().await);
    let (one, two, three) = tokio::join!(flow.token(&request), flow.token(&request), flow.token(&request));
    let ok = [one, two, three].iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(ok, 1);
}

#[tokio::test]
async fn codes_and_refresh_tokens_of_another_client_are_refused_and_stay_good_for_their_owner() {
    let flow = Flow::auto().await;
    let thief = flow.emulator.client(&flow.server, client()).await;
    let as_thief =
        |request: Params| request.with("client_id", &thief.client_id).with("client_secret", &thief.secret);
    let code = flow.code().await;
    refused(&flow.token(&as_thief(flow.redemption(&code))).await, 400, "invalid_grant");
    let tokens = flow.token(&flow.redemption(&code)).await;
    assert_eq!(tokens.status, StatusCode::OK);
    let refresh_token = &tokens.body["refresh_token"];
    refused(&flow.token(&as_thief(flow.refreshment(refresh_token))).await, 400, "invalid_grant");
    assert_eq!(flow.token(&flow.refreshment(refresh_token)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn made_up_and_expired_codes_are_refused() {
    let flow = Flow::auto().await;
    for code in ["x", &"a".repeat(43), &"a".repeat(10_000)] {
        refused(&flow.token(&flow.redemption(code)).await, 400, "invalid_grant");
    }
    let request = flow.redemption(&flow.code().await);
    refused(&flow.token(&request.clone().without("code")).await, 400, "invalid_request");
    flow.emulator.state().clock.advance(60);
    refused(&flow.token(&request).await, 400, "invalid_grant");
}

#[tokio::test]
async fn redirect_uris_are_compared_to_the_letter() {
    let flow = Flow::auto().await;
    for uri in [
        "https://app.example/cb/",
        "https://app.example/cbx",
        "https://app.example/cb?x",
        "https://app.example/cb#x",
        "https://app.example/cb/../cb",
        "https://app.example/%63b",
        "https://app.example:443/cb",
        "https://APP.example/cb",
        "https://app.example.evil.example/cb",
        "https://app.example@evil.example/cb",
        "http://app.example/cb",
        "http://127.0.0.1:1@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.1:1/cb/x",
        "http://localhost/cb",
        "javascript:alert(1)",
    ] {
        let answer = flow.authorize(&flow.request().with("redirect_uri", uri)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{uri}");
        assert!(!answer.headers.contains_key("location"), "{uri}");
    }
    let code = flow.code().await;
    for uri in ["https://app.example/cb/", "http://127.0.0.1/cb"] {
        let request = flow.redemption(&code).with("redirect_uri", uri);
        refused(&flow.token(&request).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn what_the_management_api_stores_is_not_redirected_to_if_it_is_dangerous() {
    let uris = [
        "javascript:alert(1)",
        "http://app.example/cb",
        "https://app.example/cb#x",
        "/cb",
        "data:text/html,x",
    ];
    let members = json!({"name": "c", "approvedCallbackUrls": uris});
    let flow = Flow::of(Harness::with_config(auto_consent), server(), members).await;
    for uri in uris {
        let answer = flow.authorize(&flow.request().with("redirect_uri", uri)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{uri}");
    }
}

#[tokio::test]
async fn a_resource_that_was_not_granted_is_an_invalid_target() {
    let flow = Flow::auto().await;
    let code = flow.code().await;
    for resource in ["https://other.example", "https://evil.example", &format!("{RESOURCE}#x"), "mcp", "//"] {
        let request = flow.redemption(&code).and("resource", resource);
        refused(&flow.token(&request).await, 400, "invalid_target");
    }
    let tokens = flow.token(&flow.redemption(&code).and("resource", RESOURCE)).await;
    assert_eq!(tokens.status, StatusCode::OK);
    let refreshment = flow.refreshment(&tokens.body["refresh_token"]);
    let other = refreshment.clone().and("resource", "https://other.example");
    refused(&flow.token(&other).await, 400, "invalid_target");
    assert_eq!(flow.token(&refreshment).await.status, StatusCode::OK, "the refusal spent nothing");
}

#[tokio::test]
async fn a_rotated_secret_opens_nothing_and_grants_survive() {
    let flow = Flow::auto().await;
    let (code, tokens) = (flow.code().await, flow.tokens().await);
    let rotated = flow.emulator.post("/v1/mgmt/mcp/server/client/secret/rotate", &flow.named()).await;
    refused(&flow.token(&flow.redemption(&code)).await, 401, "invalid_client");
    refused(&flow.token(&flow.refreshment(&tokens["refresh_token"])).await, 401, "invalid_client");
    let new = rotated.body["cleartext"].as_str().unwrap();
    let redeemed = flow.token(&flow.redemption(&code).with("client_secret", new)).await;
    assert_eq!(redeemed.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_of_a_deleted_client_is_good() {
    let flow = Flow::auto().await;
    let (code, tokens) = (flow.code().await, flow.tokens().await);
    flow.emulator.post("/v1/mgmt/mcp/server/client/delete", &flow.named()).await;
    refused(&flow.token(&flow.redemption(&code)).await, 401, "invalid_client");
    refused(&flow.token(&flow.refreshment(&tokens["refresh_token"])).await, 401, "invalid_client");
    assert!(!flow.is_good(&tokens).await);
    assert_eq!(flow.authorize(&flow.request()).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nothing_of_a_deleted_server_is_good_even_if_its_clients_are_kept() {
    for kept in ["cascade", "keep"] {
        let emulator = Harness::with_config(|config| {
            auto_consent(config.with_variant("server-delete-clients", kept).unwrap())
        });
        let flow = Flow::of(emulator, server(), client()).await;
        let (code, tokens) = (flow.code().await, flow.tokens().await);
        flow.emulator.post("/v1/mgmt/mcp/server/delete", &json!({"id": flow.server})).await;
        refused(&flow.token(&flow.redemption(&code)).await, 404, "invalid_request");
        refused(&flow.token(&flow.refreshment(&tokens["refresh_token"])).await, 404, "invalid_request");
        assert!(!flow.is_good(&tokens).await);
        assert_eq!(flow.authorize(&flow.request()).await.status, StatusCode::NOT_FOUND);
        let project = format!("/oauth2/v1/apps/{}", flow.emulator.project());
        let by_project = flow.post_form(&format!("{project}/token"), &flow.redemption(&code)).await;
        refused(&by_project, 401, "invalid_client");
    }
}

#[tokio::test]
async fn tokens_that_nobody_signed_or_others_signed_are_refused() {
    let flow = Flow::auto().await;
    let tokens = flow.tokens().await;
    let token = tokens["access_token"].as_str().unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let mut forged_claims = claims(&tokens["access_token"]);
    forged_claims["scope"] = json!("read write email");
    let foreign = Flow::auto().await.tokens().await;
    let hmac = {
        // Signed with the public key as a shared secret.
        let set = flow.emulator.get(&format!("/v2/keys/{}", flow.emulator.project())).await.body;
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        header.kid = Some(kid.clone());
        let key = jsonwebtoken::EncodingKey::from_secret(set["keys"][0]["n"].as_str().unwrap().as_bytes());
        jsonwebtoken::encode(&header, &forged_claims, &key).unwrap()
    };
    let with_id = flow.code_for(&flow.request().with("scope", "openid")).await;
    let id_token = flow.token(&flow.redemption(&with_id)).await.body["id_token"].as_str().unwrap().to_owned();
    for bad in [
        format!("{}.{}.", encode(json!({"alg": "none", "kid": kid})), parts[1]),
        format!("{}.{}.{}", encode(json!({"alg": "none", "kid": kid})), parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], encode(forged_claims.clone()), parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", encode(json!({"alg": "RS256"})), parts[1], parts[2]),
        foreign["access_token"].as_str().unwrap().to_owned(),
        hmac,
        id_token,
        String::from("x"),
        String::from("a.b.c"),
    ] {
        let answer = flow.userinfo(&bad).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
        assert_eq!(answer.body["error"], "invalid_token");
        // RFC 7009: such a text is answered like a token that is dead already, and nothing happens to the real one.
        let request = flow.redemption("").without("code").and("token", &bad);
        let path = format!("/oauth2/v1/apps/{}/revoke", flow.emulator.project());
        assert_eq!(flow.post_form(&path, &request).await.status, StatusCode::OK);
        assert!(flow.is_good(&tokens).await, "{bad}");
    }
}

#[tokio::test]
async fn secrets_codes_and_tokens_are_not_in_the_store_in_the_clear() {
    let flow = Flow::new().await;
    let page = flow.authorize(&flow.request()).await;
    let ticket = ticket(&page);
    let auto = Flow::auto().await;
    let (code, tokens) = (auto.code().await, auto.tokens().await);
    for (emulator, text) in [
        (&flow.emulator, ticket),
        (&auto.emulator, code),
        (&auto.emulator, tokens["refresh_token"].as_str().unwrap().to_owned()),
        (&auto.emulator, tokens["refresh_token"].as_str().unwrap().split('-').next().unwrap().to_owned()),
        (&auto.emulator, tokens["refresh_token"].as_str().unwrap().split('-').nth(1).unwrap().to_owned()),
    ] {
        let held = emulator.state().records.read::<_, crate::store::StoreError>(move |records| {
            records.holds_text(&["consent_tickets", "grants", "revoked_tokens"], &text)
        });
        assert!(!held.await.unwrap());
    }
}
