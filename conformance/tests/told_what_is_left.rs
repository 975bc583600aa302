//! On targets that do not let the suite delete what it has made, or hide it, a run says so, and its entry in the journal
//! stays open; so does that of a clean-up, until the target shows that nothing is left. The witness is the store.

#![cfg(feature = "embedded")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use descope_mcp_conformance::run;
use descope_mcp_conformance::run::cleanup::{self, Remains};
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_conformance::wire::stop::Stop;
use descope_mcp_conformance::wire::target::Target;
use serde_json::{Value, json};
use support::settings;
use support::store::Watched;

/// What a wrong target does with a request.
enum Act {
    /// What it was asked for.
    Right,
    /// Nothing; it answers with this status.
    Answer(u16),
    /// What it was asked for, by whomever; it answers with this status.
    DoAndAnswer(u16),
    /// What it was asked for; it changes the answer.
    Change(fn(&mut Value)),
}

/// A target with a fault that can be taken away.
struct Wrong {
    watched: Watched,
    is_healed: Arc<AtomicBool>,
}

/// A target that does with the n-th request, to that path and with that body, what is said.
async fn wrong(
    variants: &[(&str, &str)],
    act: impl Fn(usize, &str, &Value, bool) -> Act + Clone + Send + Sync + 'static,
) -> Wrong {
    let is_healed = Arc::new(AtomicBool::new(false));
    let healed = is_healed.clone();
    let (count, key) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
    let known = key.clone();
    let watched = Watched::new(variants, |router| {
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let (act, number, key) = (act.clone(), count.fetch_add(1, Ordering::Relaxed), known.clone());
            let is_healed = healed.load(Ordering::Relaxed);
            async move {
                let (mut parts, body) = request.into_parts();
                let bytes = to_bytes(body, usize::MAX).await.unwrap();
                let asked = serde_json::from_slice(&bytes).unwrap_or_default();
                let key: HeaderValue = key.lock().unwrap().clone().unwrap();
                let has_key = parts.headers.get(header::AUTHORIZATION) == Some(&key);
                let act = match is_healed {
                    true => Act::Right,
                    false => act(number, parts.uri.path(), &asked, has_key),
                };
                if matches!(act, Act::DoAndAnswer(_)) {
                    parts.headers.insert(header::AUTHORIZATION, key);
                }
                let done = async || next.run(Request::from_parts(parts, Body::from(bytes))).await;
                match act {
                    Act::Right => done().await,
                    Act::Answer(status) => answer(status),
                    Act::DoAndAnswer(status) => {
                        done().await;
                        answer(status)
                    }
                    Act::Change(change) => {
                        let (mut parts, body) = done().await.into_parts();
                        let bytes = to_bytes(body, usize::MAX).await.unwrap();
                        parts.headers.remove(header::CONTENT_LENGTH);
                        let mut body = serde_json::from_slice(&bytes).unwrap_or_default();
                        change(&mut body);
                        Response::from_parts(parts, Body::from(body.to_string()))
                    }
                }
            }
        }))
    })
    .await;
    let Target { project_id, management_key, .. } = watched.embedded.target();
    let value = format!("Bearer {}:{}", project_id.as_str(), management_key.expose());
    *key.lock().unwrap() = Some(value.parse().unwrap());
    Wrong { watched, is_healed }
}

