//! The reference model: what a correct target must hold now, as far as the run can know. No I/O here.
//!
//! Knowledge has three values. What was sent and acknowledged is *known*. What was never sent is the *server's choice*:
//! the first answer that shows it pins it, and from then on it must stay. After a request whose outcome is unclear,
//! the record is *unknown* until an answer shows it again.

mod apply;
mod at_once;
pub(crate) mod comparison;
mod earlier;
pub(crate) mod effect;
pub(crate) mod grant;
mod pages;
mod record;
pub(crate) mod refusable;
mod replaced;
pub(crate) mod scopes;
pub(crate) mod semantics;
mod taken_names;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use self::pages::Walk;
pub use self::record::{Age, ClientRecord, InterferingEvent, Knowledge, Life, Record, Trust};
pub use self::taken_names::TakenNames;
use crate::json::Members;
use crate::labels::{ClientLabel, ServerLabel};

/// Everything that one plan made.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Servers by label.
    pub servers: BTreeMap<ServerLabel, Record>,
    /// Client records by label.
    pub clients: BTreeMap<ClientLabel, ClientRecord>,
    /// The metadata of authorization servers, as first seen since the server last changed.
    pub metadata: BTreeMap<ServerLabel, Value>,
    /// Whether the token endpoint refused the last secret from before a rotation that it was asked with.
    pub rotated_secrets_die: bool,
    /// Whether a request for a code has got one.
    pub codes_were_given: bool,
    /// Whether a client has registered itself.
    pub registration_worked: bool,
    /// The published keys of the project.
    pub keys: Option<Value>,
    /// Creations of servers whose outcome is unclear: servers may exist that the plan has no id of.
    pub possible_orphans: u32,
    /// Servers that may have clients that the plan has no id of, for the same reason.
    pub servers_with_possible_orphans: BTreeSet<ServerLabel>,
    /// Names that must not be given again, since such records may have them.
    pub taken_names: TakenNames,
    /// Servers for which a client was asked for, whatever the answer: a target may make what it refuses.
    pub asked_for_clients: BTreeSet<ServerLabel>,
    /// How members of a server are first answered that its creation did not send.
    pub server_defaults: Members,
    /// The scopes that servers may have approved at some time, by name.
    pub approved_scopes: BTreeMap<ServerLabel, BTreeSet<String>>,
    /// Most client records that a search without a limit has shown at once.
    pub largest_page: usize,
    /// Whether a creation was refused because it was asked wrongly.
    pub creation_was_refused: bool,
    /// The search whose pages are being read.
    pub walk: Option<Walk>,
    /// Client records that a search has shown since the last write.
    pub found: BTreeSet<ClientLabel>,
    /// Servers of which a search has shown that they have no clients, and that were given none since.
    pub shown_without_clients: BTreeSet<ServerLabel>,
    /// Whether the clients of a deleted server can be searched, and deleted.
    pub deleted_server_answers: DeletedServerAnswers,
}

/// What a target has answered when it was asked for the clients of a server that is gone.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeletedServerAnswers {
    /// It has searched them.
    pub search: bool,
    /// It has deleted some.
    pub deletion: bool,
}

impl Model {
    /// The label of a server by its id.
    pub fn server_with_id(&self, id: &str) -> Option<ServerLabel> {
        self.servers.iter().find(|(_, record)| record.id == id).map(|(label, _)| *label)
    }

    /// The label of a client record by its id.
    pub fn client_with_id(&self, id: &str) -> Option<ClientLabel> {
        self.clients.iter().find(|(_, client)| client.record.id == id).map(|(label, _)| *label)
    }

    /// The client records of a server.
    pub fn clients_of(&self, server: ServerLabel) -> impl Iterator<Item = (ClientLabel, &ClientRecord)> {
        self.clients
            .iter()
            .filter(move |(_, client)| client.server == server)
            .map(|(label, client)| (*label, client))
    }

    /// Whether a server may have clients that the plan has no id of.
    pub fn may_have_orphans(&self, server: ServerLabel) -> bool {
        self.servers_with_possible_orphans.contains(&server) || self.unseen_clients_of(server) > 0
    }

    /// How many clients that registered themselves at a server may be there although no search has shown them.
    pub(crate) fn unseen_clients_of(&self, server: ServerLabel) -> usize {
        self.clients_left_of(server).filter(|(_, client)| client.awaits_its_id()).count()
    }

    /// How many records may exist that the plan has no id of.
    pub fn records_without_id(&self) -> u32 {
        let awaiting: usize = self.servers.keys().map(|server| self.unseen_clients_of(*server)).sum();
        self.possible_orphans + (self.servers_with_possible_orphans.len() + awaiting) as u32
    }

    /// Whether clients that outlive their server can be deleted, as far as their ids are known: a search that shows none of
    /// them may hide them.
    pub fn clients_of_deleted_are_in_reach(&self) -> bool {
        self.deleted_server_answers.search && self.deleted_server_answers.deletion
    }

    /// The clients of a server that may exist.
    pub(crate) fn clients_left_of(
        &self,
        server: ServerLabel,
    ) -> impl Iterator<Item = (ClientLabel, &ClientRecord)> {
        self.clients_of(server).filter(|(_, client)| client.record.life != Life::Gone)
    }

    /// Takes in that these clients may exist although the target has acknowledged their deletion.
    pub(crate) fn doubt_deletion_of(&mut self, clients: &[ClientLabel]) {
        self.end_clients(clients, Life::Unknown);
    }

    /// Takes in that a server surely has no clients any more.
    pub(crate) fn end_clients_of(&mut self, server: ServerLabel) {
        for client in self.clients.values_mut().filter(|client| client.server == server) {
            client.record.life = Life::Gone;
        }
        self.shown_without_clients.insert(server);
    }

    /// Every secret that the target has given out.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.clients.values().flat_map(|client| {
            let grant = client.grant.iter().flat_map(|grant| {
                [&grant.code].into_iter().chain(&grant.refresh_tokens).chain(&grant.access_tokens)
            });
            client.secrets.iter().chain(grant).map(String::as_str)
        })
    }
}
