//! Nothing that can be printed shows a secret.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use std::env;
use std::process::Command;

use descope_mcp_management::raw::types;
use descope_mcp_management::{ManagementClient, ManagementKey, ProjectId, Secret};
use serde_json::json;
use support::every_call::for_every_type;
use support::{CLIENT_SECRET, KEY, PROJECT, client};

fn silent(text: &str) {
    assert!(!text.contains(KEY) && !text.contains(CLIENT_SECRET), "{text}");
}

#[test]
fn debug_of_everything_that_holds_a_secret_is_silent() {
    let key = ManagementKey::new(KEY).unwrap();
    let builder = ManagementClient::builder(ProjectId::new(PROJECT).unwrap(), key.clone());
    let client = client("http://127.0.0.1:1");
    silent(&format!(
        "{key:?} {builder:?} {client:?} {:?} {:?} {:?}",
        client.raw(),
        client.servers(),
        client.clients("x")
    ));
    silent(&format!("{:#?} {:?}", Secret::from(CLIENT_SECRET), Some(Secret::from(CLIENT_SECRET))));

    let answer = json!({"id": "TPA1", "clientId": "c", "cleartext": CLIENT_SECRET});
    let made: types::CreateMcpServerClientResponse = serde_json::from_value(answer.clone()).unwrap();
    let read: types::GetMcpServerClientSecretResponse = serde_json::from_value(answer.clone()).unwrap();
    let rotated: types::RotateMcpServerClientSecretResponse = serde_json::from_value(answer).unwrap();
    assert_eq!(made.cleartext.expose(), CLIENT_SECRET);
    silent(&format!("{made:?} {made:#?} {read:?} {rotated:?}"));
}

/// Debug of every machine-written type that is read from this body.
macro_rules! debug_of_every_type {
    ($body:expr; $($name:ident),+) => {
        [$({
            let value: types::$name = serde_json::from_value($body).unwrap();
            (stringify!($name), format!("{value:?} {value:#?}"))
        }),+]
    };
}

#[test]
fn debug_of_every_record_shows_the_names_of_unknown_members_and_no_value() {
    let body = || {
        json!({
            "newSecret": CLIENT_SECRET, "newRecord": {"deep": [CLIENT_SECRET]}, "newNumber": 7_654_321,
        })
    };
    let shown = for_every_type!(debug_of_every_type, body());
    for (name, text) in shown {
        for member in ["newSecret", "newRecord", "newNumber"] {
            assert!(text.contains(member), "{name}: {text}");
        }
        silent(&text);
        assert!(!text.contains("7654321") && !text.contains("deep"), "{name}: {text}");
    }

    // Also inside of other records, and through the types that are written by hand.
    let server = json!({"id": "MS1", "approvedScopes": body(), "sessionSettings": body()});
    let server: types::LoadMcpServerResponse = serde_json::from_value(json!({"server": server})).unwrap();
    let text = format!("{server:?} {server:#?}");
    assert_eq!(text.matches("newSecret").count(), 4, "{text}");
    silent(&text);
    assert!(!text.contains("7654321"), "{text}");
}

/// Started again with the environment that the test asks for; prints what became of it.
#[test]
fn child_of_the_environment_tests() {
    if env::var_os("CHILD").is_some() {
        match ManagementClient::from_env() {
            Ok(client) => println!("made: {} {}", client.project_id(), client.base_url()),
            Err(error) => println!("refused: {error} {error:?}"),
        }
    }
}

fn from_env(variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(env::current_exe().unwrap());
    for name in ["DESCOPE_PROJECT_ID", "DESCOPE_MANAGEMENT_KEY", "DESCOPE_BASE_URL"] {
        child.env_remove(name);
    }
    child.env("CHILD", "1").envs(variables.iter().copied());
    let output = child.args(["--exact", "child_of_the_environment_tests", "--nocapture"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find(|line| line.contains("made: ") || line.contains("refused: ")).unwrap().to_owned()
}

#[test]
fn the_environment_makes_a_client_or_says_what_is_missing() {
    let project = ("DESCOPE_PROJECT_ID", PROJECT);
    let key = ("DESCOPE_MANAGEMENT_KEY", KEY);
    assert!(from_env(&[project, key]).contains(&format!("made: {PROJECT} https://api.descope.com")));
    let local = from_env(&[project, key, ("DESCOPE_BASE_URL", "http://127.0.0.1:8080/")]);
    assert!(local.contains("http://127.0.0.1:8080"), "{local}");
    assert!(from_env(&[key]).contains("DESCOPE_PROJECT_ID is not set"));
    assert!(
        from_env(&[project, ("DESCOPE_MANAGEMENT_KEY", "")]).contains("DESCOPE_MANAGEMENT_KEY is not set")
    );
    for bad in [("DESCOPE_BASE_URL", "http://example.com"), ("DESCOPE_PROJECT_ID", "a:b")] {
        let refused = from_env(&[project, key, bad]);
        assert!(refused.contains("refused: "), "{refused}");
        silent(&refused);
    }
    let refused = from_env(&[project, ("DESCOPE_MANAGEMENT_KEY", &format!("{KEY}\n"))]);
    assert!(refused.contains("line breaks"), "{refused}");
    silent(&refused);
}
