//! MCP servers: OAuth-protected resources.

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
    CreateMcpServerRequest, DeleteMcpServerRequest, DeleteMcpServersRequest, LoadAllMcpServersRequest,
    LoadMcpServerRequest, McpServer, UpdateMcpServerRequest,
};
use crate::readable::Readable;
use crate::record_locks::RecordGuard;
use crate::resources::if_it_exists;

/// The MCP servers of a project. Get it from [`ManagementClient::servers`].
///
/// It owns a clone of the client: keep it in a struct, or move it into a task. Cloning it is cheap.
///
/// An id is the id of a server (`MS…`). Whether these operations also accept the id of a resource (`RS…`) is not
/// documented.
///
/// # Errors
///
/// Every method can fail with an [`Error`] of every [`ErrorKind`](crate::ErrorKind) except `InvalidArguments` and
/// `UnknownOperation`, and except `ChangedMeanwhile`, unless the method says otherwise. The error says whether the
/// operation [may have taken effect](Error::may_have_applied). The status and code for unknown ids are not
/// documented.
///
/// # Retries
///
/// An *idempotent* method is retried after any transient failure. Any other method is retried only if it is certain
/// that the request did not take effect. The client's retry policy says how often. The caller may repeat an idempotent
/// method after every error, and any other method if [`Error::may_have_applied`] is `false`.
#[derive(Debug, Clone)]
pub struct Servers {
    client: ManagementClient,
}

impl Servers {
    pub(crate) fn new(client: ManagementClient) -> Self {
        Self { client }
    }

    /// Creates a server and returns the whole record, with its id.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. If the call may have taken effect, search the result of [`load_all`](Self::load_all) before you
    /// repeat it.
    ///
    /// # Retries
    ///
    /// Not idempotent: a second call may create a second server.
    ///
    /// # Source
    ///
    /// Documented (`fact/create-server`). It is assumed that names need not be unique.
    pub async fn create(&self, server: impl Into<CreateMcpServerRequest>) -> Result<McpServer, Error> {
        let call = self.client.call(&operations::CREATE_MCP_SERVER);
        let answer = call.finish(call.raw().create_mcp_server(&server.into()).await)?;
        call.require(!answer.server.id.is_empty(), "server.id")?;
        Ok(answer.server)
    }

    /// Replaces a server with this record and returns the stored record.
    ///
    /// Members that are `None` are lost. [`edit`](Self::edit) starts from the stored record and loses no member. The
    /// call waits for other changes of the record by this client and its clones.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. `Timeout` without an attempt if other changes of the record took all the time.
    ///
    /// # Retries
    ///
    /// Idempotent, but a retry also replaces what someone else wrote between two attempts.
    ///
    /// # Source
    ///
    /// Documented (`fact/update-server`).
    pub async fn update(&self, server: McpServer) -> Result<McpServer, Error> {
        let guard = self.client.lock(Self::UPDATE, &server.id).await?;
        self.write_locked(server, guard).await
    }

    async fn write_locked(&self, server: McpServer, guard: RecordGuard) -> Result<McpServer, Error> {
        let call = self.client.call_within(Self::UPDATE, guard.budget());
        let request = UpdateMcpServerRequest::default().server(server);
        let write = async move {
            let answer = call.finish(call.raw().update_mcp_server(&request).await)?;
            call.require(!answer.server.id.is_empty(), "server.id")?;
            Ok(answer.server)
        };
        guard.write(write).await
    }

    /// Changes a server: loads it, passes it to the closure, and writes the whole record back.
    ///
    /// Nothing else changes. Members that this crate does not know are sent back unchanged, with their numbers, `null`s
    /// and nesting. Empty strings and lists are sent empty. Members that this crate knows are left out if they were
    /// `null`, which means the same to the service (assumed, as for any proto3 service). A flat list of approved scopes
    /// is sent back sorted into categories, see [`ApprovedScopes`](crate::ApprovedScopes).
    ///
    /// Nothing is written if the closure does not change the record. To clear a member, set it to `None`.
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
    /// order in which they were called. If a call is dropped while it waits or loads, the next one continues. Once the
    /// update is sent, it continues to its end in a task of the runtime, and the next call waits for it.
    ///
    /// This does not apply to other clients, in this process or another, nor to [`raw`](ManagementClient::raw). Records
    /// have no version or modification time, so the API cannot refuse a write that is based on an old state: **what
    /// someone else writes between the load and the write is lost**, in any member.
    /// [`edit_checked`](Self::edit_checked) makes that time shorter. To prevent it, use one client and its clones for
    /// all writes. Even then, a service that applies an update only after the call has timed out can undo a later
    /// update.
    ///
    /// # Errors
    ///
    /// See [`Servers`]; [`Error::operation`] says whether the load or the update failed. In these cases nothing was
    /// written: `InvalidRequest` without a status if the closure changed `id`; `UnexpectedBody` if the loaded record is
    /// not the requested one; and `Timeout` without an attempt if other changes of the record took all the time.
    ///
    /// # Retries
    ///
    /// Both requests are idempotent, and share the time limit of the call. If you repeat the call, it starts again with
    /// the load and runs the closure again.
    ///
    /// # Source
    ///
    /// It is documented (`fact/update-replaces`), and confirmed by a user of the live service
    /// (`fact/update-replaces-seen`), that an update replaces the whole record.
    pub async fn edit(
        &self,
        id: &str,
        change: impl FnOnce(&mut McpServer),
    ) -> Result<Edited<McpServer>, Error> {
        edit(self, id, infallible(change), Check::None).await
    }

