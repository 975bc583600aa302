//! What is known after a request and its answer.

use std::collections::{BTreeMap, BTreeSet};

use descope_mcp_operations::{Access, find};
use serde_json::Value;

use super::effect::{Created, Effect};
use super::pages::found_nothing;
use super::semantics::{Asked, Seen, ShownRecords, Sighting};
use super::{ClientRecord, InterferingEvent, Knowledge, Life, Model, Record, Trust};
use crate::documented;
use crate::json::Members;
use crate::labels::{ClientLabel, ServerLabel, WhichSecret};
use crate::wire::exchange::Exchange;
use crate::wire::fault::{Fault, Near};

fn writes(operation: &str) -> bool {
    find(operation).is_some_and(|operation| operation.access == Access::Write)
}

/// A member that is a text and not empty.
fn text(value: &Value, member: &str) -> Option<String> {
    value.get(member).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

impl Model {
    /// Takes in what a request and its answer say about the target's state.
    pub fn apply(&mut self, asked: &Asked<'_>, exchange: &Exchange) {
        self.learn_from(asked, exchange);
        self.learn_scopes(asked, exchange);
    }

    fn learn_from(&mut self, asked: &Asked<'_>, exchange: &Exchange) {
        let effect = asked.semantics.effect;
        if let Some(server) = effect.gives_a_client_to() {
            self.shown_without_clients.remove(&server);
            self.asked_for_clients.insert(server);
        }
        if let Effect::Authorization(effect) = effect {
            return self.learn(effect, exchange);
        }
        self.learn_rotation(effect, exchange);
        if let Some(fault) = asked.fault {
            // Whether it was refused is judged elsewhere. If it was, that it changed nothing shows when the records are
            // next seen; if not, it may have done what it asked for.
            let event = match fault.is_unauthorized() {
                true => InterferingEvent::UnauthorizedRequest,
                false => InterferingEvent::MalformedRequest,
            };
            // Deletions of what is not there may succeed, and delete nothing.
            let nearly_deleted = match (fault, effect.deletes()) {
                (Fault::NearId(_, near), Some(deleted)) => Some((*near, deleted)),
                _ => None,
            };
            let success = exchange.answer().filter(|answer| nearly_deleted.is_some() && answer.is_success());
            if let Some((near, (servers, clients))) = nearly_deleted.filter(|_| success.is_some()) {
                self.note_near_deletion(near, servers, clients);
            }
            match exchange.refusal().or(success) {
                Some(_) => {
                    self.creation_was_refused |= effect.creates().is_some();
                    self.note_interference(event, &[], &[]);
                }
                None => match effect.creates().filter(|_| exchange.success().is_some()) {
                    Some(created) => {
                        // What it made is ours to delete.
                        self.acknowledge(asked, exchange);
                        self.forget_created(created);
                    }
                    None => self.forget(asked),
                },
            }
            return;
        }
        if exchange.is_unclear() || asked.is_unreadable(exchange) {
            self.forget(asked);
            return;
        }
        if !exchange.answer().is_some_and(|answer| answer.is_success()) {
            if exchange.after_unclear_try {
                self.forget(asked);
            }
            return;
        }
        self.acknowledge(asked, exchange);
        match asked.semantics.shows {
            ShownRecords::Nothing => {}
            // A list is judged by what is known and adds nothing to it: were a wrong list believed, every right answer
            // after it would look wrong.
            ShownRecords::Servers | ShownRecords::Clients => self.find_registered(asked, exchange),
            ShownRecords::Server(_, seen) | ShownRecords::Client(_, seen) => self.see(asked, exchange, seen),
        }
    }

    /// Learns from an answer with one record what its members hold.
    fn see(&mut self, asked: &Asked<'_>, exchange: &Exchange, seen: Seen) {
        let see = match seen {
            Seen::Written => Record::see_written,
            Seen::Loaded => Record::see_loaded,
            Seen::LoadedByAnotherWay => return self.find_registered(asked, exchange),
        };
        for sighting in asked.sightings(exchange) {
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

    /// Learns from a search, or a load by client id, which records belong to the clients that registered themselves.
    fn find_registered(&mut self, asked: &Asked<'_>, exchange: &Exchange) {
        for sighting in asked.sightings(exchange) {
            let Sighting::Client(id, members) = sighting else { continue };
            let waiting = self.clients.values_mut().find(|client| {
                client.awaits_its_id()
                    && members.get("clientId").is_some_and(|found| *found == *client.client_id)
            });
            if let Some(client) = waiting {
                // What it holds, only loading it shows; where its codes go is as it asked for.
                let mut known = members.clone();
                known.retain(|name, _| name == "approvedCallbackUrls");
                client.record = Record::created(id.to_owned(), Knowledge::Sent(known));
            }
        }
    }

    /// Learns what becomes of secrets that were rotated one after another.
    fn learn_rotation(&mut self, effect: Effect<'_>, exchange: &Exchange) {
        let Effect::UseSecret { client, secret: WhichSecret::BeforeRotation } = effect else { return };
        let answer = exchange.answer().filter(|answer| answer.status != 404);
        if let (Some(answer), Some(client)) = (answer, self.clients.get(&client))
            && client.rotated_at_once.is_empty()
        {
            self.rotated_secrets_die = !answer.is_success();
        }
    }

    /// Takes in that a request was carried out.
    fn acknowledge(&mut self, asked: &Asked<'_>, exchange: &Exchange) {
        let body = exchange.success().unwrap_or(&Value::Null);
        match asked.semantics.effect {
            Effect::CreateServer(server) => match text(&body["server"], "id") {
                Some(id) => {
                    let known = Knowledge::Sent(asked.sent_documented());
                    self.insert_server(server, Record::created(id, known));
                    self.learn_defaults(&asked.sent_record(), &body["server"]);
                }
                None => {
                    self.possible_orphans += 1;
                    self.take_names(asked);
                }
            },
            Effect::CreateClient { client, server } => match (text(body, "id"), text(body, "clientId")) {
                (Some(id), Some(client_id)) => {
                    let secret = text(body, "cleartext");
                    let made = ClientRecord {
                        record: Record::created(id, Knowledge::Sent(asked.sent_documented())),
                        server,
                        client_id,
                        is_public: false,
                        secret_is_known: secret.is_some(),
                        secret_trust: Trust::Written,
                        secret_worked: false,
                        secrets: secret.into_iter().collect(),
                        replaced: BTreeMap::new(),
                        secret_since: BTreeSet::new(),
                        grant: None,
                        rotated_at_once: Vec::new(),
                    };
                    self.insert_client(client, made);
                }
                _ => {
                    self.servers_with_possible_orphans.insert(server);
                    self.take_names(asked);
                }
            },
            Effect::UpdateServer(server) => {
                self.know_server(server, Knowledge::Sent(asked.sent_documented()));
                self.metadata.remove(&server);
                self.note_interference(InterferingEvent::UpdateOfAnother, &[server], &[]);
            }
            Effect::UpdateClient(client) => {
                self.know_client(client, Knowledge::Sent(asked.sent_documented()));
                self.note_interference(InterferingEvent::UpdateOfAnother, &[], &[client]);
                if let Some(client) = self.clients.get_mut(&client) {
                    client.secret_since.insert(InterferingEvent::UpdateOfAnother);
                }
            }
            Effect::DeleteServers(servers) => {
                self.end_servers(servers, Life::Gone);
                self.note_interference(InterferingEvent::DeletionOfAnother, &[], &[]);
            }
            Effect::DeleteClients { clients, in_bulk_of } => {
                self.deleted_server_answers.deletion |= in_bulk_of.is_some_and(|server| self.is_gone(server));
                let clients = asked.named(clients, self);
                self.end_clients(&clients, Life::Gone);
                self.note_interference(InterferingEvent::DeletionOfAnother, &[], &clients);
            }
            Effect::RotateSecret(client) => {
                let Some(client) = self.clients.get_mut(&client) else { return };
                // Nobody knows what the secret is now.
                client.secret_is_known = false;
                if let Some(secret) = text(body, "cleartext") {
                    client.rotate(secret, exchange);
                    client.secret_trust = Trust::Written;
                    client.rotated_at_once.clear();
                    client.record.since.insert(InterferingEvent::Rotation);
                    // Whether tokens outlive the secret that they were given for is an open question.
                    client.grant.iter_mut().for_each(|grant| grant.outlived_a_secret = true);
                }
            }
            Effect::ReadSecret(client) => {
                if let (Some(client), Some(secret)) = (self.clients.get_mut(&client), text(body, "cleartext"))
                {
                    client.read(secret);
                }
            }
            Effect::UseSecret { client, secret } => {
                if let Some(client) = self.clients.get_mut(&client)
                    && secret == WhichSecret::Current
                    && text(body, "access_token").is_some()
                {
                    client.secret_worked = true;
                }
            }
            Effect::SearchClients { server, unrestricted } => {
                self.walk(server, asked.request, body);
                self.deleted_server_answers.search |= self.is_gone(server);
                if unrestricted && found_nothing(body) {
                    self.shown_without_clients.insert(server);
                }
                let shown = asked.sightings(exchange).into_iter().filter_map(|sighting| match sighting {
                    Sighting::Client(id, _) => self.client_with_id(id),
                    Sighting::Server(..) => None,
                });
                let shown: Vec<_> = shown.collect();
                self.found.extend(shown);
            }
            Effect::Nothing | Effect::Authorization(_) => {}
        }
        if asked.semantics.operation.is_some_and(writes) {
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

    /// After an unclear outcome: whatever the request could have changed is unknown.
    fn forget(&mut self, asked: &Asked<'_>) {
        self.walk = None;
        self.take_names(asked);
        match asked.semantics.effect {
            Effect::CreateServer(_) => self.possible_orphans += 1,
            Effect::CreateClient { server, .. } => {
                self.servers_with_possible_orphans.insert(server);
            }
            Effect::UpdateServer(server) => {
                self.know_server(server, Knowledge::Unknown);
                self.metadata.remove(&server);
            }
            Effect::UpdateClient(client) => self.know_client(client, Knowledge::Unknown),
            Effect::DeleteServers(servers) => self.end_servers(servers, Life::Unknown),
            Effect::DeleteClients { clients, .. } => self.end_clients(clients, Life::Unknown),
            Effect::RotateSecret(client) => {
                if let Some(client) = self.clients.get_mut(&client) {
                    client.secret_is_known = false;
                }
            }
            Effect::Nothing
            | Effect::ReadSecret(_)
            | Effect::SearchClients { .. }
            | Effect::UseSecret { .. }
            | Effect::Authorization(_) => {}
        }
    }

    /// After a request that may have named a record: it may have the name that was sent, or the one from before.
    fn take_names(&mut self, asked: &Asked<'_>) {
        let effect = asked.semantics.effect;
        if !effect.updates() && effect.creates().is_none() {
            return;
        }
        let before = if let Effect::UpdateServer(server) = effect {
            self.servers.get(&server)
        } else if let Effect::UpdateClient(client) = effect {
            self.clients.get(&client).map(|client| &client.record)
        } else {
            None
        };
        let records = [before.and_then(Record::members), asked.sent()];
        for members in records.into_iter().flatten() {
            if let Some(name) = members.get("name").and_then(Value::as_str) {
                self.taken_names.insert(name);
            }
        }
    }

    /// What a request has created that should have been refused holds nobody knows what.
    fn forget_created(&mut self, created: Created) {
        match created {
            Created::Server(server) => self.know_server(server, Knowledge::Unknown),
            Created::Client(client) => self.know_client(client, Knowledge::Unknown),
        }
    }

    fn know_server(&mut self, server: ServerLabel, knowledge: Knowledge) {
        if let Some(record) = self.servers.get_mut(&server) {
            record.replace(knowledge);
        }
    }

    fn know_client(&mut self, client: ClientLabel, knowledge: Knowledge) {
        if let Some(client) = self.clients.get_mut(&client) {
            client.record.replace(knowledge);
        }
    }

    pub(super) fn end_servers(&mut self, servers: &[ServerLabel], life: Life) {
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
    }

    pub(super) fn end_clients(&mut self, clients: &[ClientLabel], life: Life) {
        for label in clients {
            if let Some(client) = self.clients.get_mut(label) {
                client.record.life = life;
            }
        }
    }

    /// Notes that a deletion by nearly the ids of these records was acknowledged: it must not have deleted them.
    fn note_near_deletion(&mut self, near: Near, servers: &[ServerLabel], clients: &[ClientLabel]) {
        for label in servers {
            if let Some(record) = self.servers.get_mut(label) {
                record.nearly_deleted = Some(near);
            }
        }
        for label in clients {
            if let Some(client) = self.clients.get_mut(label) {
                client.record.nearly_deleted = Some(near);
            }
        }
    }

    /// Notes an event on every record that it must leave as it is: all but these.
    fn note_interference(
        &mut self,
        event: InterferingEvent,
        except_servers: &[ServerLabel],
        except_clients: &[ClientLabel],
    ) {
        for (label, record) in &mut self.servers {
            if record.is_alive() && !except_servers.contains(label) {
                record.since.insert(event);
            }
        }
        for (label, client) in &mut self.clients {
            if client.record.is_alive() && !except_clients.contains(label) {
                client.record.since.insert(event);
                client.secret_since.insert(event);
            }
        }
    }
}
