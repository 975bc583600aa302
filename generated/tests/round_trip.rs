//! Ten thousand records of each kind are loaded, changed and written back over HTTP, and nothing else changes.
//!
//! Records are generated from the document. The list form of approved scopes is left out: by rule it comes back as
//! the object form, which `nothing_lost.rs` checks. So are numbers that JSON allows and 64 bits do not hold.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/records.rs"]
mod records;
mod support;

use std::sync::{Arc, Mutex};

use descope_mcp_management::{ManagementClient, McpServer, McpServerClient, Scope};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use records::{json, without_known_nulls};
use serde_json::{Map, Value, json};
use support::{body_of, client, spec};
use tokio::runtime::Runtime;
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const CASES: u32 = 10_000;
const SERVER: &str = "MS1";
const CLIENT: &str = "TPA1";

/// One change, to make in a typed record and in JSON.
#[derive(Debug, Clone)]
enum Change {
    Nothing,
    Name(String),
    Tags(Vec<String>),
    NoTags,
    Logo(String),
    Force(bool),
    /// A member of a nested record, which is made if it is not there.
    RefreshExpiration(i32),
    /// One more item in a nested list.
    Scope(String),
    Unknown(Value),
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Nothing),
        any::<String>().prop_map(Change::Name),
        prop::collection::vec(any::<String>(), 0..3).prop_map(Change::Tags),
        Just(Change::NoTags),
        any::<String>().prop_map(Change::Logo),
        any::<bool>().prop_map(Change::Force),
        any::<i32>().prop_map(Change::RefreshExpiration),
        any::<String>().prop_map(Change::Scope),
        json().prop_map(Change::Unknown),
    ]
}

impl Change {
    fn in_server(self, record: &mut McpServer) {
        match self {
            Self::Nothing => {}
            Self::Name(name) => record.name = Some(name),
            Self::Tags(tags) => record.tags = Some(tags),
            Self::NoTags => record.tags = None,
            Self::Logo(logo) => record.logo = Some(logo),
            Self::Force(force) => record.force_add_all_authorization_info = Some(force),
            Self::RefreshExpiration(expiration) => {
                let settings = record.session_settings.get_or_insert_default();
                settings.refresh_token_expiration = Some(expiration);
            }
            Self::Scope(name) => {
                let scopes = record.approved_scopes.get_or_insert_default();
                scopes.permissions_scopes.get_or_insert_default().push(Scope::default().name(name));
            }
            Self::Unknown(value) => drop(record.extra.insert("added".to_owned(), value)),
        }
    }

    /// Changes to members that only servers have do nothing.
    fn in_client(self, record: &mut McpServerClient) {
        match self {
            Self::Nothing | Self::RefreshExpiration(_) => {}
            Self::Name(name) => record.name = Some(name),
            Self::Tags(tags) => record.tags = Some(tags),
            Self::NoTags => record.tags = None,
            Self::Logo(logo) => record.logo = Some(logo),
            Self::Force(force) => record.force_add_all_authorization_info = Some(force),
            Self::Scope(name) => record.scopes.get_or_insert_default().push(name),
            Self::Unknown(value) => drop(record.extra.insert("added".to_owned(), value)),
        }
    }

    /// What the record should be afterwards.
    fn in_json(self, record: &Value, server: bool) -> Value {
        fn made<'a>(parent: &'a mut Value, name: &str, empty: Value) -> &'a mut Value {
            let member = &mut parent[name];
            if member.is_null() {
                *member = empty;
            }
            member
        }
        let mut record = record.clone();
        match self {
            Self::Nothing => {}
            Self::Name(name) => record["name"] = json!(name),
            Self::Tags(tags) => record["tags"] = json!(tags),
            // For a client, cleared means empty; see `Clients::edit`.
            Self::NoTags if !server && !record["tags"].is_null() => record["tags"] = json!([]),
            Self::NoTags => drop(record.as_object_mut().unwrap().remove("tags")),
            Self::Logo(logo) => record["logo"] = json!(logo),
            Self::Force(force) => record["forceAddAllAuthorizationInfo"] = json!(force),
            Self::RefreshExpiration(_) if !server => {}
            Self::RefreshExpiration(expiration) => {
                made(&mut record, "sessionSettings", json!({}))["refreshTokenExpiration"] = json!(expiration);
            }
            Self::Scope(name) => {
                let (list, item) = match server {
                    true => {
                        let scopes = made(&mut record, "approvedScopes", json!({}));
                        (made(scopes, "permissionsScopes", json!([])), json!({"name": name}))
                    }
                    false => (made(&mut record, "scopes", json!([])), json!(name)),
                };
                list.as_array_mut().unwrap().push(item);
            }
            Self::Unknown(value) => record["added"] = value,
        }
        record
    }
}

/// A service with one record, which answers loads with it and remembers what was written.
struct Service {
    runtime: Runtime,
    server: MockServer,
    state: Arc<Mutex<State>>,
    spec: Value,
}

#[derive(Default)]
struct State {
    record: Value,
    written: Option<Value>,
}

