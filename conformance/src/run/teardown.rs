//! The end of each plan, and what comes before every deletion of a server: no client may be left that nobody finds.

use std::collections::BTreeSet;

use super::execute::Executor;
use super::leftovers::ClientKey;
use super::outcome::PlanOutcome;
use super::sweep::{KnownClients, NotDeleted, Sweep};
use crate::call::Call;
use crate::model::{ClientRecord, Life, Model};
use crate::plan::{Action, ClientLabel, LoadBy, ServerLabel, Step};
use crate::wire::allowance::Purpose;

impl Executor<'_> {
    /// Deletes what the plan has left. A server that may have clients which nobody has the ids of is left to the sweep at
    /// the end of the run, which looks for them.
    pub(super) async fn tear_down(&self, model: &mut Model, outcome: &mut PlanOutcome) {
        let left = model.servers.iter().filter(|(_, record)| record.life != Life::Gone);
        let left: Vec<_> = left.map(|(label, _)| *label).collect();
        // What can be deleted by its id is, before anything is waited for.
        for server in &left {
            self.delete_known_clients(*server, model, outcome).await;
        }
        let mut servers = Vec::new();
        for server in left {
            if self.empty(server, model, outcome).await {
                servers.push(server);
            }
        }
        if !servers.is_empty() {
            self.run_step(&Action::DeleteServers { servers }.into(), model, outcome).await;
        }
        for server in deleted_with_clients(model) {
            self.empty_deleted(server, model, outcome).await;
        }
    }

    /// Empties the servers that a step deletes, unless their clients stay in reach and it is known what to ask for each of
    /// them by: a search may hide them then. Says whether the step can be taken.
    pub(super) async fn empty_before(
        &self,
        step: &Step,
        model: &mut Model,
        outcome: &mut PlanOutcome,
    ) -> bool {
        if step.fault.is_some() {
            return true;
        }
        let (servers, _) = step.action.semantics().effect.deletes().unwrap_or_default();
        for server in servers {
            let exists = model.servers.get(server).is_some_and(|record| record.life != Life::Gone);
            if !exists {
                continue;
            }
            if model.clients_of_deleted_are_in_reach() {
                self.load_registered(*server, model, outcome).await;
                if !model.may_have_orphans(*server) {
                    continue;
                }
            }
            if !self.empty(*server, model, outcome).await {
                return false;
            }
        }
        true
    }

    /// Deletes the clients of a server that the plan has the ids of, in one request: whoever finds them by searches may have
    /// to delete one after the other.
    async fn delete_known_clients(&self, server: ServerLabel, model: &mut Model, outcome: &mut PlanOutcome) {
        let known = model.clients_left_of(server).filter(|(_, client)| !client.awaits_its_id());
        let clients: Vec<_> = known.map(|(label, _)| label).collect();
        if !clients.is_empty() {
            self.run_step(&Action::DeleteClients { server, clients }.into(), model, outcome).await;
        }
    }

    /// Loads the clients that registered themselves and that no search has shown, which tells the ids of their records.
    async fn load_registered(&self, server: ServerLabel, model: &mut Model, outcome: &mut PlanOutcome) {
        let awaiting = model.clients_left_of(server).filter(|(_, client)| client.awaits_its_id());
        for client in awaiting.map(|(label, _)| label).collect::<Vec<_>>() {
            let load = Action::LoadClient { client, by: LoadBy::ClientId };
            let Some(call) = Call::resolve(&load.into(), model, self.mark) else { continue };
            // Not a step that properties judge, and paid for by what is reserved for clean-up.
            let exchange = self.sender.send_for(Purpose::CleanUp, &call.request, None).await;
            model.apply(&call.asked(), &exchange);
            outcome.wasted += 1;
        }
    }

    /// Deletes the clients of a server, which may be out of reach once the server is gone, until a search shows that it
    /// has none. Says whether the server can be deleted without leaving a client behind.
    async fn empty(&self, server: ServerLabel, model: &mut Model, outcome: &mut PlanOutcome) -> bool {
        if model.servers_with_possible_orphans.contains(&server) {
            return false;
        }
        if !model.asked_for_clients.contains(&server) {
            return true;
        }
        self.delete_known_clients(server, model, outcome).await;
        let awaiting = model.unseen_clients_of(server);
        if awaiting == 0 && model.shown_without_clients.contains(&server) {
            return true;
        }
        let Some(id) = model.servers.get(&server).map(|record| record.id.clone()) else { return false };
        let known = model.clients_of(server).filter(|(_, client)| !client.awaits_its_id());
        let (deleted, undeleted): (Vec<_>, Vec<_>) =
            known.partition(|(_, client)| client.record.life == Life::Gone);
        let ids = |clients: Vec<(ClientLabel, &ClientRecord)>| -> Vec<String> {
            clients.into_iter().map(|(_, client)| client.record.id.clone()).collect()
        };
        let (deleted, undeleted) = (ids(deleted), ids(undeleted));
        let known = KnownClients { deleted: &deleted, undeleted: &undeleted, all_are_ours: false };
        // Not a step that properties judge: after a clean-up they would only repeat what they found before.
        let sweep = Sweep::of_plan(self.sender, &self.mark.prefix, self.patience);
        let sweep = sweep.doubting_loads(self.leftovers.loads_are_doubtful());
        let swept = sweep.clients_of_in_time(&id, known).await;
        outcome.wasted += sweep.sent();
        match swept {
            Ok(found) if found < awaiting => {
                // What no search shows can be found by the client id that its registration told.
                self.load_registered(server, model, outcome).await;
                self.delete_known_clients(server, model, outcome).await;
                if model.clients_left_of(server).next().is_some() {
                    return false;
                }
                model.end_clients_of(server);
            }
            Ok(_) => model.end_clients_of(server),
            // The server is gone already: it was emptied before that.
            Err(NotDeleted::NoSuchServer) => {}
            Err(NotDeleted::MayBeLeft) => return false,
        }
        true
    }

    /// Deletes the clients that a deleted server may have left. Whether a search shows them is an open question: each of them
    /// is asked for. What is left after that is left to the sweep.
    async fn empty_deleted(&self, server: ServerLabel, model: &mut Model, outcome: &mut PlanOutcome) {
        self.load_registered(server, model, outcome).await;
        let left = model.clients_left_of(server).map(|(label, client)| (label, ClientKey::of(client)));
        let (labels, keys): (Vec<_>, BTreeSet<_>) = left.unzip();
        self.delete_known_clients(server, model, outcome).await;
        let Some(id) = model.servers.get(&server).map(|record| record.id.clone()) else { return };
        let sweep = Sweep::of_plan(self.sender, &self.mark.prefix, self.patience);
        let sweep = sweep.doubting_loads(self.leftovers.loads_are_doubtful());
        let swept = match sweep.clients_of_in_time(&id, KnownClients::default()).await {
            Err(NotDeleted::MayBeLeft) => Err(NotDeleted::MayBeLeft),
            Ok(_) | Err(NotDeleted::NoSuchServer) => sweep.each_of(&id, Some(&keys)).await,
        };
        outcome.wasted += sweep.sent();
        match swept {
            Ok(()) => model.end_clients_of(server),
            Err(_) => model.doubt_deletion_of(&labels),
        }
    }
}

/// The servers that are gone, and that may have left clients.
fn deleted_with_clients(model: &Model) -> Vec<ServerLabel> {
    let gone = model.servers.iter().filter(|(_, record)| record.life == Life::Gone);
    let left = gone.filter(|(server, _)| model.clients_left_of(**server).next().is_some());
    left.map(|(server, _)| *server).collect()
}
