//! MCP servers: OAuth-protected resources.

use std::time::Instant;

use crate::call::Call;
use crate::client::ManagementClient;
use crate::edit::{Check, Editable, Edited, edit};
use crate::error::Error;
use crate::generated::operations;
use crate::generated::operations::OperationFacts;
use crate::generated::types::{
    CreateMcpServerRequest, DeleteMcpServerRequest, DeleteMcpServersRequest, LoadAllMcpServersRequest,
    LoadMcpServerRequest, McpServer, UpdateMcpServerRequest,
};
use crate::record_locks::RecordGuard;

/// The MCP servers of a project. Get it from [`ManagementClient::servers`].
///
/// An id is that of a server (`MS…`); whether these operations also take the id of a resource (`RS…`) is not
/// documented.
///
/// # Errors
///
/// Every method fails with an [`Error`], which can be of every [`ErrorKind`](crate::ErrorKind) except
/// `ChangedMeanwhile`, and which knows whether the service [may have carried it out](Error::may_have_applied). Which
/// status and code the service gives for unknown ids and the like is not documented.
///
/// # Retries
///
/// *Idempotent* methods are sent again after any passing failure, the others only when it is certain that the service
/// did not carry them out; the client's retry policy says how often. The caller may repeat an idempotent method
/// whatever happened to it, and another one when [`Error::may_have_applied`] is `false`.
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
    /// See [`Servers`]. When it may have applied, look through [`load_all`](Self::load_all) before another attempt.
    ///
    /// # Retries
    ///
    /// Not idempotent: a second call may make a second server.
    ///
    /// # Source
    ///
    /// Documented (`fact/create-server`). That names need not be unique is assumed.
    pub async fn create(&self, server: impl Into<CreateMcpServerRequest>) -> Result<McpServer, Error> {
        let call = self.client.call(&operations::CREATE_MCP_SERVER);
        let answer = call.finish(call.raw().create_mcp_server(&server.into()).await)?;
        call.require(!answer.server.id.is_empty(), "server.id")?;
        Ok(answer.server)
    }

    /// Replaces a server by this record and answers with the stored one.
    ///
    /// Members that are `None` are lost. [`edit`](Self::edit) starts from the stored record and loses none. Waits for
    /// other changes of the record by this client and its clones.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. `Timeout` after no attempt if other changes of the record took all the time.
    ///
    /// # Retries
    ///
    /// Idempotent, but what someone else wrote between two attempts is replaced too.
    ///
    /// # Source
    ///
    /// Documented (`fact/update-server`).
    pub async fn update(&self, server: McpServer) -> Result<McpServer, Error> {
        let guard = self.client.lock(Self::UPDATE, &server.id).await?;
        self.write_locked(server, guard).await
    }

    async fn write_locked(&self, server: McpServer, guard: RecordGuard) -> Result<McpServer, Error> {
        let call = self.client.call_since(Self::UPDATE, guard.since());
        let request = UpdateMcpServerRequest::default().server(server);
        let write = async move {
            let answer = call.finish(call.raw().update_mcp_server(&request).await)?;
            call.require(!answer.server.id.is_empty(), "server.id")?;
            Ok(answer.server)
        };
        guard.write(write).await
    }

    /// Changes a server: loads it, hands it to the closure, and writes all of it back.
    ///
    /// Nothing else changes. Members that this crate does not know go back as they came, numbers, `null`s and nesting
    /// included; empty strings and lists go back empty; members of this crate that were `null` are left out, which
    /// means the same to the service (assumed, as for any proto3 service). A flat list of approved scopes goes back
    /// sorted into categories, see [`ApprovedScopes`](crate::ApprovedScopes).
    ///
    /// Nothing is written if the closure leaves the record as it was. A member is cleared by setting it to `None`.
    ///
    /// ```no_run
    /// # async fn example(client: descope_mcp_management::ManagementClient) -> Result<(), descope_mcp_management::Error> {
    /// let edited = client
    ///     .servers()
    ///     .edit("MS35d1Xw1Yo6zozsW7n8BU6xLmnAs", |server| server.description = Some("Order tools".into()))
    ///     .await?;
    /// println!("{} written: {}", edited.record.id, edited.written);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Lost writes
    ///
    /// Within one client and its clones, nothing is lost: edits and updates of a record wait for one another, in the
    /// order in which they were called. Whoever is dropped while it waits or loads makes room for the next. Once the
    /// update is sent, it goes on to its end in a task of the runtime, and the next waits for that.
    ///
    /// It does not hold for other clients, in this process or another, nor for [`raw`](ManagementClient::raw). The API
    /// has no version or modification time in its records, so it cannot refuse a write that rests on an old state:
    /// **what someone else writes between the load and the write is lost**, in any member.
    /// [`edit_checked`](Self::edit_checked) makes that time shorter. To rule it out, let one client and its clones do
    /// all the writing. Even then, a service that carries out an update after it has failed to answer in time can
    /// undo a later one.
    ///
    /// # Errors
    ///
    /// See [`Servers`]; [`Error::operation`] tells whether the load or the update failed. `InvalidRequest` without a
    /// status if the closure changed `id`, `UnexpectedBody` if another record was loaded than asked for, and `Timeout`
    /// after no attempt if other changes of the record took all the time: nothing was written then.
    ///
    /// # Retries
    ///
    /// Both requests are idempotent, and share the time limit of the call. A caller who repeats it starts again from
    /// the load, which is why the closure belongs to the call.
    ///
    /// # Source
    ///
    /// That an update replaces the whole record is documented (`fact/update-replaces`) and confirmed by a user of the
    /// live service (`fact/update-replaces-seen`).
    pub async fn edit(
        &self,
        id: &str,
        change: impl FnOnce(&mut McpServer),
    ) -> Result<Edited<McpServer>, Error> {
        edit(self, id, change, Check::None).await
    }

    /// Like [`edit`](Self::edit), but loads the server again just before the write, and writes nothing if it is no
    /// longer the same.
    ///
    /// It is for records that others change too: clones of this client cannot come in between. It narrows the time in
    /// which another writer can be lost to that between the second load and the write; it cannot close it. Any
    /// difference counts, because all of the record is written: also one in the order of a list, should the service
    /// not keep it.
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
        change: impl FnOnce(&mut McpServer),
    ) -> Result<Edited<McpServer>, Error> {
        edit(self, id, change, Check::JustBefore).await
    }

    /// Loads one server.
    ///
    /// # Errors
    ///
    /// See [`Servers`].
    ///
    /// # Retries
    ///
    /// Idempotent.
    ///
    /// # Source
    ///
    /// Documented (`fact/load-server`).
    pub async fn load(&self, id: &str) -> Result<McpServer, Error> {
        Self::load_with(self.client.call(&operations::LOAD_MCP_SERVER), id).await
    }

    async fn load_with(call: Call, id: &str) -> Result<McpServer, Error> {
        let request = LoadMcpServerRequest::default().id(id);
        let answer = call.finish(call.raw().load_mcp_server(&request).await)?;
        call.require(!answer.server.id.is_empty(), "server.id")?;
        Ok(answer.server)
    }

    /// Loads all servers of the project, in no documented order.
    ///
    /// Servers that were made as resources in the console are reported not to be among them.
    ///
    /// # Errors
    ///
    /// See [`Servers`].
    ///
    /// # Retries
    ///
    /// Idempotent.
    ///
    /// # Source
    ///
    /// Documented (`fact/load-all-servers`); it takes no filter and has no pages.
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
    /// See [`Servers`]. Whether an id that no longer exists is an error is not documented, so after an attempt that
    /// may have applied, `NotFound` can mean that it did.
    ///
    /// # Retries
    ///
    /// Idempotent: ids are never given out again.
    ///
    /// # Source
    ///
    /// Documented (`fact/delete-server`).
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVER);
        let request = DeleteMcpServerRequest::default().id(id);
        call.finish(call.raw().delete_mcp_server(&request).await).map(drop)
    }

    /// Deletes several servers in one request. How many it may be is not documented.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. Whether an id that does not exist is an error is not documented.
    ///
    /// # Retries
    ///
    /// Idempotent.
    ///
    /// # Source
    ///
    /// Documented (`fact/delete-servers`).
    pub async fn delete_many(&self, ids: impl IntoIterator<Item = impl Into<String>>) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVERS);
        let request = DeleteMcpServersRequest::default().ids(ids);
        call.finish(call.raw().delete_mcp_servers(&request).await).map(drop)
    }
}

impl Editable for Servers<'_> {
    type Record = McpServer;

    const UPDATE: &'static OperationFacts = &operations::UPDATE_MCP_SERVER;

    fn fixed(record: &McpServer) -> Vec<(&'static str, Option<&str>)> {
        vec![("id", Some(&record.id))]
    }

    async fn lock(&self, id: &str) -> Result<RecordGuard, Error> {
        self.client.lock(Self::UPDATE, id).await
    }

    async fn load(&self, id: &str, began: Instant) -> Result<McpServer, Error> {
        Self::load_with(self.client.call_since(&operations::LOAD_MCP_SERVER, began), id).await
    }

    async fn write(
        &self,
        _before: &McpServer,
        after: McpServer,
        guard: RecordGuard,
    ) -> Result<McpServer, Error> {
        self.write_locked(after, guard).await
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
