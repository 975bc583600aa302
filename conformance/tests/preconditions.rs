//! A target that the suite cannot work with is told from one that breaks properties: each cause ends the run after the
//! first request that shows it, with the service's words, a cure and an exit code, and nothing is said of properties.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::wire::target::Target;
use support::program::{KEY, PROJECT, against, conformance, ended, ended_after, signal};
use tempfile::TempDir;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A target that gives every request the same answer.
async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

fn at(url: &str) -> Command {
    let mut command = conformance();
    command.args(["--target", url, "--seed", "1"]);
    command
}

async fn requests_to(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// An emulator with something before it, and how many requests came.
async fn behind<F>(
    layer: impl Fn(usize, Request, Next) -> F + Clone + Send + Sync + 'static,
) -> (Embedded, Arc<AtomicUsize>)
where
    F: Future<Output = Response> + Send + 'static,
{
    let count = Arc::new(AtomicUsize::new(0));
    let seen = count.clone();
    let embedded = Embedded::start_wrapped(|router| {
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            layer(seen.fetch_add(1, Ordering::Relaxed), request, next)
        }))
    });
    (embedded.await.unwrap(), count)
}

fn error(status: u16, code: &str, description: &str) -> Response {
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    let body = serde_json::json!({ "errorCode": code, "errorDescription": description }).to_string();
    (status, [("content-type", "application/json")], body).into_response()
}

async fn never() -> Response {
    std::future::pending().await
}

/// The program against a target, with a journal of its own.
fn with_journal(target: &Target, more: &[&str]) -> (Command, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = against(target);
    command.arg("--journal").arg(folder.path().join("journal.jsonl")).args(["--seed", "1"]).args(more);
    (command, folder)
}

fn journal(folder: &TempDir) -> String {
    std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap()
}

#[tokio::test]
async fn a_redirect_is_named_with_where_it_leads_and_not_followed() {
    let elsewhere = answering(ResponseTemplate::new(200)).await;
    let location = format!("{}/moved/v1/mgmt/mcp/server/load", elsewhere.uri());
    for status in [301, 302, 307, 308] {
        let server =
            answering(ResponseTemplate::new(status).insert_header("location", location.as_str())).await;
        let ended = ended(at(&server.uri())).await;
        let status = format!("status {status}");
        ended.assert_refused(exit_code::NOT_THIS_API, &[&status, &location], "a redirect is not followed");
        assert_eq!(requests_to(&server).await, 1);
    }
    assert_eq!(requests_to(&elsewhere).await, 0, "the key would go with the request");
}

#[tokio::test]
async fn a_page_that_is_not_of_this_api_is_named_with_a_cure() {
    for (status, cure) in [(200, "is this the base URL?"), (404, "is this the base URL?"), (500, "its logs")]
    {
        let page = ResponseTemplate::new(status).set_body_raw("<html>hello</html>", "text/html");
        let server = answering(page).await;
        let ended = ended(at(&server.uri())).await;
        let says = format!("status {status} and a body of type text/html");
        ended.assert_refused(exit_code::NOT_THIS_API, &[&says], cure);
        assert_eq!(requests_to(&server).await, 1);
    }
}

#[tokio::test]
async fn a_gateway_without_a_server_behind_it_is_named_after_few_requests() {
    for status in [502, 503, 504] {
        let page = ResponseTemplate::new(status).set_body_raw("<html>no upstream</html>", "text/html");
        let server = answering(page).await;
        let ended = ended(at(&server.uri())).await;
        let says = format!("status {status}");
        ended.assert_refused(exit_code::UNREACHABLE, &[&says], "a gateway answers, not the server behind it");
        assert!(requests_to(&server).await <= 3, "{}", requests_to(&server).await);
        assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
    }
}

#[tokio::test]
async fn a_host_name_that_does_not_exist_is_named() {
    let mut command = at("https://no-such-host.invalid");
    command.args(["--project", PROJECT]);
    let ended = ended(command).await;
    let says = ["the host name no-such-host.invalid cannot be resolved"];
    ended.assert_refused(exit_code::UNREACHABLE, &says, "check the host name in --target");
    assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_named() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ended = ended(at(&format!("http://{free}"))).await;
    let cure = "is the server running, and is this its port?";
    ended.assert_refused(exit_code::UNREACHABLE, &["cannot connect", &free.to_string()], cure);
    assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
}

#[tokio::test]
async fn a_key_that_may_only_read_ends_the_run_at_the_first_write() {
    for profile in ["smoke", "standard", "deep"] {
        let (embedded, count) = behind(move |_: usize, request: Request, next: Next| async move {
            let path = request.uri().path();
            if path.starts_with("/v1/mgmt/")
                && ["create", "update", "delete", "rotate"].iter().any(|word| path.contains(word))
            {
                return error(403, "E011004", "The management key may read only");
            }
            next.run(request).await
        })
        .await;
        let (command, folder) = with_journal(&embedded.target(), &["--profile", profile]);
        let ended = ended(command).await;
        let says = ["status 403: E011004: The management key may read only"];
        ended.assert_refused(exit_code::KEY_REFUSED, &says, "use one that may write them");
        assert!(count.load(Ordering::Relaxed) <= 5, "{profile}: {count:?} requests");
        assert!(journal(&folder).lines().last().unwrap().contains("\"end\""));
    }
}

