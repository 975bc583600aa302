//! What a step can ask: one file for each action, with the sentence that it reads as, what it is about, does and shows,
//! and the request for it by what the model knows. No I/O here.
//!
//! The rest of the suite decides by [`Semantics`] and lists no actions. A new one is a variant here, a line in each
//! `match` of this file, and a file of its own.

pub mod ask;
pub(crate) mod authorization_server;
mod body;
mod create_client;
mod create_server;
mod delete_client;
mod delete_clients;
mod delete_server;
mod delete_servers;
mod get_secret;
mod load_all_servers;
mod load_client;
mod load_server;
mod load_unmade_server;
pub mod near_miss;
pub mod probe;
mod request_token;
mod rotate_secret;
mod search_clients;
mod sentence;
mod typed_client;
mod update_client;
mod update_server;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::ask::Ask;
pub use self::load_client::LoadBy;
use self::probe::Probe;
pub use self::request_token::TokenAuth;
pub use self::search_clients::{Filter, FilterBy, Sort};
use crate::json::Members;
use crate::labels::{ClientLabel, ServerLabel, WhichSecret};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::semantics::Semantics;
use crate::wire::request::Request;
use crate::wire::run_mark::RunMark;

/// A request by what it means, with symbolic references.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are named by what they hold")]
pub enum Action {
    /// `CreateMcpServer` with this body; the run's prefix is put before the name.
    CreateServer { server: ServerLabel, body: Members },
    /// `UpdateMcpServer`: the record as last seen, with these members set and those left out.
    UpdateServer { server: ServerLabel, set: Members, omit: Vec<String> },
    /// `LoadMcpServer`.
    LoadServer { server: ServerLabel },
    /// `LoadMcpServer` for a well-formed id that nobody ever made.
    LoadUnmadeServer,
    /// `DeleteMcpServer`.
    DeleteServer { server: ServerLabel },
    /// `DeleteMcpServers`.
    DeleteServers { servers: Vec<ServerLabel> },
    /// `LoadAllMcpServers`.
    LoadAllServers,
    /// `CreateMcpServerClient` with this body; the run's prefix is put before the name.
    CreateClient { client: ClientLabel, server: ServerLabel, body: Members },
    /// `UpdateMcpServerClient`: the record as last seen, with these members set and those left out.
    UpdateClient { client: ClientLabel, set: Members, omit: Vec<String> },
    /// `LoadMcpServerClient`.
    LoadClient { client: ClientLabel, by: LoadBy },
    /// `SearchMcpServerClients` on this server.
    SearchClients { server: ServerLabel, filter: Filter },
    /// `SearchMcpServerClients` on the client's server, in a way that documents leave open.
    Probe { client: ClientLabel, probe: Probe },
    /// `DeleteMcpServerClient`.
    DeleteClient { client: ClientLabel },
    /// `DeleteMcpServerClients`; clients that belong to another server are left out.
    DeleteClients { server: ServerLabel, clients: Vec<ClientLabel> },
    /// `GetMcpServerClientSecret`.
    GetSecret { client: ClientLabel },
    /// `RotateMcpServerClientSecret`.
    RotateSecret { client: ClientLabel },
    /// A request to the authorization server, without a management key.
    Ask(Ask),
    /// A `client_credentials` request to the server's token endpoint.
    RequestToken { client: ClientLabel, secret: WhichSecret, method: TokenAuth },
}

/// What of an action can be replaced and leaves it the same action.
pub struct Parts<'a> {
    /// The label of the record that it creates.
    pub creates: Creates<'a>,
    /// The members that it sends or sets: it can be sent with fewer.
    pub members: Option<&'a mut Members>,
}

