//! The untyped call against a scripted server: where arguments go, which methods it sends, and what it does when things
//! fail.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

/// The table of `codegen/tests/fixtures/every_method.yaml`, which has what our own document has not.
#[path = "generated"]
#[allow(unreachable_pub, reason = "a table is written for any crate")]
mod tables {
    use descope_mcp_management::operations;
    #[rustfmt::skip]
    #[path = "every_method.rs"]
    pub mod every_method;
}

use descope_mcp_management::operations::Operation;
use descope_mcp_management::{Answer, Error, ErrorKind};
use serde_json::{Value, json};
use support::clock::TestClock;
use support::raw_server::{Act, RawServer, Received};
use support::{CLIENT_SECRET, KEY, PROJECT, builder, repeating_client};
use tables::every_method::DOCUMENT;

fn operation(id: &str) -> &'static Operation {
    DOCUMENT.find(id).unwrap()
}

/// Calls an operation of the fixture against a server that does these things, one for each request.
async fn invoke(id: &str, arguments: Value, acts: Vec<Act>) -> (Result<Answer, Error>, Vec<Received>) {
    let clock = TestClock::new();
    let server = RawServer::start(acts, clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    let result = client.invoke_operation(operation(id), &arguments).await;
    (result, server.received())
}

/// The request line and the body of the one request that a call makes.
async fn sent(id: &str, arguments: Value) -> (String, String, String) {
    let (result, mut received) = invoke(id, arguments, vec![Act::json(200, r#"{"items": []}"#)]).await;
    result.unwrap();
    assert_eq!(received.len(), 1);
    let request = received.remove(0);
    let line = request.head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    (line, request.body, request.head)
}

#[tokio::test]
async fn every_method_is_sent_with_its_arguments_in_path_query_header_and_body() {
    let (line, body, head) = sent(
        "GetItem",
        json!({"id": "a/b é", "fields": ["x", "y&z"], "only": [1, 2], "verbose": true, "X-Trace": "t1"}),
    )
    .await;
    assert_eq!(line, "GET /v1/items/a%2Fb%20%C3%A9?fields=x&fields=y%26z&only=1%2C2&verbose=true");
    assert!(body.is_empty() && !head.contains("content-type"), "{head}");
    assert!(head.contains("x-trace: t1\r\n"), "{head}");
    assert!(head.contains(&format!("authorization: Bearer {PROJECT}:{KEY}\r\n")), "{head}");

    let (line, body, head) = sent(
        "ReplaceItem",
        json!({"path_id_": "one", "body_id": "two", "path_id": "three", "name": null, "new": {"deep": [null]}}),
    )
    .await;
    assert_eq!(line, "PUT /v1/items/one");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({"id": "two", "path_id": "three", "name": null, "new": {"deep": [null]}}));
    assert!(head.contains("content-type: application/json\r\n"), "{head}");

    let (line, body, _) = sent("ChangeItem", json!({"id": "i1", "count": 3})).await;
    assert_eq!((line.as_str(), body.as_str()), ("PATCH /v1/items/i1", r#"{"count":3}"#));
    let (_, body, _) = sent("ChangeItem", json!({"id": "i1"})).await;
    assert_eq!(body, "", "the body is not required, and nothing is in it");

    let (line, body, _) = sent("DeleteItem", json!({"id": 7, "force": null})).await;
    assert_eq!((line.as_str(), body.as_str()), ("DELETE /v1/items/7", ""));

    let (line, body, _) = sent("CreateItems", json!({"body_body": [{"id": "a"}], "query_body": "q"})).await;
    assert_eq!((line.as_str(), body.as_str()), ("POST /v1/items?body=q", r#"[{"id":"a"}]"#));
}

#[tokio::test]
async fn an_empty_success_is_null() {
    let empty = || Act::Answer(204, String::new(), String::new());
    let (result, _) = invoke("DeleteItem", json!({"id": "i1"}), vec![empty()]).await;
    assert_eq!(result.unwrap().value(), &Value::Null);
}

#[tokio::test]
async fn arguments_that_make_no_request_are_refused_before_anything_is_sent() {
    let secret = "s3cr3t";
    for (id, arguments, message) in [
        ("GetItem", json!([secret]), "the arguments must be one JSON object"),
        ("GetItem", json!({}), "`/id` is required"),
        ("GetItem", json!({"id": null}), "`/id` is required"),
        ("GetItem", json!({"id": {"a": secret}}), "`/id` must be a string, a number or a boolean"),
        ("GetItem", json!({"id": ""}), "`/id` must not be empty"),
        ("GetItem", json!({"id": ".."}), "these arguments would lead out of"),
        ("GetItem", json!({"id": "i", "fields": [[secret]]}), "`/fields` must be"),
        (
            "GetItem",
            json!({"id": "i", "X-Trace": "s3cr3t\r\nhost: x"}),
            "`/X-Trace` cannot be put into a header",
        ),
        ("GetItem", json!({"id": "i", "odd": secret}), "`/odd` is no argument of this operation"),
        (
            "ReplaceItem",
            json!({"id": secret}),
            "`/id` occurs in several places of the request: use `path_id_` or `body_id`",
        ),
        ("ReplaceItem", json!({"path_id_": "i"}), "`/body_id` is required"),
        ("ChangeItem", json!({"id": "i", "odd": secret}), "`/odd` is no argument of this operation"),
        ("CreateItems", json!({}), "`/body_body` is required"),
    ] {
        let (result, received) = invoke(id, arguments.clone(), vec![Act::json(200, "{}")]).await;
        let error = result.expect_err(message);
        assert_eq!((error.kind(), error.operation(), received.len()), (ErrorKind::InvalidArguments, id, 0));
        assert!(error.to_string().contains(message), "{arguments}: {error}");
        assert!(!format!("{error:?} {error}").contains(secret), "{error:?}");
        assert!(!error.may_have_applied() && error.attempts() == 0);
    }
}

#[tokio::test]
async fn an_unknown_operation_is_an_error_with_the_right_spelling() {
    let client = builder("http://127.0.0.1:9").build().unwrap();
    let error = client.invoke("loadmcpserver", &json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownOperation);
    assert!(
        error.to_string().ends_with("there is no such operation: did you mean `LoadMcpServer`?"),
        "{error}"
    );
    let error = client.invoke(CLIENT_SECRET, &json!({})).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(CLIENT_SECRET), "{error}");
}

#[tokio::test]
async fn a_lost_answer_without_a_body_is_repeated_only_if_the_operation_is_idempotent() {
    let acts = || vec![Act::ResetReceived, Act::json(200, r#"{"id": "i1"}"#)];
    let (result, received) = invoke("GetItem", json!({"id": "i1"}), acts()).await;
    assert_eq!((result.unwrap().value(), received.len()), (&json!({"id": "i1"}), 2));
    let (result, received) = invoke("DeleteItem", json!({"id": "i1"}), acts()).await;
    let error = result.unwrap_err();
    assert!(error.may_have_applied(), "a request without a body is complete with its head");
    assert_eq!((error.kind(), received.len()), (ErrorKind::Transport, 1));
}

#[tokio::test]
async fn nothing_was_sent_where_no_connection_could_be_made_also_without_a_body() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = repeating_client(&url, &TestClock::new());
    let error = client.invoke_operation(operation("DeleteItem"), &json!({"id": "i"})).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 4));
    assert!(!error.may_have_applied());
}

#[tokio::test]
async fn too_many_requests_and_refusals_are_as_for_typed_calls() {
    let busy = || Act::Answer(429, "retry-after: 1\r\n".to_owned(), "{}".to_owned());
    for id in ["GetItem", "ChangeItem", "DeleteItem"] {
        let acts = vec![busy(), busy(), Act::json(200, "{}")];
        let (result, received) = invoke(id, json!({"id": "i1"}), acts).await;
        assert_eq!((result.unwrap().value(), received.len()), (&json!({}), 3), "{id}");
    }
    let refused = Act::json(404, r#"{"errorCode": "E1", "errorDescription": "gone"}"#);
    let (result, _) = invoke("GetItem", json!({"id": "i1"}), vec![refused]).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.code()), (ErrorKind::NotFound, Some(404), Some("E1")));
    let (result, _) = invoke("GetItem", json!({"id": "i1"}), vec![Act::json(200, "{]")]).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::UnexpectedBody);
}

#[tokio::test]
async fn secrets_are_taken_out_of_the_answer_wherever_the_table_says() {
    let whole = json!({
        "items": [{"id": "a", "cleartext": "first-secret"}, {"id": "b", "cleartext": ""}, {"id": "c"}],
        "byName": {"x/y": "second-secret", "none": null},
    });
    let (result, _) =
        invoke("CreateItems", json!({"body_body": []}), vec![Act::json(200, &whole.to_string())]).await;
    let answer = result.unwrap();
    assert_eq!(answer.value()["items"][0], json!({"id": "a", "cleartext": "[redacted]"}));
    assert_eq!(answer.value()["byName"], json!({"x/y": "[redacted]", "none": null}));
    let secrets: Vec<_> = answer.secrets().map(|(pointer, secret)| (pointer, secret.expose())).collect();
    assert_eq!(secrets, [("/byName/x~1y", "second-secret"), ("/items/0/cleartext", "first-secret")]);
    assert_eq!(answer.expose(), whole);
    let shown = format!("{answer:?} {answer:#?} {}", answer.value());
    assert!(!shown.contains("first-secret") && !shown.contains("second-secret"), "{shown}");
}

#[tokio::test]
async fn something_else_in_the_place_of_a_secret_is_an_error_that_does_not_show_it() {
    let odd = json!({"items": [{"id": "a", "cleartext": ["first-secret"]}]}).to_string();
    let (result, _) = invoke("CreateItems", json!({"body_body": []}), vec![Act::json(200, &odd)]).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedBody);
    assert!(error.to_string().ends_with("`/items/0/cleartext` should be a string"), "{error}");
    assert!(error.may_have_applied() && !format!("{error:?}").contains("first-secret"));
}

#[tokio::test]
async fn a_required_secret_that_is_missing_is_an_error_that_names_the_record() {
    let clock = TestClock::new();
    let made = r#"{"id": "TPA1", "clientId": "c", "cleartext": ""}"#;
    let server = RawServer::start(vec![Act::json(200, made)], clock.clone()).await;
    let client = repeating_client(&server.url(), &clock);
    let arguments = json!({"name": "agent", "mcpServerId": "MS1"});
    let error = client.invoke("CreateMcpServerClient", &arguments).await.unwrap_err();
    assert_eq!((error.kind(), error.record_id()), (ErrorKind::UnexpectedBody, Some("TPA1")));
    assert!(error.may_have_applied());
    let arguments = json!({"id": "TPA2", "mcpServerId": "MS1"});
    let error = client.invoke("RotateMcpServerClientSecret", &arguments).await.unwrap_err();
    assert_eq!(error.record_id(), Some("TPA1"), "the answer knows better than the arguments");
}

#[tokio::test]
async fn a_secret_argument_is_shown_by_no_error_although_the_server_repeats_it() {
    let said = json!({"errorDescription": "the password hunter2 is too short", "errorMessage": "hunter2"});
    for act in [
        Act::json(400, &said.to_string()),
        Act::Answer(502, "content-type: text/html\r\n".to_owned(), "<p>hunter2 was sent".to_owned()),
    ] {
        let (result, received) =
            invoke("ChangeItem", json!({"id": "i", "password": "hunter2"}), vec![act]).await;
        assert_eq!(received[0].body, r#"{"password":"hunter2"}"#);
        let error = result.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}
