//! Every call is one span that says what became of it, and nothing of what was sent.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use descope_mcp_management::{ErrorKind, ManagementClientBuilder, McpServerClientUpdate, Quota};
use support::clock::TestClock;
use support::every_call::success;
use support::raw_server::{Act, RawServer};
use support::{builder, repeating_client};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Fields by name, as text.
type Fields = BTreeMap<&'static str, String>;

/// What the spans of this crate ended with, and its events with the operation they belong to, in order.
#[derive(Clone, Default)]
struct Recorded {
    spans: Arc<Mutex<Vec<Fields>>>,
    events: Arc<Mutex<Vec<(String, Fields)>>>,
    /// Of the spans of edits.
    edits: Arc<Mutex<Vec<Fields>>>,
    /// The operations of the calls within edits.
    parents: Arc<Mutex<Vec<String>>>,
}

struct Reader<'f>(&'f mut Fields);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Recorded {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Reader(&mut fields));
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let mut extensions = span.extensions_mut();
        values.record(&mut Reader(extensions.get_mut::<Fields>().unwrap()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if span.name() == "descope_call" {
            let fields = span.extensions_mut().remove::<Fields>().unwrap();
            if span.parent().is_some_and(|parent| parent.name() == "descope_edit") {
                self.parents.lock().unwrap().push(fields["operation"].clone());
            } else {
                self.spans.lock().unwrap().push(fields);
            }
        } else if span.name() == "descope_edit" {
            self.edits.lock().unwrap().push(span.extensions_mut().remove::<Fields>().unwrap());
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !event.metadata().target().starts_with("descope_mcp_management") {
            return;
        }
        let mut fields = Fields::new();
        event.record(&mut Reader(&mut fields));
        let span = context.event_span(event).expect("every event of a call is in its span");
        let operation = span.extensions().get::<Fields>().unwrap()["operation"].clone();
        self.events.lock().unwrap().push((operation, fields));
    }
}

/// One for the process: subscribers of single threads disturb each other.
static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    let recorded = Recorded::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(recorded.clone())).unwrap();
    recorded
});

/// The spans of an operation that only one test calls.
fn spans_of(operation: &str) -> Vec<Fields> {
    let spans = RECORDED.spans.lock().unwrap();
    spans.iter().filter(|fields| fields["operation"] == operation).cloned().collect()
}

/// A client with a quota, for which nobody really waits.
fn limited(server: &RawServer, clock: &TestClock, quota: Quota) -> ManagementClientBuilder {
    builder(&server.url()).clock(Arc::new(clock.clone())).quota(quota)
}

fn names(fields: &Fields) -> Vec<&'static str> {
    fields.keys().copied().collect()
}

#[tokio::test]
async fn a_success_has_a_span_with_its_operation_status_attempts_and_times() {
    LazyLock::force(&RECORDED);
    let clock = TestClock::new();
    let server = RawServer::start(vec![Act::json(200, &success())], clock.clone()).await;
    repeating_client(&server.url(), &clock).clients("MS1").secret("TPA1").await.unwrap();
    let spans = spans_of("GetMcpServerClientSecret");
    assert_eq!(spans.len(), 1);
    assert_eq!(names(&spans[0]), ["attempts", "elapsed_ms", "limiter_wait_ms", "operation", "status"]);
    assert_eq!((spans[0]["status"].as_str(), spans[0]["attempts"].as_str()), ("200", "1"));
    assert_eq!(spans[0]["limiter_wait_ms"], "0.0");
}

