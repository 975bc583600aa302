//! The token endpoint, for three grants: `authorization_code`, `refresh_token` and `client_credentials`, each in its
//! file.
//!
//! Basis: the paths, both encodings and the authentication methods are documented or observed; errors follow RFC 6749
//! unless `--variant token-errors` says otherwise.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::client_authentication::Credentials;
use super::entrance::{Destination, Entrance};
use super::oauth_error::OAuthError;
use super::parameters::Parameters;
use super::{authorization_code, client_credentials, granted_to, refresh_token};
use crate::app::App;
use crate::problem::Problem;
use crate::registration::GrantType;
use crate::store::ClientRef;

pub(super) async fn handle(State(app): State<Arc<App>>, entrance: Entrance, request: Request) -> Response {
    match answer(&app, entrance, request).await {
        Ok(body) => {
            let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (headers, Json(body)).into_response()
        }
        Err(error) => error.respond(app.variants().token_errors()),
    }
}

/// Its operationId in the document.
const ID: &str = "ThirdPartyApplicationTokenEndpointByMcpServerID";

async fn answer(app: &App, entrance: Entrance, request: Request) -> Result<Value, OAuthError> {
    let destination = entrance.enter(app).await?;
    let headers = request.headers().clone();
    let mut parameters = Parameters::read_single(request, ID).await?;
    let grant_type = match parameters.take_text("grant_type").as_deref() {
        Some("authorization_code") => GrantType::AuthorizationCode,
        Some("refresh_token") => GrantType::RefreshToken,
        Some("client_credentials") => GrantType::ClientCredentials,
        Some(_) => return Err(OAuthError::UnsupportedGrantType),
        None => return Err(OAuthError::InvalidRequest("grant_type is missing")),
    };
    let granted_to = granted_to_client(app, &destination, grant_type, &parameters).await?;
    let credentials = Credentials::take(&headers, &mut parameters)?;
    let party = credentials.verify(destination, granted_to.as_ref()).await?;
    if !party.client.may_use(grant_type) {
        return Err(OAuthError::UnauthorizedClient);
    }
    match grant_type {
        GrantType::AuthorizationCode => authorization_code::exchange(&party, parameters).await,
        GrantType::RefreshToken => refresh_token::exchange(&party, parameters).await,
        GrantType::ClientCredentials => client_credentials::exchange(&party, parameters).await,
    }
}

/// The client that the code or refresh token of a request was granted to, where the path does not name its MCP server.
async fn granted_to_client(
    app: &App,
    destination: &Destination<'_>,
    grant_type: GrantType,
    parameters: &Parameters,
) -> Result<Option<ClientRef>, Problem> {
    match (destination, grant_type) {
        (Destination::Server(_), _) | (_, GrantType::ClientCredentials) => Ok(None),
        (_, GrantType::AuthorizationCode) => granted_to::of_code(app, parameters.get("code")).await,
        (_, GrantType::RefreshToken) => {
            granted_to::of_refresh_token(app, parameters.get("refresh_token")).await
        }
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
        let answer = fixture
            .with_basic(&fixture.client.secret, "grant_type=client_credentials&resource=https://mcp.example")
            .await;
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
            (String::from("grant_type=password&username=x"), "unsupported_grant_type"),
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
