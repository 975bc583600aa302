//! MCP server clients: OAuth clients of one server, and their secrets.

use crate::client::ManagementClient;
use crate::error::Error;
use crate::generated::operations;
use crate::generated::types::{
    CreateMcpServerClientRequest, CreateMcpServerClientResponse, DeleteMcpServerClientRequest,
    DeleteMcpServerClientsRequest, GetMcpServerClientSecretRequest, LoadMcpServerClientRequest,
    McpServerClient, RotateMcpServerClientSecretRequest, SearchMcpServerClientsRequest,
    UpdateMcpServerClientRequest,
};
use crate::resources::page::Page;
use crate::secret::Secret;

/// The clients of one MCP server. Get it from [`ManagementClient::clients`].
///
/// `id` is the id of the client record (`TPA…`), not the OAuth client id. Requests get the id of the server from
/// here; one that is already in them is replaced.
///
/// Every method makes one request and answers with what the service said. Errors are of every
/// [`ErrorKind`](crate::ErrorKind); after `Transport`, `Timeout`, `Server` and `UnexpectedBody` a writing call may
/// have been carried out.
#[derive(Debug, Clone)]
pub struct Clients<'c> {
    client: &'c ManagementClient,
    server_id: String,
}

impl<'c> Clients<'c> {
    pub(crate) fn new(client: &'c ManagementClient, server_id: String) -> Self {
        Self { client, server_id }
    }

    /// The server whose clients these are.
    #[must_use]
    pub fn server_id(&self) -> &str {
        &self.server_id
    }

    /// Makes a client and answers with its ids and its secret.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. Not repeatable: a second call may make a second client.
    pub async fn create(
        &self,
        client: impl Into<CreateMcpServerClientRequest>,
    ) -> Result<CreateMcpServerClientResponse, Error> {
        let call = self.client.call(&operations::CREATE_MCP_SERVER_CLIENT);
        let request = client.into().mcp_server_id(&self.server_id);
        let made = call.finish(call.raw().create_mcp_server_client(&request).await)?;
        call.require(!made.id.is_empty(), "id")?;
        Ok(made)
    }

    /// Changes a client and answers with the stored record.
    ///
    /// Whether members that are `None` are kept or cleared is not documented: send every member that matters.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. The service has been reported to answer 500 now and then when scopes change.
    pub async fn update(&self, client: UpdateMcpServerClientRequest) -> Result<McpServerClient, Error> {
        let call = self.client.call(&operations::UPDATE_MCP_SERVER_CLIENT);
        let request = client.mcp_server_id(&self.server_id);
        let answer = call.finish(call.raw().update_mcp_server_client(&request).await)?;
        call.require(!answer.client.id.is_empty(), "client.id")?;
        Ok(answer.client)
    }

    /// Loads one client by the id of its record.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. Which status an unknown id gets is not documented.
    pub async fn load(&self, id: &str) -> Result<McpServerClient, Error> {
        self.load_by(LoadMcpServerClientRequest::default().id(id)).await
    }

    /// Loads one client by its OAuth client id.
    ///
    /// # Errors
    ///
    /// See [`Clients`].
    pub async fn load_by_client_id(&self, client_id: &str) -> Result<McpServerClient, Error> {
        self.load_by(LoadMcpServerClientRequest::default().client_id(client_id)).await
    }

    async fn load_by(&self, request: LoadMcpServerClientRequest) -> Result<McpServerClient, Error> {
        let call = self.client.call(&operations::LOAD_MCP_SERVER_CLIENT);
        let request = request.mcp_server_id(&self.server_id);
        let answer = call.finish(call.raw().load_mcp_server_client(&request).await)?;
        call.require(!answer.client.id.is_empty(), "client.id")?;
        Ok(answer.client)
    }

    /// Lists one page of the clients that match. Pages are counted from 0.
    ///
    /// A client that was just made may be missing for some seconds (reported by users of the live service). Even
    /// without a filter an answer is limited to a number of clients that the service chooses.
    ///
    /// # Errors
    ///
    /// See [`Clients`].
    pub async fn search(
        &self,
        search: SearchMcpServerClientsRequest,
    ) -> Result<Page<McpServerClient>, Error> {
        let call = self.client.call(&operations::SEARCH_MCP_SERVER_CLIENTS);
        let request = search.mcp_server_id(&self.server_id);
        let answer = call.finish(call.raw().search_mcp_server_clients(&request).await)?;
        Ok(Page {
            items: answer.clients.unwrap_or_default(),
            total: answer.total.and_then(|total| u64::try_from(total).ok()),
        })
    }

    /// Deletes one client.
    ///
    /// # Errors
    ///
    /// See [`Clients`].
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVER_CLIENT);
        let request = DeleteMcpServerClientRequest::default().id(id).mcp_server_id(&self.server_id);
        call.finish(call.raw().delete_mcp_server_client(&request).await).map(drop)
    }

    /// Deletes several clients. An id that no longer exists is not an error (reported by a user of the live
    /// service).
    ///
    /// # Errors
    ///
    /// See [`Clients`].
    pub async fn delete_many(&self, ids: impl IntoIterator<Item = impl Into<String>>) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVER_CLIENTS);
        let request = DeleteMcpServerClientsRequest::default().ids(ids).mcp_server_id(&self.server_id);
        call.finish(call.raw().delete_mcp_server_clients(&request).await).map(drop)
    }

    /// Reads the secret that is in force. It can be read any number of times.
    ///
    /// # Errors
    ///
    /// See [`Clients`].
    pub async fn secret(&self, id: &str) -> Result<Secret, Error> {
        let call = self.client.call(&operations::GET_MCP_SERVER_CLIENT_SECRET);
        let request = GetMcpServerClientSecretRequest::default().id(id).mcp_server_id(&self.server_id);
        let answer = call.finish(call.raw().get_mcp_server_client_secret(&request).await)?;
        call.require(!answer.cleartext.is_empty(), "cleartext")?;
        Ok(answer.cleartext)
    }

    /// Replaces the secret and answers with the new one. The old one is taken to stop working at once (assumed,
    /// from how access keys behave).
    ///
    /// # Errors
    ///
    /// See [`Clients`]. Not repeatable: each call makes another secret. When the answer was lost, read the secret
    /// that is in force with [`secret`](Self::secret).
    pub async fn rotate_secret(&self, id: &str) -> Result<Secret, Error> {
        let call = self.client.call(&operations::ROTATE_MCP_SERVER_CLIENT_SECRET);
        let request = RotateMcpServerClientSecretRequest::default().id(id).mcp_server_id(&self.server_id);
        let answer = call.finish(call.raw().rotate_mcp_server_client_secret(&request).await)?;
        call.require(!answer.cleartext.is_empty(), "cleartext")?;
        Ok(answer.cleartext)
    }
}

impl CreateMcpServerClientRequest {
    /// A client of that name and nothing else.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self::default().name(name)
    }
}

impl From<&str> for CreateMcpServerClientRequest {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}

impl UpdateMcpServerClientRequest {
    /// An update of that client record which changes nothing yet.
    #[must_use]
    pub fn of(id: impl Into<String>) -> Self {
        Self::default().id(id)
    }
}
