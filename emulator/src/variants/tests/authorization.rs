//! Switches of the authorization server, questions 10, 11 and 12.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";
const CHALLENGE: &str =
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

pub(super) async fn shows(name: &str, value: &str) -> bool {
    match name {
        "rotation" => rotation(value).await,
        "m2m-scope" => {
            let fixture = Fixture::new(name, value).await;
            fixture.post(CLIENT_UPDATE, fixture.named(json!({"scopes": ["a", "b"]}))).await;
            let claims = claims(&fixture, "").await;
            assert_eq!(claims.get("scope"), (value == "present").then(|| json!("a b")).as_ref());
        }
        "m2m-aud" => audience(value).await,
        "token-issuer" => {
            let fixture = Fixture::new(name, value).await;
            let project = fixture.emulator.project();
            let path = match value {
                "server" => format!("/v1/apps/agentic/{project}/{}", fixture.server),
                _ => format!("/v1/apps/{project}"),
            };
            let claims = claims(&fixture, "").await;
            assert_eq!(claims["iss"], format!("{}{path}", Harness::PUBLIC_URL));
        }
        "token-errors" => {
            let fixture = Fixture::new(name, value).await;
            let wrong = token(&fixture, "wrong", "").await;
            assert_eq!(wrong.status, StatusCode::UNAUTHORIZED, "{}", wrong.text);
            let (standard, envelope) = (wrong.body.get("error"), wrong.body.get("errorCode"));
            assert_eq!((standard.is_some(), envelope.is_some()), (value == "oauth", value == "descope"));
        }
        "dcr-status" => {
            let fixture = Fixture::new(name, value).await;
            let answer = register(&fixture, "client_secret_basic").await;
            assert_eq!(answer.status.as_str(), value, "{}", answer.text);
        }
        "dcr-public-secret" => {
            let fixture = Fixture::new(name, value).await;
            let answer = register(&fixture, "none").await;
            assert_eq!(answer.body.get("client_secret").is_some(), value == "present", "{}", answer.text);
        }
        "secret-expiry" => {
            let fixture = Fixture::new(name, value).await;
            let answer = register(&fixture, "client_secret_basic").await;
            assert!(answer.body["client_secret"].is_string(), "{}", answer.text);
            let expected = (value == "zero").then(|| json!(0));
            assert_eq!(answer.body.get("client_secret_expires_at"), expected.as_ref());
        }
        "dcr-client-credentials" => {
            let fixture = Fixture::new(name, value).await;
            let grants = json!(["authorization_code", "client_credentials"]);
            let answer = register_with(&fixture, json!({"grant_types": grants})).await;
            let all = json!(["authorization_code", "client_credentials"]);
            let expected = if value == "allow" { all } else { json!(["authorization_code"]) };
            assert_eq!(answer.body["grant_types"], expected, "{}", answer.text);
            let alone = register_with(&fixture, json!({"grant_types": ["client_credentials"]})).await;
            assert_eq!(alone.status == StatusCode::CREATED, value == "allow", "{}", alone.text);
        }
        "self-registered-errors" => {
            let fixture = Fixture::new(name, value).await;
            let answer = authorize(&fixture, "").await;
            let status = if value == "page" { StatusCode::BAD_REQUEST } else { StatusCode::FOUND };
            assert_eq!(answer.status, status, "{}", answer.text);
            assert_eq!(answer.headers.contains_key("location"), value == "redirect");
        }
        "self-registered-consent" => {
            let fixture = Fixture::new(name, value).await;
            let update = json!({"server": {"id": fixture.server, "name": "s", "skipConsentScreen": true}});
            fixture.post(UPDATE, update).await;
            let answer = authorize(&fixture, CHALLENGE).await;
            let status = if value == "ask" { StatusCode::OK } else { StatusCode::FOUND };
            assert_eq!(answer.status, status, "{}", answer.text);
        }
        // The flow that it takes is tested where refresh tokens are.
        "rotation-tokens" => crate::authorization::shows_rotation_tokens(value).await,
        _ => return false,
    }
    true
}

async fn token(fixture: &Fixture, secret: &str, more: &str) -> Answer {
    let path = format!("/oauth2/v1/apps/agentic/{}/{}/token", fixture.emulator.project(), fixture.server);
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", fixture.client.client_id)));
    let body = format!("grant_type=client_credentials{more}");
    fixture.emulator.raw(&path, Some(&basic), Some(FORM), &body).await
}

async fn claims(fixture: &Fixture, more: &str) -> Value {
    let answer = token(fixture, &fixture.client.secret, more).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let jwt = answer.body["access_token"].as_str().unwrap();
    let payload = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

async fn rotation(value: &str) {
    let fixture = Fixture::new("rotation", value).await;
    let rotated = fixture.post(ROTATE, fixture.named(json!({}))).await;
    let new = rotated.body["cleartext"].as_str().unwrap().to_owned();
    let old = token(&fixture, &fixture.client.secret, "").await;
    assert_eq!(old.status == StatusCode::OK, value == "grace", "{}", old.text);
    assert_eq!(token(&fixture, &new, "").await.status, StatusCode::OK);
    assert_eq!(token(&fixture, "wrong", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(fixture.post(SECRET, fixture.named(json!({}))).await.body["cleartext"], json!(new));
}

async fn audience(value: &str) {
    let emulator = Harness::with_variants(&[("m2m-aud", value)]);
    let server = emulator.server(json!({"name": "s", "audienceWhitelist": ["https://a.example/mcp"]})).await;
    let client = emulator.client(&server, json!({"name": "c"})).await;
    let fixture = Fixture { emulator, server, client };
    let (client, project) = (json!(fixture.client.client_id), json!(fixture.emulator.project()));
    let claims_of = claims(&fixture, "&resource=https%3A%2F%2Fa.example%2Fmcp").await;
    let resource = json!("https://a.example/mcp");
    let expected = match value {
        "ids" => json!([client, project]),
        "resource" => json!([resource]),
        _ => json!([client, project, resource]),
    };
    assert_eq!(claims_of["aud"], expected);
    assert_eq!(claims(&fixture, "").await["aud"], json!([client, project]));
}

async fn register(fixture: &Fixture, method: &str) -> Answer {
    register_with(fixture, json!({"token_endpoint_auth_method": method})).await
}

async fn register_with(fixture: &Fixture, more: Value) -> Answer {
    let path = format!("/v1/mgmt/mcp/client/{}/{}/register", fixture.emulator.project(), fixture.server);
    let mut body = json!({"client_name": "c", "redirect_uris": ["https://a.example/cb"]});
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    fixture.emulator.raw(&path, None, Some("application/json"), &body.to_string()).await
}

/// The answer to an authorization request of a client that registered itself, with these parameters more.
async fn authorize(fixture: &Fixture, more: &str) -> Answer {
    let registered = register(fixture, "none").await;
    let client_id = registered.body["client_id"].as_str().unwrap().replace('=', "%3D");
    let project = fixture.emulator.project();
    let path = format!("/oauth2/v1/apps/agentic/{project}/{}/authorize", fixture.server);
    let query = format!("response_type=code&client_id={client_id}&redirect_uri=https://a.example/cb{more}");
    fixture.emulator.get(&format!("{path}?{query}")).await
}
