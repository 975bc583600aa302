//! What is known after requests that were sent at the same time.

use std::collections::BTreeMap;

use super::effect::Effect;
use super::semantics::Asked;
use super::{Knowledge, Life, Model, Trust};
use crate::labels::{ClientLabel, ServerLabel};
use crate::wire::exchange::{Answer, Exchange};

/// A request of a group that was sent at the same time, and what came of it.
type Sent<'a> = (Asked<'a>, &'a Exchange);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RecordLabel {
    Server(ServerLabel),
    Client(ClientLabel),
}

impl Model {
    /// Takes in what requests say that were sent at the same time: in which order they were carried out is unknown.
    pub fn apply_at_once(&mut self, group: &[Sent<'_>]) {
        let servers = self.servers.iter().map(|(label, record)| (RecordLabel::Server(*label), record.trust));
        let clients = self.clients.iter();
        let clients = clients.map(|(label, client)| (RecordLabel::Client(*label), client.record.trust));
        let trust: BTreeMap<_, _> = servers.chain(clients).collect();
        for (asked, exchange) in group {
            self.apply(asked, exchange);
        }
        let done = |asked: &Asked<'_>, exchange: &Exchange| {
            exchange.answer().is_some_and(Answer::is_success) && asked.fault.is_none()
        };
        let is_unclear = |(asked, exchange): &&Sent<'_>| {
            exchange.is_unclear() || exchange.after_unclear_try || asked.is_unreadable(exchange)
        };
        let mut written: BTreeMap<RecordLabel, Vec<&Sent<'_>>> = BTreeMap::new();
        let mut rotated: BTreeMap<ClientLabel, Vec<&Sent<'_>>> = BTreeMap::new();
        for sent in group {
            match sent.0.semantics.effect {
                Effect::UpdateServer(server) => {
                    written.entry(RecordLabel::Server(server)).or_default().push(sent);
                }
                Effect::UpdateClient(client) => {
                    written.entry(RecordLabel::Client(client)).or_default().push(sent);
                }
                Effect::RotateSecret(client) => rotated.entry(client).or_default().push(sent),
                Effect::CreateServer(server) => {
                    if let Some(record) = self.servers.get_mut(&server) {
                        record.made_at_once = true;
                    }
                }
                Effect::CreateClient { client, .. } => {
                    if let Some(client) = self.clients.get_mut(&client) {
                        client.record.made_at_once = true;
                    }
                }
                Effect::Nothing
                | Effect::DeleteServers(_)
                | Effect::DeleteClients { .. }
                | Effect::ReadSecret(_)
                | Effect::SearchClients { .. }
                | Effect::UseSecret { .. }
                | Effect::Authorization(_) => {}
            }
        }
        for (asked, exchange) in group {
            self.end_at_once(asked, exchange, &written);
        }
        for client in rotated.keys() {
            // Which of its secrets a token request meanwhile was judged by is not known.
            if let Some(client) = self.clients.get_mut(client) {
                client.secret_worked = false;
            }
        }
        for (label, writes) in written.into_iter().filter(|(_, writes)| writes.len() > 1) {
            let states = writes.iter().filter(|(asked, exchange)| done(asked, exchange));
            let states: Vec<_> = states.map(|(asked, _)| asked.sent_record()).collect();
            let unclear = writes.iter().any(is_unclear);
            let record = match label {
                RecordLabel::Server(label) => self.servers.get_mut(&label),
                RecordLabel::Client(label) => self.clients.get_mut(&label).map(|client| &mut client.record),
            };
            if let Some(record) = record.filter(|_| unclear || states.len() > 1) {
                // What loading showed before still says whether loading can be believed.
                record.trust = trust.get(&label).copied().unwrap_or(Trust::Written);
                record.know(if unclear { Knowledge::Unknown } else { Knowledge::OneOf(states) });
            }
        }
        for (label, rotations) in rotated.into_iter().filter(|(_, rotations)| rotations.len() > 1) {
            let secrets = rotations.iter().filter_map(|(_, exchange)| exchange.success());
            let secrets: Vec<_> =
                secrets.filter_map(|body| body["cleartext"].as_str().map(str::to_owned)).collect();
            let unclear = rotations.iter().any(is_unclear);
            if let Some(client) = self.clients.get_mut(&label).filter(|_| unclear || secrets.len() > 1) {
                client.secret_is_known = false;
                client.secret_trust = Trust::Written;
                client.secret_worked = false;
                client.rotated_at_once = if unclear { Vec::new() } else { secrets };
            }
        }
    }

    /// Takes in once more what a deletion did: an update that was sent at the same time was carried out before it, or was
    /// refused, whatever the order of their answers. An update creates nothing.
    fn end_at_once(
        &mut self,
        asked: &Asked<'_>,
        exchange: &Exchange,
        written: &BTreeMap<RecordLabel, Vec<&Sent<'_>>>,
    ) {
        let Some((servers, clients)) = asked.semantics.effect.deletes().filter(|_| asked.fault.is_none())
        else {
            return;
        };
        let life = match exchange.answer() {
            Some(answer) if answer.is_success() => Life::Gone,
            _ if exchange.is_unclear() || exchange.after_unclear_try => Life::Unknown,
            _ => return,
        };
        let clients = asked.named(clients, self);
        self.end_servers(servers, life);
        self.end_clients(&clients, life);
        for label in servers.iter().filter(|label| written.contains_key(&RecordLabel::Server(**label))) {
            if let Some(record) = self.servers.get_mut(label) {
                record.deleted_during_an_update = true;
            }
        }
        for label in clients.iter().filter(|label| written.contains_key(&RecordLabel::Client(**label))) {
            if let Some(client) = self.clients.get_mut(label) {
                client.record.deleted_during_an_update = true;
            }
        }
    }
}
