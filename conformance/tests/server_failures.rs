//! A target that fails on its own side each time is told from one that fails now and then, and its failure is cut down to
//! what brings it about.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "embedded")]

#[allow(dead_code, unreachable_pub, reason = "this program needs some of these helpers")]
#[path = "mutants/misbehave.rs"]
mod misbehave;
mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::{PropertyReport, Report, Verdict};
use descope_mcp_conformance::run::settings::Profile;
use misbehave::{Answered, Behaviour, instead};
use serde_json::json;
use support::{run, settings};

const FAILS: &str = "wire/valid-requests-do-not-fail";

/// A run that cuts failing plans down, against a target that behaves so.
async fn judged(behaviour: Behaviour, profile: Profile, shrinking: u64) -> Report {
    let embedded = Embedded::start_wrapped(|router| misbehave::wrap(router, behaviour)).await.unwrap();
    let mut settings = settings(embedded.target(), profile, 3, profile.requests());
    settings.shrinking = shrinking;
    let report = run(&settings).await;
    embedded.stop().await;
    report
}

fn property<'a>(report: &'a Report, id: &str) -> &'a PropertyReport {
    report.properties.iter().find(|property| property.id == id).unwrap()
}

fn unavailable(status: u16) -> Answered {
    Answered::json(status, json!("<html>Service Unavailable</html>"))
}

#[tokio::test]
async fn a_name_that_fails_each_time_is_cut_down_to_its_creation() {
    for profile in [Profile::Smoke, Profile::Standard] {
        let fails = instead(|asked| {
            let fails = asked.is("server/client/create") && !asked.text("name").is_ascii();
            fails.then(|| Answered::json(500, json!({"errorCode": "E500", "errorDescription": "it failed"})))
        });
        let report = judged(fails, profile, 300).await;
        let property = property(&report, FAILS);
        assert_eq!(property.verdict, Verdict::Fail, "{}", profile.name());
        let failure = property.failure.as_ref().unwrap();
        let cut_down = serde_json::to_value(failure.cut_down).unwrap();
        assert_eq!(cut_down, "finished", "{}: {:#?}", profile.name(), failure.steps);
        let [server, client] = &failure.steps[..] else { panic!("{}: {:#?}", profile.name(), failure.steps) };
        assert!(server.starts_with("create server"), "{server}");
        assert!(client.contains(" with name ") && !client.contains(','), "{client}");
    }
}

#[tokio::test]
async fn an_operation_that_only_a_gateway_answers_each_time_is_a_failure() {
    for (operation, name, status) in [
        ("server/client/secret/rotate", "RotateMcpServerClientSecret", 502),
        ("server/clients/search", "SearchMcpServerClients", 503),
        ("servers/all", "LoadAllMcpServers", 504),
    ] {
        let fails = instead(move |asked| asked.is(operation).then(|| unavailable(status)));
        let report = judged(fails, Profile::Smoke, 30).await;
        let property = property(&report, FAILS);
        assert_eq!(property.verdict, Verdict::Fail, "{operation}: {:?}", report.conclusion);
        let failure = property.failure.as_ref().unwrap();
        assert!(failure.expected.contains(name), "{operation}: {}", failure.expected);
        let says = [&format!("status {status}"), "while other requests were answered"];
        assert!(says.iter().all(|says| failure.actual.contains(*says)), "{operation}: {}", failure.actual);
        let of_run = report.requests - report.shrinking_requests;
        assert!(of_run <= Profile::Smoke.requests(), "{operation}: {of_run} requests");
        println!(
            "{operation}: {} requests, {} of them apart, {:?}",
            report.requests, report.shrinking_requests, report.conclusion
        );
    }
}

#[tokio::test]
async fn a_target_that_is_overloaded_for_a_while_or_for_all_is_not_accused() {
    // Each operation is answered now and then.
    let some = AtomicU64::new(0);
    let now_and_then = instead(move |asked| {
        let refused = asked.path.starts_with("/v1/mgmt/") && some.fetch_add(1, Ordering::Relaxed) % 3 == 1;
        refused.then(|| unavailable(503))
    });
    // From some request on, nothing is answered any more.
    let all = AtomicU64::new(0);
    let nothing_any_more =
        instead(move |_| (all.fetch_add(1, Ordering::Relaxed) > 30).then(|| unavailable(503)));
    // One operation is not answered at first.
    let began = std::time::Instant::now();
    let at_first = instead(move |asked| {
        let is_late = asked.is("server/clients/search") && began.elapsed() < Duration::from_secs(8);
        is_late.then(|| unavailable(504))
    });
    for (name, behaviour) in
        [("now and then", now_and_then), ("nothing any more", nothing_any_more), ("at first", at_first)]
    {
        let report = judged(behaviour, Profile::Smoke, 30).await;
        assert_ne!(property(&report, FAILS).verdict, Verdict::Fail, "{name}");
    }
}
