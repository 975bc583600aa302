//! One call of every operation, by its operationId.

#![allow(dead_code, reason = "every test file uses a part of it")]

use descope_mcp_management::{Error, ManagementClient, McpServer, McpServerClientUpdate};

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

/// An answer that is a success of every operation.
pub(crate) fn success() -> String {
    format!(
        r#"{{"server":{{"id":"MS1"}},"servers":[],"client":{{"id":"TPA1"}},"clients":[],"total":0,"id":"TPA1","clientId":"c","cleartext":"{CLIENT_SECRET}"}}"#
    )
}
