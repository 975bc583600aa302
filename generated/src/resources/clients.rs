//! MCP server clients: the OAuth clients of one server, and their secrets.

use std::sync::Arc;

use crate::budget::Budget;
use crate::call::Call;
use crate::client::ManagementClient;
use crate::edit::{Check, Editable, Edited, edit, edit_retrying, infallible};
use crate::ensure::{Ensured, give, only};
use crate::error::Error;
use crate::generated::operations;
use crate::generated::operations::OperationFacts;
use crate::generated::types::{
    CreateMcpServerClientRequest, CreateMcpServerClientResponse, DeleteMcpServerClientRequest,
    DeleteMcpServerClientsRequest, GetMcpServerClientSecretRequest, LoadMcpServerClientRequest,
    McpServerClient, RotateMcpServerClientSecretRequest, UpdateMcpServerClientRequest,
};
use crate::record_locks::RecordGuard;
use crate::resources::if_it_exists;
use crate::search::ClientSearch;
use crate::secret::Secret;

/// The clients of one MCP server, or of one resource (`RS…`). Get it from [`ManagementClient::clients`].
///
/// It owns a clone of the client: keep it in a struct, or move it into a task.
///
/// `id` is the id of the client record (`TPA…`), not the OAuth client id. Every request gets the server id of this
/// value, which replaces a server id in the request.
///
/// # Errors
///
/// Every method can fail with an [`Error`] of every [`ErrorKind`](crate::ErrorKind) except `InvalidArguments` and
/// `UnknownOperation`, and except `ChangedMeanwhile`, unless the method says otherwise. The error says whether the
/// operation [may have taken effect](Error::may_have_applied). The status and code for unknown ids, or for a client
/// of another server, are not documented.
///
/// # Retries
///
/// An *idempotent* method is retried after any transient failure. Any other method is retried only if it is certain
/// that the request did not take effect. The client's retry policy says how often. The caller may repeat an idempotent
/// method after every error, and any other method if [`Error::may_have_applied`] is `false`.
#[derive(Debug, Clone)]
pub struct Clients {
    client: ManagementClient,
    server_id: String,
}

impl Clients {
    pub(crate) fn new(client: ManagementClient, server_id: String) -> Self {
        Self { client, server_id }
    }

    /// The server whose clients these are.
    #[must_use]
    pub fn server_id(&self) -> &str {
        &self.server_id
    }

    /// Creates a client and returns its ids and its secret.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. If the call may have taken effect, search for the client by a unique name or tag before you
    /// repeat the call; [`secret`](Self::secret) reads its secret. A response without a secret is an `UnexpectedBody`
    /// that names the new record: [`Error::record_id`].
    ///
    /// # Retries
    ///
    /// Not idempotent: a second call may create a second client.
    ///
    /// # Source
    ///
    /// Documented (`fact/create-client`). Whether the scopes must be among those of the server is not documented.
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

