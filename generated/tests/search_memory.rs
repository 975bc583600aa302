//! A hundred thousand clients stream by in the memory of a few. Alone in its file: the peak is of the process.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use std::fs;

use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use support::client;
use tokio::net::TcpListener;

const FEW: usize = 1_000;
const MANY: usize = 100_000;

/// Most that the peak may grow from few clients to many, in KiB. What the stream remembers of 100,000 clients is at
/// most 30 bytes of each, 3 MB; their records alone would be over 50 MB.
const MAX_GROWTH_KIB: u64 = 4 * 1024;

/// The most memory that this process had so far, in KiB; `None` where the system does not say.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// Starts a server with that many clients, each made when it is asked for, and answers with its URL.
///
/// Not wiremock: it keeps every request that a mock matched.
async fn serving(size: usize) -> String {
    let search = async move |Json(body): Json<Value>| {
        let number = |member: &str| body[member].as_u64().unwrap() as usize;
        let (page, limit) = (number("page"), number("limit"));
        let clients: Vec<_> = (0..size).skip(page * limit).take(limit).map(record).collect();
        Json(json!({"clients": clients, "total": size}))
    };
    let router = Router::new().route("/v1/mgmt/mcp/server/clients/search", post(search));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

fn record(number: usize) -> Value {
    json!({
        "id": format!("TPA{number:027}"), "name": format!("client {number}"), "mcpServerId": "MS1",
        "clientId": format!("{number:080}"), "scopes": ["orders:read", "orders:cancel"],
        "approvedCallbackUrls": ["https://agent.example.com/callback"], "tags": ["agent"],
        "registrationType": "manual", "status": "verified", "createdTime": number,
    })
}

/// Reads them all and keeps none. How many there were.
async fn read_all(size: usize) -> usize {
    let mut stream = client(&serving(size).await).clients("MS1").search().stream();
    let mut count = 0;
    while let Some(client) = stream.next().await {
        assert_eq!(client.unwrap().extra["createdTime"], count, "in order and each once");
        count += 1;
    }
    assert_eq!(stream.total(), Some(size as u64));
    count
}

#[tokio::test]
async fn a_hundred_thousand_clients_stream_by_in_constant_memory() {
    assert_eq!(read_all(FEW).await, FEW);
    let Some(few) = peak_kib() else {
        println!("skipped: this system does not tell the peak memory of a process");
        return;
    };
    assert_eq!(read_all(MANY).await, MANY);
    let many = peak_kib().unwrap();
    println!("peak memory: {few} KiB after {FEW} clients, {many} KiB after {MANY}: {} KiB more", many - few);
    assert!(many - few <= MAX_GROWTH_KIB, "it grew from {few} KiB to {many} KiB");
}
