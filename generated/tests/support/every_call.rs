//! One call of every operation, by its operationId, what it sends, and every type of the machine-written code.

#![allow(dead_code, unused_imports, unused_macros, reason = "every test file uses a part of it")]

use descope_mcp_management::{Error, ManagementClient, McpServer, McpServerClientUpdate};
use serde_json::{Value, json};

use super::CLIENT_SECRET;

/// Makes the call and drops the answer. Stops the test on an operation that it does not know.
pub(crate) async fn call(client: &ManagementClient, operation_id: &str) -> Result<(), Error> {
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

/// The body that [`call`] sends.
pub(crate) fn body_of_call(operation_id: &str) -> Value {
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
