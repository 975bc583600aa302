//! MCP server clients: OAuth clients of one server, and their secrets.

use std::time::Instant;

use crate::call::Call;
use crate::client::ManagementClient;
use crate::edit::{Check, Editable, Edited, edit};
use crate::error::Error;
use crate::generated::operations;
use crate::generated::operations::OperationFacts;
use crate::generated::types::{
    CreateMcpServerClientRequest, CreateMcpServerClientResponse, DeleteMcpServerClientRequest,
    DeleteMcpServerClientsRequest, GetMcpServerClientSecretRequest, LoadMcpServerClientRequest,
    McpServerClient, RotateMcpServerClientSecretRequest, UpdateMcpServerClientRequest,
};
use crate::record_locks::RecordGuard;
use crate::search::ClientSearch;
use crate::secret::Secret;

/// The clients of one MCP server, or of one resource (`RS…`). Get it from [`ManagementClient::clients`].
///
/// `id` is the id of the client record (`TPA…`), not the OAuth client id. Requests get the id of the server from
/// here; one that is already in them is replaced.
///
/// # Errors
///
/// Every method fails with an [`Error`], which can be of every [`ErrorKind`](crate::ErrorKind) except
/// `ChangedMeanwhile`, and which knows whether the service [may have carried it out](Error::may_have_applied). Which
/// status and code the service gives for unknown ids, or for a client of another server, is not documented.
///
/// # Retries
///
/// *Idempotent* methods are sent again after any passing failure, the others only when it is certain that the service
/// did not carry them out; the client's retry policy says how often. The caller may repeat an idempotent method
/// whatever happened to it, and another one when [`Error::may_have_applied`] is `false`.
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
    /// See [`Clients`]. When it may have applied, search for the client by a name or tag of its own before another
    /// attempt; its secret can be read with [`secret`](Self::secret). An answer without a secret is an
    /// `UnexpectedBody` that names the new record: [`Error::record_id`].
    ///
    /// # Retries
    ///
    /// Not idempotent: a second call may make a second client.
    ///
    /// # Source
    ///
    /// Documented (`fact/create-client`). Whether the scopes must be among the server's is not.
    pub async fn create(
        &self,
        client: impl Into<CreateMcpServerClientRequest>,
    ) -> Result<CreateMcpServerClientResponse, Error> {
        let call = self.client.call(&operations::CREATE_MCP_SERVER_CLIENT);
        let request = client.into().mcp_server_id(&self.server_id);
        let made = call.finish(call.raw().create_mcp_server_client(&request).await)?;
        call.require_secret(&made.cleartext, &made.id)?;
        call.require(!made.id.is_empty(), "id")?;
        Ok(made)
    }

    /// Changes a client and answers with the stored record.
    ///
    /// Whether members that are `None` are kept or cleared is not documented. [`edit`](Self::edit) means the same
    /// either way. Waits for other changes of the record by this client and its clones.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. `Timeout` after no attempt if other changes of the record took all the time. The service has been reported to answer 500 now and then when scopes change.
    ///
    /// # Retries
    ///
    /// Idempotent, but what someone else wrote between two attempts is replaced too.
    ///
    /// # Source
    ///
    /// Documented (`fact/update-client`).
    pub async fn update(&self, client: UpdateMcpServerClientRequest) -> Result<McpServerClient, Error> {
        let guard = self.client.lock(Self::UPDATE, &client.id).await?;
        self.write_locked(client, guard).await
    }

    async fn write_locked(
        &self,
        client: UpdateMcpServerClientRequest,
        guard: RecordGuard,
    ) -> Result<McpServerClient, Error> {
        let call = self.client.call_since(Self::UPDATE, guard.since());
        let request = client.mcp_server_id(&self.server_id);
        let write = async move {
            let answer = call.finish(call.raw().update_mcp_server_client(&request).await)?;
            call.require(!answer.client.id.is_empty(), "client.id")?;
            Ok(answer.client)
        };
        guard.write(write).await
    }

    /// Changes a client: loads it, hands it to the closure, and writes back all of it that an update takes.
    ///
    /// Documents do not say whether an update keeps the members that it leaves out, or clears them. This is safe
    /// either way: every member that the record has is sent, also if it did not change, and one that the closure set
    /// to `None` is sent empty (`""`, `[]`, `false`). The one difference that remains is a member which the closure
    /// removes from [`extra`](McpServerClient::extra): it is left out.
    ///
    /// Members that this crate does not know go back as they came, empty ones empty, and `null` ones of this crate are
    /// left out, as for [`Servers::edit`](crate::Servers::edit). Nothing is written if the closure leaves the record
    /// as it was. An update does not take `clientId`, `registrationType` and `status`: they are not sent.
    ///
    /// # Lost writes
    ///
    /// Within one client and its clones, nothing is lost: edits and updates of a record wait for one another. For
    /// others, the API has no version or modification time in its records: **what someone else writes between the
    /// load and the write is lost**. See [`Servers::edit`](crate::Servers::edit).
    ///
    /// # Errors
    ///
    /// See [`Clients`]; [`Error::operation`] tells whether the load or the update failed. `InvalidRequest` without a
    /// status if the closure changed `id`, `mcpServerId`, `clientId`, `registrationType` or `status`,
    /// `UnexpectedBody` if another record was loaded than asked for, and `Timeout` after no attempt if other changes
    /// of the record took all the time: nothing was written then.
    ///
    /// # Retries
    ///
    /// Both requests are idempotent, and share the time limit of the call. A caller who repeats it starts again from
    /// the load.
    ///
    /// # Source
    ///
    /// The members of an update are documented; that it takes back unknown ones is assumed.
    pub async fn edit(
        &self,
        id: &str,
        change: impl FnOnce(&mut McpServerClient),
    ) -> Result<Edited<McpServerClient>, Error> {
        edit(self, id, change, Check::None).await
    }

    /// Like [`edit`](Self::edit), but loads the client again just before the write, and writes nothing if it is no
    /// longer the same. See [`Servers::edit_checked`](crate::Servers::edit_checked) for what that can do and cannot.
    ///
    /// # Errors
    ///
    /// As [`edit`](Self::edit), and [`ErrorKind::ChangedMeanwhile`](crate::ErrorKind::ChangedMeanwhile), which names
    /// the members that differ: nothing was written, call it again.
    ///
    /// # Retries
    ///
    /// As [`edit`](Self::edit).
    pub async fn edit_checked(
        &self,
        id: &str,
        change: impl FnOnce(&mut McpServerClient),
    ) -> Result<Edited<McpServerClient>, Error> {
        edit(self, id, change, Check::JustBefore).await
    }

    /// Loads one client by the id of its record.
    ///
    /// # Errors
    ///
    /// See [`Clients`].
    ///
    /// # Retries
    ///
    /// Idempotent.
    ///
    /// # Source
    ///
    /// Documented (`fact/load-client`).
    pub async fn load(&self, id: &str) -> Result<McpServerClient, Error> {
        self.load_with(self.load_call(), LoadMcpServerClientRequest::default().id(id)).await
    }

    /// Loads one client by its OAuth client id.
    ///
    /// # Errors
    ///
    /// See [`Clients`].
    ///
    /// # Retries
    ///
    /// Idempotent.
    ///
    /// # Source
    ///
    /// Documented (`fact/load-by-client-id`); the guide has the id of the record only.
    pub async fn load_by_client_id(&self, client_id: &str) -> Result<McpServerClient, Error> {
        self.load_with(self.load_call(), LoadMcpServerClientRequest::default().client_id(client_id)).await
    }

    fn load_call(&self) -> Call {
        self.client.call(&operations::LOAD_MCP_SERVER_CLIENT)
    }

    async fn load_with(
        &self,
        call: Call,
        request: LoadMcpServerClientRequest,
    ) -> Result<McpServerClient, Error> {
        let request = request.mcp_server_id(&self.server_id);
        let answer = call.finish(call.raw().load_mcp_server_client(&request).await)?;
        call.require(!answer.client.id.is_empty(), "client.id")?;
        Ok(answer.client)
    }

    /// Starts a search: add filters and an order, then read its [`stream`](ClientSearch::stream) or a
    /// [`page`](ClientSearch::page).
    pub fn search(&self) -> ClientSearch {
        ClientSearch::new(self.client.clone(), &self.server_id)
    }

    /// Deletes one client, and its secret with it.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. Whether an id that no longer exists is an error is not documented, so after an attempt that
    /// may have applied, `NotFound` can mean that it did.
    ///
    /// # Retries
    ///
    /// Idempotent: ids are never given out again.
    ///
    /// # Source
    ///
    /// Documented (`fact/delete-client`).
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVER_CLIENT);
        let request = DeleteMcpServerClientRequest::default().id(id).mcp_server_id(&self.server_id);
        call.finish(call.raw().delete_mcp_server_client(&request).await).map(drop)
    }

    /// Deletes several clients in one request. How many it may be is not documented.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. An id that no longer exists is not an error (reported by a user of the live service).
    ///
    /// # Retries
    ///
    /// Idempotent.
    ///
    /// # Source
    ///
    /// Documented (`fact/delete-clients`).
    pub async fn delete_many(&self, ids: impl IntoIterator<Item = impl Into<String>>) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVER_CLIENTS);
        let request = DeleteMcpServerClientsRequest::default().ids(ids).mcp_server_id(&self.server_id);
        call.finish(call.raw().delete_mcp_server_clients(&request).await).map(drop)
    }

    /// Reads the secret that is in force. It can be read any number of times.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. `UnexpectedBody` also for a client without a secret.
    ///
    /// # Retries
    ///
    /// Idempotent.
    ///
    /// # Source
    ///
    /// Documented (`fact/get-client-secret`); that the guide says elsewhere that a secret is shown only once is
    /// refuted by a user of the live service (`fact/secret-read-again`).
    pub async fn secret(&self, id: &str) -> Result<Secret, Error> {
        let call = self.client.call(&operations::GET_MCP_SERVER_CLIENT_SECRET);
        let request = GetMcpServerClientSecretRequest::default().id(id).mcp_server_id(&self.server_id);
        let answer = call.finish(call.raw().get_mcp_server_client_secret(&request).await)?;
        call.require_secret(&answer.cleartext, id)?;
        Ok(answer.cleartext)
    }

    /// Replaces the secret and answers with the new one.
    ///
    /// The old one presumably stops working at once, while access tokens already issued stay valid until they expire
    /// (both assumed, from what the API does with other keys).
    ///
    /// # Errors
    ///
    /// See [`Clients`]. When it may have applied, read the secret that is in force with [`secret`](Self::secret).
    ///
    /// # Retries
    ///
    /// Not idempotent: each call makes another secret.
    ///
    /// # Source
    ///
    /// Documented (`fact/rotate-client-secret`).
    pub async fn rotate_secret(&self, id: &str) -> Result<Secret, Error> {
        let call = self.client.call(&operations::ROTATE_MCP_SERVER_CLIENT_SECRET);
        let request = RotateMcpServerClientSecretRequest::default().id(id).mcp_server_id(&self.server_id);
        let answer = call.finish(call.raw().rotate_mcp_server_client_secret(&request).await)?;
        call.require_secret(&answer.cleartext, id)?;
        Ok(answer.cleartext)
    }
}

