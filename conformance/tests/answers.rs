//! Answers files: stable, without values of the project, and compared in words.

#![cfg(feature = "embedded")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::answers::Answers;
use serde_json::Value;

use support::suite;

/// What a target gave out that belongs to the project: ids, names, secrets, tokens, URLs.
type Values = Arc<Mutex<BTreeSet<String>>>;

/// What is put into answers before there is any id.
const ID: &str = "MS3MjCXL771Y15kLTolF2hyii5li4";

/// An emulator that notes all texts it answers with, and puts values of the project where answers quote the target: into
/// codes of refusals, statuses of clients and names of members.
async fn talkative(values: Values, variants: &[(&str, &str)]) -> Embedded {
    let spoil = move |request: Request, next: Next| {
        let values = values.clone();
        async move {
            let (mut parts, body) = next.run(request).await.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else {
                return Response::from_parts(parts, Body::from(bytes));
            };
            let mut values = values.lock().unwrap();
            collect(&json, &mut values);
            let id =
                values.iter().find(|value| value.starts_with("MS")).cloned().unwrap_or_else(|| ID.to_owned());
            if json["errorCode"].is_string() {
                json["errorCode"] = id.chars().take(20).collect::<String>().into();
            }
            if json["client"]["status"].is_string() {
                json["client"]["status"] = id.chars().take(22).collect::<String>().into();
            }
            if json["server"].is_object() {
                json["server"][id.as_str()] = "x".into();
            }
            parts.headers.remove("content-length");
            Response::from_parts(parts, Body::from(json.to_string()))
        }
    };
    Embedded::start_varied_and_wrapped(variants, |router| router.layer(middleware::from_fn(spoil)))
        .await
        .unwrap()
}

fn collect(json: &Value, values: &mut BTreeSet<String>) {
    match json {
        // Shorter ones are words of the API, such as `client_secret_basic` or a scope.
        Value::String(text) if text.len() >= 20 && text.chars().any(|c| c.is_ascii_digit()) => {
            values.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        Value::Object(members) => members.values().for_each(|member| collect(member, values)),
        _ => {}
    }
}

const ASK: [&str; 6] = ["--profile", "standard", "--seed", "3", "--requests", "700"];

#[tokio::test]
async fn an_answers_file_holds_no_value_of_the_project() {
    let folder = tempfile::tempdir().unwrap();
    let values = Values::default();
    let embedded = talkative(values.clone(), &[]).await;
    let target = embedded.target();
    let words = ["--profile", "smoke", "--seed", "3", "--shrink", "0", "--report", "answers=answers.json"];
    suite(folder.path(), Some(&target), &words).await;
    let text = fs::read_to_string(folder.path().join("answers.json")).unwrap();
    let answers = Answers::read(text.as_bytes()).unwrap();
    let quoted = &answers.questions["errors/unknown-server"].answers;
    assert!(quoted.iter().any(|answer| answer.contains("[value]")), "{quoted:?}");
    let mut values = values.lock().unwrap().clone();
    values.insert(ID.to_owned());
    assert!(values.len() > 30, "{}", values.len());
    let shown = |value: &str| text.contains(value) || value.len() >= 20 && text.contains(&value[..20]);
    let leaked: Vec<_> = values.iter().filter(|value| value.is_ascii() && shown(value)).collect();
    assert!(leaked.is_empty(), "{leaked:?}");
    let port = target.base_url.port().unwrap().to_string();
    for value in
        [target.project_id.as_str(), target.management_key.expose(), "127.0.0.1", &port, "conformance-"]
    {
        assert!(!text.contains(value), "{value}: {text}");
    }
}

#[tokio::test]
async fn two_runs_with_one_seed_write_the_same_file_and_a_target_that_answers_otherwise_differs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let ask = |name: &'static str, variants: &'static [(&str, &str)]| async move {
        let embedded = Embedded::start_varied(variants).await.unwrap();
        let report = format!("answers={name}");
        suite(folder, Some(&embedded.target()), &[&ASK[..], &["--report", &report]].concat()).await
    };
    let (code, said) = ask("one.json", &[]).await;
    assert_eq!(code, Some(exit_code::PASS.into()), "{said}");
    ask("again.json", &[]).await;
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(read("one.json"), read("again.json"));
    let (code, said) = suite(folder, None, &["answers", "diff", "one.json", "again.json"]).await;
    assert_eq!(code, Some(exit_code::SAME_ANSWERS.into()), "{said}");

    ask("other.json", &[("rotation", "grace"), ("name-match", "exact")]).await;
    let (code, said) = suite(folder, None, &["answers", "diff", "one.json", "other.json"]).await;
    assert_eq!(code, Some(exit_code::OTHER_ANSWERS.into()), "{said}");
    for wanted in [
        "client/rotated-secret (question/rotation-grace)",
        "one.json    yes",
        "other.json  no, it is still accepted",
        "client/rotate/invalidates-old-secret (property)",
        "other.json  is broken",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    let (code, said) = suite(folder, None, &["answers", "diff", "one.json", "none.json"]).await;
    assert_eq!(code, Some(exit_code::BAD_FILE.into()), "{said}");
    assert!(said.contains("cannot use the answers file none.json"), "{said}");
}

#[test]
fn exit_codes_of_the_comparison_are_as_documented() {
    let page = include_str!("../../docs/exit-codes.md");
    for (code, meaning) in exit_code::OF_ANSWERS_DIFF {
        let row = format!("| {code} | {meaning} |");
        assert!(page.contains(&row), "docs/exit-codes.md lacks the row {row:?}");
    }
}
