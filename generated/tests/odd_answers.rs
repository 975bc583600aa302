//! A thousand odd answers: what can be read of them is read, the error names the place of what cannot, and no secret is in it.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::time::{SystemTime, UNIX_EPOCH};

use descope_mcp_management::testing::{Reply, Script};
use descope_mcp_management::{Error, ErrorKind, ManagementClient, McpServer, Readable};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

/// Stands in every text of an answer that could be a secret.
const SECRET: &str = "zX9-s3cret-T0ken-8Qw";

fn server(index: usize) -> Value {
    json!({
        "id": format!("MS{index}{}", "a".repeat(27)),
        "name": format!("orders {SECRET}"),
        "description": SECRET,
        "tags": ["production", SECRET],
        "skipConsentScreen": true,
        "dynamicRegistration": {"enabled": true, "policies": {"hint": SECRET}},
        "sessionSettings": {"enabled": true, "refreshTokenExpiration": 4, "refreshTokenExpirationUnit": "weeks"},
        "approvedScopes": {"permissionsScopes": [{"name": SECRET, "values": ["a"]}]},
    })
}

/// What is done to one value of an answer.
#[derive(Debug, Clone)]
enum Oddity {
    Replace(Value),
    Wrap,
    AsText,
    Remove,
    Add,
}

fn oddity() -> impl Strategy<Value = Oddity> {
    let values = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(SECRET)),
        Just(json!([SECRET, null, 7])),
        Just(json!({ SECRET: SECRET })),
    ];
    prop_oneof![
        4 => values.prop_map(Oddity::Replace),
        1 => Just(Oddity::Wrap),
        1 => Just(Oddity::AsText),
        1 => Just(Oddity::Remove),
        1 => Just(Oddity::Add),
    ]
}

/// What happens to the bytes of an answer on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Damage {
    None,
    Truncated(usize),
    Misencoded(usize),
}

/// All paths to values, as in RFC 6901.
fn paths(value: &Value, path: &str, into: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (name, value) in members {
        let path = format!("{path}/{name}");
        paths(value, &path, into);
        into.push(path);
    }
}

/// Changes the value at a path.
fn apply(answer: &mut Value, path: &str, oddity: &Oddity) {
    let (parent, name) = path.rsplit_once('/').unwrap();
    match oddity {
        Oddity::Replace(value) => *answer.pointer_mut(path).unwrap() = value.clone(),
        Oddity::Wrap => {
            let value = answer.pointer_mut(path).unwrap();
            *value = json!({ "value": value.take() });
        }
        Oddity::AsText => {
            let value = answer.pointer_mut(path).unwrap();
            *value = Value::String(value.to_string());
        }
        Oddity::Remove => match answer.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.remove(name)),
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            _ => unreachable!("a parent has members"),
        },
        Oddity::Add => {
            if let Value::Object(members) = answer.pointer_mut(parent).unwrap() {
                members.insert("added".to_owned(), json!({ "key": SECRET }));
            }
        }
    }
}

fn bytes(answer: &Value, damage: Damage) -> Vec<u8> {
    let mut bytes = answer.to_string().into_bytes();
    match damage {
        Damage::None => {}
        Damage::Truncated(at) => bytes.truncate(at % bytes.len()),
        Damage::Misencoded(at) => {
            let at = at % bytes.len();
            bytes[at] = 0xFF;
        }
    }
    bytes
}

struct Setup {
    script: Script,
    client: ManagementClient,
    runtime: Runtime,
}

impl Setup {
    fn read(&self, body: Vec<u8>) -> (Result<usize, Error>, Result<Readable<McpServer>, Error>) {
        self.script.always("LoadAllMcpServers", Reply::body(200, "application/json", body));
        let servers = self.client.servers();
        self.runtime.block_on(async {
            (servers.load_all().await.map(|all| all.len()), servers.load_readable().await)
        })
    }
}

