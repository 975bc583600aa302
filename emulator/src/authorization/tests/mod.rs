//! The endpoints together, as clients and attackers use them. This file has what the others share: an MCP server, a
//! client of it, and the steps of the code flow.

mod attacks;
mod authorize_errors;
mod code_flow;
mod consent_page;
mod document_clients;
mod project_endpoints;
mod refresh;
mod revocation;
mod self_registered;
mod variants;

use axum::http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::config::Config;
use crate::testing::{Answer, Harness, MadeClient};

pub(crate) use variants::shows_rotation_tokens;

const FORM: &str = "application/x-www-form-urlencoded";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "https://app.example/cb";
const RESOURCE: &str = "https://mcp.example/mcp";

struct Flow {
    emulator: Harness,
    server: String,
    client: MadeClient,
}

/// Parameters of a request, in order; a later one of the same name takes the place of an earlier.
#[derive(Clone)]
struct Params(Vec<(String, String)>);

impl Params {
    fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.and(name, value)
    }

    fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0.retain(|(held, _)| held != name);
        self
    }

    fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

fn server() -> Value {
    json!({
        "name": "Orders",
        "approvedScopes": {"permissionsScopes": [
            {"name": "read", "description": "Read your orders"},
            {"name": "write", "description": "Change your orders", "optional": true},
        ]},
        "audienceWhitelist": [RESOURCE, "https://other.example"],
    })
}

fn client() -> Value {
    json!({"name": "Agent", "approvedCallbackUrls": [REDIRECT, "http://127.0.0.1/cb"]})
}

impl Flow {
    async fn new() -> Self {
        Self::of(Harness::new(), server(), client()).await
    }

    /// Without a consent page.
    async fn auto() -> Self {
        Self::of(Harness::with_config(auto_consent), server(), client()).await
    }

    async fn of(emulator: Harness, server: Value, client: Value) -> Self {
        let server = emulator.server(server).await;
        let client = emulator.client(&server, client).await;
        Self { emulator, server, client }
    }

    fn issuer(&self) -> String {
        format!("{}/v1/apps/agentic/{}/{}", Harness::PUBLIC_URL, self.emulator.project(), self.server)
    }

    fn endpoint(&self, name: &str) -> String {
        format!("/oauth2/v1/apps/agentic/{}/{}/{name}", self.emulator.project(), self.server)
    }

    /// A good authorization request.
    fn request(&self) -> Params {
        Params(Vec::new())
            .and("response_type", "code")
            .and("client_id", &self.client.client_id)
            .and("redirect_uri", REDIRECT)
            .and("state", "s t&a=te")
            .and("scope", "read write")
            .and("resource", RESOURCE)
            .and("code_challenge", CHALLENGE)
            .and("code_challenge_method", "S256")
    }

    async fn authorize(&self, request: &Params) -> Answer {
        self.emulator.get(&format!("{}?{}", self.endpoint("authorize"), request.encoded())).await
    }

    /// A code for this request, from an emulator that does not ask.
    async fn code_for(&self, request: &Params) -> String {
        let answer = self.authorize(request).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.text);
        query(&answer, "code").unwrap_or_else(|| panic!("no code in {}", location(&answer)))
    }

    async fn code(&self) -> String {
        self.code_for(&self.request()).await
    }

    /// A good token request for this code.
    fn redemption(&self, code: &str) -> Params {
        Params(Vec::new())
            .and("grant_type", "authorization_code")
            .and("code", code)
            .and("redirect_uri", REDIRECT)
            .and("code_verifier", VERIFIER)
            .and("client_id", &self.client.client_id)
            .and("client_secret", &self.client.secret)
    }

    /// A good token request for this refresh token.
    fn refreshment(&self, refresh_token: &Value) -> Params {
        Params(Vec::new())
            .and("grant_type", "refresh_token")
            .and("refresh_token", refresh_token.as_str().unwrap())
            .and("client_id", &self.client.client_id)
            .and("client_secret", &self.client.secret)
    }

    async fn token(&self, request: &Params) -> Answer {
        self.post_form(&self.endpoint("token"), request).await
    }

    async fn post_form(&self, path: &str, request: &Params) -> Answer {
        self.emulator.raw(path, None, Some(FORM), &request.encoded()).await
    }

    /// The tokens of the whole flow.
    async fn tokens(&self) -> Value {
        let answer = self.token(&self.redemption(&self.code().await)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.body
    }

    async fn userinfo(&self, token: &str) -> Answer {
        let path = format!("/oauth2/v1/apps/{}/userinfo", self.emulator.project());
        self.emulator.get_with(Some(&format!("Bearer {token}")), &path).await
    }

    /// Whether this access token opens the userinfo endpoint.
    async fn is_good(&self, tokens: &Value) -> bool {
        let answer = self.userinfo(tokens["access_token"].as_str().unwrap()).await;
        match answer.status {
            StatusCode::OK => true,
            StatusCode::UNAUTHORIZED => {
                assert_eq!(answer.body["error"], "invalid_token");
                assert_eq!(answer.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
                false
            }
            other => panic!("{other}: {}", answer.text),
        }
    }

    fn named(&self) -> Value {
        json!({"id": self.client.id, "mcpServerId": self.server})
    }
}

fn auto_consent(mut config: Config) -> Config {
    config.authorization.auto_consent = true;
    config
}

fn location(answer: &Answer) -> String {
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// A parameter of the URL that the browser is sent to.
fn query(answer: &Answer, name: &str) -> Option<String> {
    let url = Url::parse(&location(answer)).unwrap();
    url.query_pairs().find(|(held, _)| held == name).map(|(_, value)| value.into_owned())
}

/// The value of a hidden field or attribute right after this text.
fn after<'a>(html: &'a str, text: &str) -> &'a str {
    let rest = &html[html.find(text).unwrap_or_else(|| panic!("no {text} in {html}")) + text.len()..];
    &rest[..rest.find('"').unwrap()]
}

fn ticket(page: &Answer) -> String {
    after(&page.text, "name=\"ticket\" value=\"").to_owned()
}

fn claims(token: &Value) -> Value {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A refusal of the token endpoint.
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status.as_u16(), &answer.body["error"]), (status, &json!(error)), "{}", answer.text);
    assert_eq!(answer.headers["cache-control"], "no-store");
}
