//! A correct server is never accused, every property is exercised, and nothing is left behind.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{num::NonZeroUsize, sync::atomic::AtomicBool, time::Duration};

use descope_mcp_conformance::{
    call::{Call, RunMark},
    embedded::Embedded,
    exchange::Outcome,
    model::Model,
    pace::Pace,
    plan::{Action, Step},
    registry,
    report::{Report, Verdict},
    runner::{self, Profile, Settings},
    sender::Sender,
    target::Target,
};

async fn run(target: Target, profile: Profile, seed: u64, requests: u64) -> Report {
    let settings = Settings {
        target,
        profile,
        seed,
        properties: registry::all().collect(),
        requests,
        duration: None,
        pace: 0,
        consistency_window: Duration::ZERO,
        jobs: NonZeroUsize::MIN,
        journal: None,
        shrinking: 0,
    };
    runner::run(&settings, &AtomicBool::new(false)).await.unwrap()
}

fn assert_all_hold(report: &Report) {
    for property in &report.properties {
        let failure = property.failure.as_ref().map(|failure| format!("{failure:#?}"));
        assert_eq!(property.verdict, Verdict::Pass, "{}, seed {}: {failure:?}", property.id, report.seed);
    }
    assert_eq!(report.left_behind, 0, "seed {}", report.seed);
}

/// What `servers/all` answers, byte for byte.
async fn all_servers(target: &Target) -> bytes::Bytes {
    let sender = Sender::new(target.clone(), Pace::new(0)).unwrap();
    let mark = RunMark { prefix: "observer".into(), unmade_server_id: "MS0".into() };
    let step = Step::from(Action::LoadAllServers);
    let call = Call::resolve(&step, &Model::default(), &mark).unwrap();
    match sender.send(&call).await.outcome {
        Outcome::Answered(answer) => answer.body,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn twenty_seeds_find_nothing_wrong_with_the_emulator() {
    for seed in 0..20 {
        let embedded = Embedded::start().await.unwrap();
        let report = run(embedded.target(), Profile::Standard, seed, 250).await;
        assert_all_hold(&report);
        assert!(report.requests <= 250, "{} requests", report.requests);
        embedded.stop().await;
    }
}

#[tokio::test]
async fn smoke_exercises_every_property_in_a_hundred_requests() {
    let embedded = Embedded::start().await.unwrap();
    let report = run(embedded.target(), Profile::Smoke, 1, 100).await;
    assert_all_hold(&report);
    assert!(report.requests <= 100, "{} requests", report.requests);
}

#[tokio::test]
async fn what_was_there_before_a_run_is_there_after_it_unchanged() {
    let embedded = Embedded::start().await.unwrap();
    let bystander = reqwest::Client::new()
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
    assert_all_hold(&run(embedded.target(), Profile::Standard, 3, 400).await);
    assert_eq!(all_servers(&embedded.target()).await, before);
}

#[tokio::test]
async fn a_run_that_is_stopped_deletes_what_it_made() {
    let embedded = Embedded::start().await.unwrap();
    let target = embedded.target();
    let before = all_servers(&target).await;
    let settings = Settings {
        target: target.clone(),
        profile: Profile::Deep,
        seed: 5,
        properties: registry::all().collect(),
        requests: u64::MAX / 2,
        duration: None,
        pace: 0,
        consistency_window: Duration::ZERO,
        jobs: NonZeroUsize::MIN,
        journal: None,
        shrinking: 0,
    };
    let stop = AtomicBool::new(false);
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    let (report, ()) = tokio::join!(runner::run(&settings, &stop), stopping);
    let report = report.unwrap();
    assert!(report.interrupted && report.left_behind == 0);
    assert_eq!(all_servers(&target).await, before);
}

#[tokio::test]
async fn a_creation_whose_outcome_is_unclear_is_no_breach_and_is_deleted_at_the_end() {
    // Every fifth creation is done, and answered as a gateway would whose upstream went away.
    let created = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let embedded = Embedded::start_wrapped(|router| {
        router.layer(axum::middleware::from_fn(
            move |request: axum::extract::Request, next: axum::middleware::Next| {
                let created = created.clone();
                async move {
                    let is_creation = request.uri().path().ends_with("/create");
                    let response = next.run(request).await;
                    let unclear =
                        is_creation && created.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 5 == 4;
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
    let report = run(embedded.target(), Profile::Standard, 8, 600).await;
    assert_all_hold(&report);
    assert_eq!(all_servers(&embedded.target()).await, before);
}
