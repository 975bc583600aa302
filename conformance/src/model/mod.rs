//! The reference model: what a correct target must hold now, as far as the run can know. No I/O here.
//!
//! Knowledge has three values. What was sent and acknowledged is *known*. What was never sent is the *server's choice*:
//! the first answer that shows it pins it, and from then on it must stay. After a request whose outcome is unclear,
//! the record is *unknown* until an answer shows it again.

mod at_once;
pub mod grant;
mod record;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use self::record::{Bystood, ClientRecord, Knowledge, Life, Record, Trust};
use descope_mcp_operations::{Access, find};

use crate::{
    documented,
    json::Members,
    plan::{Action, ClientLabel, Filter, LoadBy, ServerLabel, WhichSecret},
    wire::{
        call::{Call, Request, Sighting},
        exchange::Exchange,
    },
};

fn writes(operation: &str) -> bool {
    find(operation).is_some_and(|operation| operation.access == Access::Write)
}

fn found_nothing(page: &Value) -> bool {
    page["clients"].as_array().is_none_or(Vec::is_empty)
}

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
    /// The published keys of the project.
    pub keys: Option<Value>,
    /// Creations of servers whose outcome is unclear: servers may exist that the plan has no id of.
    pub possible_orphans: u32,
    /// Servers that may have clients that the plan has no id of, for the same reason.
    pub servers_with_possible_orphans: BTreeSet<ServerLabel>,
    /// How members of a server are first answered that its creation did not send.
    pub server_defaults: Members,
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

