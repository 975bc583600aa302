//! Answers that are lost, or that come late, after their requests were carried out: a correct target is not accused of what
//! follows from that, and everything is tested all the same.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use descope_mcp_conformance::plan::{Action, ClientLabel, Plan, ServerLabel};
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_conformance::run::{Source, run_plans};
use descope_mcp_conformance::wire::stop::Stop;
use serde_json::json;
use support::store::Watched;
use support::{false_alarms, run, settings};

/// Creations at the management API.
const CREATE_SERVER: &str = "/v1/mgmt/mcp/server/create";
const CREATE_CLIENT: &str = "/v1/mgmt/mcp/server/client/create";
/// Updates of servers: after a lost answer a server may have its old name or the new one.
const UPDATE_SERVER: &str = "/v1/mgmt/mcp/server/update";
/// Longer than a code is good here.
const LATE: Duration = Duration::from_secs(11);

/// Carries every request out. Of each of these paths, the answers to the first request and to every `each`-th after it are
/// lost on the way.
fn losing(router: Router, paths: &'static [&'static str], each: usize) -> Router {
    let asked = Arc::new(Mutex::new(BTreeMap::<&str, usize>::new()));
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let path = paths.iter().find(|path| request.uri().path() == **path);
        let number = path.map(|path| {
            let mut asked = asked.lock().unwrap();
            let number = asked.entry(path).or_default();
            *number += 1;
            *number
        });
        async move {
            let response = next.run(request).await;
            match number {
                Some(number) if number % each == 1 => StatusCode::from_u16(520).unwrap().into_response(),
                _ => response,
            }
        }
    }))
}

/// Says 429 to the second request for tokens that brings a code, which is the first one that may have them, and for how
/// long; whoever comes back with that code hears that it has expired.
fn delaying_a_redemption(router: Router) -> Router {
    let codes = Arc::new(Mutex::new(Vec::new()));
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let codes = Arc::clone(&codes);
        async move {
            let (parts, body) = request.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.unwrap();
            let form: BTreeMap<_, _> = url::form_urlencoded::parse(&bytes).into_owned().collect();
            if let Some(code) = form.get("code").filter(|_| parts.uri.path().ends_with("/token")) {
                let mut codes = codes.lock().unwrap();
                if codes.get(1) == Some(code) {
                    let body = r#"{"error": "invalid_grant", "error_description": "the code has expired"}"#;
                    return json(StatusCode::BAD_REQUEST, body);
                }
                codes.push(code.clone());
                if codes.len() == 2 {
                    return slow_down();
                }
            }
            next.run(Request::from_parts(parts, Body::from(bytes))).await
        }
    }))
}

fn slow_down() -> Response {
    let mut response = json(StatusCode::TOO_MANY_REQUESTS, r#"{"errorCode": "E130429"}"#);
    response.headers_mut().insert("retry-after", LATE.as_secs().into());
    response
}

fn json(status: StatusCode, body: &'static str) -> Response {
    (status, [("content-type", "application/json"), ("cache-control", "no-store")], body).into_response()
}

async fn alarms(target: &Watched, profile: Profile, requests: u64) -> Vec<String> {
    let mut settings = settings(target.embedded.target(), profile, 7, requests);
    settings.journal = Some(target.journal());
    let report = run(&settings).await;
    let mut alarms = false_alarms(&report, &[]);
    alarms.extend(target.untruth(report.left_behind).await);
    alarms
}

#[tokio::test]
async fn where_names_are_unique_the_loss_of_the_first_answers_costs_smoke_nothing() {
    let paths: &[&str] = &[CREATE_SERVER, CREATE_CLIENT];
    let unique = [("duplicate-names", "reject")];
    let target = Watched::new(&unique, |router| losing(router, paths, usize::MAX)).await;
    // More than the usual hundred: the plan is taken once more.
    assert_eq!(alarms(&target, Profile::Smoke, 400).await, [""; 0]);
}

#[tokio::test]
async fn where_names_are_unique_everything_is_tested_although_answers_are_lost_all_along() {
    let paths: &[&str] = &[CREATE_SERVER, CREATE_CLIENT, UPDATE_SERVER];
    let unique = [("duplicate-names", "reject")];
    let target = Watched::new(&unique, |router| losing(router, paths, 12)).await;
    assert_eq!(alarms(&target, Profile::Standard, 1_000).await, [""; 0]);
}

#[tokio::test]
async fn a_code_that_expired_while_the_target_said_to_wait_is_replaced_by_a_new_one() {
    let target = Watched::new(&[], delaying_a_redemption).await;
    let began = std::time::Instant::now();
    assert_eq!(alarms(&target, Profile::Smoke, 110).await, [""; 0]);
    assert!(began.elapsed() >= LATE, "no redemption was delayed");
}

#[tokio::test]
async fn where_searches_show_one_client_at_a_time_those_that_are_known_are_deleted_at_once() {
    let paths: &[&str] = &[CREATE_CLIENT];
    let one_by_one = [("default-limit", "1")];
    let target = Watched::new(&one_by_one, |router| losing(router, paths, usize::MAX)).await;
    let server = ServerLabel(1);
    let named = |number: u16| json!({ "name": number.to_string() }).as_object().unwrap().clone();
    let create = |number| Action::CreateClient { client: ClientLabel(number), server, body: named(number) };
    let mut plan = Plan::named("many clients").then(Action::CreateServer { server, body: named(0) });
    plan.steps.extend((1..=12).map(|number| create(number).into()));
    let mut settings = settings(target.embedded.target(), Profile::Standard, 7, 1_000);
    settings.journal = Some(target.journal());
    // While others are untested, the plan would be taken again.
    settings.properties.retain(|property| property.id == "server/create/makes-a-new-id");
    let plans = [plan];
    let run = run_plans(&settings, Source::Replay(&plans), &Stop::default(), |_| ()).await.unwrap();
    assert_eq!(target.untruth(run.run.left_behind).await, None);
    let clean_up = run.run.requests - plans[0].steps.len() as u64;
    assert!(clean_up <= 12, "{clean_up} requests besides those of the plan");
}