/// Whether a record that was read has every member of the answer, apart from forms that mean the same.
fn has_all(read: &Value, sent: &Map<String, Value>, odd: Option<&str>) -> Result<(), String> {
    for (name, value) in sent.iter().filter(|(name, value)| odd != Some(name) && !value.is_null()) {
        if read.get(name) != Some(value) {
            return Err(format!("{name}: {:?} instead of {value}", read.get(name)));
        }
    }
    Ok(())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn of_a_thousand_odd_answers_nothing_readable_is_lost_and_no_secret_is_shown() {
    let script = Script::new();
    let client = script.client().unwrap();
    let setup =
        Setup { script, client, runtime: Builder::new_current_thread().enable_all().build().unwrap() };
    let answer = json!({"servers": [server(1), server(2), server(3)], "total": 3});
    let mut all = Vec::new();
    paths(&answer, "", &mut all);

    let damage = prop_oneof![
        8 => Just(Damage::None),
        1 => any::<usize>().prop_map(Damage::Truncated),
        1 => any::<usize>().prop_map(Damage::Misencoded),
    ];
    let mut kinds = [0_u32; 3];
    let counted = std::cell::RefCell::new(&mut kinds);
    let strategy = (proptest::sample::select(all), oddity(), damage);
    let seed = std::env::var("ODD_ANSWERS_SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
    println!("ODD_ANSWERS_SEED={seed}");
    let config = Config {
        cases: 1_000,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&strategy, |(path, oddity, damage)| {
        let mut odd = answer.clone();
        apply(&mut odd, &path, &oddity);
        let (strict, lenient) = setup.read(bytes(&odd, damage));

        let errors = [strict.as_ref().err(), lenient.as_ref().err()];
        for error in errors.into_iter().flatten() {
            let shown = format!("{error} {error:?} {error:#?}");
            prop_assert!(!shown.contains(SECRET), "{}", shown);
            prop_assert_eq!(error.kind(), ErrorKind::UnexpectedBody);
            prop_assert!(shown.contains("line ") || shown.contains("breaks off"), "no place: {}", shown);
        }
        let mut parts = path.split('/').skip(1);
        let (list, record, member) = (parts.next(), parts.next(), parts.next());
        let Ok(readable) = lenient else {
            // Only the list as a whole makes everything unreadable.
            prop_assert!(strict.is_err());
            prop_assert!(damage != Damage::None || (list == Some("servers") && record.is_none()), "{}", path);
            counted.borrow_mut()[0] += 1;
            return Ok(());
        };
        prop_assert_eq!(strict.is_err(), !readable.unreadable.is_empty());
        let shown = format!("{:?}", readable.unreadable);
        prop_assert!(!shown.contains(SECRET), "{}", shown);
        prop_assert_eq!(damage, Damage::None);
        // At most the record with the oddity cannot be read, and it is named with the place.
        let sent = odd.get("servers").and_then(Value::as_array).cloned().unwrap_or_default();
        for unreadable in &readable.unreadable {
            if record.is_none() {
                continue;
            }
            let index = unreadable.index.to_string();
            prop_assert_eq!(Some(index.as_str()), record);
            let named = member.is_none_or(|member| unreadable.detail.starts_with(&format!("`{member}")));
            prop_assert!(named, "{:?} for {}", unreadable, path);
            prop_assert!(unreadable.id.is_some() || member == Some("id") || member.is_none());
        }
        counted.borrow_mut()[if readable.unreadable.is_empty() { 1 } else { 2 }] += 1;
        let mut read = readable.records.iter();
        for (index, sent) in sent.iter().enumerate().filter(|(_, sent)| !sent.is_null()) {
            if readable.unreadable.iter().any(|unreadable| unreadable.index == index) {
                continue;
            }
            let read = serde_json::to_value(read.next().unwrap()).unwrap();
            // Others than those of the oddity have exactly what was sent.
            let odd = member.filter(|_| record == Some(index.to_string().as_str()));
            has_all(&read, sent.as_object().unwrap(), odd).map_err(TestCaseError::fail)?;
        }
        prop_assert!(read.next().is_none());
        Ok(())
    });
    result.unwrap();
    let [nothing, whole, partly] = kinds;
    println!("{nothing} could not be read, {whole} whole, {partly} but for one record");
    assert!(whole > 100 && partly > 100 && nothing > 30, "{kinds:?}");
}
