//! A search stream reads every client once, whatever the service does with pages.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use std::collections::HashSet;

use descope_mcp_management::{ClientStream, ErrorKind};
use futures_util::{Stream, TryStreamExt};
use serde_json::{Value, json};
use support::{answering_json, body_of, client};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// A server whose answer depends on the number of the page and on how many were asked for.
async fn paging(answer: impl Fn(usize, usize) -> ResponseTemplate + Send + Sync + 'static) -> MockServer {
    let server = MockServer::start().await;
    let respond = move |request: &Request| {
        let body = body_of(request);
        let number = |member: &str| body[member].as_u64().unwrap() as usize;
        answer(number("page"), number("limit"))
    };
    Mock::given(any()).respond_with(respond).mount(&server).await;
    server
}

/// Page of a list of that many clients.
fn page_of(size: usize, page: usize, limit: usize) -> ResponseTemplate {
    let clients: Vec<_> = (0..size).skip(page * limit).take(limit).map(record).collect();
    ResponseTemplate::new(200).set_body_json(json!({"clients": clients, "total": size}))
}

fn record(number: usize) -> Value {
    json!({"id": format!("TPA{number}"), "name": format!("client {number}")})
}

fn stream(server: &MockServer) -> ClientStream {
    client(&server.uri()).clients("MS1").search().page_size(10).stream()
}

async fn ids(server: &MockServer) -> Vec<String> {
    stream(server).map_ok(|client| client.id).try_collect().await.unwrap()
}

async fn requests(server: &MockServer) -> Vec<Value> {
    server.received_requests().await.unwrap().iter().map(body_of).collect()
}

#[tokio::test]
async fn reads_all_pages_in_order_and_one_at_a_time() {
    let server = paging(|page, limit| page_of(25, page, limit)).await;
    let mut stream = stream(&server);
    assert_eq!(stream.total(), None);
    for number in 0..25 {
        let client = stream.next().await.unwrap().unwrap();
        assert_eq!(client.id, format!("TPA{number}"));
        assert_eq!(stream.total(), Some(25));
        assert_eq!(requests(&server).await.len(), number / 10 + 1);
    }
    assert!(stream.next().await.is_none());
    assert!(stream.next().await.is_none());
    assert_eq!(requests(&server).await.len(), 3);
}

#[tokio::test]
async fn asks_for_a_hundred_per_page_unless_told_otherwise() {
    let server = answering_json(200, &json!({"clients": []})).await;
    assert!(client(&server.uri()).clients("MS1").search().tag("agent").stream().next().await.is_none());
    let body = json!({"mcpServerId": "MS1", "tag": "agent", "page": 0, "limit": 100});
    assert_eq!(requests(&server).await, [body]);
}

#[tokio::test]
async fn asks_for_nothing_before_it_is_polled_and_can_be_sent_to_a_task() {
    let server = paging(|page, limit| page_of(25, page, limit)).await;
    let stream = stream(&server);
    assert_eq!(requests(&server).await.len(), 0);
    let found = tokio::spawn(stream.try_collect::<Vec<_>>()).await.unwrap().unwrap();
    assert_eq!(found.len(), 25);
}

#[tokio::test]
async fn a_cancelled_wait_loses_nothing() {
    let server = paging(|page, limit| {
        page_of(25, page, limit).set_delay(std::time::Duration::from_millis(if page == 1 { 50 } else { 0 }))
    })
    .await;
    let mut stream = stream(&server);
    let mut found = HashSet::new();
    let mut cancelled = 0;
    loop {
        match tokio::time::timeout(std::time::Duration::from_millis(20), stream.next()).await {
            Ok(Some(client)) => assert!(found.insert(client.unwrap().id)),
            Ok(None) => break,
            Err(_) => cancelled += 1,
        }
    }
    assert_eq!((found.len(), requests(&server).await.len()), (25, 3));
    assert!(cancelled > 0);
}

#[tokio::test]
async fn an_empty_page_ends_it_where_no_total_is_sent() {
    let server = paging(|page, limit| {
        let clients: Vec<_> = (0..20).skip(page * limit).take(limit).map(record).collect();
        let body = if clients.is_empty() { json!({}) } else { json!({"clients": clients}) };
        ResponseTemplate::new(200).set_body_json(body)
    })
    .await;
    assert_eq!(ids(&server).await.len(), 20);
    assert_eq!(requests(&server).await.len(), 3);
}

#[tokio::test]
async fn a_repeated_page_ends_it() {
    let server = paging(|_, limit| page_of(10, 0, limit)).await;
    assert_eq!(ids(&server).await.len(), 10);
    assert_eq!(requests(&server).await.len(), 2);
}

#[tokio::test]
async fn overlapping_pages_give_each_client_once() {
    let server = paging(|page, limit| {
        let clients: Vec<_> = (0..60).skip(page * limit / 2).take(limit).map(record).collect();
        ResponseTemplate::new(200).set_body_json(json!({"clients": clients, "total": 60}))
    })
    .await;
    let expected: Vec<_> = (0..60).map(|number| format!("TPA{number}")).collect();
    assert_eq!(ids(&server).await, expected);
}

#[tokio::test]
async fn records_without_an_id_are_told_apart_by_what_they_have() {
    let clients = json!([
        {"clientId": "a"}, {"clientId": "b"}, {"name": "c"}, {"name": "d"}, {"name": "d"}, {"id": null},
    ]);
    let server = answering_json(200, &json!({"clients": clients})).await;
    assert_eq!(ids(&server).await.len(), 5);
}

#[tokio::test]
async fn an_error_comes_after_what_was_read_and_ends_it() {
    let server = paging(|page, limit| match page {
        0 => page_of(25, page, limit),
        _ => ResponseTemplate::new(400).set_body_json(json!({"errorCode": "E011002"})),
    })
    .await;
    let mut stream = stream(&server);
    for _ in 0..10 {
        stream.next().await.unwrap().unwrap();
    }
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.may_have_applied()), (ErrorKind::InvalidRequest, false));
    assert!(stream.next().await.is_none());
    assert_eq!(requests(&server).await.len(), 2);
}

#[tokio::test]
async fn numbers_that_the_api_cannot_take_are_refused_before_sending() {
    let server = answering_json(200, &json!({})).await;
    let client = client(&server.uri());
    let search = client.clients("MS1").search();
    let page = search.page(1 << 31).await.unwrap_err();
    let size = search.page_size(u32::MAX).stream().next().await.unwrap().unwrap_err();
    for error in [page, size] {
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidRequest, None));
    }
    assert_eq!(requests(&server).await.len(), 0);
}

#[test]
fn the_stream_shows_where_it_is_and_no_client() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = paging(|page, limit| page_of(25, page, limit)).await;
        let mut stream = stream(&server);
        stream.next().await.unwrap().unwrap();
        let text = format!("{stream:?}");
        assert!(text.contains("next_page: Some(1)") && !text.contains("TPA"), "{text}");
        assert!(!text.contains(support::KEY));
        assert_eq!(stream.size_hint(), (9, None));
    });
}
