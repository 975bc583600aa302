//! What a client that does everything right gets.

use axum::http::StatusCode;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn a_code_goes_back_with_state_and_issuer_and_nothing_else() {
    let flow = Flow::auto().await;
    let answer = flow.authorize(&flow.request()).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(location(&answer).starts_with(&format!("{REDIRECT}?code=")));
    assert_eq!(query(&answer, "state").unwrap(), "s t&a=te");
    assert_eq!(query(&answer, "iss").unwrap(), flow.issuer());
    assert_eq!(Url::parse(&location(&answer)).unwrap().query_pairs().count(), 3);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let without = flow.authorize(&flow.request().without("state")).await;
    assert_eq!((query(&without, "state"), query(&without, "iss")), (None, Some(flow.issuer())));
}

#[tokio::test]
async fn tokens_carry_the_observed_claims_and_verify_with_the_published_key() {
    let flow = Flow::auto().await;
    let code = flow.code_for(&flow.request().with("scope", "openid email read").and("nonce", "n0")).await;
    let answer = flow.token(&flow.redemption(&code)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let tokens = answer.body;
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!(tokens["scope"], "openid email read");

    let project = flow.emulator.project();
    let keys = flow.emulator.get(&format!("/v2/keys/{project}")).await.text;
    let keys: JwkSet = serde_json::from_str(&keys).unwrap();
    let verified = |token: &Value, audience: &str| {
        let token = token.as_str().unwrap();
        let header = jsonwebtoken::decode_header(token).unwrap();
        let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[audience]);
        validation.set_issuer(&[flow.issuer()]);
        jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims
    };
    let client_id = &flow.client.client_id;
    let access = verified(&tokens["access_token"], RESOURCE);
    assert_eq!(access["aud"], json!([client_id, project, RESOURCE]));
    assert_eq!((&access["azp"], &access["token_type"]), (&json!(client_id), &json!("access_token")));
    assert_eq!((&access["scope"], &access["email"]), (&tokens["scope"], &json!("demo.user@example.com")));
    assert!(access["sub"].as_str().unwrap().starts_with('U') && access["sub"].as_str().unwrap().len() == 28);
    assert!(access["dci"].is_string() && access["jti"].is_string() && access.get("tenants").is_none());

    let id = verified(&tokens["id_token"], project);
    assert_eq!((&id["aud"], &id["nonce"]), (&json!([client_id, project]), &json!("n0")));
    assert_eq!((&id["sub"], &id["email"]), (&access["sub"], &access["email"]));
    assert!(id.get("name").is_none(), "profile was not asked for");
}

#[tokio::test]
async fn there_is_an_id_token_only_for_openid_and_the_user_stays_the_same() {
    let flow = Flow::auto().await;
    let (one, two) = (flow.tokens().await, flow.tokens().await);
    assert!(one.get("id_token").is_none());
    assert_eq!(claims(&one["access_token"])["sub"], claims(&two["access_token"])["sub"]);
    assert_ne!(claims(&one["access_token"])["dci"], claims(&two["access_token"])["dci"]);
}

#[tokio::test]
async fn authorize_takes_query_form_and_json_and_token_takes_basic_form_and_json() {
    let flow = Flow::auto().await;
    let mut codes = vec![flow.code().await];
    let form = flow.post_form(&flow.endpoint("authorize"), &flow.request()).await;
    codes.push(query(&form, "code").unwrap());
    let mut members: serde_json::Map<_, _> =
        flow.request().0.into_iter().map(|(name, value)| (name, json!(value))).collect();
    members.insert(String::from("resource"), json!([RESOURCE, "https://other.example/"]));
    let sent = flow.emulator.post_with(None, &flow.endpoint("authorize"), &json!(members)).await;
    codes.push(query(&sent, "code").unwrap());

    let basic = {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        format!("Basic {}", STANDARD.encode(format!("{}:{}", flow.client.client_id, flow.client.secret)))
    };
    let path = flow.endpoint("token");
    let bare = flow.redemption(&codes[0]).without("client_secret").without("client_id").encoded();
    let by_basic = flow.emulator.raw(&path, Some(&basic), Some(FORM), &bare).await;
    let by_form = flow.token(&flow.redemption(&codes[1])).await;
    let members: serde_json::Map<_, _> =
        flow.redemption(&codes[2]).0.into_iter().map(|(name, value)| (name, json!(value))).collect();
    let by_json = flow.emulator.post_with(None, &path, &json!(members)).await;
    for answer in [&by_basic, &by_form, &by_json] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let audience = claims(&by_json.body["access_token"])["aud"].as_array().unwrap().clone();
    assert_eq!(audience[2..], [json!(RESOURCE), json!("https://other.example")]);
}

