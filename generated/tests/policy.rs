//! What is sent again and what is not, seen from the server's side: for every operation, the number of requests that
//! it received is the number in the table of `RetryPolicy`.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use std::time::Duration;

use descope_mcp_management::operations::{Access, Operation};
use descope_mcp_management::{ConnectFailure, Error, ErrorKind, RetryPolicy};
use support::clock::TestClock;
use support::every_call::{OneCall, every_call, success};
use support::raw_server::{Act, RawServer};
use support::{builder, repeating_client};

const ATTEMPTS: usize = 4;

/// How often an operation is sent while the server keeps doing the same.
#[derive(Clone, Copy)]
enum Sent {
    /// As often as the policy allows.
    Always,
    /// That often when it is idempotent, and otherwise once.
    IfIdempotent,
    Once,
}

impl Sent {
    fn times(self, facts: &Operation) -> usize {
        match self {
            Self::Always => ATTEMPTS,
            Self::IfIdempotent if facts.idempotent => ATTEMPTS,
            Self::IfIdempotent | Self::Once => 1,
        }
    }
}

struct Case {
    act: Act,
    sent: Sent,
    kind: ErrorKind,
    status: Option<u16>,
    /// Whether a writing operation may have been carried out.
    may_have_applied: bool,
}

const ENVELOPE: &str = r#"{"errorCode":"E1","errorDescription":"no"}"#;

fn envelope(status: u16, headers: &str) -> Act {
    Act::Answer(status, format!("content-type: application/json\r\n{headers}"), ENVELOPE.to_owned())
}

fn page(status: u16) -> Act {
    let page = "<!DOCTYPE html><title>Web server error</title><p>come back later";
    Act::Answer(status, "content-type: text/html\r\n".to_owned(), page.to_owned())
}

fn cases() -> Vec<Case> {
    let refused = |act, status, kind, sent, may_have_applied| Case {
        act,
        sent,
        kind,
        status: Some(status),
        may_have_applied,
    };
    let lost =
        |act, status, kind| Case { act, sent: Sent::IfIdempotent, kind, status, may_have_applied: true };
    let mut cases = Vec::new();
    for status in [500, 502, 503, 504, 520, 521, 522, 523, 524, 530] {
        cases.push(refused(page(status), status, ErrorKind::Server, Sent::IfIdempotent, true));
    }
    let asking = envelope(503, "retry-after: 3\r\n");
    cases.push(refused(asking, 503, ErrorKind::Server, Sent::IfIdempotent, true));
    cases.push(refused(page(408), 408, ErrorKind::Timeout, Sent::IfIdempotent, true));
    for (status, kind) in [(501, ErrorKind::Server), (525, ErrorKind::Server)] {
        cases.push(refused(envelope(status, ""), status, kind, Sent::Once, true));
    }
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
    ] {
        cases.push(refused(envelope(status, ""), status, kind, Sent::Once, false));
    }
    for form in ["7", "Sun, 06 Nov 1994 08:49:44 GMT"] {
        let act = envelope(429, &format!("retry-after: {form}\r\n"));
        cases.push(refused(act, 429, ErrorKind::RateLimited, Sent::Always, false));
    }
    cases.push(lost(Act::ResetBegun, None, ErrorKind::Transport));
    cases.push(lost(Act::ResetReceived, None, ErrorKind::Transport));
    cases.push(lost(Act::CloseReceived, None, ErrorKind::Transport));
    cases.push(lost(Act::BreakOff(200, success()), Some(200), ErrorKind::Transport));
    cases.push(lost(Act::Stall, None, ErrorKind::Timeout));
    cases.push(lost(Act::StallInBody, Some(200), ErrorKind::Timeout));
    cases.push(refused(
        Act::BreakOff(503, "busy".to_owned()),
        503,
        ErrorKind::Server,
        Sent::IfIdempotent,
        true,
    ));
    // A complete success that is none cannot be helped by asking again.
    let useless = Case {
        act: Act::json(200, "{]"),
        sent: Sent::Once,
        kind: ErrorKind::UnexpectedBody,
        status: Some(200),
        may_have_applied: true,
    };
    cases.push(useless);
    cases
}

