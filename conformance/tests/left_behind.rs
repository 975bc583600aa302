//! Nothing is left behind on targets that are wrong, or that answer open questions in ways that make records hard to find.
//! The witness is the store of the target, which is looked at past everything that stands between it and the suite.

#![cfg(feature = "embedded")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::atomic::AtomicBool;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use descope_mcp_conformance::report::Report;
use descope_mcp_conformance::run::cleanup::{self, Remains};
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_conformance::wire::stop::Stop;
use serde_json::{Value, json};
use support::settings;
use support::store::Watched;

/// Requests that a run may spend on shrinking failing plans.
const SHRINKING: u64 = 2_000;

async fn run(wrong: &Watched, profile: Profile, seed: u64) -> Report {
    let mut settings = settings(wrong.embedded.target(), profile, seed, profile.requests());
    settings.journal = Some(wrong.journal());
    settings.shrinking = SHRINKING;
    support::run(&settings).await
}

/// Rewrites the body of requests and answers. `None` from `ask` leaves the request as it is.
fn rewrite(
    router: Router,
    ask: impl Fn(&str, &mut Value) + Clone + Send + Sync + 'static,
    answer: impl Fn(&str, &mut Value) + Clone + Send + Sync + 'static,
) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let (ask, answer) = (ask.clone(), answer.clone());
        async move {
            let path = request.uri().path().to_owned();
            let (parts, body) = request.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            let body = match serde_json::from_slice::<Value>(&bytes) {
                Ok(mut body) => {
                    ask(&path, &mut body);
                    Body::from(body.to_string())
                }
                Err(_) => Body::from(bytes),
            };
            let mut parts = parts;
            parts.headers.remove("content-length");
            let response = next.run(Request::from_parts(parts, body)).await;
            let (mut parts, body) = response.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            parts.headers.remove("content-length");
            let body = match serde_json::from_slice::<Value>(&bytes) {
                Ok(mut body) => {
                    answer(&path, &mut body);
                    Body::from(body.to_string())
                }
                Err(_) => Body::from(bytes),
            };
            Response::from_parts(parts, body)
        }
    }))
}

/// Adds a member that changes with every answer to each record.
async fn with_members_of_its_own() -> Watched {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    Watched::new(&[], |router| {
        rewrite(
            router,
            |_, _| (),
            move |_, body| {
                let now = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                for member in ["server", "client"] {
                    if let Some(record) = body.get_mut(member).and_then(Value::as_object_mut) {
                        record.insert("modifiedTime".into(), now.into());
                    }
                }
                for member in ["servers", "clients"] {
                    for record in body.get_mut(member).and_then(Value::as_array_mut).into_iter().flatten() {
                        record["modifiedTime"] = now.into();
                    }
                }
            },
        )
    })
    .await
}

/// Deletes at most the first two of the records that a bulk deletion names.
async fn whose_bulk_deletion_stops_early() -> Watched {
    Watched::new(&[], |router| {
        rewrite(
            router,
            |_, body| {
                if let Some(ids) = body.get_mut("ids").and_then(Value::as_array_mut) {
                    ids.truncate(2);
                }
            },
            |_, _| (),
        )
    })
    .await
}

/// Keeps the clients of a deleted server. `of_gone` is what it answers to a request about them, by the path; if nothing,
/// it does what it was asked for.
async fn without_cascade(of_gone: fn(&str) -> Option<(u16, Value)>) -> Watched {
    Watched::new(&[("server-delete-clients", "keep")], |router| {
        let inner = router.clone();
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let inner = inner.clone();
            async move {
                let (parts, body) = request.into_parts();
                let bytes = to_bytes(body, usize::MAX).await.unwrap();
                let asked: Value = serde_json::from_slice(&bytes).unwrap_or_default();
                if let (Some(server), Some((status, answer))) =
                    (asked["mcpServerId"].as_str(), of_gone(parts.uri.path()))
                {
                    let mut load = Request::new(Body::from(json!({ "id": server }).to_string()));
                    *load.method_mut() = axum::http::Method::POST;
                    *load.uri_mut() = "/v1/mgmt/mcp/server/load".parse().unwrap();
                    *load.headers_mut() = parts.headers.clone();
                    load.headers_mut().remove("content-length");
                    let loaded = tower::ServiceExt::oneshot(inner, load).await.unwrap();
                    if loaded.status() == 404 {
                        return (StatusCode::from_u16(status).unwrap(), Json(answer)).into_response();
                    }
                }
                next.run(Request::from_parts(parts, Body::from(bytes))).await
            }
        }))
    })
    .await
}

fn is_search(path: &str) -> bool {
    path.ends_with("/clients/search")
}

