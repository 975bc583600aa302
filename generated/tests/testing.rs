//! The kit for unit tests of programs that use this crate.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::error::Error as _;
use std::time::Duration;

use descope_mcp_management::testing::{self, Reply, Script};
use descope_mcp_management::{
    ConnectFailure, ErrorKind, ManagementClient, ManagementKey, McpServer, McpServerClient, NewMcpServer,
    ProjectId, RetryPolicy,
};
use serde_json::json;

fn orders() -> McpServer {
    McpServer::default().id("MS1").name("orders")
}

#[tokio::test]
async fn a_script_answers_in_order_and_remembers_what_was_asked() {
    let script = Script::new();
    script
        .answer("CreateMcpServer", Reply::server(&orders()))
        .answer("CreateMcpServerClient", Reply::created_client("TPA1", "client-1", "s3cret"))
        .answer("SearchMcpServerClients", Reply::clients(&[McpServerClient::default().id("TPA1")]))
        .answer("DeleteMcpServer", Reply::empty());
    let client = script.client().unwrap();

    let server = client.servers().create(NewMcpServer::named("orders")).await.unwrap();
    let made = client.clients(&server.id).create("agent").await.unwrap();
    assert_eq!(made.cleartext.expose(), "s3cret");
    let found = client.clients(&server.id).search().page(0).await.unwrap();
    assert_eq!((found.items.len(), found.total), (1, Some(1)));
    assert_eq!(script.left(), ["DeleteMcpServer"]);
    client.servers().delete(&server.id).await.unwrap();
    assert!(script.left().is_empty());

    let operations: Vec<_> = script.requests().into_iter().map(|request| request.operation).collect();
    assert_eq!(
        operations,
        ["CreateMcpServer", "CreateMcpServerClient", "SearchMcpServerClients", "DeleteMcpServer"]
    );
    let requests = script.requests();
    assert_eq!(requests[1].body, json!({"mcpServerId": "MS1", "name": "agent"}));
    assert_eq!(requests[0].path, "/v1/mgmt/mcp/server/create");
}

#[tokio::test]
async fn a_request_without_a_reply_fails_and_says_so() {
    let client = Script::new().client().unwrap();
    let error = client.servers().load_all().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 1));
    assert!(error.to_string().contains("no reply to LoadAllMcpServers left"), "{error}");
}

#[tokio::test]
async fn scripted_failures_are_retried_like_real_ones_and_nobody_waits() {
    let script = Script::new();
    let client = ManagementClient::builder(ProjectId::new("P1").unwrap(), ManagementKey::new("K1").unwrap())
        .script(&script)
        .build()
        .unwrap();
    let busy = Reply::refusal(429, "E130429", "too many").header("retry-after", "60");
    for reply in [busy, Reply::lost(), Reply::timeout(), Reply::server(&orders())] {
        script.answer("LoadMcpServer", reply);
    }
    assert_eq!(client.servers().load("MS1").await.unwrap(), orders());
    assert_eq!(script.requests().len(), 4);
    // A time limit counts like the pause that was asked for.
    assert!(script.clock().skipped() >= Duration::from_secs(120), "{:?}", script.clock().skipped());

    script.always("CreateMcpServer", Reply::lost());
    let error = client.servers().create("orders").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.may_have_applied()), (ErrorKind::Transport, 1, true));
    assert!(error.status().is_none() && error.source().is_some());

    let error = {
        script.answer("LoadMcpServer", Reply::timeout());
        let once =
            ManagementClient::builder(ProjectId::new("P1").unwrap(), ManagementKey::new("K1").unwrap())
                .retry(RetryPolicy::never())
                .script(&script)
                .build()
                .unwrap();
        once.servers().load("MS1").await.unwrap_err()
    };
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert_eq!(error.elapsed(), Duration::from_secs(60));

    script.always("LoadMcpServer", Reply::timeout());
    let error = script.client().unwrap().servers().load("MS1").await.unwrap_err();
    assert_eq!(error.attempts(), 3, "180 seconds are over then");
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_has_its_cause() {
    let script = Script::new();
    script.always("LoadMcpServer", Reply::no_connection(ConnectFailure::UntrustedCertificate));
    let error = script.client().unwrap().servers().load("MS1").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1));
    assert_eq!(error.connect_failure(), Some(ConnectFailure::UntrustedCertificate));
    assert!(!error.may_have_applied() && !error.is_transient());
}

#[tokio::test]
async fn no_secret_of_a_script_is_shown() {
    let script = Script::new();
    script.answer("GetMcpServerClientSecret", Reply::secret("s3cret"));
    let client = script.client().unwrap();
    assert!(!format!("{script:?} {client:?} {:?}", Reply::secret("s3cret")).contains("s3cret"));
}

#[test]
fn errors_and_results_can_be_made() {
    let error = testing::failed(ErrorKind::Conflict)
        .operation("CreateMcpServer")
        .status(409)
        .code("E1")
        .description("there is one")
        .attempts(2)
        .may_have_applied(true)
        .error();
    assert_eq!(
        error.to_string(),
        "CreateMcpServer: the record conflicts with another one (status 409, E1): there is one"
    );
    assert!(error.may_have_applied() && !error.is_transient());
    assert!(testing::failed(ErrorKind::ChangedMeanwhile).error().is_transient());
    let new_key = testing::failed(ErrorKind::Unauthorized).status(401);
    assert!(new_key.code("E111009").error().is_transient());
    assert!(!testing::failed(ErrorKind::Unauthorized).status(401).error().is_transient());
    assert_eq!((error.attempts(), error.code()), (2, Some("E1")));
    assert_eq!(testing::edited(orders(), true).record, orders());
    assert_eq!(testing::page(vec![orders()], Some(1)).total, Some(1));
}