async fn run(one: OneCall, acts: Vec<Act>) -> (Result<(), Error>, RawServer, TestClock) {
    let clock = TestClock::new();
    let server = RawServer::start(acts, clock.clone()).await;
    let result = one.make(&repeating_client(&server.url(), &clock)).await;
    (result, server, clock)
}

#[tokio::test]
async fn every_operation_is_received_as_often_as_the_table_says() {
    for one in every_call() {
        let facts = one.operation;
        for case in cases() {
            let what = format!("{one} against {:?}", case.act);
            let never_complete = matches!(case.act, Act::ResetBegun);
            let (result, server, clock) = run(one, vec![case.act]).await;
            let error = result.expect_err(&what);
            let expected = case.sent.times(facts);

            let received = server.received();
            if never_complete {
                assert_eq!(server.connections(), expected, "{what}");
            } else {
                assert_eq!(received.len(), expected, "{what}");
            }
            assert!(received.windows(2).all(|pair| pair[0] == pair[1]), "{what}: {received:?}");
            assert_eq!(error.attempts() as usize, expected, "{what}");
            assert_eq!(clock.waits().len(), expected - 1, "{what}");
            assert_eq!((error.kind(), error.status()), (case.kind, case.status), "{what}: {error}");
            let may_have_applied = case.may_have_applied && facts.access == Access::Write;
            assert_eq!(error.may_have_applied(), may_have_applied, "{what}");
            assert!(error.elapsed() >= clock.waits().iter().sum(), "{what}: {:?}", error.elapsed());
        }
    }
}

#[tokio::test]
async fn both_forms_of_retry_after_are_waited_for_and_told() {
    let seven = Duration::from_secs(7);
    let of_the_answer =
        "date: Tue, 02 Jan 2024 00:00:00 GMT\r\nretry-after: Tue, 02 Jan 2024 00:00:07 GMT\r\n";
    for headers in ["retry-after: 7\r\n", "retry-after: Sun, 06 Nov 1994 08:49:44 GMT\r\n", of_the_answer] {
        let (result, _server, clock) = run(every_call().next().unwrap(), vec![envelope(429, headers)]).await;
        let error = result.unwrap_err();
        assert_eq!(error.retry_after(), Some(seven), "{headers}");
        assert!(clock.waits().iter().all(|wait| *wait >= seven), "{headers}: {:?}", clock.waits());
        assert!(clock.waits()[0] < 2 * seven, "{headers}: {:?}", clock.waits());
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_before_it_is_read_delivers_nothing_twice() {
    for one in every_call() {
        let facts = one.operation;
        let (result, server, _) = run(one, vec![Act::ResetUnread]).await;
        let error = result.unwrap_err();
        assert_eq!(server.received(), [], "{one}");
        // Whether something had left when the reset came is a race. What is known is acted on.
        assert_eq!(server.connections(), error.attempts() as usize, "{one}");
        if facts.idempotent {
            assert_eq!(error.attempts(), 4, "{one}");
        } else {
            assert!(error.attempts() == 4 || error.may_have_applied(), "{one}: {error}");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_by_every_operation() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for one in every_call() {
        let clock = TestClock::new();
        let error = one.make(&repeating_client(&url, &clock)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 4), "{one}");
        assert_eq!(error.connect_failure(), Some(ConnectFailure::Refused), "{one}");
        assert!(error.to_string().contains(&url), "{error}");
        assert!(error.is_transient() && !error.may_have_applied(), "{one}");
    }
}

#[tokio::test]
async fn every_operation_survives_what_may_be_repeated() {
    for one in every_call() {
        let facts = one.operation;
        let too_many = || envelope(429, "retry-after: 1\r\n");
        let good = || Act::json(200, &success());
        let (result, server, _) = run(one, vec![too_many(), too_many(), good()]).await;
        result.unwrap();
        assert_eq!(server.received().len(), 3, "{one}");

        let troubled = vec![page(520), Act::ResetReceived, Act::Stall, good()];
        let (result, server, _) = run(one, troubled).await;
        assert_eq!(result.is_ok(), facts.idempotent, "{one}");
        assert_eq!(server.received().len(), if facts.idempotent { 4 } else { 1 }, "{one}");

        // Refused once, then lost: the second one decides.
        let (result, server, _) = run(one, vec![too_many(), Act::ResetReceived, good()]).await;
        assert_eq!(result.is_ok(), facts.idempotent, "{one}");
        assert_eq!(server.received().len(), if facts.idempotent { 3 } else { 2 }, "{one}");
    }
}

#[tokio::test]
async fn an_early_doubt_is_not_forgotten_after_a_later_refusal() {
    // The first may have deleted it; the second then finds nothing.
    for delete in every_call().filter(|one| one.operation.id == "DeleteMcpServer") {
        let (result, server, _) = run(delete, vec![Act::ResetReceived, envelope(404, "")]).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), server.received().len()), (ErrorKind::NotFound, 2, 2));
        assert!(error.may_have_applied());
    }
}