#[tokio::test]
async fn all_attempts_are_one_span_and_each_repetition_an_event_in_it() {
    LazyLock::force(&RECORDED);
    let clock = TestClock::new();
    let busy = Act::Answer(503, "retry-after: 3\r\n".to_owned(), "busy".to_owned());
    let acts = vec![busy, Act::ResetReceived, Act::Stall, Act::json(404, "{}")];
    let server = RawServer::start(acts, clock.clone()).await;
    let error = repeating_client(&server.url(), &clock).servers().load("MS1").await.unwrap_err();
    let spans = spans_of("LoadMcpServer");
    assert_eq!(spans.len(), 1);
    assert_eq!((spans[0]["status"].as_str(), spans[0]["attempts"].as_str()), ("404", "4"));
    let elapsed: f64 = spans[0]["elapsed_ms"].parse().unwrap();
    assert_eq!(Duration::from_secs_f64(elapsed / 1000.0).as_millis(), error.elapsed().as_millis());

    let mut events = RECORDED.events.lock().unwrap().clone();
    events.retain(|(operation, _)| operation == "LoadMcpServer");
    let outcomes: Vec<_> = events.iter().map(|(_, fields)| fields["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["status 503", "the connection was lost", "no complete answer in time"]);
    assert_eq!(names(&events[0].1), ["attempt", "message", "outcome", "wait_ms"]);
}

#[tokio::test]
async fn a_call_without_an_answer_has_a_span_without_a_status() {
    LazyLock::force(&RECORDED);
    let clock = TestClock::new();
    let server = RawServer::start(vec![Act::ResetReceived], clock.clone()).await;
    repeating_client(&server.url(), &clock).servers().create("orders").await.unwrap_err();
    let spans = spans_of("CreateMcpServer");
    assert_eq!(names(&spans[0]), ["attempts", "elapsed_ms", "error", "limiter_wait_ms", "operation"]);
    assert_eq!(spans[0]["error"], "Transport");
}

#[tokio::test]
async fn a_failed_call_has_a_span_with_the_kind_of_its_error_and_the_code_of_the_service() {
    LazyLock::force(&RECORDED);
    let clock = TestClock::new();
    let refusal = Act::json(409, r#"{"errorCode":"E011002","errorDescription":"said by the service"}"#);
    let acts = vec![refusal, Act::json(200, "{]"), Act::json(200, r#"{"client":{"id":""}}"#)];
    let server = RawServer::start(acts, clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    for _ in 0..3 {
        client.clients("MS1").update(McpServerClientUpdate::of("TPA1")).await.unwrap_err();
    }
    let spans = spans_of("UpdateMcpServerClient");
    let errors: Vec<_> = spans.iter().map(|span| span["error"].as_str()).collect();
    // Also where the answer is a success that cannot be read, or lacks what it must have.
    assert_eq!(errors, ["Conflict", "UnexpectedBody", "UnexpectedBody"]);
    assert_eq!(spans[0]["code"], "E011002");
    assert!(!format!("{spans:?}").contains("said by"), "{spans:?}");
}

#[tokio::test]
async fn the_load_and_the_update_of_an_edit_are_in_a_span_of_their_own() {
    LazyLock::force(&RECORDED);
    let clock = TestClock::new();
    let record = Act::json(200, r#"{"server":{"id":"MS1","name":"a"}}"#);
    let acts = vec![record.clone(), record.clone(), record, Act::json(404, "{}")];
    let server = RawServer::start(acts, clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    client.servers().edit("MS1", |server| server.name = Some("b".into())).await.unwrap();
    client.servers().edit("MS1", |_| {}).await.unwrap();
    client.servers().edit("MS1", |_| {}).await.unwrap_err();
    let edits = RECORDED.edits.lock().unwrap().clone();
    let shown = |name| edits.iter().map(move |edit| edit.get(name).map(String::as_str));
    assert!(shown("operation").eq([Some("UpdateMcpServer"); 3]), "{edits:?}");
    assert!(shown("written").eq([Some("true"), Some("false"), None]), "{edits:?}");
    assert!(shown("error").eq([None, None, Some("NotFound")]), "{edits:?}");
    // Two calls of the first, one of each other; the update runs in a task of its own.
    let parents = RECORDED.parents.lock().unwrap().clone();
    assert_eq!(parents, ["LoadMcpServer", "UpdateMcpServer", "LoadMcpServer", "LoadMcpServer"]);
}

#[tokio::test]
async fn the_quota_is_shared_by_clones_and_the_wait_for_it_is_in_the_span() {
    LazyLock::force(&RECORDED);
    let clock = TestClock::new();
    let server = RawServer::start(vec![Act::json(200, &success())], clock.clone()).await;
    let client =
        limited(&server, &clock, Quota::new(3, Duration::from_secs(60)).unwrap().burst(2)).build().unwrap();
    client.servers().delete("MS1").await.unwrap();
    client.clone().servers().delete("MS1").await.unwrap();
    client.clone().servers().delete("MS1").await.unwrap();
    client.raw().delete_mcp_server(&Default::default()).await.unwrap();
    let waits: Vec<f64> =
        spans_of("DeleteMcpServer").iter().map(|span| span["limiter_wait_ms"].parse().unwrap()).collect();
    assert_eq!(&waits[..2], [0.0, 0.0]);
    // Two at once and then one in 30 seconds, since no minute may hold four.
    assert!(waits[2..].iter().all(|wait| (29_900.0..=30_001.0).contains(wait)), "{waits:?}");
}

#[tokio::test]
async fn repetitions_are_counted_by_the_quota_and_none_is_begun_that_has_no_time() {
    LazyLock::force(&RECORDED);
    let clock = TestClock::new();
    let refusal = Act::Answer(429, "retry-after: 1\r\n".to_owned(), String::new());
    let server = RawServer::start(vec![refusal], clock.clone()).await;
    let client = limited(&server, &clock, Quota::new(1, Duration::from_secs(100)).unwrap())
        .quota_timeout(Duration::from_secs(150))
        .build()
        .unwrap();
    // The second attempt waits for its place; the third would have to wait for longer than there is.
    let error = client.servers().load_all().await.unwrap_err();
    assert_eq!((error.attempts(), server.received().len()), (2, 2));
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimited, Some(429)));
    let wait: f64 = spans_of("LoadAllMcpServers")[0]["limiter_wait_ms"].parse().unwrap();
    assert!((90_000.0..100_000.0).contains(&wait), "{wait}");

    // A call that gets no place at all says so, and how long to wait.
    let impatient = limited(&server, &clock, Quota::new(1, Duration::from_secs(100)).unwrap())
        .quota_timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    impatient.clients("MS1").load("TPA1").await.unwrap_err();
    let error = impatient.clients("MS1").load("TPA1").await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::RateLimited, None, 0));
    assert!(error.retry_after().unwrap() > Duration::from_secs(80), "{:?}", error.retry_after());
    assert!(error.to_string().contains("the quota of this client has no room"), "{error}");
}

#[tokio::test]
async fn waits_for_the_quota_do_not_count_against_the_time_limit_of_a_call() {
    LazyLock::force(&RECORDED);
    let clock = TestClock::new();
    let server = RawServer::start(vec![Act::json(200, &success())], clock.clone()).await;
    let client = limited(&server, &clock, Quota::new(40, Duration::from_secs(60)).unwrap())
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    // All at once, as a program makes them that has much to do.
    let mut calls = Vec::new();
    for _ in 0..60 {
        let client = client.clone();
        calls.push(tokio::spawn(async move { client.servers().delete_many(["MS1"]).await }));
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(server.received().len(), 60);

    // Nor against that of an edit, whose load has waited before its update.
    let server = RawServer::start(vec![Act::json(200, &success())], clock.clone()).await;
    let client = limited(&server, &clock, Quota::new(1, Duration::from_secs(100)).unwrap())
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    client.clients("MS1").edit("TPA1", |client| client.logo = Some("l".into())).await.unwrap();
    assert_eq!(server.received().len(), 2);
}