    /// Like [`edit`](Self::edit), but loads the server again just before the write, and writes nothing if it has
    /// changed.
    ///
    /// Use it for records that other clients change too; clones of this client cannot interfere. It shortens the time
    /// in which a change of another client can be lost to the time between the second load and the write, but does not
    /// prevent the loss. Every difference counts, because the whole record is written. That includes the order of a
    /// list, if the service does not keep it.
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
        change: impl FnOnce(&mut McpServer),
    ) -> Result<Edited<McpServer>, Error> {
        edit(self, id, infallible(change), Check::JustBefore).await
    }

    /// Like [`edit`](Self::edit), with a closure that can fail: nothing is written then, and its error is returned. Errors of
    /// the calls are converted to its type.
    ///
    /// ```no_run
    /// # async fn example(client: descope_mcp_management::ManagementClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let servers = client.servers();
    /// let edited = servers.try_edit("MS35d1Xw1Yo6zozsW7n8BU6xLmnAs", |server| {
    ///     let settings = std::fs::read_to_string("description.txt")?;
    ///     server.description = Some(settings);
    ///     Ok::<_, Box<dyn std::error::Error>>(())
    /// });
    /// println!("{}", edited.await?.written);
    /// # Ok(())
    /// # }
    /// ```
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
        change: impl FnOnce(&mut McpServer) -> Result<(), X>,
    ) -> Result<Edited<McpServer>, X> {
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
        change: impl FnMut(&mut McpServer),
    ) -> Result<Edited<McpServer>, Error> {
        edit_retrying(self, id, times, change).await
    }

    /// Like [`load`](Self::load), with `None` for a server that does not exist (status 404 or 410).
    ///
    /// # Errors
    ///
    /// See [`Servers`]. What the service answers to an unknown id is not documented; any other refusal is an error.
    ///
    /// # Retries
    ///
    /// Idempotent.
    pub async fn load_opt(&self, id: &str) -> Result<Option<McpServer>, Error> {
        if_it_exists(self.load(id).await)
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
    /// It is reported that servers which were created as resources in the console are not among them.
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
    /// Documented (`fact/load-all-servers`). The operation has no filters and no pages.
    pub async fn load_all(&self) -> Result<Vec<McpServer>, Error> {
        let call = self.client.call(&operations::LOAD_ALL_MCP_SERVERS);
        let answer =
            call.finish(call.raw().load_all_mcp_servers(&LoadAllMcpServersRequest::default()).await)?;
        Ok(answer.servers.unwrap_or_default())
    }

    /// Like [`load_all`](Self::load_all), but a record that does not fit its type does not make the others unreadable: it is
    /// reported with its index, its id and the member that does not fit.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. `UnexpectedBody` only if the response is no list of records.
    ///
    /// # Retries
    ///
    /// Idempotent.
    pub async fn load_readable(&self) -> Result<Readable<McpServer>, Error> {
        let call = self.client.call(&operations::LOAD_ALL_MCP_SERVERS);
        let answer = call.raw().load_all_mcp_servers(&LoadAllMcpServersRequest::default()).await;
        call.finish_readable(answer, "servers", |answer| (answer.servers, answer.total))
    }

    /// Loads the servers with exactly this name; names need not be unique (assumed).
    ///
    /// # Errors
    ///
    /// See [`Servers`].
    ///
    /// # Retries
    ///
    /// Idempotent. One request, which loads all servers.
    pub async fn find_by_name(&self, name: &str) -> Result<Vec<McpServer>, Error> {
        let mut servers = self.load_all().await?;
        servers.retain(|server| server.name.as_deref() == Some(name));
        Ok(servers)
    }

    /// Makes sure that there is a server of this name with these members, and creates it if there is none.
    ///
    /// If there is one, it gets every member that `server` has, and keeps the others. Objects are merged member by member. A
    /// list gets the items of `server`, in that order; a scope and a domain policy keep those of their members that
    /// `server` does not have. Nothing is written if nothing changes; an empty value is no change of a member that the
    /// response leaves out. If the service changes what it stores, such as the order of a list, every call writes again.
    /// `consent_flow_id` and `consent_flow_hosting_url` count only for a creation: a record does not have them.
    ///
    /// Calls for the same name through one client and its clones wait for one another, so that they create one server.
    /// Two clients can still create two, and so can one client if the service lists a new server only after some seconds.
    /// Later calls fail then with `Conflict`: delete all but one.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. `Conflict` without a status if several servers have this name: nothing was written, and the message has
    /// their ids. `NotFound` if the server was deleted and is still listed. After any error but the first, the call can be
    /// repeated.
    ///
    /// # Retries
    ///
    /// The creation is not idempotent; repeating the whole call is. It is up to three calls, each with its own time limit.
    pub async fn ensure(
        &self,
        server: impl Into<CreateMcpServerRequest>,
    ) -> Result<Ensured<McpServer, McpServer>, Error> {
        let wanted = server.into();
        let create = &operations::CREATE_MCP_SERVER;
        let guard = self.client.lock(create, &wanted.name).await?;
        let found = self.find_by_name(&wanted.name).await?;
        match only(create, &wanted.name, found, |server| &server.id)? {
            Some(server) => {
                let wanted = CreateMcpServerRequest {
                    consent_flow_hosting_url: None,
                    consent_flow_id: None,
                    ..wanted
                };
                let change = |server: &mut McpServer| give(Self::UPDATE, server, &wanted);
                self.try_edit(&server.id, change).await.map(Ensured::Found)
            }
            None => {
                let servers = self.clone();
                guard.write(async move { servers.create(wanted).await }).await.map(Ensured::Created)
            }
        }
    }

    /// Deletes one server. Whether its clients are deleted too is not documented.
    ///
    /// # Errors
    ///
    /// See [`Servers`]. Whether an id that no longer exists is an error is not documented. After an attempt that may
    /// have taken effect, `NotFound` can therefore mean that it did.
    ///
    /// # Retries
    ///
    /// Idempotent: no id is used twice.
    ///
    /// # Source
    ///
    /// Documented (`fact/delete-server`).
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let call = self.client.call(&operations::DELETE_MCP_SERVER);
        let request = DeleteMcpServerRequest::default().id(id);
        call.finish(call.raw().delete_mcp_server(&request).await).map(drop)
    }

    /// Deletes several servers in one request. The maximum number is not documented.
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

