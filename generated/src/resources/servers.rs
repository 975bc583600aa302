//! MCP servers: OAuth-protected resources.

use crate::client::ManagementClient;
use crate::error::Error;
use crate::generated::operations;
use crate::generated::types::{
    CreateMcpServerRequest, DeleteMcpServerRequest, DeleteMcpServersRequest, LoadAllMcpServersRequest,
    LoadMcpServerRequest, McpServer, UpdateMcpServerRequest,
};

/// The MCP servers of a project. Get it from [`ManagementClient::servers`].
///
/// Every method makes one request and answers with what the service said. Errors are of every
/// [`ErrorKind`](crate::ErrorKind); after `Transport`, `Timeout`, `Server` and `UnexpectedBody` a writing call may
/// have been carried out.
#[derive(Debug, Clone, Copy)]
pub struct Servers<'c> {
    client: &'c ManagementClient,
}

impl<'c> Servers<'c> {
    pub(crate) fn new(client: &'c ManagementClient) -> Self {
        Self { client }
    }

    /// Makes a server and answers with the whole record, id included.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. Not repeatable: a second call may make a second server.
    pub async fn create(&self, server: impl Into<CreateMcpServerRequest>) -> Result<McpServer, Error> {
        let call = self.client.call(&operations::CREATE_MCP_SERVER);
        let answer = call.finish(call.raw().create_mcp_server(&server.into()).await)?;
        call.require(!answer.server.id.is_empty(), "server.id")?;
        Ok(answer.server)
    }

    /// Replaces a server by this record and answers with the stored one.
    ///
    /// Members that are `None` are lost (documented by the guide): start from a loaded record, change it, and pass
    /// all of it.
    ///
    /// # Errors
    ///
    /// See [`Servers`].
    pub async fn update(&self, server: McpServer) -> Result<McpServer, Error> {
        let call = self.client.call(&operations::UPDATE_MCP_SERVER);
        let request = UpdateMcpServerRequest::default().server(server);
        let answer = call.finish(call.raw().update_mcp_server(&request).await)?;
        call.require(!answer.server.id.is_empty(), "server.id")?;
        Ok(answer.server)
    }

    /// Loads one server.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. Which status an unknown id gets is not documented.
    pub async fn load(&self, id: &str) -> Result<McpServer, Error> {
        let call = self.client.call(&operations::LOAD_MCP_SERVER);
        let request = LoadMcpServerRequest::default().id(id);
        let answer = call.finish(call.raw().load_mcp_server(&request).await)?;
        call.require(!answer.server.id.is_empty(), "server.id")?;
        Ok(answer.server)
    }

    /// Loads all servers of the project, in no documented order.
    ///
    /// # Errors
    ///
    /// See [`Servers`].
    pub async fn load_all(&self) -> Result<Vec<McpServer>, Error> {
        let call = self.client.call(&operations::LOAD_ALL_MCP_SERVERS);
        let answer =
            call.finish(call.raw().load_all_mcp_servers(&LoadAllMcpServersRequest::default()).await)?;
        Ok(answer.servers.unwrap_or_default())
    }

    /// Deletes one server. Whether its clients go with it is not documented.
    ///
    /// # Errors
    ///
    /// See [`Servers`].
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVER);
        let request = DeleteMcpServerRequest::default().id(id);
        call.finish(call.raw().delete_mcp_server(&request).await).map(drop)
    }

    /// Deletes several servers.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. Whether an unknown id is an error is not documented.
    pub async fn delete_many(&self, ids: impl IntoIterator<Item = impl Into<String>>) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVERS);
        let request = DeleteMcpServersRequest::default().ids(ids);
        call.finish(call.raw().delete_mcp_servers(&request).await).map(drop)
    }
}

impl CreateMcpServerRequest {
    /// A server of that name and nothing else.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self::default().name(name)
    }
}

impl From<&str> for CreateMcpServerRequest {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}
