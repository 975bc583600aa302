//! One call of every operation, as the typed methods make it and as the untyped call does.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use descope_mcp_management::operations::{Operation, all};
use descope_mcp_management::{Error, ManagementClient, McpServer, McpServerClientUpdate};

use super::CLIENT_SECRET;

/// How an operation is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// By its method.
    Typed,
    /// By its id, with the example of the document.
    Untyped,
}

/// A call to make.
#[derive(Clone, Copy)]
pub(crate) struct OneCall {
    pub(crate) operation: &'static Operation,
    pub(crate) style: Style,
}

/// Every operation in either style.
pub(crate) fn every_call() -> impl Iterator<Item = OneCall> {
    all().flat_map(|operation| [Style::Typed, Style::Untyped].map(|style| OneCall { operation, style }))
}

impl std::fmt::Display for OneCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.style, self.operation.id)
    }
}

impl OneCall {
    /// Makes the call and drops the answer.
    pub(crate) async fn make(self, client: &ManagementClient) -> Result<(), Error> {
        match self.style {
            Style::Typed => typed(client, self.operation.id).await,
            Style::Untyped => {
                let example = serde_json::from_str(self.operation.example.unwrap()).unwrap();
                client.invoke(self.operation.id, &example).await.map(drop)
            }
        }
    }
}

/// Stops the test on an operation that it does not know.
async fn typed(client: &ManagementClient, operation_id: &str) -> Result<(), Error> {
    let (servers, clients) = (client.servers(), client.clients("MS1"));
    match operation_id {
        "CreateMcpServer" => servers.create("orders").await.map(drop),
        "UpdateMcpServer" => servers.update(McpServer::default().id("MS1").name("orders")).await.map(drop),
        "LoadMcpServer" => servers.load("MS1").await.map(drop),
        "DeleteMcpServer" => servers.delete("MS1").await,
        "DeleteMcpServers" => servers.delete_many(["MS1", "MS2"]).await,
        "LoadAllMcpServers" => servers.load_all().await.map(drop),
        "CreateMcpServerClient" => clients.create("agent").await.map(drop),
        "UpdateMcpServerClient" => clients.update(McpServerClientUpdate::of("TPA1")).await.map(drop),
        "LoadMcpServerClient" => clients.load("TPA1").await.map(drop),
        "SearchMcpServerClients" => clients.search().page(0).await.map(drop),
        "DeleteMcpServerClient" => clients.delete("TPA1").await,
        "DeleteMcpServerClients" => clients.delete_many(["TPA1"]).await,
        "GetMcpServerClientSecret" => clients.secret("TPA1").await.map(drop),
        "RotateMcpServerClientSecret" => clients.rotate_secret("TPA1").await.map(drop),
        other => panic!("teach this function to call {other}"),
    }
}

/// An answer that is a success of every operation.
pub(crate) fn success() -> String {
    format!(
        r#"{{"server":{{"id":"MS1"}},"servers":[],"client":{{"id":"TPA1"}},"clients":[],"total":0,"id":"TPA1","clientId":"c","cleartext":"{CLIENT_SECRET}"}}"#
    )
}