impl Editable for Servers {
    type Record = McpServer;

    const UPDATE: &'static OperationFacts = &operations::UPDATE_MCP_SERVER;

    fn fixed(record: &McpServer) -> Vec<(&'static str, Option<&str>)> {
        vec![("id", Some(&record.id))]
    }

    async fn lock(&self, id: &str) -> Result<RecordGuard, Error> {
        self.client.lock(Self::UPDATE, id).await
    }

    async fn load(&self, id: &str, budget: Arc<Budget>) -> Result<McpServer, Error> {
        Self::load_with(self.client.call_within(&operations::LOAD_MCP_SERVER, budget), id).await
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
    /// A server with that name and no other member.
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

/// A copy of a server: all its members but the id, unknown ones included. In another project, ids of flows and URLs in it may
/// lead nowhere.
impl From<McpServer> for CreateMcpServerRequest {
    fn from(record: McpServer) -> Self {
        // A member that is new in the document has to be added; a test compares this with the document.
        let McpServer {
            approved_callback_urls,
            approved_scopes,
            audience_whitelist,
            cimd_settings,
            description,
            dynamic_registration,
            force_add_all_authorization_info,
            id: _,
            login_page_url,
            logo,
            name,
            session_settings,
            skip_consent_screen,
            tags,
            extra,
            ..
        } = record;
        Self {
            approved_callback_urls,
            approved_scopes,
            audience_whitelist,
            cimd_settings,
            description,
            dynamic_registration,
            force_add_all_authorization_info,
            login_page_url,
            logo,
            name: name.unwrap_or_default(),
            session_settings,
            skip_consent_screen,
            tags,
            extra,
            ..Self::default()
        }
    }
}
