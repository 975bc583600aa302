//! The public keys of a project: `/<project id>/.well-known/jwks.json` and `/v2/keys/<project id>`, the same body.
//! Basis: documented. Keys that no longer sign are in it until their tokens have expired. The second takes a bearer token from SDKs and needs none. An unknown project is a 404 (assumed).

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use crate::app::App;
use crate::problem::{Kind, Problem};

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let unknown = || Problem::new(Kind::PathNotFound, "there is no project with this id");
    let Path(project_id) = path.map_err(|_| unknown())?;
    let project = app.project(&project_id).ok_or_else(unknown)?;
    let keys = project.keys.published().await?;
    let keys: Vec<_> = keys.iter().map(|key| key.public()).collect();
    Ok(Json(json!({ "keys": keys })))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    #[tokio::test]
    async fn both_paths_answer_one_rsa_signing_key_and_nothing_private() {
        let emulator = Harness::new();
        let one = emulator.get(&format!("/{}/.well-known/jwks.json", emulator.project())).await;
        let two = emulator.get(&format!("/v2/keys/{}", emulator.project())).await;
        assert_eq!((one.status, &one.body), (StatusCode::OK, &two.body));
        let key = one.body["keys"][0].as_object().unwrap();
        let mut members: Vec<_> = key.keys().collect();
        members.sort();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!((&key["alg"], &key["kty"], &key["use"]), (&json!("RS256"), &json!("RSA"), &json!("sig")));
    }

    #[tokio::test]
    async fn an_unknown_project_is_not_found() {
        let emulator = Harness::new();
        assert_eq!(emulator.get("/Pnone/.well-known/jwks.json").await.status, StatusCode::NOT_FOUND);
        assert_eq!(emulator.get("/v2/keys/%ff").await.status, StatusCode::NOT_FOUND);
    }
}
