//! Connections are shared, and one that is closed under a request never makes the request arrive twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use std::collections::HashMap;

use descope_mcp_management::NewMcpServer;
use support::clock::TestClock;
use support::every_call::success;
use support::raw_server::{Act, RawServer, Received};
use support::repeating_client;

fn good() -> Act {
    Act::json(200, &success())
}

/// How often each request arrived, by its body.
fn arrivals(received: &[Received]) -> HashMap<&str, usize> {
    let mut arrivals = HashMap::new();
    for request in received {
        *arrivals.entry(request.body.as_str()).or_default() += 1;
    }
    arrivals
}

#[tokio::test]
async fn calls_of_all_clones_go_over_one_connection() {
    let clock = TestClock::new();
    let server = RawServer::start(vec![good()], clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    for _ in 0..10 {
        client.servers().load_all().await.unwrap();
        client.clone().clients("MS1").load("TPA1").await.unwrap();
        client.raw().load_all_mcp_servers(&Default::default()).await.unwrap();
    }
    assert_eq!((server.received().len(), server.connections()), (30, 1));
}

#[tokio::test]
async fn a_refusal_leaves_its_connection_usable() {
    let clock = TestClock::new();
    let refusal = Act::json(404, r#"{"errorCode":"E1"}"#);
    let server = RawServer::start(vec![refusal.clone(), refusal, good()], clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    client.servers().load("MS1").await.unwrap_err();
    client.servers().load("MS1").await.unwrap_err();
    client.servers().load("MS1").await.unwrap();
    assert_eq!(server.connections(), 1);
}

/// Servers are made one after the other while connections are closed at the worst moments: whatever the error says,
/// none arrives twice, and one that succeeded arrived.
async fn make_many(acts: Vec<Act>) {
    const CALLS: usize = 60;
    // A server on other threads, so that closing and sending really run into each other.
    let clock = TestClock::new();
    let acts: Vec<_> = acts.iter().cloned().cycle().take(4 * CALLS).chain([good()]).collect();
    let server = RawServer::start(acts, clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    let mut made = 0;
    for number in 0..CALLS {
        let name = format!("server {number}");
        let result = client.servers().create(NewMcpServer::named(&name)).await;
        let received = server.received();
        let body = serde_json::json!({"name": name}).to_string();
        let times = arrivals(&received).get(body.as_str()).copied().unwrap_or_default();
        match result {
            Ok(_) => {
                made += 1;
                assert_eq!(times, 1, "{name}");
            }
            Err(error) => {
                assert!(times <= 1, "{name} arrived {times} times: {error}");
                assert!(error.may_have_applied() || times == 0, "{name}: {error}");
            }
        }
    }
    assert!(made > 0, "some must get through");
    let received = server.received();
    let twice: Vec<_> = arrivals(&received).into_iter().filter(|(_, times)| *times > 1).collect();
    assert_eq!(twice, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_arrives_twice_when_idle_connections_are_closed_without_a_word() {
    for _ in 0..5 {
        make_many(vec![Act::AnswerAndClose(success())]).await;
        make_many(vec![Act::AnswerAndReset(success())]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_arrives_twice_when_a_used_connection_dies_under_the_next_request() {
    for _ in 0..5 {
        make_many(vec![good(), Act::CloseReceived]).await;
        make_many(vec![good(), Act::ResetReceived]).await;
        make_many(vec![good(), good(), Act::ResetBegun, Act::AnswerAndClose(success()), Act::ResetUnread])
            .await;
    }
}

#[tokio::test]
async fn a_call_after_the_server_closed_the_idle_connection_just_works() {
    let clock = TestClock::new();
    let server = RawServer::start(vec![Act::AnswerAndClose(success())], clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    for number in 1..=10 {
        client.servers().create("orders").await.unwrap();
        assert_eq!((server.received().len(), server.connections()), (number, number));
        // The client learns of the end of the connection, as it does between two calls in real life.
        for _ in 0..5 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
}
