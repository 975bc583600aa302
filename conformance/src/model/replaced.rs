//! What becomes of a record whose label is given to another one: a target may carry out what it should refuse, such as the
//! creation of a record that the plan has already. The first one is still there, and must be deleted too.

use super::{ClientRecord, Life, Model, Record};
use crate::labels::{ClientLabel, ServerLabel};

impl Model {
    /// Takes in a new server. Another one that had its label keeps its clients, and gets a label that no plan uses.
    pub(super) fn insert_server(&mut self, label: ServerLabel, made: Record) {
        let Some(replaced) = self.servers.insert(label, made) else { return };
        let is_same = self.servers.get(&label).is_some_and(|made| made.id == replaced.id);
        let may_be_left = replaced.life != Life::Gone || self.clients_left_of(label).next().is_some();
        let free = (0..=u16::MAX).rev().map(ServerLabel).find(|free| !self.servers.contains_key(free));
        let Some(free) = free.filter(|_| !is_same && may_be_left) else { return };
        self.servers.insert(free, replaced);
        for client in self.clients.values_mut().filter(|client| client.server == label) {
            client.server = free;
        }
        for servers in [
            &mut self.servers_with_possible_orphans,
            &mut self.asked_for_clients,
            &mut self.shown_without_clients,
        ] {
            if servers.remove(&label) {
                servers.insert(free);
            }
        }
        self.metadata.remove(&label);
        if let Some(scopes) = self.approved_scopes.remove(&label) {
            self.approved_scopes.insert(free, scopes);
        }
    }

    /// Takes in a new client. Another one that had its label gets one that no plan uses.
    pub(super) fn insert_client(&mut self, label: ClientLabel, made: ClientRecord) {
        let Some(replaced) = self.clients.insert(label, made) else { return };
        let is_same = self.clients.get(&label).is_some_and(|made| made.client_id == replaced.client_id);
        let free = (0..=u16::MAX).rev().map(ClientLabel).find(|free| !self.clients.contains_key(free));
        if let Some(free) = free.filter(|_| !is_same && replaced.record.life != Life::Gone) {
            self.clients.insert(free, replaced);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::ask::Ask;
    use crate::plan::{Action, Fault};
    use crate::story::{C1, S1, Story};

    fn ids_of_clients(model: &Model) -> Vec<&str> {
        model.clients.values().map(|client| client.client_id.as_str()).collect()
    }

    #[test]
    fn a_server_whose_label_another_one_gets_is_still_known_and_so_are_its_clients() {
        let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let create = Action::CreateServer { server: S1, body: Default::default() };
        story.wrongly(Fault::NoKey, create, 200, json!({"server": {"id": "MS9"}}));
        let model = &story.model;
        let ids: Vec<_> = model.servers.values().map(|server| server.id.as_str()).collect();
        assert_eq!(ids, ["MS9", "MS1"]);
        let home = model.clients[&C1].server;
        assert_eq!(model.servers[&home].id, "MS1");
        assert!(model.asked_for_clients.contains(&home) && !model.asked_for_clients.contains(&S1));
    }

    #[test]
    fn a_client_whose_label_another_one_gets_is_still_known_until_it_is_deleted() {
        let register =
            |client_id: &str| (Ask::Register { client: C1, server: S1 }, json!({"client_id": client_id}));
        let mut story = Story::default().with_server(S1, json!({}));
        for (ask, answer) in [register("a"), register("b"), register("b")] {
            story.ask(ask, 201, &[], answer);
        }
        assert_eq!(ids_of_clients(&story.model), ["b", "a"]);
        assert_eq!(story.model.unseen_clients_of(S1), 2);
        story.model.end_clients_of(S1);
        let (ask, answer) = register("c");
        story.ask(ask, 201, &[], answer);
        assert_eq!(ids_of_clients(&story.model), ["c", "a"]);
    }
}
