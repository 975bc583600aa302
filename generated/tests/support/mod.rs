//! What the tests share: a scripted server, a client for it, and the document.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

pub(crate) mod clock;
pub(crate) mod every_call;
pub(crate) mod raw_server;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clock::TestClock;
use descope_mcp_management::{
    ManagementClient, ManagementClientBuilder, ManagementKey, ProjectId, RetryPolicy,
};
use serde_json::{Map, Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const PROJECT: &str = "P32juVkF2iM8wAGoM8PiLkGi6POV";
pub(crate) const KEY: &str = "K2verySecretManagementKey0123456789";
pub(crate) const CLIENT_SECRET: &str = "s3cr3tOfAClientThatNobodyMaySee0123456789";

/// A server that gives the same answer to everything.
pub(crate) async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// A server that answers everything with this JSON.
pub(crate) async fn answering_json(status: u16, body: &Value) -> MockServer {
    answering(ResponseTemplate::new(status).set_body_json(body)).await
}

pub(crate) fn builder(base_url: &str) -> ManagementClientBuilder {
    let key = ManagementKey::new(KEY).unwrap();
    ManagementClient::builder(ProjectId::new(PROJECT).unwrap(), key).base_url(base_url)
}

/// A client that makes one request for every call.
pub(crate) fn client(base_url: &str) -> ManagementClient {
    builder(base_url).retry(RetryPolicy::never()).build().unwrap()
}

/// A client that repeats calls as usual, without taking the time for it, and with time for all attempts.
pub(crate) fn repeating_client(base_url: &str, clock: &TestClock) -> ManagementClient {
    builder(base_url).clock(Arc::new(clock.clone())).timeout(Duration::from_secs(3600)).build().unwrap()
}

/// The one request that the server received.
pub(crate) async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1, "requests received");
    requests.remove(0)
}

pub(crate) fn body_of(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// The document, as JSON.
pub(crate) fn spec() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/descope-mcp.yaml");
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The schema of an operation's success.
pub(crate) fn response_schema(spec: &Value, operation_id: &str) -> Value {
    let operations = spec["paths"].as_object().unwrap().values();
    let operation =
        operations.map(|item| &item["post"]).find(|operation| operation["operationId"] == operation_id);
    operation.unwrap()["responses"]["200"]["content"]["application/json"]["schema"].clone()
}

/// A value with every member that the schema has. `alternative` chooses among those of a `oneOf`.
pub(crate) fn full_value(spec: &Value, schema: &Value, alternative: usize) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return full_value(spec, spec.pointer(&reference[1..]).unwrap(), alternative);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        assert_eq!(parts.len(), 1, "teach this function to merge");
        return full_value(spec, &parts[0], alternative);
    }
    if let Some(parts) = schema["oneOf"].as_array() {
        return full_value(spec, &parts[alternative % parts.len()], alternative);
    }
    match schema["type"].as_str() {
        Some("object") => {
            let members = schema["properties"].as_object().cloned().unwrap_or_default();
            let members: Map<_, _> = members
                .iter()
                .map(|(name, schema)| (name.clone(), full_value(spec, schema, alternative)))
                .collect();
            Value::Object(members)
        }
        Some("array") => json!([full_value(spec, &schema["items"], alternative)]),
        Some("string") => json!("text"),
        Some("integer") => json!(7),
        Some("number") => json!(7.5),
        Some("boolean") => json!(true),
        other => panic!("teach this function about {other:?}"),
    }
}

/// JSON pointers of every member at any depth.
pub(crate) fn members(value: &Value) -> Vec<String> {
    fn collect(value: &Value, pointer: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let pointer = format!("{pointer}/{name}");
                    found.push(pointer.clone());
                    collect(member, &pointer, found);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    collect(item, &format!("{pointer}/{index}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(value, "", &mut found);
    found
}

/// The record that most tests answer with.
pub(crate) fn server_record() -> Value {
    json!({"id": "MS35d1Xw1Yo6zozsW7n8BU6xLmnAs", "name": "orders"})
}
