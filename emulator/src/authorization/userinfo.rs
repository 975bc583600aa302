//! The userinfo endpoint (OpenID Connect Core section 5.3), by GET and POST.
//!
//! Basis: documented for the path. The claims are at the top level, as callers read them; the document that nests them
//! under `userInfoClaims` is contradicted by those. The service is seen to refuse tokens of MCP servers here with "Third
//! party application not found"; an endpoint that discovery names and that knows nobody helps no one, so they are taken.
//! A token without `openid` is taken too, since servers approve scopes of their own only (assumed). Refusals are those of
//! RFC 6750, unless `--variant token-errors=descope` puts them in the envelope.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::entrance::Entrance;
use super::parameters::Parameters;
use super::{demo_user, received_token};
use crate::app::{App, ProjectState};
use crate::body;
use crate::problem::Problem;
use crate::variants::TokenErrors;

/// Why there is no answer.
enum Refusal {
    /// No token was sent. Says nothing of errors, as RFC 6750 section 3.1 has it.
    NoToken,
    /// The token is not one that is good here.
    InvalidToken,
    Failed(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// Its operationId in the document.
const ID: &str = "ThirdPartyApplicationUserInfoEndpointPostByProjectID";

pub(super) async fn handle(State(app): State<Arc<App>>, entrance: Entrance, request: Request) -> Response {
    match answer(&app, entrance, request).await {
        Ok(claims) => {
            ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(claims)).into_response()
        }
        Err(refusal) => refusal.respond(app.variants.token_errors()),
    }
}

async fn answer(app: &App, entrance: Entrance, request: Request) -> Result<Value, Refusal> {
    let project = entrance.project(app)?;
    let token = token(request).await.ok_or(Refusal::NoToken)?;
    let project = project.or_else(|| project_of(app, &token)).ok_or(Refusal::InvalidToken)?;
    let claims = received_token::read(app, project, &token).await?.ok_or(Refusal::InvalidToken)?;
    let grant = received_token::live_grant(app, &claims).await?.ok_or(Refusal::InvalidToken)?;
    if grant.user_id != claims.sub || grant.client.project != project.id {
        return Err(Refusal::InvalidToken);
    }
    let mut answer = demo_user::claims(&claims.scope);
    answer.insert(String::from("sub"), json!(claims.sub));
    Ok(Value::Object(answer))
}

/// From the header, or from the form of a POST (RFC 6750 sections 2.1 and 2.2); never from the query.
async fn token(request: Request) -> Option<String> {
    if let Some(token) = bearer(request.headers()) {
        return Some(token.to_owned());
    }
    let is_post = request.method() == Method::POST && body::media_type(request.headers()).is_some();
    if !is_post {
        return None;
    }
    Parameters::read_single(request, ID).await.ok()?.take_text("access_token")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The project whose key the token says it was signed with; whether it was is checked later.
pub(super) fn project_of<'a>(app: &'a App, token: &str) -> Option<&'a ProjectState> {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?).ok()?;
    let issuer = claims.get("iss")?.as_str()?.strip_prefix(app.public_url.as_str())?;
    let path = issuer.strip_prefix("/v1/apps/")?;
    let path = path.strip_prefix("agentic/").unwrap_or(path);
    app.project(path.split('/').next()?)
}

impl Refusal {
    fn respond(self, form: TokenErrors) -> Response {
        let (challenge, error, description) = match self {
            Self::Failed(problem) => return problem.into_response(),
            Self::NoToken => ("Bearer", "invalid_request", "an access token is required"),
            Self::InvalidToken => {
                ("Bearer error=\"invalid_token\"", "invalid_token", "the token is not good here")
            }
        };
        let body = match form {
            TokenErrors::OAuth => json!({"error": error, "error_description": description}),
            TokenErrors::Descope => {
                json!({"errorCode": "E111119", "errorDescription": error, "errorMessage": description})
            }
        };
        let headers = [
            (header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (StatusCode::UNAUTHORIZED, headers, Json(body)).into_response()
    }
}