impl Service {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        // Without a memory of every request, of which there are tens of thousands.
        let server = runtime.block_on(MockServer::builder().disable_request_recording().start());
        let shared = Arc::clone(&state);
        let load = move |_: &Request| {
            let record = shared.lock().unwrap().record.clone();
            ResponseTemplate::new(200).set_body_json(json!({"server": record, "client": record}))
        };
        runtime.block_on(Mock::given(path_regex("/load$")).respond_with(load).mount(&server));
        let shared = Arc::clone(&state);
        let update = move |request: &Request| {
            let body = body_of(request);
            let record = body.get("server").cloned().unwrap_or(body);
            shared.lock().unwrap().written = Some(record.clone());
            ResponseTemplate::new(200).set_body_json(json!({"server": record, "client": record}))
        };
        runtime.block_on(Mock::given(path_regex("/update$")).respond_with(update).mount(&server));
        Self { runtime, server, state, spec: spec() }
    }

    fn hold(&self, record: &Value) {
        *self.state.lock().unwrap() = State { record: record.clone(), written: None };
    }

    fn written(&self) -> Option<Value> {
        self.state.lock().unwrap().written.take()
    }

    fn client(&self) -> ManagementClient {
        let _context = self.runtime.enter();
        client(&self.server.uri())
    }

    /// The record as far as its meaning goes.
    fn meaning(&self, schema: &str, record: &Value) -> Value {
        without_known_nulls(&self.spec, &json!({"$ref": format!("#/components/schemas/{schema}")}), record)
    }

    fn records(&self, schema: &str, id: &'static str) -> impl Strategy<Value = Value> + use<> {
        records::records(&self.spec, schema).prop_map(move |mut record| {
            record["id"] = json!(id);
            record
        })
    }
}

fn runner() -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases: CASES,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        source_file: Some(file!()),
        ..ProptestConfig::default()
    })
}

#[test]
fn a_server_comes_back_as_it_was_but_for_the_change() {
    let service = Service::start();
    let client = service.client();
    let cases = (service.records("McpServer", SERVER), changes());
    let result = runner().run(&cases, |(record, change)| {
        let expected = service.meaning("McpServer", &change.clone().in_json(&record, true));
        let changed = expected != service.meaning("McpServer", &record);
        service.hold(&record);
        let edit = client.servers();
        let edited = edit.edit(SERVER, |record| change.in_server(record));
        let edited = service.runtime.block_on(edited).unwrap();

        let written = service.written();
        prop_assert_eq!(edited.written, written.is_some());
        prop_assert_eq!(edited.written, changed);
        let stored = written.unwrap_or_else(|| record.clone());
        prop_assert_eq!(service.meaning("McpServer", &stored), expected.clone());
        let answer = serde_json::to_value(&edited.record).unwrap();
        prop_assert_eq!(service.meaning("McpServer", &answer), expected);
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

/// What an update of a client does to the record, by the two readings of the documents.
fn updated(record: &Value, sent: &Value, keeps_what_is_left_out: bool) -> Value {
    let mut stored = record.as_object().unwrap().clone();
    if !keeps_what_is_left_out {
        let fixed = ["id", "mcpServerId", "clientId", "registrationType", "status"];
        stored = stored.into_iter().filter(|(name, _)| fixed.contains(&name.as_str())).collect::<Map<_, _>>();
    }
    stored.extend(sent.as_object().unwrap().clone());
    Value::Object(stored)
}

#[test]
fn a_client_comes_back_as_it_was_but_for_the_change_whether_updates_keep_or_replace() {
    let service = Service::start();
    let client = service.client();
    let records = service.records("McpServerClient", CLIENT).prop_map(|mut record| {
        record["mcpServerId"] = json!(SERVER);
        record
    });
    let result = runner().run(&(records, changes()), |(record, change)| {
        let expected = service.meaning("McpServerClient", &change.clone().in_json(&record, false));
        service.hold(&record);
        let clients = client.clients(SERVER);
        let edited = clients.edit(CLIENT, |record| change.in_client(record));
        let edited = service.runtime.block_on(edited).unwrap();

        let Some(sent) = service.written() else {
            prop_assert!(!edited.written);
            prop_assert_eq!(service.meaning("McpServerClient", &record), expected);
            return Ok(());
        };
        prop_assert!(edited.written);
        for fixed in ["clientId", "registrationType", "status"] {
            prop_assert_eq!(sent.get(fixed), None);
        }
        for keeps in [true, false] {
            let stored = updated(&record, &sent, keeps);
            prop_assert_eq!(service.meaning("McpServerClient", &stored), expected.clone());
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn the_generated_records_have_what_they_are_meant_to_have() {
    let service = Service::start();
    let mut runner = TestRunner::deterministic();
    let strategy = service.records("McpServer", SERVER);
    let texts: Vec<_> = (0..300)
        .map(|_| {
            let record = strategy.new_tree(&mut runner).unwrap();
            serde_json::to_string(&proptest::strategy::ValueTree::current(&record)).unwrap()
        })
        .collect();
    let deepest = texts.iter().map(|text| depth(text)).max().unwrap();
    assert!(deepest > 60, "only {deepest} levels");
    for (what, part) in [
        ("known nulls", "\"tags\":null"),
        ("empty lists", "\"audienceWhitelist\":[]"),
        ("empty texts", "\"logo\":\"\""),
        ("empty records", "\"sessionSettings\":{}"),
        ("nested nulls", "\"domainPolicies\":null"),
        ("unknown members", "Future\":"),
        ("text beyond the basic plane", "\u{1f600}"),
        ("control characters", "\\u0000"),
    ] {
        assert!(texts.iter().any(|text| text.contains(part)), "no {what}");
    }
}

/// Levels of lists and objects, as far as brackets tell.
fn depth(text: &str) -> usize {
    let mut level = 0_usize;
    let levels = text.chars().map(|character| {
        match character {
            '[' | '{' => level += 1,
            ']' | '}' => level = level.saturating_sub(1),
            _ => {}
        }
        level
    });
    levels.max().unwrap()
}