/// The pages of one search that were read one after the other, with no write in between.
#[derive(Debug, Clone)]
pub struct Walk {
    /// Whose clients are searched.
    pub server: ServerLabel,
    /// The request, without its page.
    pub search: Value,
    /// Pages read, from the first one on.
    pub pages: u64,
    /// Ids and names found, page by page.
    pub found: Vec<(String, String)>,
    /// Whether the last page read was empty: then it was the last one of all.
    pub last_was_empty: bool,
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
        self.servers_with_possible_orphans.contains(&server)
            || self.clients_of(server).any(|(_, client)| client.awaits_its_id())
    }

    /// How many records may exist that the plan has no id of.
    pub fn records_without_id(&self) -> u32 {
        let awaiting = self.clients.values().filter(|client| client.awaits_its_id()).count();
        self.possible_orphans + (self.servers_with_possible_orphans.len() + awaiting) as u32
    }

    /// Whether clients that outlive their server can be found and deleted.
    pub fn clients_of_deleted_are_in_reach(&self) -> bool {
        self.deleted_server_answers.search && self.deleted_server_answers.deletion
    }

    /// The ids of the clients that the plan knows a server to have had.
    pub fn client_ids_of(&self, server: ServerLabel) -> Vec<String> {
        let known = self.clients_of(server).filter(|(_, client)| !client.awaits_its_id());
        known.map(|(_, client)| client.record.id.clone()).collect()
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

    /// Takes in what a request and its answer say about the target's state.
    pub fn apply(&mut self, call: &Call, exchange: &Exchange) {
        if let Some(server) = call.step.action.gives_a_client_to() {
            self.shown_without_clients.remove(&server);
        }
        if let Action::Ask(ask) = &call.step.action {
            return self.learn(ask, exchange);
        }
        self.learn_rotation(call, exchange);
        if let Some(fault) = &call.step.fault {
            // Whether it was refused is judged elsewhere. If it was, that it changed nothing shows when the records are
            // next seen; if not, it may have done what it asked for.
            let event = match fault.is_unauthorized() {
                true => Bystood::UnauthorizedRequest,
                false => Bystood::MalformedRequest,
            };
            match exchange.refusal() {
                Some(_) => {
                    self.creation_was_refused |= call.step.action.is_creation();
                    self.bystand(call, event);
                }
                None if exchange.success().is_some() && call.step.action.is_creation() => {
                    // What it made is ours to delete.
                    self.acknowledge(call, exchange);
                    self.set_knowledge(&call.step.action, Knowledge::Unknown);
                }
                None => self.forget(&call.step.action),
            }
            return;
        }
        if exchange.is_unclear() {
            self.forget(&call.step.action);
            return;
        }
        if !exchange.answer().is_some_and(|answer| answer.is_success()) {
            if exchange.after_unclear_try {
                self.forget(&call.step.action);
            }
            return;
        }
        self.acknowledge(call, exchange);
        // A list is judged by what is known and adds nothing to it: were a wrong list believed, every right answer after
        // it would look wrong.
        if call.step.action.is_list() {
            self.find_registered(call, exchange);
            return;
        }
        let see = match &call.step.action {
            Action::LoadServer { .. } | Action::LoadClient { by: LoadBy::Id, .. } => Record::see_loaded,
            // The same record by another way: judged like a list.
            Action::LoadClient { by: LoadBy::ClientId, .. } => return,
            _ => Record::see_written,
        };
        for sighting in call.sightings(exchange) {
            match sighting {
                Sighting::Server(id, members) => {
                    let label = self.server_with_id(id);
                    if let Some(record) = label.and_then(|label| self.servers.get_mut(&label)) {
                        see(record, members);
                    }
                }
                Sighting::Client(id, members) => {
                    let label = self.client_with_id(id);
                    if let Some(client) = label.and_then(|label| self.clients.get_mut(&label)) {
                        see(&mut client.record, members);
                    }
                }
            }
        }
    }

    /// Learns from a search which records belong to the clients that registered themselves.
    fn find_registered(&mut self, call: &Call, exchange: &Exchange) {
        for sighting in call.sightings(exchange) {
            let Sighting::Client(id, members) = sighting else { continue };
            let waiting = self.clients.values_mut().find(|client| {
                client.awaits_its_id()
                    && members.get("clientId").is_some_and(|found| *found == *client.client_id)
            });
            if let Some(client) = waiting {
                client.record.id = id.to_owned();
                client.record.see_written(members);
            }
        }
    }

    /// Learns what becomes of secrets that were rotated one after another.
    fn learn_rotation(&mut self, call: &Call, exchange: &Exchange) {
        let Action::RequestToken { client, secret: WhichSecret::BeforeRotation, .. } = call.step.action
        else {
            return;
        };
        let answer = exchange.answer().filter(|answer| answer.status != 404);
        if let (Some(answer), Some(client)) = (answer, self.clients.get(&client))
            && client.rotated_at_once.is_empty()
        {
            self.rotated_secrets_die = !answer.is_success();
        }
    }

    fn acknowledge(&mut self, call: &Call, exchange: &Exchange) {
        let body = exchange.success().unwrap_or(&Value::Null);
        let text = |value: &Value, member: &str| {
            value.get(member).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        match &call.step.action {
            Action::CreateServer { server, .. } => match text(&body["server"], "id") {
                Some(id) => {
                    let known = Knowledge::Sent(call.sent_documented());
                    self.servers.insert(*server, Record::created(id, known));
                    self.learn_defaults(&call.sent_record(), &body["server"]);
                }
                None => self.possible_orphans += 1,
            },
            Action::CreateClient { client, server, .. } => match (text(body, "id"), text(body, "clientId")) {
                (Some(id), Some(client_id)) => {
                    let secret = text(body, "cleartext");
                    let made = ClientRecord {
                        record: Record::created(id, Knowledge::Sent(call.sent_documented())),
                        server: *server,
                        client_id,
                        secret_is_known: secret.is_some(),
                        secret_trust: Trust::Written,
                        secret_worked: false,
                        secrets: secret.into_iter().collect(),
                        secret_since: BTreeSet::new(),
                        grant: None,
                        rotated_at_once: Vec::new(),
                    };
                    self.clients.insert(*client, made);
                }
                _ => {
                    self.servers_with_possible_orphans.insert(*server);
                }
            },
            Action::UpdateServer { .. } => {
                self.set_knowledge(&call.step.action, Knowledge::Sent(call.sent_documented()));
                self.bystand(call, Bystood::UpdateOfAnother);
            }
            Action::UpdateClient { client, .. } => {
                self.set_knowledge(&call.step.action, Knowledge::Sent(call.sent_documented()));
                self.bystand(call, Bystood::UpdateOfAnother);
                if let Some(client) = self.clients.get_mut(client) {
                    client.secret_since.insert(Bystood::UpdateOfAnother);
                }
            }
            Action::DeleteServer { .. }
            | Action::DeleteServers { .. }
            | Action::DeleteClient { .. }
            | Action::DeleteClients { .. } => {
                if let Action::DeleteClients { server, .. } = &call.step.action {
                    self.deleted_server_answers.deletion |= self.is_gone(*server);
                }
                self.end(&call.step.action, Life::Gone);
                self.bystand(call, Bystood::DeletionOfAnother);
            }
            Action::RotateSecret { client } => {
                if let (Some(client), Some(secret)) = (self.clients.get_mut(client), text(body, "cleartext"))
                {
                    client.give(secret);
                    client.secret_trust = Trust::Written;
                    client.rotated_at_once.clear();
                    client.record.since.insert(Bystood::Rotation);
                    // Whether tokens outlive the secret that they were given for is an open question.
                    client.grant.iter_mut().for_each(|grant| grant.outlived_a_secret = true);
                }
            }
            Action::GetSecret { client } => {
                if let (Some(client), Some(secret)) = (self.clients.get_mut(client), text(body, "cleartext"))
                {
                    client.read(secret);
                }
            }
            Action::RequestToken { client, secret: WhichSecret::Current, .. } => {
                if let Some(client) = self.clients.get_mut(client)
                    && text(body, "access_token").is_some()
                {
                    client.secret_worked = true;
                }
            }
            Action::SearchClients { server, filter } => {
                self.walk(*server, call, body);
                self.deleted_server_answers.search |= self.is_gone(*server);
                if *filter == Filter::default() && found_nothing(body) {
                    self.shown_without_clients.insert(*server);
                }
                let shown = call.sightings(exchange).into_iter().filter_map(|sighting| match sighting {
                    Sighting::Client(id, _) => self.client_with_id(id),
                    Sighting::Server(..) => None,
                });
                let shown: Vec<_> = shown.collect();
                self.found.extend(shown);
            }
            Action::LoadServer { .. }
            | Action::LoadUnmadeServer
            | Action::LoadAllServers
            | Action::LoadClient { .. }
            | Action::Probe { .. }
            | Action::Ask(_)
            | Action::RequestToken { .. } => {}
        }
        if call.step.action.operation().is_some_and(writes) {
            self.walk = None;
            self.found.clear();
        }
    }

    fn is_gone(&self, server: ServerLabel) -> bool {
        self.servers.get(&server).is_some_and(|record| record.life == Life::Gone)
    }

    /// Notes how members are answered that were not sent.
    fn learn_defaults(&mut self, sent: &Members, shown: &Value) {
        for name in documented::SERVER_MEMBERS.iter().filter(|name| !sent.contains_key(*name)) {
            self.server_defaults.entry(name.as_str()).or_insert_with(|| shown[name].clone());
        }
    }

    /// The searches that read the pages before this one, if it is the next of the walk that goes on.
    pub(crate) fn pages_before(&self, call: &Call) -> Vec<Call> {
        let (Request::Management(operation, body), Some(walk)) = (&call.request, &self.walk) else {
            return Vec::new();
        };
        let of_page = |page: u64| {
            let mut search = walk.search.clone();
            search["page"] = page.into();
            search
        };
        if *body != of_page(walk.pages) {
            return Vec::new();
        }
        let request = |page| Request::Management(operation, of_page(page));
        (0..walk.pages).map(|page| Call { step: call.step.clone(), request: request(page) }).collect()
    }

    /// Takes in a page of a search: the first of a walk, or the next of the walk that goes on.
    fn walk(&mut self, server: ServerLabel, call: &Call, body: &Value) {
        let Request::Management(_, request) = &call.request else { return };
        let mut search = request.clone();
        let page = search.as_object_mut().and_then(|members| members.remove("page"));
        let Some(page) = page.as_ref().and_then(Value::as_u64) else {
            if request.get("limit").is_none() {
                let size = body["clients"].as_array().map_or(0, Vec::len);
                self.largest_page = self.largest_page.max(size);
            }
            return;
        };
        let found = body["clients"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |client: &Value, member: &str| client[member].as_str().unwrap_or_default().to_owned();
        let found = found.iter().map(|client| (text(client, "id"), text(client, "name")));
        self.walk = match self.walk.take() {
            _ if page == 0 => {
                let (pages, found) = (1, found.collect());
                Some(Walk { server, search, pages, found, last_was_empty: found_nothing(body) })
            }
            Some(mut walk) if walk.pages == page && walk.search == search && walk.server == server => {
                walk.found.extend(found);
                walk.pages += 1;
                walk.last_was_empty = found_nothing(body);
                Some(walk)
            }
            _ => None,
        };
    }

    /// After an unclear outcome: whatever the action could have changed is unknown.
    fn forget(&mut self, action: &Action) {
        self.walk = None;
        match action {
            Action::CreateServer { .. } => self.possible_orphans += 1,
            Action::CreateClient { server, .. } => {
                self.servers_with_possible_orphans.insert(*server);
            }
            Action::RotateSecret { client } => {
                if let Some(client) = self.clients.get_mut(client) {
                    client.secret_is_known = false;
                }
            }
            _ => {
                self.set_knowledge(action, Knowledge::Unknown);
                self.end(action, Life::Unknown);
            }
        }
    }

    fn set_knowledge(&mut self, action: &Action, knowledge: Knowledge) {
        let record = match action {
            Action::CreateServer { server, .. } | Action::UpdateServer { server, .. } => {
                self.servers.get_mut(server)
            }
            Action::CreateClient { client, .. } | Action::UpdateClient { client, .. } => {
                self.clients.get_mut(client).map(|client| &mut client.record)
            }
            _ => None,
        };
        if let Some(record) = record {
            record.knowledge = knowledge;
            record.trust = Trust::Written;
        }
        if let Action::UpdateServer { server, .. } = action {
            self.metadata.remove(server);
        }
    }

    fn end(&mut self, action: &Action, life: Life) {
        let (servers, clients): (&[ServerLabel], &[ClientLabel]) = match action {
            Action::DeleteServer { server } => (std::slice::from_ref(server), &[]),
            Action::DeleteServers { servers } => (servers, &[]),
            Action::DeleteClient { client } => (&[], std::slice::from_ref(client)),
            Action::DeleteClients { clients, .. } => (&[], clients),
            _ => return,
        };
        for label in servers {
            if let Some(record) = self.servers.get_mut(label) {
                record.life = life;
            }
            // Whether the clients of a deleted server go with it is an open question.
            for client in
                self.clients.values_mut().filter(|client| client.server == *label && client.record.is_alive())
            {
                client.record.life = Life::Unknown;
            }
        }
        for label in clients {
            if let Some(client) = self.clients.get_mut(label) {
                client.record.life = life;
            }
        }
    }

    /// Notes an event on every record that it must leave as it is: for a faulty request all of them, else all but those
    /// that it names.
    fn bystand(&mut self, call: &Call, event: Bystood) {
        let spared = |servers: &[ServerLabel], clients: &[ClientLabel]| (servers.to_vec(), clients.to_vec());
        let (servers, clients) = match &call.step.action {
            _ if matches!(event, Bystood::UnauthorizedRequest | Bystood::MalformedRequest) => {
                spared(&[], &[])
            }
            Action::UpdateServer { server, .. } => spared(&[*server], &[]),
            Action::UpdateClient { client, .. } | Action::DeleteClient { client } => spared(&[], &[*client]),
            Action::DeleteClients { clients, .. } => spared(&[], clients),
            _ => spared(&[], &[]),
        };
        for (label, record) in &mut self.servers {
            if record.is_alive() && !servers.contains(label) {
                record.since.insert(event);
            }
        }
        for (label, client) in &mut self.clients {
            if client.record.is_alive() && !clients.contains(label) {
                client.record.since.insert(event);
                client.secret_since.insert(event);
            }
        }
    }
}
