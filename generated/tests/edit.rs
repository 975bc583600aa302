//! An edit loads, changes and writes back; it writes only what was meant, and only if something was.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use descope_mcp_management::{Error, ErrorKind, ManagementClient, NewMcpServer, NewMcpServerClient};
use serde_json::{Value, json};
use support::{body_of, client};
use wiremock::matchers::path_regex;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const SERVER: &str = "MS1";
const CLIENT: &str = "TPA1";

fn server_record() -> Value {
    json!({"id": SERVER, "name": "orders", "tags": ["a"], "logo": "", "policy": {"deep": [null, {}]}})
}

fn client_record() -> Value {
    json!({
        "id": CLIENT, "mcpServerId": SERVER, "name": "support", "clientId": "Y2lk", "registrationType": "manual",
        "status": "verified", "scopes": ["orders:read"], "tags": [], "logo": null, "allowedTenants": ["T1"],
        "forceAddAllAuthorizationInfo": true, "createdTime": 1_780_000_000_123_u64,
    })
}

/// A server that answers loads with these records, one after the other and the last one for ever, and updates with
/// what was written.
async fn holding(records: &[Value]) -> MockServer {
    let server = MockServer::start().await;
    for (index, record) in records.iter().enumerate() {
        let answer = ResponseTemplate::new(200).set_body_json(json!({"server": record, "client": record}));
        let mock = Mock::given(path_regex("/load$")).respond_with(answer);
        let mock = if index + 1 < records.len() { mock.up_to_n_times(1) } else { mock };
        mock.mount(&server).await;
    }
    let written = |request: &Request| {
        let body = body_of(request);
        let record = body.get("server").unwrap_or(&body);
        ResponseTemplate::new(200).set_body_json(json!({"server": record, "client": record}))
    };
    Mock::given(path_regex("/update$")).respond_with(written).mount(&server).await;
    server
}

/// Last part of the path of every request, and the body of the last one.
async fn received(server: &MockServer) -> (Vec<String>, Value) {
    let requests = server.received_requests().await.unwrap();
    let last = body_of(requests.last().unwrap());
    let names = requests.iter().map(|request| request.url.path().rsplit('/').next().unwrap().to_owned());
    (names.collect(), last)
}

fn assert_nothing_sent(error: &Error, kind: ErrorKind, operation: &str) {
    assert_eq!((error.kind(), error.operation(), error.status()), (kind, operation, None), "{error}");
    assert!(!error.may_have_applied());
}

#[tokio::test]
async fn a_server_is_loaded_changed_and_written_back_whole() {
    let server = holding(&[server_record()]).await;
    let edited = client(&server.uri())
        .servers()
        .edit(SERVER, |record| record.description = Some("Order tools".to_owned()))
        .await
        .unwrap();
    assert!(edited.written);
    assert_eq!(edited.record.description.as_deref(), Some("Order tools"));
    let mut expected = server_record();
    expected["description"] = json!("Order tools");
    assert_eq!(received(&server).await, (vec!["load".into(), "update".into()], json!({"server": expected})));
}

#[tokio::test]
async fn nothing_is_written_when_nothing_changed() {
    for checked in [false, true] {
        let server = holding(&[server_record()]).await;
        let client = client(&server.uri());
        let same = |record: &mut descope_mcp_management::McpServer| record.name = Some("orders".to_owned());
        let edited = match checked {
            false => client.servers().edit(SERVER, same).await.unwrap(),
            true => client.servers().edit_checked(SERVER, same).await.unwrap(),
        };
        assert!(!edited.written);
        assert_eq!(serde_json::to_value(edited.record).unwrap(), server_record());
        assert_eq!(received(&server).await.0, ["load"]);
    }
}

#[tokio::test]
async fn a_checked_edit_looks_again_just_before_it_writes() {
    let server = holding(&[server_record()]).await;
    let edited =
        client(&server.uri()).servers().edit_checked(SERVER, |record| record.tags = None).await.unwrap();
    assert!(edited.written);
    let (names, body) = received(&server).await;
    assert_eq!(names, ["load", "load", "update"]);
    assert_eq!(body["server"].get("tags"), None);
}

#[tokio::test]
async fn a_checked_edit_writes_nothing_over_a_change_of_someone_else() {
    let mut changed = server_record();
    changed["policy"]["deep"] = json!([null, {}, 1]);
    changed["description"] = json!("a text that no error may quote");
    let server = holding(&[server_record(), changed]).await;
    let error = client(&server.uri())
        .servers()
        .edit_checked(SERVER, |record| record.name = Some("mine".to_owned()))
        .await
        .unwrap_err();
    assert_nothing_sent(&error, ErrorKind::ChangedMeanwhile, "UpdateMcpServer");
    let text = error.to_string();
    assert!(text.contains("`description`, `policy`") && !text.contains("`name`"), "{text}");
    assert!(!text.contains("no error may quote"));
    assert_eq!(received(&server).await.0, ["load", "load"]);
}

