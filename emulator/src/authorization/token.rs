//! The token endpoint of one MCP server, for `client_credentials` (RFC 6749 section 4.4).
//!
//! Basis: the path, both encodings and both authentication methods are documented or observed; errors follow the
//! RFC. A client gets its own scopes, or those of them that it asks for; they are in the answer, not in the token.
//! `resource` is accepted and changes nothing, as observed. The lifetime is `keySessionTokenExpiration` of the server's
//! session settings, or ten minutes.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access_token::Claims;
use super::client_authentication::Credentials;
use super::oauth_error::OAuthError;
use super::parameters::Parameters;
use super::{ServerPath, SigningKey, Urls, find};
use crate::app::App;
use crate::problem::Problem;
use crate::records::session_settings::key_token_lifetime;
use crate::store::ClientRow;
use crate::{clock, ids};

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    path: ServerPath,
    request: Request,
) -> Result<Response, OAuthError> {
    let (project, server) = find(&app, path).await?;
    let headers = request.headers().clone();
    let mut parameters = Parameters::read(request).await?;
    match parameters.take_text("grant_type").as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(OAuthError::UnsupportedGrantType),
        None => return Err(OAuthError::InvalidRequest("grant_type is missing")),
    }
    let credentials = Credentials::take(&headers, &mut parameters)?;
    let client = credentials.verify(&app, &project.id, &server.id).await?;
    let scope = granted(&client, parameters.take_text("scope"))?;

    let urls = Urls { base: &app.public_url, project: &project.id, server: &server.id };
    let lifetime = key_token_lifetime(&server.body);
    let token_id = ids::token_id().map_err(Problem::from)?;
    let claims =
        Claims::of_client(&client, &project.id, urls.issuer(), clock::now_unix_seconds(), lifetime, token_id);
    let key = SigningKey::of(project).await?;
    let token = key.sign(&claims).map_err(|error| Problem::internal(&error))?;

    let mut answer = json!({"access_token": token, "token_type": "Bearer", "expires_in": lifetime.as_secs()});
    if !scope.is_empty() {
        answer["scope"] = Value::String(scope);
    }
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(answer)).into_response())
}

