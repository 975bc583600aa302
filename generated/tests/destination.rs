//! The management key travels to the base URL and to nowhere else, whatever a caller puts together from public parts.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/listener.rs"]
mod listener;
mod support;

use descope_mcp_management::raw;
use listener::Listener;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::{Method, Request};
use support::{answering_json, client, only_request};

const LOAD_ALL: OperationInfo = OperationInfo { operation_id: "load_all_mcp_servers" };

fn request(url: &str) -> Request {
    let mut request = Request::new(Method::POST, url.parse().unwrap());
    *request.body_mut() = Some("{}".into());
    request
}

#[tokio::test]
async fn a_request_that_was_made_by_hand_does_not_leave_for_a_host_that_is_not_loopback() {
    let stranger = Listener::start("0.0.0.0");
    let raw = client("http://127.0.0.1:1").raw();
    let url = format!("http://0.0.0.0:{}/v1/mgmt/mcp/servers/all", stranger.port());
    let answer = raw.exec(request(&url), &LOAD_ALL).await.unwrap();
    assert_eq!(stranger.received(), (0, String::new()));
    let error = answer.text().await.unwrap_err();
    assert!(format!("{error:?}").contains("Elsewhere"), "{error:?}");
}

#[tokio::test]
async fn a_request_that_was_made_by_hand_leaves_for_the_base_url_only() {
    let server = answering_json(200, &serde_json::json!({"servers": []})).await;
    let other = Listener::start("127.0.0.1");
    let base = format!("{}/descope", server.uri());
    let raw = client(&base).raw();
    for url in [
        format!("http://127.0.0.1:{}/descope/v1", other.port()),
        format!("http://127.0.0.1:{}@127.0.0.1:{}/descope/v1", server.address().port(), other.port()),
        format!("{}/v1/mgmt/mcp/servers/all", server.uri()),
        format!("{base}-not/v1/mgmt/mcp/servers/all"),
        format!("{base}/../v1/mgmt/mcp/servers/all"),
    ] {
        let answer = raw.exec(request(&url), &LOAD_ALL).await.unwrap();
        assert!(answer.text().await.is_err(), "{url}");
    }
    assert_eq!(other.received(), (0, String::new()));
    assert!(server.received_requests().await.unwrap().is_empty());

    let answer = raw.exec(request(&format!("{base}/v1/mgmt/mcp/servers/all")), &LOAD_ALL).await.unwrap();
    assert_eq!(answer.text().await.unwrap(), r#"{"servers":[]}"#);
    assert!(only_request(&server).await.headers.contains_key("authorization"));
}

#[tokio::test]
async fn the_connections_of_the_machine_written_client_do_not_have_the_key() {
    let server = answering_json(200, &serde_json::json!({})).await;
    let raw: raw::Client = client(&server.uri()).raw();
    raw.client().post(server.uri()).send().await.unwrap();
    assert!(!only_request(&server).await.headers.contains_key("authorization"));
}