impl Editable for Clients<'_> {
    type Record = McpServerClient;

    const UPDATE: &'static OperationFacts = &operations::UPDATE_MCP_SERVER_CLIENT;

    fn fixed(record: &McpServerClient) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("id", Some(&record.id)),
            ("mcpServerId", record.mcp_server_id.as_deref()),
            ("clientId", record.client_id.as_deref()),
            ("registrationType", record.registration_type.as_deref()),
            ("status", record.status.as_deref()),
        ]
    }

    async fn lock(&self, id: &str) -> Result<RecordGuard, Error> {
        self.client.lock(Self::UPDATE, id).await
    }

    async fn load(&self, id: &str, began: Instant) -> Result<McpServerClient, Error> {
        let call = self.client.call_since(&operations::LOAD_MCP_SERVER_CLIENT, began);
        self.load_with(call, LoadMcpServerClientRequest::default().id(id)).await
    }

    async fn write(
        &self,
        before: &McpServerClient,
        mut after: McpServerClient,
        guard: RecordGuard,
    ) -> Result<McpServerClient, Error> {
        after.empty_what_was_cleared(before);
        self.write_locked(after.into(), guard).await
    }
}

impl McpServerClient {
    /// Makes members that were cleared explicitly empty: left out, a service could keep them.
    fn empty_what_was_cleared(&mut self, before: &Self) {
        fn empty<T: Default>(before: Option<&T>, after: &mut Option<T>) {
            if before.is_some() {
                after.get_or_insert_default();
            }
        }
        empty(before.allowed_tenants.as_ref(), &mut self.allowed_tenants);
        empty(before.approved_callback_urls.as_ref(), &mut self.approved_callback_urls);
        empty(before.force_add_all_authorization_info.as_ref(), &mut self.force_add_all_authorization_info);
        empty(before.logo.as_ref(), &mut self.logo);
        empty(before.name.as_ref(), &mut self.name);
        empty(before.scopes.as_ref(), &mut self.scopes);
        empty(before.tags.as_ref(), &mut self.tags);
    }
}

/// An update with everything of a loaded record that an update takes.
impl From<McpServerClient> for UpdateMcpServerClientRequest {
    fn from(record: McpServerClient) -> Self {
        // Every member by name, so that one more in the document has to be thought about here.
        let McpServerClient {
            allowed_tenants,
            approved_callback_urls,
            client_id: _,
            force_add_all_authorization_info,
            id,
            logo,
            mcp_server_id,
            name,
            registration_type: _,
            scopes,
            status: _,
            tags,
            extra,
        } = record;
        Self {
            allowed_tenants,
            approved_callback_urls,
            force_add_all_authorization_info,
            id,
            logo,
            mcp_server_id: mcp_server_id.unwrap_or_default(),
            name,
            scopes,
            tags,
            extra,
        }
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
