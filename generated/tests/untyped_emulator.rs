//! Every operation of our own document goes through the untyped call and back, on the emulator.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/emulator.rs"]
mod emulator;

use std::collections::BTreeSet;

use descope_mcp_management::operations::{Operation, all, find};
use descope_mcp_management::{Answer, ManagementClient};
use emulator::Emulator;
use serde_json::{Value, json};

/// The ids that were made, by what the examples of the document call them.
#[derive(Default)]
struct Ids {
    server: String,
    other_server: String,
    client: String,
    other_client: String,
    client_id: String,
}

/// The example of an operation, with ids of records that exist.
fn arguments(operation: &Operation, ids: &Ids) -> Value {
    let mut arguments: Value = serde_json::from_str(operation.example.unwrap()).unwrap();
    let of_client = operation.group == Some("McpServerClient");
    let (own, other) =
        if of_client { (&ids.client, &ids.other_client) } else { (&ids.server, &ids.other_server) };
    for (pointer, value) in [
        ("/id", json!(own)),
        ("/server/id", json!(ids.server)),
        ("/mcpServerId", json!(ids.server)),
        ("/clientId", json!(ids.client_id)),
        ("/ids", json!([own, other])),
    ] {
        if let Some(place) = arguments.pointer_mut(pointer) {
            *place = value;
        }
    }
    arguments
}

fn text(answer: &Answer, pointer: &str) -> String {
    answer
        .value()
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} in {answer:?}"))
        .to_owned()
}

struct Walk {
    client: ManagementClient,
    ids: Ids,
    called: BTreeSet<&'static str>,
}

impl Walk {
    async fn call(&mut self, id: &str) -> Answer {
        let operation = find(id).unwrap();
        self.called.insert(operation.id);
        let answer = self.client.invoke(id, &arguments(operation, &self.ids)).await.unwrap();
        assert_eq!(answer.operation(), operation.id);
        assert!(answer.value().is_object(), "{id}");
        assert_eq!(answer.secrets().len(), operation.output_secrets.len(), "{id}");
        for member in operation.output_secrets {
            let secret = answer.secret(member.pointer).unwrap().expose();
            assert!(secret.len() > 30 && !format!("{answer:?}{}", answer.value()).contains(secret), "{id}");
        }
        answer
    }
}

#[tokio::test]
async fn every_operation_works_with_the_example_of_the_document() {
    let client = Emulator::start().client();
    let mut walk = Walk { client, ids: Ids::default(), called: BTreeSet::new() };

    walk.ids.server = text(&walk.call("CreateMcpServer").await, "/server/id");
    walk.ids.other_server = text(&walk.call("CreateMcpServer").await, "/server/id");
    let made = walk.call("CreateMcpServerClient").await;
    (walk.ids.client, walk.ids.client_id) = (text(&made, "/id"), text(&made, "/clientId"));
    walk.ids.other_client = text(&walk.call("CreateMcpServerClient").await, "/id");

    let first = made.secret("/cleartext").unwrap().clone();
    assert_eq!(walk.call("GetMcpServerClientSecret").await.secret("/cleartext"), Some(&first));
    let rotated = walk.call("RotateMcpServerClientSecret").await;
    assert_ne!(rotated.secret("/cleartext"), Some(&first));

    assert_eq!(text(&walk.call("LoadMcpServer").await, "/server/id"), walk.ids.server);
    let updated = walk.call("UpdateMcpServer").await;
    assert_eq!(text(&updated, "/server/description"), "Tools over the order book and its archive");
    assert_eq!(walk.call("LoadAllMcpServers").await.value()["servers"].as_array().unwrap().len(), 2);
    assert_eq!(text(&walk.call("LoadMcpServerClient").await, "/client/id"), walk.ids.client);
    // What the walk does not name yet changes nothing that it asserts later, except deletions, whose order matters.
    for operation in all().filter(|operation| !operation.id.starts_with("Delete")) {
        if !walk.called.contains(operation.id) {
            walk.call(operation.id).await;
        }
    }

    walk.call("DeleteMcpServerClient").await;
    walk.call("DeleteMcpServerClients").await;
    walk.call("DeleteMcpServer").await;
    walk.call("DeleteMcpServers").await;
    let left = walk.call("LoadAllMcpServers").await;
    let left: Vec<_> =
        left.value()["servers"].as_array().unwrap().iter().map(|server| &server["id"]).collect();
    assert!(!left.contains(&&json!(walk.ids.server)) && !left.contains(&&json!(walk.ids.other_server)));

    let every: BTreeSet<_> = all().map(|operation| operation.id).collect();
    assert_eq!(walk.called, every, "teach this walk the deletions that it leaves out");
}
