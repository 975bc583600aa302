//! HTTP/2, which the client speaks over TLS only: here over plain connections, with the pool told so.

use std::env;
use std::future::poll_fn;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, SystemTime};

use h2::Reason;
use h2::server::SendResponse;
use tokio::net::TcpListener;

use super::*;
use crate::clock::Wait;
use crate::error::{Error, ErrorKind};
use crate::{ManagementClient, Secret};

const KEY: &str = "K2verySecretManagementKey0123456789";
const SECRET: &str = "s3cr3tOfAClientThatNobodyMaySee0123456789";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    /// Answers with a secret.
    Answer,
    /// Ends the stream with this reason when the request was received.
    Reset(Reason),
    /// Ends the connection in the good order of `NO_ERROR`, with this request among those that were looked at.
    GoAway,
}

/// A server of HTTP/2 without TLS, and the number of requests that it was handed.
async fn server(acts: Vec<Act>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let handed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&handed);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acts, count) = (acts.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, answer))) = connection.accept().await {
                    let mut body = request.into_body();
                    let act = acts[count.fetch_add(1, Ordering::SeqCst).min(acts.len() - 1)];
                    if act == Act::GoAway {
                        connection.abrupt_shutdown(Reason::NO_ERROR);
                        continue;
                    }
                    tokio::spawn(async move {
                        while let Some(Ok(_)) = body.data().await {}
                        respond(answer, act).await;
                    });
                }
            });
        }
    });
    (url, handed)
}

async fn respond(mut answer: SendResponse<Bytes>, act: Act) {
    if let Act::Reset(reason) = act {
        return answer.send_reset(reason);
    }
    let head = http::Response::builder().header("content-type", "application/json").body(()).unwrap();
    let body = format!(r#"{{"server":{{"id":"MS1"}},"id":"TPA1","cleartext":"{SECRET}"}}"#);
    if let Ok(mut stream) = answer.send_response(head, false) {
        stream.send_data(body.into(), true).unwrap();
        // Until the answer is out or the connection gone.
        poll_fn(|context| stream.poll_reset(context)).await.ok();
    }
}

/// Waits end at once; nothing is ever too late.
#[derive(Debug)]
struct Impatient;

impl Clock for Impatient {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, _: Duration) -> Wait {
        Box::pin(tokio::task::yield_now())
    }

    fn time_limit(&self, _: Duration) -> Wait {
        Box::pin(std::future::pending())
    }
}

fn client(url: &str) -> ManagementClient {
    let (id, key) = (ProjectId::new("P1").unwrap(), ManagementKey::new(KEY).unwrap());
    let client = ManagementClient::builder(id, key).base_url(url).clock(Arc::new(Impatient)).build().unwrap();
    let http = reqwest::Client::builder().http2_prior_knowledge().retry(reqwest::retry::never()).no_proxy();
    client.with_http(http.build().unwrap())
}

async fn create(acts: Vec<Act>) -> (Result<(), Error>, usize) {
    let (url, handed) = server(acts).await;
    let result = client(&url).servers().create("orders").await.map(drop);
    (result, handed.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_stream_that_was_refused_unseen_is_sent_again_even_if_not_idempotent() {
    let refused = Act::Reset(Reason::REFUSED_STREAM);
    let (result, handed) = create(vec![refused, refused, Act::Answer]).await;
    result.unwrap();
    assert_eq!(handed, 3);

    let error = create(vec![refused]).await.0.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 4));
    assert!(!error.may_have_applied());
}

#[tokio::test]
async fn a_stream_that_was_reset_for_another_reason_is_not() {
    for reason in [Reason::CANCEL, Reason::INTERNAL_ERROR, Reason::NO_ERROR, Reason::ENHANCE_YOUR_CALM] {
        let (result, handed) = create(vec![Act::Reset(reason)]).await;
        let error = result.unwrap_err();
        assert_eq!((error.attempts(), handed), (1, 1), "{reason:?}");
        assert!(error.may_have_applied(), "{reason:?}");

        let (url, handed) = server(vec![Act::Reset(reason), Act::Answer]).await;
        client(&url).servers().load("MS1").await.unwrap();
        assert_eq!(handed.load(Ordering::SeqCst), 2, "{reason:?}");
    }
}

#[tokio::test]
async fn a_request_that_was_looked_at_before_the_connection_ended_in_good_order_is_not_sent_again() {
    let (result, handed) = create(vec![Act::GoAway]).await;
    let error = result.unwrap_err();
    assert_eq!((error.attempts(), handed), (1, 1), "{error:?}");
    assert!(error.may_have_applied());
}

#[tokio::test]
async fn calls_share_one_connection_and_none_sees_the_notes_of_another() {
    let (url, handed) = server(vec![Act::Answer]).await;
    let client = client(&url);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.servers().load("MS1").await.unwrap().id })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), "MS1");
    }
    assert_eq!(handed.load(Ordering::SeqCst), 20);
}

/// Started again by the test below, alone in a process: other tests would decide what is logged.
#[tokio::test]
async fn child_that_logs_everything() {
    if env::var_os("CHILD").is_none() {
        return;
    }
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .init();
    let (url, _) = server(vec![Act::Answer, Act::Reset(Reason::CANCEL)]).await;
    let client = client(&url);
    assert_eq!(client.clients("MS1").rotate_secret("TPA1").await.unwrap(), Secret::from(SECRET));
    client.clients("MS1").rotate_secret("TPA1").await.unwrap_err();
}

#[test]
fn the_logs_of_http2_show_neither_key_nor_secret() {
    let name = "transport::tests::child_that_logs_everything";
    let mut child = Command::new(env::current_exe().unwrap());
    let output = child.args(["--exact", name, "--nocapture"]).env("CHILD", "1").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(log.contains("h2::codec::framed_write: send frame=Headers"), "frames are logged: {log}");
    for hidden in [KEY, SECRET] {
        assert_eq!(log.lines().find(|line| line.contains(hidden)), None);
    }
}

#[tokio::test]
async fn a_machine_written_client_for_another_host_sends_nothing_there() {
    let stranger = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let address = stranger.local_addr().unwrap();
    let (inner, http) = (client("http://127.0.0.1:1").raw().inner, reqwest::Client::builder().no_proxy());
    let raw = Client::new_with_client(&format!("http://{address}"), http.build().unwrap(), inner);
    let call = Call::new(crate::generated::operations::LOAD_ALL_MCP_SERVERS, raw, Span::none());
    let error = call.finish(call.raw().load_all_mcp_servers(&Default::default()).await).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0), "{error}");
    assert!(!error.may_have_applied());
    let accepted = tokio::time::timeout(Duration::from_millis(50), stranger.accept()).await;
    assert!(accepted.is_err(), "nobody connects");
}