#[tokio::test]
async fn the_deadline_beats_every_other_rule() {
    for one in every_call() {
        let clock = TestClock::new();
        let server = RawServer::start(vec![envelope(429, "retry-after: 30\r\n")], clock.clone()).await;
        let client = builder(&server.url())
            .clock(std::sync::Arc::new(clock.clone()))
            .retry(RetryPolicy::new().max_attempts(100))
            .timeout(Duration::from_secs(100))
            .build()
            .unwrap();
        let error = one.make(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited, "{one}");
        assert!(error.elapsed() < Duration::from_secs(100), "{:?}", error.elapsed());
        // 30 s and a pause each, of which three fit at most.
        assert!((2..=4).contains(&server.received().len()), "{}", server.received().len());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    }
}

#[tokio::test]
async fn an_attempt_gets_no_more_time_than_the_call_has_left() {
    let clock = TestClock::new();
    let server = RawServer::start(vec![Act::Stall], clock.clone()).await;
    let client = builder(&server.url())
        .clock(std::sync::Arc::new(clock.clone()))
        .attempt_timeout(Duration::from_secs(40))
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let error = client.servers().load("MS1").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), server.received().len()), (ErrorKind::Timeout, 2, 2));
    assert_eq!(error.elapsed(), Duration::from_secs(60));
}

#[tokio::test]
async fn a_policy_of_one_attempt_never_sends_anything_again() {
    for act in [envelope(429, "retry-after: 1\r\n"), page(503), Act::ResetReceived] {
        let clock = TestClock::new();
        let server = RawServer::start(vec![act], clock.clone()).await;
        let client = builder(&server.url())
            .clock(std::sync::Arc::new(clock))
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let error = client.servers().load("MS1").await.unwrap_err();
        assert_eq!((error.attempts(), server.received().len()), (1, 1));
    }
}

#[tokio::test]
async fn the_machine_written_client_goes_by_the_same_rules() {
    let clock = TestClock::new();
    let acts = vec![envelope(429, "retry-after: 1\r\n"), Act::Stall, Act::json(200, &success())];
    let server = RawServer::start(acts, clock.clone()).await;
    let raw = repeating_client(&server.url(), &clock).raw();
    let answer = raw.load_all_mcp_servers(&Default::default()).await.unwrap();
    assert_eq!((answer.status().as_u16(), server.received().len()), (200, 3));

    let server = RawServer::start(vec![Act::Stall], clock.clone()).await;
    let raw = repeating_client(&server.url(), &clock).raw();
    let error = raw.create_mcp_server(&Default::default()).await.unwrap_err();
    let descope_mcp_management::raw::Error::ResponseBodyError(error) = error else { panic!("{error}") };
    assert!(error.is_timeout() && server.received().len() == 1);
}

