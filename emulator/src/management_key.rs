//! Who calls the management API: `Authorization: Bearer <project id>:<management key>` (`fact/management-key`).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, header};
use secrecy::ExposeSecret;

use crate::app::{App, ProjectState};
use crate::problem::{Kind, Problem};

/// The project whose key the request carries.
///
/// # Errors
/// `Unauthorized` without the header, with another scheme, without a colon or with a wrong key; `UnknownProject` for a
/// project that is not served. That each of these is a 401 is assumed.
pub(crate) fn authenticate<'a>(app: &'a App, headers: &HeaderMap) -> Result<&'a ProjectState, Problem> {
    let refuse = |message: &str| Problem::new(Kind::Unauthorized, message);
    let header = headers.get(header::AUTHORIZATION).ok_or_else(|| {
        refuse("the Authorization header is missing; send Bearer <project id>:<management key>")
    })?;
    let header = header.to_str().map_err(|_| refuse("the Authorization header is not ASCII"))?;
    let (scheme, credentials) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refuse("the Authorization scheme must be Bearer"));
    }
    let (project_id, key) = credentials
        .trim()
        .split_once(':')
        .ok_or_else(|| refuse("the bearer token must be <project id>:<management key>"))?;
    let project = app.project(project_id).ok_or_else(|| {
        Problem::new(Kind::UnknownProject, "the bearer token names no project of this service")
    })?;
    let expected = project.management_key.expose_secret().as_bytes();
    if verify_slices_are_equal(expected, key.as_bytes()).is_err() {
        return Err(refuse("the management key is wrong"));
    }
    Ok(project)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use crate::testing::Harness;

    #[tokio::test]
    async fn refuses_a_missing_or_wrong_key_with_the_envelope_and_changes_nothing() {
        let emulator = Harness::new();
        let (project, key) = (emulator.project().to_owned(), emulator.key().to_owned());
        for credentials in [
            None,
            Some(String::new()),
            Some(String::from("Bearer")),
            Some(String::from("Bearer ")),
            Some(format!("Bearer {project}")),
            Some(format!("Bearer {project}:")),
            Some(format!("Bearer {project}:{key}x")),
            Some(format!("Bearer {project}:{}", &key[1..])),
            Some(format!("Bearer Punknown:{key}")),
            Some(format!("Bearer :{key}")),
            Some(format!("Basic {project}:{key}")),
            Some(format!("{project}:{key}")),
        ] {
            let answer = emulator
                .post_with(credentials.as_deref(), "/v1/mgmt/mcp/server/create", &json!({"name": "intruder"}))
                .await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{credentials:?}");
            assert!(answer.body["errorCode"].as_str().unwrap().starts_with('E'), "{:?}", answer.body);
            assert!(!answer.text.contains(&key));
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
        assert_eq!(emulator.post("/v1/mgmt/mcp/servers/all", &json!({})).await.body["total"], 0);
    }

    #[tokio::test]
    async fn authenticates_before_it_reads_the_body() {
        let emulator = Harness::new();
        let answer = emulator.raw("/v1/mgmt/mcp/server/create", None, Some("application/json"), "{").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    async fn takes_the_scheme_in_any_case() {
        let emulator = Harness::new();
        let credentials = format!("bearer {}:{}", emulator.project(), emulator.key());
        let answer = emulator.post_with(Some(&credentials), "/v1/mgmt/mcp/servers/all", &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}
