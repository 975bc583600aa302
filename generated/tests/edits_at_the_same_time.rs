//! One client and its clones change a record one after the other, so that none of their changes is lost.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/emulator.rs"]
mod emulator;
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use descope_mcp_management::{
    Edited, Error, ErrorKind, ManagementClient, McpServer, McpServerClientUpdate, NewMcpServer,
};
use emulator::Emulator;
use serde_json::json;
use support::clock::TestClock;
use support::every_call::success;
use support::raw_server::{Act, RawServer};
use support::{answering, client, repeating_client};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use wiremock::{MockServer, ResponseTemplate};

const TASKS: usize = 30;
const EDITS_PER_TASK: usize = 20;

/// The records that a test changes.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Servers,
    Clients,
}

/// A record with tags in the emulator, and what to reach it with.
#[derive(Clone)]
struct Record {
    client: ManagementClient,
    server_id: String,
    client_id: Option<String>,
}

impl Record {
    async fn new(kind: Kind) -> Self {
        let client = Emulator::start().client();
        let new = NewMcpServer::named("orders").description("stays");
        let server_id = client.servers().create(new).await.unwrap().id;
        let client_id = match kind {
            Kind::Servers => None,
            Kind::Clients => Some(client.clients(&server_id).create("agent").await.unwrap().id),
        };
        Self { client, server_id, client_id }
    }

    /// Adds a tag, by one or the other kind of edit.
    async fn add_tag(&self, tag: String, checked: bool) -> Result<(), Error> {
        let add = |tags: &mut Option<Vec<String>>| tags.get_or_insert_default().push(tag);
        let (servers, clients) = (self.client.servers(), self.client.clients(&self.server_id));
        match (&self.client_id, checked) {
            (None, false) => servers.edit(&self.server_id, |record| add(&mut record.tags)).await.map(written),
            (None, true) => {
                servers.edit_checked(&self.server_id, |record| add(&mut record.tags)).await.map(written)
            }
            (Some(id), false) => clients.edit(id, |record| add(&mut record.tags)).await.map(written),
            (Some(id), true) => clients.edit_checked(id, |record| add(&mut record.tags)).await.map(written),
        }
    }

    /// Writes the record without looking at it.
    async fn update(&self) {
        match &self.client_id {
            None => {
                let server = McpServer::default().id(&self.server_id);
                self.client.servers().update(server).await.map(drop).unwrap();
            }
            Some(id) => {
                let update = McpServerClientUpdate::of(id);
                self.client.clients(&self.server_id).update(update).await.map(drop).unwrap();
            }
        }
    }

    async fn tags(&self) -> Vec<String> {
        let tags = match &self.client_id {
            None => self.client.servers().load(&self.server_id).await.unwrap().tags,
            Some(id) => self.client.clients(&self.server_id).load(id).await.unwrap().tags,
        };
        tags.unwrap_or_default()
    }
}