#[tokio::test]
async fn a_request_announces_its_length_and_who_sends_it() {
    for one in every_call() {
        let facts = one.operation;
        let (result, server, _) = run(one, vec![Act::json(200, &success())]).await;
        result.unwrap();
        let received = server.received().remove(0);
        let head = received.head.to_ascii_lowercase();
        assert!(head.starts_with(&format!("post {} http/1.1\r\n", facts.path)), "{head}");
        for line in [
            format!("content-length: {}", received.body.len()),
            "x-descope-sdk-name: descope-mcp-management".to_owned(),
            format!("x-descope-sdk-version: {}", env!("CARGO_PKG_VERSION")),
            format!("x-descope-project-id: {}", support::PROJECT.to_ascii_lowercase()),
        ] {
            assert!(head.contains(&format!("\r\n{line}\r\n")), "{line} in {head}");
        }
        assert!(!head.contains("transfer-encoding") && !head.contains("api-version"), "{head}");
    }
}

#[tokio::test]
async fn a_key_that_is_not_active_yet_is_waited_for_until_the_first_success() {
    let refusal = || Act::json(401, r#"{"errorCode":"E111009","errorDescription":"key not found"}"#);
    for one in every_call() {
        // As long as the table says, however few attempts there are; then it works.
        let acts = vec![refusal(), refusal(), refusal(), refusal(), Act::json(200, &success())];
        let (result, server, clock) = run(one, acts).await;
        result.unwrap();
        assert_eq!(server.received().len(), 5, "{one}");
        assert_eq!(clock.waits().iter().sum::<Duration>(), Duration::from_millis(7_500), "{one}");

        // No longer, and nothing was done.
        let (result, server, _) = run(one, vec![refusal()]).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthorized, Some("E111009")), "{one}");
        assert_eq!((server.received().len(), error.may_have_applied()), (5, false), "{one}");
    }
}

#[tokio::test]
async fn a_key_that_has_worked_is_not_waited_for_nor_is_it_where_nothing_is_repeated() {
    let refusal = || Act::json(401, r#"{"errorCode":"E111009"}"#);
    let clock = TestClock::new();
    let server = RawServer::start(vec![Act::json(200, &success()), refusal()], clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    client.servers().load("MS1").await.unwrap();
    let error = client.servers().load("MS1").await.unwrap_err();
    assert_eq!((error.attempts(), server.received().len()), (1, 2));

    let server = RawServer::start(vec![refusal()], clock.clone()).await;
    let client = builder(&server.url()).retry(RetryPolicy::never()).build().unwrap();
    client.servers().load("MS1").await.unwrap_err();
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn any_status_of_a_success_is_one() {
    for one in every_call() {
        for status in [200, 201, 202, 203, 206] {
            let (result, server, _) = run(one, vec![Act::json(status, &success())]).await;
            result.unwrap_or_else(|error| panic!("{one} {status}: {error}"));
            assert_eq!(server.received().len(), 1, "{one} {status}");
        }
        let no_content = Act::Answer(204, String::new(), String::new());
        let (result, _, _) = run(one, vec![no_content]).await;
        let has_nothing_to_say =
            one.operation.id.starts_with("Delete") || one.operation.id == "LoadAllMcpServers";
        if has_nothing_to_say {
            result.unwrap_or_else(|error| panic!("{one}: {error}"));
        } else if one.style == support::every_call::Style::Typed
            && one.operation.id != "SearchMcpServerClients"
        {
            let error = result.expect_err(&one.to_string());
            assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedBody, Some(204)), "{one}");
        }
    }
}

#[tokio::test]
async fn the_secret_of_a_creation_that_answers_201_is_not_lost() {
    let clock = TestClock::new();
    let server = RawServer::start(vec![Act::json(201, &success())], clock.clone()).await;
    let made = repeating_client(&server.url(), &clock).clients("MS1").create("agent").await.unwrap();
    assert_eq!(made.cleartext.expose(), support::CLIENT_SECRET);
}