#[tokio::test]
async fn a_client_is_written_back_with_all_that_an_update_takes() {
    let server = holding(&[client_record()]).await;
    let edited = client(&server.uri())
        .clients(SERVER)
        .edit_checked(CLIENT, |record| record.scopes = Some(vec!["orders:write".to_owned()]))
        .await
        .unwrap();
    assert!(edited.written);
    let expected = json!({
        "id": CLIENT, "mcpServerId": SERVER, "name": "support", "scopes": ["orders:write"], "tags": [],
        "allowedTenants": ["T1"], "forceAddAllAuthorizationInfo": true, "createdTime": 1_780_000_000_123_u64,
    });
    let names = ["load", "load", "update"].map(str::to_owned).to_vec();
    assert_eq!(received(&server).await, (names, expected));
}

#[tokio::test]
async fn a_client_member_that_is_cleared_is_sent_empty() {
    let server = holding(&[client_record()]).await;
    client(&server.uri())
        .clients(SERVER)
        .edit(CLIENT, |record| {
            record.scopes = None;
            record.name = None;
            record.allowed_tenants = None;
            record.force_add_all_authorization_info = None;
        })
        .await
        .unwrap();
    let expected = json!({
        "id": CLIENT, "mcpServerId": SERVER, "name": "", "scopes": [], "tags": [], "allowedTenants": [],
        "forceAddAllAuthorizationInfo": false, "createdTime": 1_780_000_000_123_u64,
    });
    assert_eq!(received(&server).await.1, expected);
}

#[tokio::test]
async fn members_that_no_update_can_change_are_refused_before_writing() {
    let server = holding(&[server_record()]).await;
    let client_of = |server: &MockServer| -> ManagementClient { client(&server.uri()) };
    let error =
        client_of(&server).servers().edit(SERVER, |record| record.id = "MS2".to_owned()).await.unwrap_err();
    assert_nothing_sent(&error, ErrorKind::InvalidRequest, "UpdateMcpServer");
    assert!(error.to_string().contains("`id`"), "{error}");
    assert_eq!(received(&server).await.0, ["load"]);

    type Change = fn(&mut descope_mcp_management::McpServerClient);
    let changes: [(&str, Change); 5] = [
        ("`id`", |record| record.id = "TPA2".to_owned()),
        ("`mcpServerId`", |record| record.mcp_server_id = None),
        ("`clientId`", |record| record.client_id = Some("other".to_owned())),
        ("`registrationType`", |record| record.registration_type = None),
        ("`status`", |record| record.status = Some("active".to_owned())),
    ];
    for (member, change) in changes {
        let server = holding(&[client_record()]).await;
        let error = client_of(&server).clients(SERVER).edit(CLIENT, change).await.unwrap_err();
        assert_nothing_sent(&error, ErrorKind::InvalidRequest, "UpdateMcpServerClient");
        assert!(error.to_string().contains(member), "{error}");
        assert_eq!(received(&server).await.0, ["load"]);
    }
}

#[tokio::test]
async fn a_record_that_nobody_named_is_not_written() {
    let server = holding(&[json!({"id": "MS2", "name": "other"})]).await;
    let error = client(&server.uri()).servers().edit(SERVER, |record| record.name = None).await.unwrap_err();
    assert_nothing_sent(&error, ErrorKind::UnexpectedBody, "UpdateMcpServer");
    assert_eq!(received(&server).await.0, ["load"]);
}

#[tokio::test]
async fn an_error_tells_whether_the_load_or_the_write_failed() {
    let server = MockServer::start().await;
    let refusal = ResponseTemplate::new(404).set_body_json(json!({"errorCode": "E1"}));
    Mock::given(path_regex("/load$")).respond_with(refusal).mount(&server).await;
    let called = std::sync::atomic::AtomicBool::new(false);
    let change = |_: &mut _| called.store(true, std::sync::atomic::Ordering::Relaxed);
    let error = client(&server.uri()).servers().edit(SERVER, change).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, "LoadMcpServer"));
    assert!(!called.into_inner());

    let server = holding(&[server_record()]).await;
    server.reset().await;
    let loaded = ResponseTemplate::new(200).set_body_json(json!({"server": server_record()}));
    Mock::given(path_regex("/load$")).respond_with(loaded).mount(&server).await;
    let refusal = ResponseTemplate::new(403).set_body_json(json!({"errorCode": "E2"}));
    Mock::given(path_regex("/update$")).respond_with(refusal).mount(&server).await;
    let error = client(&server.uri()).servers().edit(SERVER, |record| record.name = None).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Forbidden, "UpdateMcpServer"));
}

