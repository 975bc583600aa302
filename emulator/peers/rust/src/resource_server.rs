//! An MCP server with one tool behind an access token, as RFC 9728 has it.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{tool, tool_router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::emulator::{Emulator, http_client};

struct Notes;

#[tool_router(server_handler)]
impl Notes {
    #[tool(description = "Says it quietly")]
    fn whisper(&self) -> String {
        String::from("hello, quietly")
    }
}

/// What decides whether a token is good.
struct Guard {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
    challenge: HeaderValue,
}

/// Starts it on a free port; its URL and the id of its record.
pub async fn start(emulator: &Emulator) -> Result<(String, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let url = format!("{origin}/mcp");
    let server = emulator.make_server(&url).await?;
    let issuer = emulator.issuer(&server);

    let jwks = format!("{}/v2/keys/{}", emulator.base_url, emulator.project_id);
    let set: JwkSet = http_client()?.get(jwks).send().await?.json().await?;
    let mut keys = HashMap::new();
    for key in &set.keys {
        let id = key.common.key_id.clone().context("a key without an id")?;
        keys.insert(id, DecodingKey::from_jwk(key)?);
    }
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[&issuer]);
    // A token of a client for itself names no resource, as the service does it.
    validation.set_audience(&[&url, &emulator.project_id]);
    let metadata = format!("{origin}/.well-known/oauth-protected-resource/mcp");
    let challenge = format!("Bearer resource_metadata=\"{metadata}\", scope=\"notes:read\"");
    let guard = Arc::new(Guard { keys, validation, challenge: HeaderValue::try_from(challenge)? });

    let service = StreamableHttpService::new(
        || Ok(Notes),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default(),
    );
    let protected = Router::new()
        .route_service("/mcp", service)
        .route_layer(middleware::from_fn_with_state(guard, require_token));
    let description = json!({
        "resource": url,
        "authorization_servers": [issuer],
        "scopes_supported": ["notes:read"],
        "bearer_methods_supported": ["header"],
    });
    let describe = get(move || async move { Json::<Value>(description) });
    let app = protected.route("/.well-known/oauth-protected-resource/mcp", describe);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((url, server))
}

async fn require_token(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|header| header.strip_prefix("Bearer "));
    if token.is_some_and(|token| guard.admits(token)) {
        return next.run(request).await;
    }
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, guard.challenge.clone())]).into_response()
}

impl Guard {
    fn admits(&self, token: &str) -> bool {
        let key = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
        let key = key.and_then(|id| self.keys.get(&id));
        key.is_some_and(|key| jsonwebtoken::decode::<Value>(token, key, &self.validation).is_ok())
    }
}
