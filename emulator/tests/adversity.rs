//! Faults on real connections: each is what its name says, and a seed brings the same ones again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::ErrorKind;

use serde_json::json;
use support::{Answer, Running};

const ALL: &str = "/v1/mgmt/mcp/servers/all";
const CREATE: &str = "/v1/mgmt/mcp/server/create";

async fn servers(emulator: &Running) -> u64 {
    emulator.adversity(None).await;
    emulator.post(ALL, &json!({})).await.unwrap().json()["total"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_before_the_handling_leave_nothing_and_those_after_it_do() {
    for (kind, done) in [
        ("429", 0),
        ("503", 0),
        ("520", 0),
        ("reset-before", 0),
        ("reset-after", 1),
        ("truncate", 1),
        ("delay", 1),
    ] {
        let emulator = Running::start(|config| config).await;
        emulator.adversity(Some(&format!("seed=1,rate=1,delay=20,kinds={kind}"))).await;
        let answer = emulator.post(CREATE, &json!({"name": "orders"})).await;
        match kind {
            "reset-before" | "reset-after" => {
                assert_eq!(
                    answer.err().map(|error| error.kind()),
                    Some(ErrorKind::ConnectionReset),
                    "{kind}"
                );
            }
            "truncate" => assert_eq!(answer.err().map(|error| error.kind()), Some(ErrorKind::UnexpectedEof)),
            "delay" => assert_eq!(answer.unwrap().status, 200),
            _ => {
                let answer = answer.unwrap();
                assert_eq!(answer.status.to_string(), kind);
                if kind == "429" {
                    assert_eq!(answer.json()["errorCode"], "E130429");
                } else {
                    assert!(answer.header("content-type").unwrap().starts_with("text/html"));
                    assert!(answer.body.starts_with("<!DOCTYPE html>"));
                }
            }
        }
        assert_eq!(servers(&emulator).await, done, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_comes_in_both_forms() {
    let emulator = Running::start(|config| config).await;
    emulator.adversity(Some("seed=2,rate=1,kinds=429,retry-after=9")).await;
    let mut forms = [false; 2];
    for _ in 0..20 {
        let answer = emulator.post(ALL, &json!({})).await.unwrap();
        let retry_after = answer.header("retry-after").unwrap();
        let seconds = retry_after.parse::<u64>();
        match &seconds {
            Ok(seconds) => assert!(*seconds <= 9),
            Err(_) => assert!(httpdate::parse_http_date(retry_after).is_ok(), "{retry_after}"),
        }
        forms[usize::from(seconds.is_ok())] = true;
    }
    assert_eq!(forms, [true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_requests_meet_the_same_faults_under_the_printed_settings() {
    async fn outcomes(emulator: &Running, settings: &str) -> Vec<String> {
        emulator.adversity(Some(settings)).await;
        let mut outcomes = Vec::new();
        for _ in 0..60 {
            outcomes.push(match emulator.post(ALL, &json!({})).await {
                Ok(Answer { status, .. }) => status.to_string(),
                Err(error) => error.kind().to_string(),
            });
        }
        outcomes
    }
    let emulator = Running::start(|config| config).await;
    let first = outcomes(&emulator, "rate=0.5,delay=0").await;
    let printed = emulator.control("GET", "/_emulator/adversity", &json!({})).await.json();
    assert_eq!(printed["requests"], 60);
    let faults = printed["faults"].as_u64().unwrap();
    assert!((15..45).contains(&faults), "{faults}");
    let other = Running::start(|config| config).await;
    assert_eq!(outcomes(&other, printed["adversity"].as_str().unwrap()).await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_and_key_sets_are_spared_unless_asked_for() {
    let emulator = Running::start(|config| config).await;
    let server = emulator.post(CREATE, &json!({"name": "a"})).await.unwrap().json()["server"]["id"].clone();
    let issuer = format!("/v1/apps/agentic/{}/{}", emulator.project, server.as_str().unwrap());
    let paths = [
        format!("{issuer}/.well-known/openid-configuration"),
        format!("/.well-known/oauth-authorization-server{issuer}"),
        format!("/{}/.well-known/jwks.json", emulator.project),
        format!("/v2/keys/{}", emulator.project),
    ];
    for (settings, expected) in [("rate=1,kinds=503", 200), ("rate=1,kinds=503,well-known=yes", 503)] {
        emulator.adversity(Some(settings)).await;
        for path in &paths {
            assert_eq!(emulator.get(path).await.unwrap().status, expected, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_silences_after_one_too_many_and_spares_discovery() {
    let emulator = Running::start(|config| config.with_rate_limit("3/60".parse().unwrap())).await;
    for _ in 0..3 {
        assert_eq!(emulator.post(ALL, &json!({})).await.unwrap().status, 200);
    }
    for _ in 0..2 {
        let answer = emulator.post(ALL, &json!({})).await.unwrap();
        assert_eq!((answer.status, &answer.json()["errorCode"]), (429, &json!("E130429")));
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((55..=60).contains(&wait), "{wait}");
    }
    assert_eq!(emulator.get(&format!("/v2/keys/{}", emulator.project)).await.unwrap().status, 200);
}
