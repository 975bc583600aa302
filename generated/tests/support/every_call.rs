//! One call of every operation, as the typed methods make it and as the untyped call does; and every type of the
//! machine-written code.

#![allow(dead_code, unused_imports, unused_macros, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use descope_mcp_management::operations::{Operation, all};
use descope_mcp_management::{Error, ManagementClient, McpServer, McpServerClientUpdate};
use serde_json::{Value, json};

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
    /// The body that it sends.
    pub(crate) fn body(self) -> Value {
        match self.style {
            Style::Typed => body_of_typed(self.operation.id),
            Style::Untyped => serde_json::from_str(self.operation.example.unwrap()).unwrap(),
        }
    }

    /// Makes the call and drops the answer.
    pub(crate) async fn make(self, client: &ManagementClient) -> Result<(), Error> {
        match self.style {
            Style::Typed => typed(client, self.operation.id).await,
            Style::Untyped => client.invoke(self.operation.id, &self.body()).await.map(drop),
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

/// The body that [`typed`] sends.
fn body_of_typed(operation_id: &str) -> Value {
    let client = json!({"id": "TPA1", "mcpServerId": "MS1"});
    match operation_id {
        "CreateMcpServer" => json!({"name": "orders"}),
        "UpdateMcpServer" => json!({"server": {"id": "MS1", "name": "orders"}}),
        "LoadMcpServer" | "DeleteMcpServer" => json!({"id": "MS1"}),
        "DeleteMcpServers" => json!({"ids": ["MS1", "MS2"]}),
        "LoadAllMcpServers" => json!({}),
        "CreateMcpServerClient" => json!({"name": "agent", "mcpServerId": "MS1"}),
        "UpdateMcpServerClient"
        | "LoadMcpServerClient"
        | "DeleteMcpServerClient"
        | "GetMcpServerClientSecret"
        | "RotateMcpServerClientSecret" => client,
        "SearchMcpServerClients" => json!({"mcpServerId": "MS1", "page": 0}),
        "DeleteMcpServerClients" => json!({"ids": ["TPA1"], "mcpServerId": "MS1"}),
        other => panic!("teach this function what a call of {other} sends"),
    }
}

/// Passes every type that is read from a response, or sent, to a macro, after other arguments.
macro_rules! for_every_type {
    ($macro:ident $(, $arguments:expr)*) => {
        $macro!($($arguments),*; CategorizedScopes, CimdDomainPolicies, CimdDomainPolicy, CimdSettings, CreateMcpServerClientRequest, CreateMcpServerClientResponse, CreateMcpServerRequest, CreateMcpServerResponse, DeleteMcpServerClientRequest, DeleteMcpServerClientResponse, DeleteMcpServerClientsRequest, DeleteMcpServerClientsResponse, DeleteMcpServerRequest, DeleteMcpServerResponse, DeleteMcpServersRequest, DeleteMcpServersResponse, DynamicRegistration, Error, GetMcpServerClientSecretRequest, GetMcpServerClientSecretResponse, LoadAllMcpServersRequest, LoadAllMcpServersResponse, LoadMcpServerClientRequest, LoadMcpServerClientResponse, LoadMcpServerRequest, LoadMcpServerResponse, McpServer, McpServerClient, RotateMcpServerClientSecretRequest, RotateMcpServerClientSecretResponse, Scope, SearchMcpServerClientsRequest, SearchMcpServerClientsResponse, SessionSettings, SortField, UpdateMcpServerClientRequest, UpdateMcpServerClientResponse, UpdateMcpServerRequest, UpdateMcpServerResponse)
    };
}
pub(crate) use for_every_type;

/// The types of the source of the machine-written code.
pub(crate) fn types_of_the_source() -> Vec<&'static str> {
    let lines = include_str!("../../src/generated/types.rs").lines();
    lines.filter_map(|line| line.strip_prefix("pub struct ")?.split([' ', '(']).next()).collect()
}

/// An answer that is a success of every operation.
pub(crate) fn success() -> String {
    format!(
        r#"{{"server":{{"id":"MS1"}},"servers":[],"client":{{"id":"TPA1"}},"clients":[],"total":0,"id":"TPA1","clientId":"c","cleartext":"{CLIENT_SECRET}"}}"#
    )
}
