//! Every method makes one request, to its path, with its body and the right credentials.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use descope_mcp_management::operations::{all, find};
use descope_mcp_management::{
    ApprovedScopes, CategorizedScopes, ManagementClient, McpServer, McpServerClientUpdate, NewMcpServer,
    NewMcpServerClient, Scope,
};
use serde_json::{Value, json};
use support::every_call::{every_call, for_every_type, success, types_of_the_source};
use support::{CLIENT_SECRET, KEY, PROJECT, answering_json, body_of, client, only_request, spec};
use wiremock::Request;

const SERVER: &str = "MS1";
const ID: &str = "TPA1";

/// Makes one call against a server with that answer, and checks what was sent.
async fn sends(operation_id: &str, answer: Value, body: Value, call: impl AsyncFn(ManagementClient)) {
    let server = answering_json(200, &answer).await;
    call(client(&server.uri())).await;
    is_sent(operation_id, &only_request(&server).await, &body);
}

/// Checks that this is a request for the operation with that body.
fn is_sent(operation_id: &str, request: &Request, body: &Value) {
    let facts = find(operation_id).unwrap();
    assert_eq!(request.url.path(), facts.path, "{operation_id}");
    assert_eq!(request.method.as_str(), facts.method, "{operation_id}");
    assert_eq!(body_of(request), *body, "{operation_id}");
    assert_eq!(
        request.headers["authorization"],
        format!("Bearer {PROJECT}:{KEY}").as_str(),
        "{operation_id}"
    );
    assert_eq!(request.headers["content-type"], "application/json", "{operation_id}");
    assert!(!request.headers.contains_key("api-version"), "{operation_id}");
}

