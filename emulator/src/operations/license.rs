//! The license handshake: `GET /v1/mgmt/license`.
//!
//! SDKs send it as soon as they have a management key and carry the answer in a header of later calls (basis:
//! `fact/license-handshake`). The emulator limits nothing by tier and names the lowest.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::Operation;
use crate::app::App;
use crate::management_key::authenticate;
use crate::problem::Problem;

pub(super) fn operation() -> Operation {
    Operation::get("/v1/mgmt/license", handle)
}

async fn handle(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    authenticate(&app, &headers)?;
    Ok(Json(json!({"rateLimitTier": "tier1"})))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    #[tokio::test]
    async fn names_a_tier_to_whoever_has_a_key() {
        let emulator = Harness::new();
        let answer = emulator.get_with(Some(&emulator.credentials()), "/v1/mgmt/license").await;
        assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({"rateLimitTier": "tier1"})));
        assert_eq!(emulator.get("/v1/mgmt/license").await.status, StatusCode::UNAUTHORIZED);
    }
}