#[tokio::test]
async fn edits_can_be_spawned() {
    let server = holding(&[server_record()]).await;
    let client = client(&server.uri());
    let name = "spawned".to_owned();
    let task = tokio::spawn(async move {
        client.servers().edit_checked(SERVER, move |record| record.name = Some(name)).await
    });
    assert_eq!(task.await.unwrap().unwrap().record.name.as_deref(), Some("spawned"));
}

/// The errors of a program that edits records.
#[derive(Debug)]
enum ProgramError {
    Call(Error),
    TooManyTags,
}

impl From<Error> for ProgramError {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

#[tokio::test]
async fn a_closure_that_fails_writes_nothing_and_its_error_is_returned() {
    let server = holding(&[server_record()]).await;
    let client = client(&server.uri());
    let error = client
        .servers()
        .try_edit(SERVER, |record| {
            record.tags.get_or_insert_default().push("b".to_owned());
            Err(ProgramError::TooManyTags)
        })
        .await
        .unwrap_err();
    assert!(matches!(error, ProgramError::TooManyTags), "{error:?}");
    assert_eq!(received(&server).await.0, ["load"]);

    // The next one is not held up, and errors of calls have the same type.
    client.servers().try_edit(SERVER, |_| Ok::<_, ProgramError>(())).await.unwrap();
    let changed = |record: &mut descope_mcp_management::McpServer| {
        record.id = "MS2".to_owned();
        Ok(())
    };
    let error = client.servers().try_edit(SERVER, changed).await.unwrap_err();
    let ProgramError::Call(error) = error else { panic!("{error:?}") };
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn an_edit_starts_again_as_often_as_it_may_while_others_change_the_record() {
    let with_name = |name: &str| {
        let mut record = server_record();
        record["name"] = json!(name);
        record
    };
    // Each edit loads twice.
    let changing: Vec<_> = ["a", "b", "c", "d", "e", "e"].map(with_name).to_vec();
    for (times, succeeds) in [(3, true), (2, false), (0, false)] {
        let server = holding(&changing).await;
        let mut seen = Vec::new();
        let edited = client(&server.uri())
            .servers()
            .edit_retrying(SERVER, times, |record| {
                seen.extend(record.name.clone());
                record.description = Some("d".to_owned());
            })
            .await;
        assert_eq!(edited.is_ok(), succeeds, "{edited:?}");
        assert_eq!(seen, ["a", "c", "e"][..times.max(1) as usize]);
        match edited {
            Ok(edited) => assert_eq!(edited.record.name.as_deref(), Some("e")),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ChangedMeanwhile),
        }
    }
}

#[tokio::test]
async fn a_record_that_does_not_exist_is_none_and_any_other_refusal_an_error() {
    for (status, is_none) in [(404, true), (410, true), (400, false), (403, false)] {
        let server = support::answering_json(status, &json!({"errorCode": "E1"})).await;
        let client = client(&server.uri());
        let (server, record) =
            (client.servers().load_opt(SERVER).await, client.clients(SERVER).load_opt(CLIENT).await);
        assert_eq!((server.is_ok(), record.is_ok()), (is_none, is_none), "{status}");
        assert!(
            server.into_iter().all(|found| found.is_none())
                && record.into_iter().all(|found| found.is_none())
        );
    }
    let server = holding(&[server_record()]).await;
    let found = client(&server.uri()).servers().load_opt(SERVER).await.unwrap();
    assert_eq!(found.map(|record| record.id).as_deref(), Some(SERVER));
}

#[test]
fn a_copy_of_a_server_has_every_member_of_the_document_that_a_creation_takes() {
    let spec = support::spec();
    let members = |name: &str| {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        support::full_value(&spec, &schema, 0)
    };
    let record = members("McpServer");
    let copy = serde_json::from_value::<descope_mcp_management::McpServer>(record.clone()).unwrap();
    let copy = serde_json::to_value(NewMcpServer::from(copy)).unwrap();
    for name in members("CreateMcpServerRequest").as_object().unwrap().keys() {
        // Only creations have the two members from which the service makes the address of the login page.
        assert_eq!(copy.get(name), record.get(name), "{name}");
    }
}

#[test]
fn a_copy_of_a_record_has_all_that_a_creation_takes() {
    let record: descope_mcp_management::McpServer = serde_json::from_value(server_record()).unwrap();
    let mut expected = server_record();
    expected.as_object_mut().unwrap().remove("id");
    assert_eq!(serde_json::to_value(NewMcpServer::from(record)).unwrap(), expected);

    let record: descope_mcp_management::McpServerClient = serde_json::from_value(client_record()).unwrap();
    let copy = serde_json::to_value(NewMcpServerClient::from(record)).unwrap();
    let mut expected = client_record();
    for member in ["id", "clientId", "registrationType", "status", "logo"] {
        expected.as_object_mut().unwrap().remove(member);
    }
    assert_eq!(copy, expected);
}