/// The label of the record that an action creates.
#[derive(Debug, PartialEq, Eq)]
pub enum Creates<'a> {
    /// It creates none.
    Nothing,
    /// A server.
    Server(&'a mut ServerLabel),
    /// A client record.
    Client(&'a mut ClientLabel),
}

impl Action {
    /// What it is about, does and shows.
    pub fn semantics(&self) -> Semantics<'_> {
        match self {
            Self::CreateServer { server, body } => create_server::semantics(server, body),
            Self::UpdateServer { server, set, omit: _ } => update_server::semantics(server, set),
            Self::LoadServer { server } => load_server::semantics(server),
            Self::LoadUnmadeServer => load_unmade_server::semantics(),
            Self::DeleteServer { server } => delete_server::semantics(server),
            Self::DeleteServers { servers } => delete_servers::semantics(servers),
            Self::LoadAllServers => load_all_servers::semantics(),
            Self::CreateClient { client, server, body } => create_client::semantics(client, server, body),
            Self::UpdateClient { client, set, omit: _ } => update_client::semantics(client, set),
            Self::LoadClient { client, by } => load_client::semantics(client, *by),
            Self::SearchClients { server, filter } => search_clients::semantics(server, filter),
            Self::Probe { client, probe: _ } => probe::semantics(client),
            Self::DeleteClient { client } => delete_client::semantics(client),
            Self::DeleteClients { server, clients } => delete_clients::semantics(server, clients),
            Self::GetSecret { client } => get_secret::semantics(client),
            Self::RotateSecret { client } => rotate_secret::semantics(client),
            Self::Ask(ask) => ask.semantics(),
            Self::RequestToken { client, secret, method: _ } => request_token::semantics(client, *secret),
        }
    }

    /// The request for it. `None` if its subject was never made, or is not known well enough to ask.
    pub fn request(&self, model: &Model, mark: &RunMark) -> Option<Request> {
        let body = match self {
            Self::CreateServer { server: _, body } => create_server::body(body, model, mark),
            Self::UpdateServer { server, set, omit } => update_server::body(*server, set, omit, model, mark)?,
            Self::LoadServer { server } => load_server::body(*server, model)?,
            Self::LoadUnmadeServer => load_unmade_server::body(mark),
            Self::DeleteServer { server } => delete_server::body(*server, model)?,
            Self::DeleteServers { servers } => delete_servers::body(servers, model)?,
            Self::LoadAllServers => load_all_servers::body(),
            Self::CreateClient { client: _, server, body } => {
                create_client::body(*server, body, model, mark)?
            }
            Self::UpdateClient { client, set, omit } => update_client::body(*client, set, omit, model, mark)?,
            Self::LoadClient { client, by } => load_client::body(*client, *by, model)?,
            Self::SearchClients { server, filter } => search_clients::body(*server, filter, model)?,
            Self::Probe { client, probe } => probe::body(*client, probe, model)?,
            Self::DeleteClient { client } => delete_client::body(*client, model)?,
            Self::DeleteClients { server, clients } => delete_clients::body(*server, clients, model)?,
            Self::GetSecret { client } => get_secret::body(*client, model)?,
            Self::RotateSecret { client } => rotate_secret::body(*client, model)?,
            Self::Ask(ask) => return ask.request(model, mark).map(Request::Web),
            Self::RequestToken { client, secret, method } => {
                return request_token::request(*client, *secret, *method, model).map(Request::Web);
            }
        };
        Some(Request::Management(self.operation()?, body))
    }

    /// What of it can be replaced.
    pub fn parts(&mut self) -> Parts<'_> {
        let (creates, members) = match self {
            Self::CreateServer { server, body } => (Creates::Server(server), Some(body)),
            Self::CreateClient { client, server: _, body } => (Creates::Client(client), Some(body)),
            Self::UpdateServer { server: _, set, omit: _ }
            | Self::UpdateClient { client: _, set, omit: _ } => (Creates::Nothing, Some(set)),
            // What registers itself is sent rightly only, and nothing else here creates a record or sends members.
            Self::LoadServer { .. }
            | Self::LoadUnmadeServer
            | Self::DeleteServer { .. }
            | Self::DeleteServers { .. }
            | Self::LoadAllServers
            | Self::LoadClient { .. }
            | Self::SearchClients { .. }
            | Self::Probe { .. }
            | Self::DeleteClient { .. }
            | Self::DeleteClients { .. }
            | Self::GetSecret { .. }
            | Self::RotateSecret { .. }
            | Self::Ask(_)
            | Self::RequestToken { .. } => (Creates::Nothing, None),
        };
        Parts { creates, members }
    }

    /// The members of a record that it creates.
    pub(crate) fn created(&self) -> Option<&Members> {
        let (Self::CreateServer { body, .. } | Self::CreateClient { body, .. }) = self else { return None };
        Some(body)
    }

    /// The members that an update leaves out.
    pub(crate) fn left_out(&self) -> &[String] {
        let (Self::UpdateServer { omit, .. } | Self::UpdateClient { omit, .. }) = self else { return &[] };
        omit
    }

    /// Whether it looks for a client by one of its tags.
    pub(crate) fn looks_for_a_tag_of(&self, wanted: ClientLabel) -> bool {
        if let Self::Probe { client, .. } = self {
            return *client == wanted;
        }
        let Self::SearchClients { filter, .. } = self else { return false };
        filter.like == Some(wanted) && filter.by.contains(&FilterBy::Tag)
    }

    /// The operationId; `None` for requests to an authorization server, which has no management operations.
    pub fn operation(&self) -> Option<&'static str> {
        self.semantics().operation
    }

    /// What must be asked for first, so that this can be asked for anew.
    pub fn prerequisites(&self) -> Vec<Self> {
        match self.semantics().effect {
            Effect::Authorization(effect) => ask::prerequisites(effect),
            Effect::Nothing
            | Effect::CreateServer(_)
            | Effect::CreateClient { .. }
            | Effect::UpdateServer(_)
            | Effect::UpdateClient(_)
            | Effect::DeleteServers(_)
            | Effect::DeleteClients { .. }
            | Effect::RotateSecret(_)
            | Effect::ReadSecret(_)
            | Effect::SearchClients { .. }
            | Effect::UseSecret { .. } => Vec::new(),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::CreateServer { server, body } => create_server::sentence(*server, body),
            Self::UpdateServer { server, set, omit } => update_server::sentence(*server, set, omit),
            Self::LoadServer { server } => load_server::sentence(*server),
            Self::LoadUnmadeServer => load_unmade_server::sentence(),
            Self::DeleteServer { server } => delete_server::sentence(*server),
            Self::DeleteServers { servers } => delete_servers::sentence(servers),
            Self::LoadAllServers => load_all_servers::sentence(),
            Self::CreateClient { client, server, body } => create_client::sentence(*client, *server, body),
            Self::UpdateClient { client, set, omit } => update_client::sentence(*client, set, omit),
            Self::LoadClient { client, by } => load_client::sentence(*client, *by),
            Self::SearchClients { server, filter } => search_clients::sentence(*server, filter),
            Self::Probe { client, probe } => probe::sentence(*client, probe),
            Self::DeleteClient { client } => delete_client::sentence(*client),
            Self::DeleteClients { server, clients } => delete_clients::sentence(*server, clients),
            Self::GetSecret { client } => get_secret::sentence(*client),
            Self::RotateSecret { client } => rotate_secret::sentence(*client),
            Self::Ask(ask) => ask.to_string(),
            Self::RequestToken { client, secret, method } => {
                request_token::sentence(*client, *secret, *method)
            }
        })
    }
}
