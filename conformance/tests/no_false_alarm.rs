//! A correct server is never accused, every property is exercised, and nothing is left behind.
//!
//! `CONFORMANCE_SEEDS` says how many seeds (20), `CONFORMANCE_SEED` is the first of them. `cargo xtask campaign
//! conformance` sets them.

#![allow(clippy::print_stdout, reason = "a campaign shows its progress and how to repeat it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::model::Model;
use descope_mcp_conformance::plan::Action;
use descope_mcp_conformance::report::Report;
use descope_mcp_conformance::run;
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_conformance::wire::exchange::Outcome;
use descope_mcp_conformance::wire::pace::Pace;
use descope_mcp_conformance::wire::run_mark::RunMark;
use descope_mcp_conformance::wire::sender::Sender;
use descope_mcp_conformance::wire::stop::Stop;
use descope_mcp_conformance::wire::target::Target;
use support::{false_alarms, run, setting, settings};

async fn run_of(target: Target, profile: Profile, seed: u64, requests: u64) -> Report {
    run(&settings(target, profile, seed, requests)).await
}

fn assert_all_hold(report: &Report) {
    let wrong = false_alarms(report, &[]);
    assert!(wrong.is_empty(), "seed {}: {}", report.seed, wrong.join("\n"));
}

/// What `servers/all` answers, byte for byte.
async fn all_servers(target: &Target) -> bytes::Bytes {
    let sender = Sender::new(target.clone(), Pace::new(0)).unwrap();
    let mark = RunMark { prefix: "observer".into(), unmade_server_id: "MS0".into() };
    let request = Action::LoadAllServers.request(&Model::default(), &mark).unwrap();
    match sender.send(&request, None).await.outcome {
        Outcome::Answered(answer) => answer.body,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn seed_after_seed_finds_nothing_wrong_with_the_emulator() {
    let (seeds, first) = (setting("CONFORMANCE_SEEDS", 20), setting("CONFORMANCE_SEED", 0));
    println!("{seeds} seeds from {first}: CONFORMANCE_SEEDS={seeds} CONFORMANCE_SEED={first} repeats this");
    let (mut requests, mut alarms) = (0, Vec::new());
    for seed in first..first + seeds {
        let embedded = Embedded::start().await.unwrap();
        let report = run_of(embedded.target(), Profile::Standard, seed, 250).await;
        requests += report.requests;
        alarms.extend(false_alarms(&report, &[]).into_iter().map(|alarm| format!("seed {seed}: {alarm}")));
        assert!(report.requests <= 250, "seed {seed}: {} requests", report.requests);
        embedded.stop().await;
    }
    println!("{seeds} runs, {requests} requests, {} false alarms", alarms.len());
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}

#[tokio::test]
async fn smoke_exercises_every_property_in_a_hundred_requests() {
    let embedded = Embedded::start().await.unwrap();
    let report = run_of(embedded.target(), Profile::Smoke, 1, 100).await;
    assert_all_hold(&report);
    assert!(report.requests <= 100, "{} requests", report.requests);
}

#[tokio::test]
async fn what_was_there_before_a_run_is_there_after_it_unchanged() {
    let embedded = Embedded::start().await.unwrap();
    let bystander = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(embedded.target().url("/v1/mgmt/mcp/server/create"))
        .bearer_auth(format!(
            "{}:{}",
            embedded.target().project_id.as_str(),
            embedded.target().management_key.expose()
        ))
        .header("content-type", "application/json")
        .body(r#"{"name": "bystander", "tags": ["keep"]}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(bystander.status(), 200);
    let before = all_servers(&embedded.target()).await;
    assert_all_hold(&run_of(embedded.target(), Profile::Standard, 3, 400).await);
    assert_eq!(all_servers(&embedded.target()).await, before);
}

#[tokio::test]
async fn a_run_that_is_stopped_deletes_what_it_made() {
    let embedded = Embedded::start().await.unwrap();
    let target = embedded.target();
    let before = all_servers(&target).await;
    let settings = settings(target.clone(), Profile::Deep, 5, u64::MAX / 2);
    let stop = Stop::default();
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        stop.set();
    };
    let (report, ()) = tokio::join!(run::run(&settings, &stop), stopping);
    let report = support::report(report.unwrap());
    assert!(report.interrupted && report.left_behind == 0);
    assert_eq!(all_servers(&target).await, before);
}

#[tokio::test]
async fn a_creation_whose_outcome_is_unclear_is_no_breach_and_is_deleted_at_the_end() {
    // Every seventh creation is done, and answered as a gateway would whose upstream went away.
    let created = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let embedded = Embedded::start_wrapped(|router| {
        router.layer(axum::middleware::from_fn(
            move |request: axum::extract::Request, next: axum::middleware::Next| {
                let created = created.clone();
                async move {
                    let is_creation = request.uri().path().ends_with("/create");
                    let response = next.run(request).await;
                    let unclear =
                        is_creation && created.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 7 == 6;
                    if !unclear {
                        return response;
                    }
                    let mut page =
                        axum::response::Response::new(axum::body::Body::from("<html>upstream gone</html>"));
                    *page.status_mut() = axum::http::StatusCode::SERVICE_UNAVAILABLE;
                    page
                }
            },
        ))
    })
    .await
    .unwrap();
    let before = all_servers(&embedded.target()).await;
    let report = run_of(embedded.target(), Profile::Standard, 8, 1_000).await;
    assert_all_hold(&report);
    assert_eq!(all_servers(&embedded.target()).await, before);
}
