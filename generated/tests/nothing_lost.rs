//! What a server sends survives loading, changing one thing, and writing back.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use descope_mcp_management::operations::all;
use descope_mcp_management::raw::types;
use serde_json::{Value, json};
use support::every_call::for_every_type;
use support::{answering_json, body_of, client, full_value, members, only_request, response_schema, spec};

/// Loads a record, changes its description, and answers with what was then sent.
async fn written_back(record: &Value) -> Value {
    let server = answering_json(200, &json!({"server": record})).await;
    let mut loaded = client(&server.uri()).servers().load("MS1").await.unwrap();
    loaded.description = Some("changed".to_owned());
    server.reset().await;

    let server = answering_json(200, &json!({"server": record})).await;
    client(&server.uri()).servers().update(loaded).await.unwrap();
    body_of(&only_request(&server).await)["server"].clone()
}

#[tokio::test]
async fn an_update_writes_back_what_it_loaded_and_one_change() {
    let record = json!({
        "id": "MS1",
        "name": "orders",
        "description": "before",
        "tags": null,
        "audienceWhitelist": [],
        "logo": "",
        "skipConsentScreen": false,
        "approvedScopes": {
            "permissionsScopes": [{"name": "a", "values": [], "new": {"x": [null, 1]}}],
            "attributesScopes": [],
            "futureScopes": null,
        },
        "sessionSettings": {"enabled": true, "refreshTokenExpiration": 0, "leeway": {"unit": null}},
        "cimdSettings": {"domainPolicies": {"policies": [{"domainPattern": "*", "weight": 1.1}], "mode": "any"}},
        "createdAt": 1_780_000_000_123_u64,
        "ratio": 0.1,
        "policy": {"rules": [{"if": null, "then": {"deep": [[], {}, null, ""]}}], "none": null},
        "nothing": null,
        "ünïcode ключ 鍵": "✓ \u{0} \u{1f600}",
    });
    let mut expected = record.clone();
    expected["description"] = json!("changed");
    let mut written = written_back(&record).await;

    // A modelled member that was null may be left out: it means the same.
    let tags = written.as_object_mut().unwrap().remove("tags");
    assert!(tags.is_none_or(|tags| tags.is_null()));
    expected.as_object_mut().unwrap().remove("tags");
    assert_eq!(written, expected);
}

#[tokio::test]
async fn absent_members_stay_absent() {
    let written = written_back(&json!({"id": "MS1"})).await;
    assert_eq!(written, json!({"id": "MS1", "description": "changed"}));
}

#[tokio::test]
async fn a_flat_list_of_scopes_is_read_and_written_as_categories() {
    let record = json!({"id": "MS1", "approvedScopes": [{"name": "a"}, {"name": "b", "values": ["v"]}]});
    let written = written_back(&record).await;
    assert_eq!(
        written["approvedScopes"],
        json!({"permissionsScopes": [{"name": "a"}], "connectionsScopes": [{"name": "b", "values": ["v"]}]})
    );
}

/// Decodes the answer of an operation into its type.
fn decode(operation_id: &str, answer: &Value) -> Result<(), serde_json::Error> {
    macro_rules! by_name {
        ($name:expr, $answer:expr; $($type:ident),+) => {
            match $name {
                $(stringify!($type) => serde_json::from_value::<types::$type>($answer).map(drop),)+
                other => panic!("no type is named {other}"),
            }
        };
    }
    for_every_type!(by_name, format!("{operation_id}Response").as_str(), answer.clone())
}

#[test]
fn no_null_and_no_absence_makes_an_answer_unreadable() {
    let spec = spec();
    let mut tried = 0;
    for facts in all() {
        let schema = response_schema(&spec, facts.id);
        for alternative in 0..2 {
            let answer = full_value(&spec, &schema, alternative);
            decode(facts.id, &answer).unwrap();
            for pointer in members(&answer) {
                let mut with_null = answer.clone();
                *with_null.pointer_mut(&pointer).unwrap() = Value::Null;
                decode(facts.id, &with_null)
                    .unwrap_or_else(|error| panic!("{} {pointer} null: {error}", facts.id));

                let mut without = answer.clone();
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
                decode(facts.id, &without)
                    .unwrap_or_else(|error| panic!("{} {pointer} absent: {error}", facts.id));
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "only {tried} members tried");
}

#[test]
fn every_member_of_every_answer_can_be_unknown_and_is_kept() {
    let spec = spec();
    let unknown = json!({"a": [null, {}, [], "", 0.1, {"b": null}]});
    for (name, record) in [("McpServer", true), ("McpServerClient", false)] {
        let mut value = full_value(&spec, &json!({"$ref": format!("#/components/schemas/{name}")}), 0);
        let objects: Vec<_> = std::iter::once(String::new())
            .chain(members(&value).into_iter().filter(|pointer| value.pointer(pointer).unwrap().is_object()))
            .collect();
        for pointer in objects {
            value.pointer_mut(&pointer).unwrap()["memberOfTheFuture"] = unknown.clone();
        }
        let through = if record {
            serde_json::to_value(serde_json::from_value::<types::McpServer>(value.clone()).unwrap()).unwrap()
        } else {
            serde_json::to_value(serde_json::from_value::<types::McpServerClient>(value.clone()).unwrap())
                .unwrap()
        };
        assert_eq!(through, value, "{name}");
    }
}

#[test]
fn an_answer_that_is_no_object_is_an_error() {
    for facts in all() {
        for answer in [json!(null), json!([]), json!("text"), json!(7)] {
            assert!(decode(facts.id, &answer).is_err(), "{} takes {answer}", facts.id);
        }
    }
}