/// The scopes asked for, or all that the client has; separated by spaces, each once.
fn granted(client: &ClientRow, asked: Option<String>) -> Result<String, OAuthError> {
    let scopes = client.body.get("scopes").and_then(Value::as_array);
    let own: Vec<_> = scopes.into_iter().flatten().filter_map(Value::as_str).collect();
    let mut seen = HashSet::new();
    let Some(asked) = asked else {
        let all: Vec<_> = own.into_iter().filter(|scope| seen.insert(*scope)).collect();
        return Ok(all.join(" "));
    };
    let own: HashSet<_> = own.into_iter().collect();
    let asked: Vec<_> = asked.split(' ').filter(|scope| !scope.is_empty() && seen.insert(*scope)).collect();
    if asked.iter().all(|scope| own.contains(scope)) {
        Ok(asked.join(" "))
    } else {
        Err(OAuthError::InvalidScope)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::http::StatusCode;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use jsonwebtoken::jwk::JwkSet;
    use jsonwebtoken::{Algorithm, DecodingKey, Validation};
    use serde_json::{Value, json};

    use crate::testing::{Answer, Harness, MadeClient};

    const FORM: &str = "application/x-www-form-urlencoded";

    struct Fixture {
        emulator: Harness,
        server: String,
        client: MadeClient,
    }

    impl Fixture {
        async fn new(server: Value) -> Self {
            let emulator = Harness::new();
            let server = emulator.server(server).await;
            let client = emulator.client(&server, json!({"name": "c", "scopes": ["a", "b", "a"]})).await;
            Self { emulator, server, client }
        }

        fn path(&self) -> String {
            format!("/oauth2/v1/apps/agentic/{}/{}/token", self.emulator.project(), self.server)
        }

        fn basic(&self, secret: &str) -> String {
            format!("Basic {}", STANDARD.encode(format!("{}:{secret}", self.client.client_id)))
        }

        async fn with_basic(&self, secret: &str, body: &str) -> Answer {
            self.emulator.raw(&self.path(), Some(&self.basic(secret)), Some(FORM), body).await
        }

        async fn with_post(&self, body: &str) -> Answer {
            self.emulator.raw(&self.path(), None, Some(FORM), body).await
        }
    }

    fn refused(answer: &Answer, status: u16, error: &str) {
        assert_eq!(
            (answer.status.as_u16(), &answer.body["error"]),
            (status, &json!(error)),
            "{}",
            answer.text
        );
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(answer.body["error_description"].is_string());
    }

    #[tokio::test]
    async fn a_client_gets_a_token_that_its_projects_keys_verify() {
        let fixture = Fixture::new(json!({"name": "s"})).await;
        let answer =
            fixture.with_basic(&fixture.client.secret, "grant_type=client_credentials&resource=x").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.body["token_type"], "Bearer");
        assert_eq!((&answer.body["expires_in"], &answer.body["scope"]), (&json!(600), &json!("a b")));

        let project = fixture.emulator.project();
        let keys = fixture.emulator.get(&format!("/{project}/.well-known/jwks.json")).await.text;
        let keys: JwkSet = serde_json::from_str(&keys).unwrap();
        let token = answer.body["access_token"].as_str().unwrap();
        let header = jsonwebtoken::decode_header(token).unwrap();
        assert_eq!(header.alg, Algorithm::RS256);
        let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[project]);
        let issuer = format!("{}/v1/apps/agentic/{project}/{}", Harness::PUBLIC_URL, fixture.server);
        validation.set_issuer(&[&issuer]);
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims;
        assert_eq!(claims["aud"], json!([fixture.client.client_id, project]));
        assert_eq!(
            (&claims["sub"], &claims["azp"]),
            (&json!(fixture.client.id), &json!(fixture.client.client_id))
        );
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 600);
        let names: BTreeSet<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, BTreeSet::from(["aud", "azp", "exp", "iat", "iss", "jti", "sub"]));
    }

    #[tokio::test]
    async fn credentials_may_come_by_basic_encoded_or_not_by_post_and_in_json() {
        let fixture = Fixture::new(json!({"name": "s"})).await;
        let (id, secret) = (&fixture.client.client_id, &fixture.client.secret);
        let encoded = id.replace('=', "%3D");
        let basic = format!("Basic {}", STANDARD.encode(format!("{encoded}:{secret}")));
        let json_body = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret, "scope": null});
        let form_body =
            format!("grant_type=client_credentials&client_id={encoded}&client_secret={secret}&scope=");
        let bearer = format!("Bearer {}", fixture.emulator.project());
        for (credentials, content_type, body) in [
            (Some(&basic), FORM, String::from("grant_type=client_credentials")),
            (Some(&basic), FORM, format!("grant_type=client_credentials&client_id={encoded}")),
            (Some(&basic), "application/json", json!({"grant_type": "client_credentials"}).to_string()),
            (None, FORM, form_body.clone()),
            (Some(&bearer), FORM, form_body),
            (None, "application/json", json_body.to_string()),
        ] {
            let credentials = credentials.map(String::as_str);
            let answer = fixture.emulator.raw(&fixture.path(), credentials, Some(content_type), &body).await;
            assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.text);
        }
    }

    #[tokio::test]
    async fn wrong_credentials_are_an_invalid_client_and_basic_gets_a_challenge() {
        let fixture = Fixture::new(json!({"name": "s"})).await;
        let (id, secret) = (&fixture.client.client_id, &fixture.client.secret);
        for wrong in ["", "x", &secret[1..], &format!("{secret}%26"), &format!("{secret}&a=b")] {
            let answer = fixture.with_basic(wrong, "grant_type=client_credentials").await;
            refused(&answer, 401, "invalid_client");
            assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
        }
        for header in ["Basic", "Basic ???", "Basic YQ==", "Bearer x"] {
            let body = "grant_type=client_credentials";
            let answer = fixture.emulator.raw(&fixture.path(), Some(header), Some(FORM), body).await;
            refused(&answer, 401, "invalid_client");
            assert!(answer.headers.contains_key("www-authenticate"), "{header}");
        }
        for posted in [
            String::new(),
            format!("&client_id={id}"),
            format!("&client_secret={secret}"),
            format!("&client_id={id}&client_secret=x"),
            format!("&client_id={}&client_secret={secret}", fixture.client.id),
        ] {
            let answer = fixture.with_post(&format!("grant_type=client_credentials{posted}")).await;
            refused(&answer, 401, "invalid_client");
            assert!(!answer.headers.contains_key("www-authenticate"));
        }
    }

    #[tokio::test]
    async fn a_rotated_secret_is_refused_at_once_and_the_new_one_works() {
        let fixture = Fixture::new(json!({"name": "s"})).await;
        let named = json!({"id": fixture.client.id, "mcpServerId": fixture.server});
        let rotated = fixture.emulator.post("/v1/mgmt/mcp/server/client/secret/rotate", &named).await;
        let body = "grant_type=client_credentials";
        refused(&fixture.with_basic(&fixture.client.secret, body).await, 401, "invalid_client");
        let answer = fixture.with_basic(rotated.body["cleartext"].as_str().unwrap(), body).await;
        assert_eq!(answer.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn deleted_clients_servers_and_those_of_others_get_nothing() {
        let fixture = Fixture::new(json!({"name": "s"})).await;
        let emulator = &fixture.emulator;
        let body = "grant_type=client_credentials";
        let credentials = fixture.basic(&fixture.client.secret);
        let other = emulator.server(json!({"name": "other"})).await;
        let path = format!("/oauth2/v1/apps/agentic/{}/{other}/token", emulator.project());
        let answer = emulator.raw(&path, Some(&credentials), Some(FORM), body).await;
        refused(&answer, 401, "invalid_client");

        let named = json!({"id": fixture.client.id, "mcpServerId": fixture.server});
        emulator.post("/v1/mgmt/mcp/server/client/delete", &named).await;
        refused(&fixture.with_basic(&fixture.client.secret, body).await, 401, "invalid_client");

        emulator.post("/v1/mgmt/mcp/server/delete", &json!({"id": fixture.server})).await;
        refused(&fixture.with_basic(&fixture.client.secret, body).await, 404, "invalid_request");
    }

    #[tokio::test]
    async fn scopes_are_cut_to_those_asked_for_and_never_widened() {
        let fixture = Fixture::new(json!({"name": "s"})).await;
        let secret = &fixture.client.secret;
        let answer = fixture.with_basic(secret, "grant_type=client_credentials&scope=b+b").await;
        assert_eq!(answer.body["scope"], "b");
        for scope in ["c", "a+c", "A"] {
            let answer =
                fixture.with_basic(secret, &format!("grant_type=client_credentials&scope={scope}")).await;
            refused(&answer, 400, "invalid_scope");
        }
    }

    #[tokio::test]
    async fn requests_that_are_no_token_requests_are_refused() {
        let fixture = Fixture::new(json!({"name": "s"})).await;
        let (id, secret) = (&fixture.client.client_id, &fixture.client.secret);
        for (body, error) in [
            (String::new(), "invalid_request"),
            (String::from("grant_type="), "invalid_request"),
            (String::from("grant_type=authorization_code&code=x"), "unsupported_grant_type"),
            (String::from("grant_type=client_credentials&grant_type=client_credentials"), "invalid_request"),
            (format!("grant_type=client_credentials&client_secret={secret}"), "invalid_request"),
            (format!("grant_type=client_credentials&client_id=x{id}"), "invalid_request"),
        ] {
            refused(&fixture.with_basic(secret, &body).await, 400, error);
        }
        let credentials = fixture.basic(secret);
        for (content_type, body) in [
            (None, "grant_type=client_credentials"),
            (Some("text/plain"), "grant_type=client_credentials"),
            (Some("application/json"), "grant_type=client_credentials"),
            (Some("application/json"), r#"{"grant_type": ["client_credentials"]}"#),
        ] {
            let answer = fixture.emulator.raw(&fixture.path(), Some(&credentials), content_type, body).await;
            refused(&answer, 400, "invalid_request");
        }
        let long = format!("grant_type=client_credentials&scope={}", "x".repeat(300_000));
        refused(&fixture.with_basic(secret, &long).await, 413, "invalid_request");
    }

    #[tokio::test]
    async fn session_settings_decide_how_long_a_token_lives() {
        let settings = json!({"enabled": true, "keySessionTokenExpiration": 2, "keySessionTokenExpirationUnit": "hours"});
        let fixture = Fixture::new(json!({"name": "s", "sessionSettings": settings})).await;
        let answer = fixture.with_basic(&fixture.client.secret, "grant_type=client_credentials").await;
        assert_eq!(answer.body["expires_in"], 7_200);
    }
}