fn written<T>(edited: Edited<T>) {
    assert!(edited.written);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_edit_of_a_client_and_its_clones_is_lost() {
    for kind in [Kind::Servers, Kind::Clients] {
        let record = Record::new(kind).await;
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            // A clone of the client for each of them.
            let record = record.clone();
            tasks.spawn(async move {
                for edit in 0..EDITS_PER_TASK {
                    record.add_tag(format!("{task}/{edit}"), task % 2 == 0).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let together = began.elapsed();
        let tags = record.tags().await;
        let distinct: BTreeSet<_> = tags.iter().cloned().collect();
        assert_eq!(
            (tags.len(), distinct.len()),
            (TASKS * EDITS_PER_TASK, TASKS * EDITS_PER_TASK),
            "{kind:?}"
        );

        // The same edits by one task, which has nobody to wait for.
        let alone = Record::new(kind).await;
        let began = Instant::now();
        for edit in 0..TASKS * EDITS_PER_TASK {
            alone.add_tag(format!("{edit}"), edit % 2 == 0).await.unwrap();
        }
        let edits = TASKS * EDITS_PER_TASK;
        println!("{kind:?}: {edits} edits by {TASKS} tasks in {together:?}, by one in {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn edits_that_are_dropped_at_any_moment_undo_no_other_edit_and_lock_nobody_out() {
    for kind in [Kind::Servers, Kind::Clients] {
        let record = Record::new(kind).await;
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let record = record.clone();
            tasks.spawn(async move {
                let mut added = Vec::new();
                for edit in 0..EDITS_PER_TASK {
                    let tag = format!("{task}/{edit}");
                    // From none to more than enough, in no order.
                    let patience = Duration::from_millis((task * 37 % 60 * (edit + 1)) as u64);
                    let adding = record.add_tag(tag.clone(), task % 2 == 0);
                    if let Ok(result) = tokio::time::timeout(patience, adding).await {
                        result.unwrap();
                        added.push(tag);
                    }
                }
                added
            });
        }
        let added: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        // Comes after whatever was still under way.
        record.add_tag("last".to_owned(), false).await.unwrap();
        let tags = record.tags().await;
        let distinct: BTreeSet<_> = tags.iter().cloned().collect();
        assert_eq!(tags.len(), distinct.len(), "{kind:?}: none is there twice");
        let lost: Vec<_> = added.iter().filter(|tag| !distinct.contains(*tag)).collect();
        assert!(lost.is_empty(), "{kind:?}: {lost:?} of {} were lost", added.len());
        assert_eq!(tags.last().map(String::as_str), Some("last"));
        println!("{kind:?}: {} of {} edits were waited for", added.len(), TASKS * EDITS_PER_TASK);
    }
}

/// Last part of the path of every request, in the order in which they arrived.
async fn order(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|request| request.url.path().rsplit('/').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_update_does_not_come_between_the_load_and_the_write_of_an_edit() {
    for kind in [Kind::Servers, Kind::Clients] {
        let answer = json!({"server": {"id": "MS1"}, "client": {"id": "TPA1"}});
        let answer = ResponseTemplate::new(200).set_body_json(answer).set_delay(Duration::from_millis(2));
        let server = answering(answer).await;
        let record = Record {
            client: client(&server.uri()),
            server_id: "MS1".to_owned(),
            client_id: (kind == Kind::Clients).then(|| "TPA1".to_owned()),
        };
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let record = record.clone();
            tasks.spawn(async move {
                match task % 2 {
                    0 => record.add_tag(task.to_string(), task % 4 == 0).await.unwrap(),
                    _ => record.update().await,
                }
            });
        }
        tasks.join_all().await;
        let order = order(&server).await;
        // A checked edit loads twice.
        let between: Vec<_> =
            order.windows(2).filter(|pair| pair[0] == "load").map(|pair| pair[1].as_str()).collect();
        let loads = TASKS / 2 + TASKS.div_ceil(4);
        assert_eq!(between.iter().filter(|next| **next == "load").count(), TASKS.div_ceil(4), "{order:?}");
        assert_eq!((between.len(), order.len()), (loads, loads + TASKS), "{order:?}");
    }
}

/// A server that answers its first request when it is told to, and the others at once.
async fn slow_at_first() -> (Arc<Notify>, TestClock, RawServer, ManagementClient) {
    let (told, clock) = (Arc::new(Notify::new()), TestClock::new());
    let acts = vec![Act::AnswerLater(Arc::clone(&told), success()), Act::json(200, &success())];
    let server = RawServer::start(acts, clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    (told, clock, server, client)
}

/// Begins an update of the server MS1, and waits until it is sent.
async fn begin_update(client: &ManagementClient, server: &RawServer) -> JoinHandle<Result<McpServer, Error>> {
    let client = client.clone();
    let update = tokio::spawn(async move { client.servers().update(McpServer::default().id("MS1")).await });
    while server.received().is_empty() {
        tokio::task::yield_now().await;
    }
    update
}

#[tokio::test]
async fn changes_of_different_records_do_not_wait_for_one_another() {
    let (told, _clock, server, client) = slow_at_first().await;
    let slow = begin_update(&client, &server).await;
    client.servers().update(McpServer::default().id("MS2")).await.unwrap();
    // A client record is another record, whatever its id.
    client.clients("MS1").update(McpServerClientUpdate::of("MS1")).await.unwrap();
    assert!(!slow.is_finished());
    told.notify_one();
    slow.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_update_that_is_dropped_keeps_others_out_until_it_is_answered() {
    let (told, _clock, server, client) = slow_at_first().await;
    let dropped = begin_update(&client, &server).await;
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());

    let next = client.clone();
    let next =
        tokio::spawn(
            async move { next.servers().edit("MS1", |record| record.logo = Some("x".into())).await },
        );
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.received().len(), 1, "the request that nobody waits for is under way");
    told.notify_one();
    assert!(next.await.unwrap().unwrap().written);
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn who_waits_for_another_change_for_too_long_is_told_that_nothing_was_sent() {
    for checked in [None, Some(false), Some(true)] {
        let (_told, clock, server, client) = slow_at_first().await;
        let _slow = begin_update(&client, &server).await;
        let waiting = client.clone();
        let waiting = tokio::spawn(async move {
            let (servers, change) = (waiting.servers(), |_: &mut McpServer| unreachable!("it is not loaded"));
            match checked {
                None => servers.update(McpServer::default().id("MS1")).await.map(drop),
                Some(false) => servers.edit("MS1", change).await.map(drop),
                Some(true) => servers.edit_checked("MS1", change).await.map(drop),
            }
        });
        tokio::task::yield_now().await;
        // Ends that of the attempt under way as well, which is then made once more.
        clock.end_limits();
        let error = waiting.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, "UpdateMcpServer"), "{error}");
        assert_eq!((error.attempts(), error.may_have_applied()), (0, false), "{error}");
        assert!(error.to_string().contains("other changes of the record"), "{error}");
    }
}