#[tokio::test]
async fn servers_are_created_with_what_was_set_and_nothing_else() {
    let answer = json!({"server": {"id": SERVER, "name": "orders", "tags": []}});
    sends("CreateMcpServer", answer.clone(), json!({"name": "orders"}), async |client| {
        let made = client.servers().create("orders").await.unwrap();
        assert_eq!((made.id.as_str(), made.tags), (SERVER, Some(vec![])));
    })
    .await;
    let body = json!({
        "name": "orders", "description": "", "tags": [], "skipConsentScreen": false,
        "approvedScopes": {"permissionsScopes": [{"name": "orders:read", "values": []}]},
    });
    sends("CreateMcpServer", answer, body, async |client| {
        let scope = Scope::default().name("orders:read").values(Vec::<String>::new());
        let new = NewMcpServer::named("orders")
            .description("")
            .tags(Vec::<String>::new())
            .skip_consent_screen(false)
            .approved_scopes(ApprovedScopes::from(CategorizedScopes::default().permissions_scopes([scope])));
        client.servers().create(new).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn servers_are_updated_as_a_whole() {
    let record = json!({"id": SERVER, "name": "orders", "tags": ["a"]});
    sends("UpdateMcpServer", json!({"server": record}), json!({"server": record}), async |client| {
        let record = McpServer::default().id(SERVER).name("orders").tags(["a"]);
        assert_eq!(client.servers().update(record.clone()).await.unwrap(), record);
    })
    .await;
}

#[tokio::test]
async fn servers_are_loaded_and_listed() {
    sends("LoadMcpServer", json!({"server": {"id": SERVER}}), json!({"id": SERVER}), async |client| {
        assert_eq!(client.servers().load(SERVER).await.unwrap().id, SERVER);
    })
    .await;
    let all = json!({"servers": [{"id": SERVER}, {"id": "RS2"}], "total": 2});
    sends("LoadAllMcpServers", all, json!({}), async |client| {
        let ids: Vec<_> =
            client.servers().load_all().await.unwrap().into_iter().map(|server| server.id).collect();
        assert_eq!(ids, [SERVER, "RS2"]);
    })
    .await;
}

#[tokio::test]
async fn servers_are_deleted_one_or_many() {
    sends("DeleteMcpServer", json!({}), json!({"id": SERVER}), async |client| {
        client.servers().delete(SERVER).await.unwrap();
    })
    .await;
    sends("DeleteMcpServers", json!({}), json!({"ids": ["a", "b"]}), async |client| {
        client.servers().delete_many(["a", "b"]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn clients_are_created_for_the_server_of_the_handle() {
    let answer = json!({"id": ID, "clientId": "Y2lk", "cleartext": CLIENT_SECRET});
    let body = json!({"name": "support", "mcpServerId": SERVER, "scopes": ["orders:read"]});
    sends("CreateMcpServerClient", answer, body, async |client| {
        let new = NewMcpServerClient::named("support").scopes(["orders:read"]).mcp_server_id("another one");
        let made = client.clients(SERVER).create(new).await.unwrap();
        assert_eq!((made.id.as_str(), made.client_id.as_str()), (ID, "Y2lk"));
        assert_eq!(made.cleartext.expose(), CLIENT_SECRET);
    })
    .await;
}

#[tokio::test]
async fn clients_are_updated_with_what_was_set() {
    let answer = json!({"client": {"id": ID, "mcpServerId": SERVER, "status": "a value nobody knows"}});
    let body = json!({"id": ID, "mcpServerId": SERVER, "tags": [], "name": "new"});
    sends("UpdateMcpServerClient", answer, body, async |client| {
        let update = McpServerClientUpdate::of(ID).name("new").tags(Vec::<String>::new());
        let stored = client.clients(SERVER).update(update).await.unwrap();
        assert_eq!(stored.status.as_deref(), Some("a value nobody knows"));
    })
    .await;
}

#[tokio::test]
async fn clients_are_loaded_by_either_id() {
    let answer = json!({"client": {"id": ID}});
    sends("LoadMcpServerClient", answer.clone(), json!({"id": ID, "mcpServerId": SERVER}), async |client| {
        assert_eq!(client.clients(SERVER).load(ID).await.unwrap().id, ID);
    })
    .await;
    let body = json!({"clientId": "Y2lk", "mcpServerId": SERVER});
    sends("LoadMcpServerClient", answer, body, async |client| {
        assert_eq!(client.clients(SERVER).load_by_client_id("Y2lk").await.unwrap().id, ID);
    })
    .await;
}

#[tokio::test]
async fn clients_are_searched_with_every_filter() {
    let answer = json!({"clients": [{"id": ID}], "total": 41});
    let body = json!({
        "mcpServerId": SERVER, "page": 0, "limit": 10, "text": "t", "name": "n", "clientId": "c", "status": "s",
        "registrationMethod": "r", "tag": "g",
        "sort": [{"field": "name", "desc": true}, {"field": "id", "desc": false}],
    });
    let spec = spec();
    let members = spec.pointer("/components/schemas/SearchMcpServerClientsRequest/properties").unwrap();
    for member in members.as_object().unwrap().keys() {
        assert!(body.get(member).is_some(), "the search has no method for `{member}`");
    }
    sends("SearchMcpServerClients", answer, body, async |client| {
        let search = client
            .clients(SERVER)
            .search()
            .text("t")
            .name("n")
            .client_id("c")
            .status("s")
            .registration_method("r")
            .tag("g")
            .sort_by_desc("name")
            .sort_by("id")
            .page_size(10);
        let page = search.page(0).await.unwrap();
        assert_eq!((page.items.len(), page.total), (1, Some(41)));
    })
    .await;
    let body = json!({"mcpServerId": SERVER, "page": 3});
    sends("SearchMcpServerClients", json!({"clients": null}), body, async |client| {
        let page = client.clients(SERVER).search().page(3).await.unwrap();
        assert_eq!((page.items.len(), page.total), (0, None));
    })
    .await;
}

#[tokio::test]
async fn clients_are_deleted_one_or_many() {
    sends("DeleteMcpServerClient", json!({}), json!({"id": ID, "mcpServerId": SERVER}), async |client| {
        client.clients(SERVER).delete(ID).await.unwrap();
    })
    .await;
    let body = json!({"ids": [ID], "mcpServerId": SERVER});
    sends("DeleteMcpServerClients", json!({}), body, async |client| {
        client.clients(SERVER).delete_many([ID]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn secrets_are_read_and_rotated() {
    let answer = json!({"cleartext": CLIENT_SECRET});
    let body = json!({"id": ID, "mcpServerId": SERVER});
    sends("GetMcpServerClientSecret", answer.clone(), body.clone(), async |client| {
        assert_eq!(client.clients(SERVER).secret(ID).await.unwrap().expose(), CLIENT_SECRET);
    })
    .await;
    sends("RotateMcpServerClientSecret", answer, body, async |client| {
        assert_eq!(client.clients(SERVER).rotate_secret(ID).await.unwrap().expose(), CLIENT_SECRET);
    })
    .await;
}

/// Answers in a task of their own: callers spawn.
#[tokio::test]
async fn calls_can_be_spawned() {
    let server = answering_json(200, &json!({"servers": []})).await;
    let client = client(&server.uri());
    let task = tokio::spawn(async move { client.servers().load_all().await });
    assert_eq!(task.await.unwrap().unwrap(), []);
}

#[tokio::test]
async fn every_operation_of_the_document_has_a_method_that_sends_its_request() {
    let spec = spec();
    let paths = spec["paths"].as_object().unwrap().values();
    let members = paths.flat_map(|path| path.as_object().unwrap().values());
    assert_eq!(all().count(), members.filter(|member| member.get("operationId").is_some()).count());
    for one in every_call() {
        let answer: Value = serde_json::from_str(&success()).unwrap();
        let server = answering_json(200, &answer).await;
        one.make(&client(&server.uri())).await.unwrap();
        is_sent(one.operation.id, &only_request(&server).await, &one.body());
    }
}

#[test]
fn tests_of_every_type_know_every_type() {
    macro_rules! names {
        (; $($name:ident),+) => {
            [$(stringify!($name)),+]
        };
    }
    assert_eq!(types_of_the_source(), for_every_type!(names), "add it to for_every_type");
}

#[tokio::test]
async fn the_machine_written_client_has_the_same_credentials() {
    let server = answering_json(200, &json!({"servers": []})).await;
    let raw = client(&server.uri()).raw();
    raw.load_all_mcp_servers(&Default::default()).await.unwrap();
    let request = only_request(&server).await;
    assert_eq!(request.headers["authorization"], format!("Bearer {PROJECT}:{KEY}").as_str());
}

#[tokio::test]
async fn a_path_in_the_base_url_comes_before_the_operation() {
    let server = answering_json(200, &json!({"servers": []})).await;
    client(&format!("{}/descope/", server.uri())).servers().load_all().await.unwrap();
    assert_eq!(only_request(&server).await.url.path(), "/descope/v1/mgmt/mcp/servers/all");
}
