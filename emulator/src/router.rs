//! Which request goes to which handler, and through which layers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::Uri;
use axum::middleware::{self, Next};
use axum::response::Response;

use crate::app::App;
use crate::problem::{self, Kind, Problem};
use crate::{adversity, authorization, exchanges, limits, mask, operations, registration};

/// Longer bodies are refused with 413. The largest sensible request is a server with some hundred scopes.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Slower bodies are refused with 408.
const MAX_BODY_TIME: Duration = Duration::from_secs(20);

pub(crate) fn router(state: Arc<App>) -> Router {
    let mut management = Router::new();
    for operation in operations::all() {
        management = management.route(operation.path, operation.handler);
    }
    if problem::changed_by(&state.variants) {
        let variants = Arc::new(state.variants.clone());
        management = management.layer(middleware::from_fn_with_state(variants, problem::under_variants));
    }
    let mut router = management
        .merge(authorization::routes())
        .merge(registration::routes())
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(MAX_BODY_TIME, limits::bound_body_time));
    // From the inside out, and only those that have something to do.
    if let Some(switch) = &state.adversity {
        router = router.layer(middleware::from_fn_with_state(Arc::clone(switch), adversity::interfere));
    }
    if let Some(limiter) = &state.limiter {
        router = router.layer(middleware::from_fn_with_state(Arc::clone(limiter), limits::limit_rate));
    }
    if let Some(log) = &state.exchanges {
        router = router.layer(middleware::from_fn_with_state(Arc::clone(log), exchanges::record));
    }
    router = router.layer(middleware::from_fn(log));
    if state.adversity.is_some() {
        router = router.layer(middleware::from_fn(adversity::perform_resets));
    }
    router.with_state(state)
}

async fn no_such_path(uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(200).collect();
    Problem::new(Kind::PathNotFound, format!("there is nothing at {path}"))
}

async fn no_such_method(request: Request) -> Problem {
    Problem::new(Kind::MethodNotAllowed, format!("{} is not a method of this path", request.method()))
}

/// One line per exchange: never a header, a query or a body, since any of them may hold a secret, and a path only with
/// what looks like one masked.
async fn log(request: Request, next: Next) -> Response {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return next.run(request).await;
    }
    let (method, path) = (request.method().clone(), mask::path(request.uri().path()));
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    let elapsed_us = started.elapsed().as_micros() as u64;
    tracing::debug!(%method, path, status = response.status().as_u16(), elapsed_us, "answered");
    response
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::testing::Harness;

    #[tokio::test]
    async fn unknown_paths_and_methods_answer_with_the_envelope() {
        let emulator = Harness::new();
        let answer = emulator.post("/v1/mgmt/mcp/server/nothing", &json!({})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.body["errorCode"], "E130404");
        let answer = emulator.get("/v1/mgmt/mcp/server/create").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.body["errorCode"], "E130405");
    }

    #[tokio::test]
    async fn refuses_a_body_over_the_limit() {
        let emulator = Harness::new();
        let answer =
            emulator.post("/v1/mgmt/mcp/server/create", &json!({"name": "x".repeat(MAX_BODY_BYTES)})).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.body["errorCode"], "E130413");
    }
}