#[tokio::test]
async fn a_target_that_answers_403_for_what_does_not_exist_is_tested_all_the_same() {
    let (embedded, _) = behind(move |_: usize, request: Request, next: Next| async move {
        let response = next.run(request).await;
        match response.status().as_u16() {
            404 => error(403, "E113011", "there is no such record"),
            _ => response,
        }
    })
    .await;
    let (command, _folder) = with_journal(&embedded.target(), &["--profile", "smoke"]);
    let ended = ended(command).await;
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.code, Some(exit_code::PASS.into()), "{said}");
    let mut command = against(&embedded.target());
    command.args(["--cleanup", PREFIX]);
    let ended = support::program::ended(command).await;
    assert_eq!(ended.code, Some(exit_code::PASS.into()), "{}{}", ended.stdout, ended.stderr);
}

#[tokio::test]
async fn a_key_that_may_nothing_ends_runs_and_clean_ups_with_the_same_words() {
    let body = serde_json::json!({ "errorCode": "E011004", "errorDescription": "the key may do nothing" });
    for arguments in [&["--profile", "smoke"][..], &["--profile", "standard"], &["--cleanup", PREFIX]] {
        let server = answering(ResponseTemplate::new(403).set_body_json(&body)).await;
        let mut command = conformance();
        command.args(["--target", &server.uri()]).args(arguments);
        let ended = ended(command).await;
        let says = ["status 403: E011004: the key may do nothing"];
        ended.assert_refused(exit_code::KEY_REFUSED, &says, "use one that may write them");
        assert!(requests_to(&server).await <= 3, "{}", requests_to(&server).await);
    }
}

#[tokio::test]
async fn a_key_that_is_not_yet_active_ends_the_run_at_once_whenever_it_shows() {
    for active_for in [0, 1] {
        let (embedded, count) = behind(move |number: usize, request: Request, next: Next| async move {
            match number < active_for {
                true => next.run(request).await,
                false => error(401, "E111009", "Management key not found"),
            }
        })
        .await;
        let (command, _folder) = with_journal(&embedded.target(), &[]);
        let ended = ended(command).await;
        let says = ["status 401: E111009: Management key not found"];
        ended.assert_refused(exit_code::KEY_REFUSED, &says, "not active for some seconds; try again");
        assert!(count.load(Ordering::Relaxed) <= active_for + 2, "{count:?} requests");
    }
}

#[tokio::test]
async fn a_target_that_accepts_and_never_answers_is_given_up_after_the_stated_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let ended = ended(at(&format!("http://{}", listener.local_addr().unwrap()))).await;
    ended.assert_refused(exit_code::UNREACHABLE, &["no answer within 10 s"], "accepts connections");
    assert!(ended.took < Duration::from_secs(13), "{:?}", ended.took);
}

#[tokio::test]
async fn a_target_that_stops_answering_before_a_server_is_made_is_given_up() {
    let hangs = Arc::new(AtomicBool::new(false));
    let (embedded, _) = behind(move |_, request: Request, next: Next| {
        let is_creation = request.uri().path().ends_with("/server/create");
        let hangs = hangs.fetch_or(is_creation, Ordering::Relaxed) || is_creation;
        async move { if hangs { never().await } else { next.run(request).await } }
    })
    .await;
    let (command, folder) = with_journal(&embedded.target(), &[]);
    let ended = ended(command).await;
    let says = ["has stopped answering (no answer within 10 s)", "records may be left there"];
    ended.assert_refused(exit_code::UNREACHABLE, &says, "--cleanup");
    assert!(ended.took < Duration::from_secs(50), "{:?}", ended.took);
    assert!(!journal(&folder).contains("\"end\""), "{}", journal(&folder));
}

#[tokio::test]
async fn a_target_that_stops_answering_in_the_middle_ends_the_run_which_says_so() {
    let (embedded, _) = behind(move |number: usize, request: Request, next: Next| async move {
        match number < 20 {
            true => next.run(request).await,
            false => never().await,
        }
    })
    .await;
    let (command, folder) = with_journal(&embedded.target(), &["--profile", "smoke"]);
    let ended = ended(command).await;
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.code, Some(exit_code::LEFT_BEHIND.into()), "{said}");
    assert!(said.contains("the target has stopped answering"), "{said}");
    assert!(said.contains("may be left behind"), "{said}");
    assert!(ended.took < Duration::from_secs(50), "{:?}", ended.took);
    assert!(!journal(&folder).contains("\"end\""), "{}", journal(&folder));
}