fn answer(status: u16) -> Response {
    let body = match status {
        200 => json!({}),
        _ => json!({ "errorCode": "E000001", "errorDescription": "not today" }),
    };
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Cleans up, and says how many records may be left, unless the target cannot even be asked.
async fn clean_up(watched: &Watched) -> Option<u32> {
    let (target, journal) = (watched.embedded.target(), watched.journal_path());
    let cleaned =
        cleanup::clean_up(target, Remains::InJournal(&journal), 0, Duration::ZERO, &Stop::default()).await;
    cleaned.ok().map(|cleaned| cleaned.left())
}

async fn until_it_has_made_something(watched: &Watched) {
    let made = || std::fs::read_to_string(watched.journal_path()).unwrap().matches("\"server\"").count();
    while made() < 6 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Takes runs of all profiles to a target, and one that is killed, and cleans up after each.
async fn assert_truth(what: &str, make: impl AsyncFn() -> Wrong) {
    for profile in [Profile::Smoke, Profile::Standard, Profile::Deep] {
        for is_killed in [false, true] {
            let Wrong { watched, is_healed } = make().await;
            let place = format!("{what}, {}, killed: {is_killed}", profile.name());
            let mut settings = settings(watched.embedded.target(), profile, 1, profile.requests().min(300));
            settings.journal = Some(watched.journal());
            settings.shrinking = 200;
            if is_killed {
                let stop = Stop::default();
                tokio::select! {
                    _ = run::run(&settings, &stop) => {}
                    // Dropped in the middle, a run deletes nothing.
                    () = until_it_has_made_something(&watched) => {}
                }
            } else {
                let report = support::run(&settings).await;
                assert_eq!(watched.untruth(report.left_behind).await, None, "{place}, after the run");
                assert_eq!(report.left_because.is_some(), report.left_behind > 0, "{place}");
            }
            drop(settings);
            if !watched.journal_is_closed()
                && let Some(left) = clean_up(&watched).await
            {
                assert_eq!(watched.untruth(left).await, None, "{place}, after a clean-up");
            }
            is_healed.store(true, Ordering::Relaxed);
            if !watched.journal_is_closed() {
                assert_eq!(clean_up(&watched).await, Some(0), "{place}");
            }
            assert_eq!(watched.left().await, (0, 0), "{place}, after the fault was taken away");
        }
    }
}

/// Does each deletion only when it is asked for again.
fn forgetful(asked_before: &Mutex<BTreeSet<String>>, path: &str, asked: &Value) -> Act {
    let is_new = || asked_before.lock().unwrap().insert(format!("{path} {asked}"));
    if path.contains("/delete") && is_new() { Act::Answer(200) } else { Act::Right }
}

#[tokio::test]
async fn of_a_key_that_is_revoked_in_the_middle() {
    assert_truth("revoked key", async || {
        wrong(&[], |number, _, _, _| if number < 60 { Act::Right } else { Act::Answer(401) }).await
    })
    .await;
}

#[tokio::test]
async fn of_a_key_that_may_not_delete() {
    assert_truth("no deletion", async || {
        wrong(&[], |_, path, _, _| if path.contains("/delete") { Act::Answer(403) } else { Act::Right }).await
    })
    .await;
}

#[tokio::test]
async fn of_a_list_of_servers_that_fails() {
    for status in [500, 404] {
        assert_truth("no list", async || {
            wrong(&[], move |_, path, _, _| match path.ends_with("/servers/all") {
                true => Act::Answer(status),
                false => Act::Right,
            })
            .await
        })
        .await;
    }
}

#[tokio::test]
async fn of_records_that_cannot_be_loaded_and_are_deleted_only_at_the_second_request() {
    assert_truth("no loads", async || {
        let asked_before = Arc::new(Mutex::default());
        wrong(&[], move |_, path, asked, _| match path.ends_with("/load") {
            true => Act::Answer(404),
            false => forgetful(&asked_before, path, asked),
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn of_records_that_get_other_names_and_are_deleted_only_at_the_second_request() {
    fn shout(body: &mut Value) {
        let body = match body {
            Value::Object(members) => members.values_mut(),
            _ => return,
        };
        for value in body {
            let records = match value {
                Value::Array(records) => records.iter_mut().collect(),
                record => vec![record],
            };
            for record in records {
                if let Some(Value::String(name)) = record.get_mut("name") {
                    *name = name.to_uppercase();
                }
            }
        }
    }
    for variants in [&[][..], &[("server-delete-clients", "keep")]] {
        assert_truth("other names", async || {
            let asked_before = Arc::new(Mutex::default());
            wrong(variants, move |_, path, asked, _| match forgetful(&asked_before, path, asked) {
                Act::Right => Act::Change(shout),
                act => act,
            })
            .await
        })
        .await;
    }
}

#[tokio::test]
async fn of_creations_that_are_refused_and_done_all_the_same() {
    for variants in [&[][..], &[("server-delete-clients", "keep")]] {
        assert_truth("refused creations", async || {
            wrong(variants, |_, path, _, has_key| match path.ends_with("/create") && !has_key {
                true => Act::DoAndAnswer(401),
                false => Act::Right,
            })
            .await
        })
        .await;
    }
}

#[tokio::test]
async fn clients_that_no_search_shows_are_deleted_by_their_client_id_before_their_server_is() {
    fn hide_registered(body: &mut Value) {
        if let Some(Value::Array(clients)) = body.get_mut("clients") {
            clients.retain(|client| client["registrationType"] != "dcr");
        }
    }
    let Wrong { watched, .. } =
        wrong(&[("server-delete-clients", "keep")], |_, path, _, _| match path.ends_with("/search") {
            true => Act::Change(hide_registered),
            false => Act::Right,
        })
        .await;
    let requests = Profile::Smoke.requests();
    let mut settings = settings(watched.embedded.target(), Profile::Smoke, 1, requests);
    settings.journal = Some(watched.journal());
    let report = support::run(&settings).await;
    assert_eq!((report.left_behind, watched.left().await), (0, (0, 0)));
}
