//! The walk: everything public that can hold a secret and every way in which every operation can fail, with all logs
//! on; then a search for the secrets in all that was shown.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

use descope_mcp_management::{ConfigError, Error, ManagementClient, ManagementKey, ProjectId, Secret, raw};
use serde::Serialize;
use serde_json::{Value, json};
use static_assertions::assert_not_impl_any;
use support::clock::TestClock;
use support::every_call::{every_call, success};
use support::raw_server::{Act, RawServer};
use support::{CLIENT_SECRET, KEY, PROJECT, builder, repeating_client};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

assert_not_impl_any!(Secret: fmt::Display, Serialize, Copy, std::hash::Hash, PartialOrd);
assert_not_impl_any!(ManagementKey: fmt::Display, Serialize, Copy, std::hash::Hash, PartialOrd);
assert_not_impl_any!(ManagementClient: fmt::Display, Serialize);

/// All text that anyone could see.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<u8>>>);

impl Shown {
    fn add(&self, text: &str) {
        self.0.lock().unwrap().extend_from_slice(text.as_bytes());
        self.0.lock().unwrap().push(b'\n');
    }

    fn debug(&self, value: &dyn fmt::Debug) {
        self.add(&format!("{value:?} {value:#?}"));
    }

    /// An error with everything that hangs on it.
    fn error(&self, error: &(dyn StdError + 'static)) {
        let mut cause = Some(error);
        while let Some(error) = cause {
            self.add(&format!("{error} {error:#} {error:?} {error:#?}"));
            cause = error.source();
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// The search. Parts long enough to be of use to a thief count as well.
    fn assert_silent(&self) {
        let text = self.text();
        for hidden in [KEY, CLIENT_SECRET] {
            let (front, back) = hidden.split_at(hidden.len() / 2);
            for part in [hidden, front, back] {
                if text.contains(part) {
                    panic!("{part} was shown: {:?}", text.lines().find(|line| line.contains(part)));
                }
            }
        }
    }
}

impl io::Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Shown {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The worst a server could say: the key and the secret wherever a text can stand.
fn hostile_acts() -> Vec<Act> {
    let echo = format!("Bearer {PROJECT}:{KEY} and {CLIENT_SECRET}");
    let html = |text: &str| {
        let page = format!(
            "<html><title>{text}</title><body>{text}<script>{text}</script><p title='{text}'>{text}</body>"
        );
        (format!("content-type: text/html\r\nserver: {text}\r\nset-cookie: key={text}\r\n"), page)
    };
    let envelope = json!({
        "errorCode": echo, "errorDescription": echo, "errorMessage": format!("\"{CLIENT_SECRET}\" ({KEY})"),
        "more": echo, "deep": {"cleartext": CLIENT_SECRET},
    });
    let mut acts = Vec::new();
    for status in [307, 400, 401, 404, 429, 500, 503, 520] {
        acts.push(Act::json(status, &envelope.to_string()));
        let (headers, page) = html(&echo);
        acts.push(Act::Answer(status, format!("{headers}retry-after: {CLIENT_SECRET}\r\n"), page));
        acts.push(Act::json(status, &format!("{{\"errorMessage\": \"{echo}")));
        acts.push(Act::json(status, &json!({"errorCode": [echo], "errorMessage": {"a": echo}}).to_string()));
        acts.push(Act::BreakOff(status, echo.clone()));
    }
    // Successes that are none.
    let (headers, page) = html(&echo);
    acts.push(Act::Answer(200, headers, page));
    acts.push(Act::json(204, &echo));
    acts.push(Act::json(201, &success()));
    acts.push(Act::BreakOff(200, success()));
    acts.push(Act::BreakOff(200, success()[..success().len() - 10].to_owned()));
    for body in unfitting_bodies(&echo) {
        acts.push(Act::json(200, &body));
    }
    acts.extend([Act::ResetBegun, Act::ResetReceived, Act::CloseReceived, Act::Stall, Act::StallInBody]);
    // Not HTTP at all, with a header that cannot be one.
    acts.push(Act::Answer(200, format!("{KEY} {CLIENT_SECRET}\r\n"), success()));
    acts.push(Act::Answer(200, format!("x: \u{1}{KEY}\r\n"), success()));
    acts
}

/// JSON that does not fit any operation, with secrets at, before and after the place where that shows.
fn unfitting_bodies(echo: &str) -> Vec<String> {
    let mut bodies: Vec<String> = vec![
        success()[..success().len() - 2].to_owned(),
        format!("{{\"cleartext\": {CLIENT_SECRET}}}"),
        format!("\"{echo}\""),
        format!("[\"{echo}\"]"),
        "null".to_owned(),
        String::new(),
    ];
    let wrong = [json!({"x": echo}), json!([echo]), json!(7), json!(true), json!(1e300)];
    for member in ["id", "clientId", "cleartext", "server", "servers", "client", "clients", "total"] {
        for value in &wrong {
            let mut body: Value = serde_json::from_str(&success()).unwrap();
            body[member] = value.clone();
            bodies.push(body.to_string());
        }
        let mut body: Value = serde_json::from_str(&success()).unwrap();
        body[member] = json!(format!("{CLIENT_SECRET}, expected {CLIENT_SECRET} at line 1"));
        bodies.push(body.to_string());
    }
    bodies
}

/// Every type of the machine-written code with a secret in it, from its source.
fn secret_bearing_types() -> BTreeSet<String> {
    let source = include_str!("../src/generated/types.rs");
    let mut current = String::new();
    let mut found = BTreeSet::new();
    for line in source.lines() {
        if let Some(rest) = line.strip_prefix("pub struct ") {
            current = rest.trim_end_matches([' ', '{']).to_owned();
        }
        if line.trim_start().starts_with("pub ")
            && line.contains(": ")
            && line.contains("Secret")
            && line.ends_with(',')
        {
            found.insert(current.clone());
        }
    }
    found
}

/// Debug of everything public that holds a secret.
fn walk_types(shown: &Shown) {
    let key = ManagementKey::new(KEY).unwrap();
    let builder = ManagementClient::builder(ProjectId::new(PROJECT).unwrap(), key.clone());
    let client = builder.clone().build().unwrap();
    shown.debug(&(Secret::from(CLIENT_SECRET), Some(vec![Secret::from(CLIENT_SECRET.to_owned())])));
    shown.debug(&(&key, &builder, &client, client.raw(), client.servers(), client.clients("MS1")));
    shown.debug(&(client.clients("MS1").search(), client.clients("MS1").search().stream()));

    let body = success();
    let walked = BTreeSet::from(
        [
            ("CreateMcpServerClientResponse", debug_of::<raw::types::CreateMcpServerClientResponse>(&body)),
            (
                "GetMcpServerClientSecretResponse",
                debug_of::<raw::types::GetMcpServerClientSecretResponse>(&body),
            ),
            (
                "RotateMcpServerClientSecretResponse",
                debug_of::<raw::types::RotateMcpServerClientSecretResponse>(&body),
            ),
        ]
        .map(|(name, text)| {
            assert!(text.contains("Secret([redacted])"), "{text}");
            shown.add(&text);
            name.to_owned()
        }),
    );
    assert_eq!(
        walked,
        secret_bearing_types(),
        "teach this test, and `check_secret_bearing`, about the new type"
    );
}

fn debug_of<T: serde::de::DeserializeOwned + fmt::Debug>(body: &str) -> String {
    let value: T = serde_json::from_str(body).unwrap();
    format!("{value:?} {value:#?}")
}

/// Errors of settings.
fn walk_settings(shown: &Shown) {
    let errors: Vec<ConfigError> = vec![
        ManagementKey::new(format!("{KEY}\n")).unwrap_err(),
        ManagementKey::new(format!("{KEY} {CLIENT_SECRET}")).unwrap_err(),
        // The whole pair in place of the id: a plausible slip.
        ProjectId::new(format!("{PROJECT}:{KEY}")).unwrap_err(),
        builder(&format!("https://user:{KEY}@example.com")).build().unwrap_err(),
        builder(&format!("https://user:{KEY}@")).build().unwrap_err(),
        builder(&format!("https://example.com/?key={KEY}")).build().unwrap_err(),
        builder(&format!("https://example.com/#{KEY}")).build().unwrap_err(),
    ];
    for error in &errors {
        shown.error(error);
    }
}

fn everything_of(shown: &Shown, error: &Error) {
    shown.error(error);
    for text in [error.code(), error.description(), error.message(), error.preview()].into_iter().flatten() {
        shown.add(text);
    }
    assert!(error.preview().is_none_or(|preview| preview.chars().count() <= 200));
}

/// The three answers with a secret, through the machine-written client, whose own errors quote what they cannot read.
async fn walk_raw(shown: &Shown, client: &ManagementClient) {
    let raw = client.raw();
    if let Err(error) = raw.create_mcp_server_client(&Default::default()).await {
        shown.error(&error);
    }
    if let Err(error) = raw.get_mcp_server_client_secret(&Default::default()).await {
        shown.error(&error);
    }
    if let Err(error) = raw.rotate_mcp_server_client_secret(&Default::default()).await {
        shown.error(&error);
    }
    shown.debug(&raw);
}

#[tokio::test]
async fn nothing_that_is_shown_or_logged_holds_a_key_or_a_secret() {
    let shown = Shown::default();
    // Installs itself for the `log` crate, too, which reqwest writes to.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(shown.clone())
        .init();
    walk_types(&shown);
    walk_settings(&shown);

    let mut errors = 0;
    for act in hostile_acts() {
        for one in every_call() {
            let clock = TestClock::new();
            let server = RawServer::start(vec![act.clone()], clock.clone()).await;
            let client = repeating_client(&server.url(), &clock);
            // Some bodies fit some operations; whatever does not must not be quoted.
            if let Err(error) = one.make(&client).await {
                everything_of(&shown, &error);
                errors += 1;
            }
            shown.debug(&client);
        }
        let clock = TestClock::new();
        let server = RawServer::start(vec![act], clock.clone()).await;
        walk_raw(&shown, &repeating_client(&server.url(), &clock)).await;
        shown.assert_silent();
        let so_far = shown.text();
        assert_logs_are_on(&so_far);
        shown.0.lock().unwrap().clear();
    }
    assert!(errors > 1000, "{errors}");

    // And a success with all its logs.
    let clock = TestClock::new();
    let server = RawServer::start(vec![Act::json(200, &success())], clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    shown.debug(&client.clients("MS1").create("agent").await.unwrap());
    shown.debug(&client.clients("MS1").secret("TPA1").await.unwrap());
    shown.debug(&client.clients("MS1").rotate_secret("TPA1").await.unwrap());
    let answer =
        client.invoke("GetMcpServerClientSecret", &json!({"id": "a", "mcpServerId": "b"})).await.unwrap();
    assert_eq!(answer.secret("/cleartext").unwrap().expose(), CLIENT_SECRET);
    shown.debug(&answer);
    shown.add(&answer.value().to_string());
    shown.assert_silent();
}

/// Silence proves nothing if nobody speaks.
fn assert_logs_are_on(text: &str) {
    for line in ["descope_call{operation=", "hyper_util::client::legacy::pool", "starting new connection"] {
        assert!(text.contains(line), "{line}");
    }
}

#[test]
#[should_panic(expected = "was shown")]
fn the_search_finds_what_it_looks_for() {
    let shown = Shown::default();
    shown.add(&format!("prefix{}", &CLIENT_SECRET[..25]));
    shown.assert_silent();
}
