//! No document promises that a target accepts every name, text or number of tags. One that refuses odd ones is judged all
//! the same: where a plan needs the record, the suite makes it with plain values.

#![cfg(feature = "embedded")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::Verdict;
use descope_mcp_conformance::run::settings::Profile;
use serde_json::{Value, json};
use support::settings;

/// Maximum length of a name that the target takes, in characters.
const MAX_NAME_CHARS: usize = 100;
/// Maximum length of another text.
const MAX_TEXT_CHARS: usize = 400;
/// Maximum number of items of a list.
const MAX_ITEMS: usize = 20;

/// Whether a text has characters that cannot be seen, or more than so many.
fn is_odd(text: &str, max_chars: usize) -> bool {
    let is_plain = |character: char| character.is_ascii_graphic() || character == ' ';
    text.chars().count() > max_chars || !text.chars().all(is_plain)
}

fn is_refused(value: &Value) -> bool {
    match value {
        Value::String(text) => is_odd(text, MAX_TEXT_CHARS),
        Value::Array(items) => items.len() > MAX_ITEMS || items.iter().any(is_refused),
        Value::Object(members) => members.values().any(is_refused),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a record has a name with blanks at its ends, or a text that is longer than a short column.
fn has_blank_ends_or_is_long(asked: &Value) -> bool {
    fn is_long(value: &Value) -> bool {
        match value {
            Value::String(text) => text.chars().count() > MAX_NAME_CHARS,
            Value::Array(items) => items.iter().any(is_long),
            Value::Object(members) => members.values().any(is_long),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    let record = asked.get("server").unwrap_or(asked);
    record["name"].as_str().is_some_and(|name| name.trim() != name) || is_long(record)
}

/// Refuses creations of records with an odd name, and creations and updates with what `also` says, with this status.
fn picky(router: Router, status: StatusCode, also: fn(&Value) -> bool) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| async move {
        let is_creation = request.uri().path().ends_with("/create");
        if !is_creation && !request.uri().path().ends_with("/update") {
            return next.run(request).await;
        }
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let asked: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let name = asked["name"].as_str().filter(|_| is_creation);
        if name.is_some_and(|name| is_odd(name, MAX_NAME_CHARS)) || also(&asked) {
            let refusal = json!({"errorCode": "E113007", "errorDescription": "such values are not accepted"});
            return (status, axum::Json(refusal)).into_response();
        }
        next.run(Request::from_parts(parts, Body::from(bytes))).await
    }))
}

#[tokio::test]
async fn a_target_that_refuses_odd_values_is_judged_with_plain_ones() {
    let mut wrong = Vec::new();
    for (status, also) in [
        (StatusCode::BAD_REQUEST, (|_| false) as fn(&Value) -> bool),
        (StatusCode::UNPROCESSABLE_ENTITY, is_refused),
        (StatusCode::BAD_REQUEST, has_blank_ends_or_is_long),
    ] {
        let embedded = Embedded::start_wrapped(|router| picky(router, status, also)).await.unwrap();
        let smoke = (0..8).map(|seed| (Profile::Smoke, seed));
        let runs = smoke.chain((0..2).map(|seed| (Profile::Standard, seed)));
        for (profile, seed) in runs {
            let settings = settings(embedded.target(), profile, seed, profile.requests());
            let report = support::run(&settings).await;
            let of = |verdict| report.with(verdict).map(|property| property.id).collect::<Vec<_>>();
            let (broken, untested) = (of(Verdict::Fail), of(Verdict::Untested));
            let is_over = report.requests > profile.requests();
            if !broken.is_empty() || !untested.is_empty() || report.left_behind > 0 || is_over {
                let place =
                    format!("{} with {status}, seed {seed}, {} requests", profile.name(), report.requests);
                wrong.push(format!("{place}: broken {broken:?}, never exercised {untested:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_target_that_refuses_plain_names_too_ends_the_run() {
    let embedded = Embedded::start_wrapped(|router| picky(router, StatusCode::BAD_REQUEST, |_| true));
    let embedded = embedded.await.unwrap();
    let settings = settings(embedded.target(), Profile::Smoke, 1, Profile::Smoke.requests());
    let stop = descope_mcp_conformance::wire::stop::Stop::default();
    let error = descope_mcp_conformance::run::run(&settings, &stop).await.err().unwrap();
    assert!(error.to_string().contains("such values are not accepted"), "{error}");
}