#[tokio::test]
async fn a_redirect_uri_may_be_left_out_at_the_token_endpoint_and_a_resource_is_inherited_or_picked() {
    let flow = Flow::auto().await;
    let request = flow.request().and("resource", "https://other.example");
    let code = flow.code_for(&request).await;
    let all = flow.token(&flow.redemption(&code).without("redirect_uri")).await;
    assert_eq!(claims(&all.body["access_token"])["aud"].as_array().unwrap().len(), 4);
    let code = flow.code_for(&request).await;
    let one = flow.token(&flow.redemption(&code).and("resource", "https://other.example/")).await;
    let audience = claims(&one.body["access_token"])["aud"].clone();
    assert_eq!(audience[2], "https://other.example");
    assert_eq!(audience.as_array().unwrap().len(), 3);
    let code = flow.code_for(&flow.request().without("resource")).await;
    let none = flow.token(&flow.redemption(&code)).await;
    assert_eq!(claims(&none.body["access_token"])["aud"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_loopback_redirect_may_have_any_port_and_localhost_too_unless_switched_off() {
    for exact in [false, true] {
        let emulator = Harness::with_config(|config| {
            let mut config = auto_consent(config);
            config.authorization.exact_localhost_port = exact;
            config
        });
        let uris = json!(["http://127.0.0.1/cb", "http://[::1]:1/cb", "http://localhost:1/cb"]);
        let flow = Flow::of(emulator, server(), json!({"name": "c", "approvedCallbackUrls": uris})).await;
        for (uri, ok) in [
            ("http://127.0.0.1:51000/cb", true),
            ("http://[::1]:51000/cb", true),
            ("http://localhost:1/cb", true),
            ("http://localhost:51000/cb", !exact),
        ] {
            let answer = flow.authorize(&flow.request().with("redirect_uri", uri)).await;
            assert_eq!(answer.status == StatusCode::FOUND, ok, "{uri} {exact}");
            if ok {
                assert!(location(&answer).starts_with(&format!("{uri}?code=")));
                let code = query(&answer, "code").unwrap();
                let tokens = flow.token(&flow.redemption(&code).with("redirect_uri", uri)).await;
                assert_eq!(tokens.status, StatusCode::OK);
            }
        }
    }
}

#[tokio::test]
async fn a_redirect_uri_with_a_query_keeps_it_and_a_client_without_any_has_its_servers() {
    let mut members = server();
    members["approvedCallbackUrls"] = json!(["https://app.example/cb?x=1"]);
    let flow = Flow::of(Harness::with_config(auto_consent), members, json!({"name": "c"})).await;
    let answer = flow.authorize(&flow.request().with("redirect_uri", "https://app.example/cb?x=1")).await;
    assert!(location(&answer).starts_with("https://app.example/cb?x=1&code="), "{}", answer.text);
}

#[tokio::test]
async fn scopes_are_cut_to_those_that_the_client_has_and_that_are_still_approved() {
    let flow = Flow::auto().await;
    let other = flow.emulator.client(&flow.server, {
        let mut members = client();
        members["scopes"] = json!(["read"]);
        members
    });
    let other = Flow { client: other.await, ..flow };
    let code = other.code_for(&other.request().with("scope", "write read read")).await;
    let tokens = other.token(&other.redemption(&code)).await.body;
    assert_eq!(tokens["scope"], "read");
    let code = other.code_for(&other.request().without("scope")).await;
    assert_eq!(other.token(&other.redemption(&code)).await.body["scope"], "read");

    let mut changed = server();
    changed["id"] = json!(other.server);
    changed["approvedScopes"] = json!({"permissionsScopes": [{"name": "write"}]});
    let updated = other.emulator.post("/v1/mgmt/mcp/server/update", &json!({ "server": changed })).await;
    assert_eq!(updated.status, StatusCode::OK);
    let refreshed = other.token(&other.refreshment(&tokens["refresh_token"])).await;
    assert_eq!(refreshed.status, StatusCode::OK);
    assert!(refreshed.body.get("scope").is_none(), "nothing of what was granted is approved any more");
    assert_eq!(claims(&refreshed.body["access_token"])["scope"], "");
}

#[tokio::test]
async fn session_settings_decide_how_long_tokens_and_grants_live() {
    let mut members = server();
    members["sessionSettings"] = json!({
        "enabled": true,
        "sessionTokenExpiration": 2, "sessionTokenExpirationUnit": "hours",
        "refreshTokenExpiration": 1, "refreshTokenExpirationUnit": "days",
    });
    let flow = Flow::of(Harness::with_config(auto_consent), members, client()).await;
    let tokens = flow.tokens().await;
    assert_eq!(tokens["expires_in"], 7_200);
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["exp"].as_u64().unwrap() - access["iat"].as_u64().unwrap(), 7_200);
    flow.emulator.state().clock.advance(7_200);
    assert!(!flow.is_good(&tokens).await);
    let refreshed = flow.token(&flow.refreshment(&tokens["refresh_token"])).await;
    assert_eq!(refreshed.status, StatusCode::OK);
    flow.emulator.state().clock.advance(86_400 - 7_200);
    refused(&flow.token(&flow.refreshment(&refreshed.body["refresh_token"])).await, 400, "invalid_grant");
}

#[tokio::test]
async fn forced_authorization_information_is_in_the_token() {
    let mut members = client();
    members["forceAddAllAuthorizationInfo"] = json!(true);
    let flow = Flow::of(Harness::with_config(auto_consent), server(), members).await;
    let access = claims(&flow.tokens().await["access_token"]);
    assert_eq!(
        (&access["tenants"], &access["roles"], &access["permissions"]),
        (&json!({}), &json!([]), &json!([]))
    );
}

#[tokio::test]
async fn discovery_names_what_there_is() {
    let flow = Flow::auto().await;
    let path = format!("/v1/apps/agentic/{}/{}", flow.emulator.project(), flow.server);
    let document = flow.emulator.get(&format!("{path}/.well-known/oauth-authorization-server")).await.body;
    assert_eq!(document["issuer"], flow.issuer());
    assert_eq!(document["scopes_supported"], json!(["read", "write"]));
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    for member in document.as_object().unwrap().keys().filter(|name| name.ends_with("_endpoint")) {
        let url = document[member].as_str().unwrap();
        let path = url.strip_prefix(Harness::PUBLIC_URL).unwrap();
        let answer = flow.emulator.raw(path, None, Some(FORM), "").await;
        assert_ne!(answer.status, StatusCode::NOT_FOUND, "{member}");
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{member}");
    }
    for grant in document["grant_types_supported"].as_array().unwrap() {
        let request = flow.redemption("x").with("grant_type", grant.as_str().unwrap());
        assert_ne!(flow.token(&request).await.body["error"], "unsupported_grant_type", "{grant}");
    }
    let request = flow.redemption("x").with("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    refused(&flow.token(&request).await, 400, "unsupported_grant_type");
}
