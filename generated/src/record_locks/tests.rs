use std::time::{Instant, SystemTime};

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::clock::{SystemClock, Wait};
use crate::generated::operations::{UPDATE_MCP_SERVER, UPDATE_MCP_SERVER_CLIENT};
use crate::{ManagementClient, ManagementKey, McpServer, McpServerClientUpdate, ProjectId};

const HOUR: Duration = Duration::from_secs(3600);

/// Moves on only when a test says so. No limit ends by itself.
#[derive(Debug, Clone)]
struct StoppedClock(Arc<Mutex<Instant>>);

impl StoppedClock {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, _: Duration) -> Wait {
        Box::pin(std::future::pending())
    }
}

async fn lock(locks: &RecordLocks, id: &str) -> RecordGuard {
    locks.lock(&UPDATE_MCP_SERVER, id, &SystemClock, HOUR).await.unwrap()
}

/// A server that answers every operation on a single record, and a client for it.
async fn service(clock: impl Clock) -> (MockServer, ManagementClient) {
    let server = MockServer::start().await;
    let answer = serde_json::json!({"server": {"id": "MS1"}, "client": {"id": "TPA1"}});
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(answer)).mount(&server).await;
    let (id, key) = (ProjectId::new("P1").unwrap(), ManagementKey::new("K2x").unwrap());
    let builder = ManagementClient::builder(id, key).base_url(server.uri()).timeout(HOUR);
    let client = builder.clock(Arc::new(clock)).build().unwrap();
    (server, client)
}

#[tokio::test]
async fn a_lock_is_there_only_while_somebody_holds_it_or_waits_for_it() {
    let locks = RecordLocks::default();
    for number in 0..1000 {
        drop(lock(&locks, &format!("MS{number}")).await);
    }
    assert_eq!(locks.len(), 0);

    let held = lock(&locks, "MS1").await;
    let mut waiting: Vec<_> = (0..3)
        .map(|_| {
            let locks = locks.clone();
            tokio::spawn(async move { drop(lock(&locks, "MS1").await) })
        })
        .collect();
    tokio::task::yield_now().await;
    let other = lock(&locks, "MS2").await;
    assert_eq!(locks.len(), 2);
    drop(other);
    // One of those who wait gives up; the others get their turn.
    waiting[1].abort();
    assert!(waiting.remove(1).await.is_err());
    assert_eq!(locks.len(), 1);
    drop(held);
    for waiting in waiting {
        waiting.await.unwrap();
    }
    assert_eq!(locks.len(), 0);
}

#[tokio::test]
async fn a_record_is_its_kind_and_its_id() {
    let locks = RecordLocks::default();
    let _server = lock(&locks, "1").await;
    let _client = locks.lock(&UPDATE_MCP_SERVER_CLIENT, "1", &SystemClock, HOUR).await.unwrap();
    let limit = Duration::from_millis(1);
    assert!(locks.lock(&UPDATE_MCP_SERVER, "1", &SystemClock, limit).await.is_err());
    assert!(locks.lock(&UPDATE_MCP_SERVER_CLIENT, "1", &SystemClock, limit).await.is_err());
    assert_eq!(locks.len(), 2, "those who gave up have left");
}

#[tokio::test]
async fn every_way_to_change_a_record_frees_its_lock_however_it_ends() {
    let (server, client) = service(SystemClock).await;
    for number in 0..20 {
        let clients = client.clients("MS1");
        client.servers().update(McpServer::default().id(format!("MS{number}"))).await.unwrap();
        clients.update(McpServerClientUpdate::of(format!("TPA{number}"))).await.unwrap();
        // Another record is loaded than asked for, except the first time.
        client.servers().edit(&format!("MS{number}"), |_| {}).await.ok();
        clients.edit_checked("TPA1", |record| record.name = Some(number.to_string())).await.unwrap();
    }
    assert_eq!(client.locked_records(), 0);

    server.reset().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(404)).mount(&server).await;
    client.servers().update(McpServer::default().id("MS1")).await.unwrap_err();
    client.servers().edit("MS1", |_| {}).await.unwrap_err();
    assert_eq!(client.locked_records(), 0);
}

#[tokio::test]
async fn a_change_that_panics_frees_its_lock() {
    let (_server, client) = service(SystemClock).await;
    let editing = client.clone();
    let edit =
        tokio::spawn(async move { editing.servers().edit("MS1", |_| panic!("a bug")).await.map(drop) });
    assert!(edit.await.unwrap_err().is_panic());
    assert_eq!(client.locked_records(), 0);

    let guard = client.lock(&UPDATE_MCP_SERVER, "MS1").await.unwrap();
    let write = tokio::spawn(guard.write::<()>(async { panic!("a bug") }));
    assert!(write.await.unwrap_err().is_panic(), "the caller sees it");
    assert_eq!(client.locked_records(), 0);
}

#[tokio::test]
async fn the_wait_for_a_lock_counts_against_the_time_limit_of_the_call() {
    let clock = StoppedClock::new();
    let (server, client) = service(clock.clone()).await;
    for edits in [false, true] {
        let held = client.lock(&UPDATE_MCP_SERVER, "MS1").await.unwrap();
        let waiting = client.clone();
        let waiting = tokio::spawn(async move {
            let servers = waiting.servers();
            match edits {
                true => servers.edit("MS1", |record| record.name = Some("new".to_owned())).await.map(drop),
                false => servers.update(McpServer::default().id("MS1")).await.map(drop),
            }
        });
        tokio::task::yield_now().await;
        *clock.0.lock().unwrap() += HOUR;
        drop(held);
        let error = waiting.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 0), "{error}");
        assert_eq!((error.elapsed(), error.may_have_applied()), (HOUR, false), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    assert_eq!(client.locked_records(), 0);
}