    /// Changes a client and returns the stored record.
    ///
    /// Whether members that are `None` are kept or cleared is not documented. [`edit`](Self::edit) has the same result
    /// in both cases. The call waits for other changes of the record by this client and its clones.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. `Timeout` without an attempt if other changes of the record took all the time. The service is
    /// reported to respond with 500 occasionally when scopes change.
    ///
    /// # Retries
    ///
    /// Idempotent, but a retry also replaces what someone else wrote between two attempts.
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
        let call = self.client.call_within(Self::UPDATE, guard.budget());
        let request = client.mcp_server_id(&self.server_id);
        let write = async move {
            let answer = call.finish(call.raw().update_mcp_server_client(&request).await)?;
            call.require(!answer.client.id.is_empty(), "client.id")?;
            Ok(answer.client)
        };
        guard.write(write).await
    }

    /// Changes a client: loads it, passes it to the closure, and writes back every member that an update accepts.
    ///
    /// No document says whether an update keeps or clears the members that it leaves out. This method is safe in both
    /// cases: it sends every member of the record, also if it did not change. A member that the closure set to `None`
    /// is sent empty (`""`, `[]`, `false`). The only exception is a member that the closure removes from
    /// [`extra`](McpServerClient::extra): it is left out.
    ///
    /// Members that this crate does not know are sent back unchanged. Empty members are sent empty. Members that this
    /// crate knows are left out if they were `null`, as for [`Servers::edit`](crate::Servers::edit). Nothing is written
    /// if the closure does not change the record. An update does not accept `clientId`, `registrationType` and
    /// `status`: they are not sent.
    ///
    /// # Lost writes
    ///
    /// Within one client and its clones, nothing is lost: edits and updates of a record wait for one another. Records
    /// have no version or modification time, so **what another client writes between the load and the write is lost**.
    /// See [`Servers::edit`](crate::Servers::edit).
    ///
    /// # Errors
    ///
    /// See [`Clients`]; [`Error::operation`] says whether the load or the update failed. In these cases nothing was
    /// written: `InvalidRequest` without a status if the closure changed `id`, `mcpServerId`, `clientId`,
    /// `registrationType` or `status`; `UnexpectedBody` if the loaded record is not the requested one; and `Timeout`
    /// without an attempt if other changes of the record took all the time.
    ///
    /// # Retries
    ///
    /// Both requests are idempotent, and share the time limit of the call. If you repeat the call, it starts again with
    /// the load.
    ///
    /// # Source
    ///
    /// The members of an update are documented. It is assumed that an update accepts unknown members.
    pub async fn edit(
        &self,
        id: &str,
        change: impl FnOnce(&mut McpServerClient),
    ) -> Result<Edited<McpServerClient>, Error> {
        edit(self, id, infallible(change), Check::None).await
    }

    /// Like [`edit`](Self::edit), but loads the client again just before the write, and writes nothing if it has
    /// changed. [`Servers::edit_checked`](crate::Servers::edit_checked) describes what that can prevent and what not.
    ///
    /// # Errors
    ///
    /// As for [`edit`](Self::edit), and [`ErrorKind::ChangedMeanwhile`](crate::ErrorKind::ChangedMeanwhile), which
    /// names the members that differ. Nothing was written then; call the method again.
    ///
    /// # Retries
    ///
    /// As for [`edit`](Self::edit).
    pub async fn edit_checked(
        &self,
        id: &str,
        change: impl FnOnce(&mut McpServerClient),
    ) -> Result<Edited<McpServerClient>, Error> {
        edit(self, id, infallible(change), Check::JustBefore).await
    }

    /// Like [`edit`](Self::edit), with a closure that can fail: nothing is written then, and its error is returned. Errors of
    /// the calls are converted to its type.
    ///
    /// # Errors
    ///
    /// As for [`edit`](Self::edit), and what the closure returns.
    ///
    /// # Retries
    ///
    /// As for [`edit`](Self::edit).
    pub async fn try_edit<X: From<Error>>(
        &self,
        id: &str,
        change: impl FnOnce(&mut McpServerClient) -> Result<(), X>,
    ) -> Result<Edited<McpServerClient>, X> {
        edit(self, id, change, Check::None).await
    }

    /// Like [`edit_checked`](Self::edit_checked), and starts again with the load if another client has changed the record, at
    /// most `times` in all; 0 counts as 1. The closure runs each time, on what was loaded then. Each time has the whole time
    /// limit of a call.
    ///
    /// # Errors
    ///
    /// As for [`edit_checked`](Self::edit_checked): `ChangedMeanwhile` if the record was changed every time.
    ///
    /// # Retries
    ///
    /// As for [`edit`](Self::edit).
    pub async fn edit_retrying(
        &self,
        id: &str,
        times: u32,
        change: impl FnMut(&mut McpServerClient),
    ) -> Result<Edited<McpServerClient>, Error> {
        edit_retrying(self, id, times, change).await
    }

    /// Like [`load`](Self::load), with `None` for a client that does not exist (status 404 or 410).
    ///
    /// # Errors
    ///
    /// See [`Clients`]. What the service answers to an unknown id is not documented; any other refusal is an error.
    ///
    /// # Retries
    ///
    /// Idempotent.
    pub async fn load_opt(&self, id: &str) -> Result<Option<McpServerClient>, Error> {
        if_it_exists(self.load(id).await)
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
    /// Documented (`fact/load-by-client-id`); the guide has only the id of the record.
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

    /// Starts a search: add filters and a sort order, then read its [`stream`](ClientSearch::stream) or a
    /// [`page`](ClientSearch::page).
    pub fn search(&self) -> ClientSearch {
        ClientSearch::new(self.client.clone(), &self.server_id)
    }

    /// Finds the clients with exactly this name; names need not be unique (assumed).
    ///
    /// A new client may be missing for some seconds (reported by users of the live service).
    ///
    /// # Errors
    ///
    /// See [`Clients`].
    ///
    /// # Retries
    ///
    /// Idempotent.
    pub async fn find_by_name(&self, name: &str) -> Result<Vec<McpServerClient>, Error> {
        let mut search = self.search().name(name).stream();
        let mut found = Vec::new();
        while let Some(client) = search.next().await.transpose()? {
            if client.name.as_deref() == Some(name) {
                found.push(client);
            }
        }
        Ok(found)
    }

    /// Makes sure that there is a client of this name with these members, and creates it if there is none: then the result has
    /// its secret.
    ///
    /// If there is one, it gets every member that `client` has, as [`Servers::ensure`](crate::Servers::ensure) describes; its
    /// secret stays.
    ///
    /// Calls for the same name through one client and its clones wait for one another. Because a new client may be
    /// missing from searches for some seconds, two calls in short succession can still create two.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. `Conflict` without a status if several clients have this name: nothing was written, and the message has
    /// their ids. If the creation [may have taken effect](Error::may_have_applied), the client may exist; a later call finds
    /// it, and [`secret`](Self::secret) reads its secret.
    ///
    /// # Retries
    ///
    /// The creation is not idempotent. Each call has its own time limit: a search, and a creation or an edit.
    pub async fn ensure(
        &self,
        client: impl Into<CreateMcpServerClientRequest>,
    ) -> Result<Ensured<CreateMcpServerClientResponse, McpServerClient>, Error> {
        let wanted = client.into();
        let create = &operations::CREATE_MCP_SERVER_CLIENT;
        // Names are those of one server.
        let guard = self.client.lock(create, &format!("{}\0{}", self.server_id, wanted.name)).await?;
        let found = self.find_by_name(&wanted.name).await?;
        match only(create, &wanted.name, found, |client| &client.id)? {
            Some(client) => {
                let change = |client: &mut McpServerClient| {
                    // No update can change it, and what is wanted may have another one or none.
                    let server_id = client.mcp_server_id.take();
                    give(Self::UPDATE, client, &wanted)?;
                    client.mcp_server_id = server_id;
                    Ok(())
                };
                self.try_edit(&client.id, change).await.map(Ensured::Found)
            }
            None => {
                let clients = self.clone();
                guard.write(async move { clients.create(wanted).await }).await.map(Ensured::Created)
            }
        }
    }

    /// Deletes one client and its secret.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. Whether an id that no longer exists is an error is not documented. After an attempt that may
    /// have taken effect, `NotFound` can therefore mean that it did.
    ///
    /// # Retries
    ///
    /// Idempotent: no id is used twice.
    ///
    /// # Source
    ///
    /// Documented (`fact/delete-client`).
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVER_CLIENT);
        let request = DeleteMcpServerClientRequest::default().id(id).mcp_server_id(&self.server_id);
        call.finish(call.raw().delete_mcp_server_client(&request).await).map(drop)
    }

    /// Deletes several clients in one request. The maximum number is not documented.
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

    /// Reads the current secret. It can be read repeatedly.
    ///
    /// # Errors
    ///
    /// See [`Clients`]. A client without a secret gives `UnexpectedBody` too.
    ///
    /// # Retries
    ///
    /// Idempotent.
    ///
    /// # Source
    ///
    /// Documented (`fact/get-client-secret`). Another part of the guide says that a secret is shown only once; a user
    /// of the live service refutes that (`fact/secret-read-again`).
    pub async fn secret(&self, id: &str) -> Result<Secret, Error> {
        let call = self.client.call(&operations::GET_MCP_SERVER_CLIENT_SECRET);
        let request = GetMcpServerClientSecretRequest::default().id(id).mcp_server_id(&self.server_id);
        let answer = call.finish(call.raw().get_mcp_server_client_secret(&request).await)?;
        call.require_secret(&answer.cleartext, id)?;
        Ok(answer.cleartext)
    }

    /// Replaces the secret and returns the new one.
    ///
    /// The old secret presumably stops working at once, and access tokens that were already issued stay valid until
    /// they expire (both assumed, from what the API does with other keys).
    ///
    /// # Errors
    ///
    /// See [`Clients`]. If the call may have taken effect, read the current secret with [`secret`](Self::secret).
    ///
    /// # Retries
    ///
    /// Not idempotent: each call creates another secret.
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

impl Editable for Clients {
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

    async fn load(&self, id: &str, budget: Arc<Budget>) -> Result<McpServerClient, Error> {
        let call = self.client.call_within(&operations::LOAD_MCP_SERVER_CLIENT, budget);
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
    /// A client with that name and no other member.
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
    /// An update of that client record that changes nothing yet.
    #[must_use]
    pub fn of(id: impl Into<String>) -> Self {
        Self::default().id(id)
    }
}

/// A copy of a client, with a secret and an OAuth client id of its own: all members that a creation takes, unknown ones
/// included.
impl From<McpServerClient> for CreateMcpServerClientRequest {
    fn from(record: McpServerClient) -> Self {
        let UpdateMcpServerClientRequest {
            allowed_tenants,
            approved_callback_urls,
            force_add_all_authorization_info,
            id: _,
            logo,
            mcp_server_id,
            name,
            scopes,
            tags,
            extra,
        } = record.into();
        Self {
            allowed_tenants,
            approved_callback_urls,
            force_add_all_authorization_info,
            logo,
            mcp_server_id,
            name: name.unwrap_or_default(),
            scopes,
            tags,
            extra,
        }
    }
}
