//! Every value of every switch does what its line says. A value without a case here fails the first test.

mod authorization;
mod errors;
mod records;
mod searches;

use serde_json::{Value, json};

use super::{Switch, Values, VariantError, Variants};
use crate::testing::{Answer, Harness};

pub(super) const CREATE: &str = "/v1/mgmt/mcp/server/create";
pub(super) const UPDATE: &str = "/v1/mgmt/mcp/server/update";
pub(super) const LOAD: &str = "/v1/mgmt/mcp/server/load";
pub(super) const DELETE: &str = "/v1/mgmt/mcp/server/delete";
pub(super) const DELETE_MANY: &str = "/v1/mgmt/mcp/servers/delete";
pub(super) const ALL: &str = "/v1/mgmt/mcp/servers/all";
pub(super) const CLIENT_CREATE: &str = "/v1/mgmt/mcp/server/client/create";
pub(super) const CLIENT_UPDATE: &str = "/v1/mgmt/mcp/server/client/update";
pub(super) const CLIENT_LOAD: &str = "/v1/mgmt/mcp/server/client/load";
pub(super) const CLIENT_DELETE: &str = "/v1/mgmt/mcp/server/client/delete";
pub(super) const CLIENTS_DELETE: &str = "/v1/mgmt/mcp/server/clients/delete";
pub(super) const SEARCH: &str = "/v1/mgmt/mcp/server/clients/search";
pub(super) const SECRET: &str = "/v1/mgmt/mcp/server/client/secret";
pub(super) const ROTATE: &str = "/v1/mgmt/mcp/server/client/secret/rotate";

/// An emulator under one variant, with a server and a client in it.
pub(super) struct Fixture {
    pub(super) emulator: Harness,
    pub(super) server: String,
    pub(super) client: crate::testing::MadeClient,
}

impl Fixture {
    pub(super) async fn new(name: &str, value: &str) -> Self {
        let emulator = Harness::with_variants(&[(name, value)]);
        let server = emulator.server(json!({"name": "s"})).await;
        let client = emulator.client(&server, json!({"name": "c"})).await;
        Self { emulator, server, client }
    }

    /// Names the client, with more members.
    pub(super) fn named(&self, more: Value) -> Value {
        let mut named = json!({"id": self.client.id, "mcpServerId": self.server});
        if let (Some(named), Value::Object(more)) = (named.as_object_mut(), more) {
            named.extend(more);
        }
        named
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.emulator.post(path, &body).await
    }
}

/// Status and code.
pub(super) fn refusal(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.body["errorCode"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn every_value_of_every_switch_does_what_it_says() {
    for switch in Variants::switches() {
        let values: Vec<String> = match switch.values {
            Values::Words(words) => words.iter().map(|(word, _)| (*word).to_owned()).collect(),
            Values::Number { least, most, default, .. } => {
                [least, default, most].iter().map(u32::to_string).collect()
            }
        };
        for value in values {
            let (name, value) = (switch.name, value.as_str());
            let tested = records::shows(name, value).await
                || errors::shows(name, value).await
                || searches::shows(name, value).await
                || authorization::shows(name, value).await;
            assert!(tested, "--variant {name}={value} has no case in this folder");
        }
    }
}

#[test]
fn an_unknown_name_or_value_is_refused_with_what_there_is() {
    let mut variants = Variants::default();
    let refused = variants.set_pair("client-updates=patch").unwrap_err();
    assert!(matches!(refused, VariantError::Name { .. }));
    let message = refused.to_string();
    assert!(Variants::switches().iter().all(|switch| message.contains(switch.name)), "{message}");
    for (pair, valid) in [
        ("client-update=merge", "replace or patch"),
        ("client-update=", "replace or patch"),
        ("client-update=Patch", "replace or patch"),
        ("absent=", "zero, omit or null"),
        ("search-lag=5001", "0 to 5000 ms"),
        ("search-lag=-1", "0 to 5000 ms"),
        ("search-lag=+1", "0 to 5000 ms"),
        ("search-lag=1s", "0 to 5000 ms"),
        ("search-lag=ms", "0 to 5000 ms"),
        ("default-limit=0", "1 to 1000"),
    ] {
        let message = variants.set_pair(pair).unwrap_err().to_string();
        assert!(message.contains(valid), "{pair}: {message}");
    }
    assert!(matches!(variants.set_pair("absent"), Err(VariantError::Form(_))));
    assert!(variants.set_pair(&format!("{}=x", "y".repeat(100_000))).unwrap_err().to_string().len() < 2_000);
    assert_eq!(variants, Variants::default());
}

#[test]
fn values_are_in_force_as_set_and_the_last_one_wins() {
    let mut variants = Variants::default();
    for pair in ["absent=omit", "search-lag=250ms", "absent=null", "default-limit=7"] {
        variants.set_pair(pair).unwrap();
    }
    for (switch, value) in variants.in_force() {
        let expected = match switch.name {
            "absent" => String::from("null"),
            "search-lag" => String::from("250ms"),
            "default-limit" => String::from("7"),
            _ => switch.values.default(),
        };
        assert_eq!(value, expected, "{}", switch.name);
    }
}

#[test]
fn the_listing_names_every_value_default_question_and_basis() {
    let listing = Variants::listing();
    for switch in Variants::switches() {
        let Switch { name, question_id, question, basis, values, .. } = switch;
        for part in [*name, *question_id, *question, *basis, &values.default()] {
            assert!(listing.contains(part), "{part}");
        }
        if let Values::Words(words) = switch.values {
            assert!(words.iter().all(|(word, meaning)| listing.contains(word) && listing.contains(meaning)));
        }
    }
    assert!(listing.matches("default").count() >= Variants::switches().len());
    assert!(!listing.lines().any(|line| line.ends_with(' ')));
}

#[test]
fn every_switch_asks_in_words_and_names_the_open_question_by_its_id() {
    for Switch { name, question_id, question, .. } in Variants::switches() {
        let id = question_id.strip_prefix("question/").unwrap_or_default();
        assert!(
            id.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !id.is_empty(),
            "{name}: {question_id}"
        );
        assert!(question.starts_with(|c: char| c.is_ascii_lowercase()) && question.ends_with('?'), "{name}");
    }
}