fn not_found() -> (u16, Value) {
    (404, json!({ "errorCode": "E113007", "errorDescription": "no such server" }))
}

fn nobody() -> (u16, Value) {
    (200, json!({ "clients": [], "total": 0 }))
}

/// Keeps the clients of a deleted server, and shows no client that registered itself in any search.
async fn without_registered_clients_in_searches() -> Watched {
    Watched::new(&[("server-delete-clients", "keep")], |router| {
        rewrite(
            router,
            |_, _| (),
            |path, body| {
                if let (true, Some(clients)) =
                    (is_search(path), body.get_mut("clients").and_then(Value::as_array_mut))
                {
                    clients.retain(|client| client["registrationType"] != "dcr");
                }
            },
        )
    })
    .await
}

async fn assert_nothing_is_left(wrong: &Watched, what: &str) {
    for profile in [Profile::Smoke, Profile::Standard] {
        for seed in 1..=3 {
            let report = run(wrong, profile, seed).await;
            let place = format!("{what}, {}, seed {seed}: {:?}", profile.name(), report.left_because);
            assert_eq!(wrong.left().await, (0, 0), "{place}: servers and clients in the store");
            assert_eq!(report.left_behind, 0, "{place}");
            assert!(wrong.journal_is_closed(), "{place}");
        }
    }
}

#[tokio::test]
async fn nothing_is_left_where_records_have_members_of_the_targets_own() {
    assert_nothing_is_left(&with_members_of_its_own().await, "members of its own").await;
}

#[tokio::test]
async fn nothing_is_left_where_a_bulk_deletion_stops_early() {
    assert_nothing_is_left(&whose_bulk_deletion_stops_early().await, "bulk deletion stops early").await;
}

#[tokio::test]
async fn nothing_is_left_where_clients_outlive_their_server_out_of_reach() {
    assert_nothing_is_left(&without_cascade(|_| Some(not_found())).await, "no cascade").await;
}

#[tokio::test]
async fn nothing_is_left_where_no_search_shows_the_clients_that_outlive_their_server() {
    let wrong = without_cascade(|path| is_search(path).then(nobody)).await;
    assert_nothing_is_left(&wrong, "hidden from searches").await;
}

#[tokio::test]
async fn nothing_is_left_where_clients_that_outlive_their_server_can_only_be_deleted() {
    let wrong = without_cascade(|path| match path {
        path if is_search(path) => Some(nobody()),
        path if path.ends_with("/load") => Some(not_found()),
        _ => None,
    })
    .await;
    assert_nothing_is_left(&wrong, "hidden from searches and loads").await;
}

#[tokio::test]
async fn nothing_is_left_where_no_search_shows_the_clients_that_registered_themselves() {
    let wrong = without_registered_clients_in_searches().await;
    assert_nothing_is_left(&wrong, "registered clients hidden").await;
}

#[tokio::test]
async fn what_is_left_is_said_where_clients_outlive_their_server_and_their_deletion_does_nothing() {
    for profile in [Profile::Smoke, Profile::Standard] {
        for seed in 1..=3 {
            let wrong = without_cascade(|path| match path {
                path if is_search(path) => Some(nobody()),
                path if path.contains("/delete") => Some((200, json!({}))),
                _ => None,
            })
            .await;
            let report = run(&wrong, profile, seed).await;
            let place = format!("{}, seed {seed}", profile.name());
            assert_eq!(wrong.untruth(report.left_behind).await, None, "{place}");
        }
    }
}

#[tokio::test]
async fn what_a_target_does_not_delete_is_said_and_stays_in_the_journal_until_it_does() {
    let refuses = std::sync::Arc::new(AtomicBool::new(true));
    let switch = refuses.clone();
    let wrong = Watched::new(&[], |router| {
        rewrite(
            router,
            move |path, body| {
                if path.contains("/delete") && refuses.load(std::sync::atomic::Ordering::Relaxed) {
                    *body = json!({ "ids": ["MS000000000000000000000000000"] });
                }
            },
            |_, _| (),
        )
    })
    .await;
    let report = run(&wrong, Profile::Smoke, 1).await;
    let (servers, _) = wrong.left().await;
    assert!(servers > 0 && report.left_behind > 0, "{servers} and {}", report.left_behind);
    assert!(!wrong.journal_is_closed());
    switch.store(false, std::sync::atomic::Ordering::Relaxed);
    let journal = wrong.journal_path();
    let (target, window) = (wrong.embedded.target(), std::time::Duration::ZERO);
    let cleaned = cleanup::clean_up(target, Remains::InJournal(&journal), 0, window, &Stop::default()).await;
    assert_eq!(cleaned.unwrap().left(), 0);
    assert_eq!(wrong.left().await, (0, 0));
}