/// Waits until so many requests have come.
async fn until(count: &AtomicUsize, least: usize) {
    while count.load(Ordering::Relaxed) < least {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[tokio::test]
async fn a_signal_ends_waiting_for_a_target_that_never_answers() {
    for (name, code) in [("INT", exit_code::INTERRUPTED), ("TERM", exit_code::TERMINATED)] {
        for answers in [0, 20] {
            let (embedded, count) = behind(move |number: usize, request: Request, next: Next| async move {
                match number < answers {
                    true => next.run(request).await,
                    false => never().await,
                }
            })
            .await;
            let (command, _folder) = with_journal(&embedded.target(), &["--profile", "smoke"]);
            let ended = ended_after(command, async |process| {
                until(&count, answers + 1).await;
                signal(name, process);
            })
            .await;
            // What was made cannot be deleted there.
            let code = if answers == 0 { code } else { exit_code::LEFT_BEHIND };
            assert_eq!(ended.code, Some(code.into()), "{name}, {answers}: {}{}", ended.stdout, ended.stderr);
            assert!(ended.took < Duration::from_secs(9), "{name}, {answers}: {:?}", ended.took);
        }
    }
}

#[tokio::test]
async fn a_signal_ends_the_pause_that_a_target_asks_for() {
    for answers in [0, 20] {
        let signalled = Arc::new(AtomicBool::new(false));
        let may_go_on = signalled.clone();
        let (embedded, count) = behind(move |number: usize, request: Request, next: Next| {
            let may_go_on = may_go_on.clone();
            async move {
                if number < answers || may_go_on.load(Ordering::Relaxed) {
                    return next.run(request).await;
                }
                let mut response = error(429, "E130429", "API rate limit exceeded");
                response.headers_mut().insert("retry-after", "100".parse().unwrap());
                response
            }
        })
        .await;
        let (command, _folder) = with_journal(&embedded.target(), &["--profile", "smoke"]);
        let ended = ended_after(command, async |process| {
            until(&count, answers + 1).await;
            signalled.store(true, Ordering::Relaxed);
            signal("INT", process);
        })
        .await;
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, Some(exit_code::INTERRUPTED.into()), "{answers}: {said}");
        assert!(ended.took < Duration::from_secs(5), "{answers}: {:?}", ended.took);
    }
}

#[tokio::test]
async fn a_signal_ends_the_pause_that_the_pace_demands() {
    let embedded = Embedded::start().await.unwrap();
    let (mut command, _folder) = with_journal(&embedded.target(), &["--profile", "smoke", "--pace", "1"]);
    command.args(["--as-remote", "--project", embedded.target().project_id.as_str()]);
    let ended = ended_after(command, async |process| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        signal("TERM", process);
    })
    .await;
    assert_eq!(ended.code, Some(exit_code::TERMINATED.into()), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.took < Duration::from_secs(3), "{:?}", ended.took);
}

const PREFIX: &str = "conformance-0123456789abcdef";

#[tokio::test]
async fn a_clean_up_that_the_target_prevents_says_what_the_target_answers() {
    let (embedded, _) = behind(|_, request: Request, next: Next| async move {
        if request.uri().path().ends_with("/servers/all") {
            return error(500, "E000500", "the database is away");
        }
        next.run(request).await
    })
    .await;
    let mut command = against(&embedded.target());
    command.args(["--cleanup", PREFIX]);
    let ended = ended(command).await;
    assert_eq!(ended.code, Some(exit_code::LEFT_BEHIND.into()), "{}{}", ended.stdout, ended.stderr);
    let says = format!(
        "{PREFIX}: at least 1 record may be left: the target answered /v1/mgmt/mcp/servers/all with status 500: E000500: the \
         database is away; try again"
    );
    assert!(ended.stdout.contains(&says), "{}", ended.stdout);
}

#[tokio::test]
async fn a_list_that_fails_once_ends_no_clean_up() {
    let (embedded, _) = behind(|number, request: Request, next: Next| async move {
        if number == 1 { error(500, "E000500", "the database is away") } else { next.run(request).await }
    })
    .await;
    let mut command = against(&embedded.target());
    command.args(["--cleanup", PREFIX]);
    let ended = ended(command).await;
    assert_eq!(ended.code, Some(exit_code::PASS.into()), "{}{}", ended.stdout, ended.stderr);
}

#[tokio::test]
async fn a_signal_ends_a_clean_up_at_once() {
    let (embedded, count) = behind(|number, request: Request, next: Next| async move {
        if number == 0 { next.run(request).await } else { never().await }
    })
    .await;
    let mut command = against(&embedded.target());
    command.args(["--cleanup", PREFIX]);
    let ended = ended_after(command, async |process| {
        until(&count, 2).await;
        signal("INT", process);
    })
    .await;
    assert_eq!(ended.code, Some(exit_code::LEFT_BEHIND.into()), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("`--cleanup` goes on with what is left"), "{}", ended.stdout);
    assert!(ended.took < Duration::from_secs(2), "{:?}", ended.took);
}

#[tokio::test]
async fn no_refusal_of_a_target_shows_the_key() {
    let echo = ResponseTemplate::new(302)
        .insert_header("location", format!("https://a.example/?key={KEY}").as_str());
    let server = answering(echo).await;
    let ended = ended(at(&server.uri())).await;
    assert!(!ended.stderr.contains(KEY), "{}", ended.stderr);
}
