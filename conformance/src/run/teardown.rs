//! The end of each plan, and what comes before every deletion of a server: no client may be left that nobody finds.

use tokio::time::sleep;

use super::execute::{Executor, PlanOutcome};
use super::sweep::{NotDeleted, Sweep};
use crate::model::{Life, Model};
use crate::plan::{Action, ServerLabel, Step};
use crate::wire::activity::Wait;

impl Executor<'_> {
    /// Deletes what the plan has left. A server that may have clients which nobody has the ids of is left to the sweep at
    /// the end of the run, which looks for them.
    pub(super) async fn tear_down(&self, model: &mut Model, outcome: &mut PlanOutcome) {
        let left = model.servers.iter().filter(|(_, record)| record.life != Life::Gone);
        let mut servers = Vec::new();
        for server in left.map(|(label, _)| *label).collect::<Vec<_>>() {
            if self.empty(server, model, outcome).await {
                servers.push(server);
            }
        }
        if !servers.is_empty() {
            self.run_step(&Action::DeleteServers { servers }.into(), model, outcome).await;
        }
        for server in deleted_with_clients(model) {
            self.empty(server, model, outcome).await;
        }
    }

    /// Empties the servers that a step deletes, unless their clients stay in reach. Says whether the step can be taken.
    pub(super) async fn empty_before(
        &self,
        step: &Step,
        model: &mut Model,
        outcome: &mut PlanOutcome,
    ) -> bool {
        if step.fault.is_some() || model.clients_of_deleted_are_in_reach() {
            return true;
        }
        let (servers, _) = step.action.semantics().effect.deletes().unwrap_or_default();
        for server in servers {
            let exists = model.servers.get(server).is_some_and(|record| record.life != Life::Gone);
            if exists && !self.empty(*server, model, outcome).await {
                return false;
            }
        }
        true
    }

    /// Deletes the clients of a server, which may be out of reach once the server is gone, until a search shows that it
    /// has none. Says whether the server can be deleted without leaving a client behind.
    async fn empty(&self, server: ServerLabel, model: &mut Model, outcome: &mut PlanOutcome) -> bool {
        if model.servers_with_possible_orphans.contains(&server) {
            return false;
        }
        if model.clients_of(server).next().is_none() {
            return true;
        }
        let left = model.clients_of(server).filter(|(_, client)| client.record.life != Life::Gone);
        let (awaiting, left): (Vec<_>, Vec<_>) = left.partition(|(_, client)| client.awaits_its_id());
        let (awaiting, clients) = (awaiting.len(), left.iter().map(|(label, _)| *label).collect::<Vec<_>>());
        if !clients.is_empty() {
            self.run_step(&Action::DeleteClients { server, clients }.into(), model, outcome).await;
        }
        if awaiting == 0 && model.shown_without_clients.contains(&server) {
            return true;
        }
        let Some(id) = model.servers.get(&server).map(|record| record.id.clone()) else { return false };
        {
            let _waiting = self.sender.activity().wait(Wait::Lists);
            sleep(self.patience.until_lists_show()).await;
        }
        // Not a step that properties judge: after a clean-up they would only repeat what they found before.
        let sweep = Sweep::new(self.sender, &self.mark.prefix);
        let swept = sweep.clients_of(&id, &model.client_ids_of(server)).await;
        outcome.wasted += sweep.sent();
        match swept {
            Ok(deleted) if deleted < awaiting => return false,
            Ok(_) => model.end_clients_of(server),
            // The server is gone already: it was emptied before that.
            Err(NotDeleted::Refused) => {}
            Err(NotDeleted::MayBeLeft) => return false,
        }
        true
    }
}

/// Most requests that it takes to delete what a plan has made so far, on a target that answers as it should.
pub(super) fn max_requests(model: &Model) -> u64 {
    let left: Vec<_> = model
        .servers
        .iter()
        .filter(|(_, record)| record.life != Life::Gone)
        .map(|(label, _)| *label)
        .collect();
    let to_empty = left.iter().copied().chain(deleted_with_clients(model));
    let requests = to_empty.map(|server| {
        let clients = || model.clients_of(server);
        let some_left = clients().any(|(_, client)| client.record.life != Life::Gone);
        let awaiting = clients().any(|(_, client)| client.awaits_its_id());
        let search = clients().next().is_some() && !model.shown_without_clients.contains(&server);
        // What a search has to find first is deleted after it, and searched for once more.
        u64::from(some_left) + u64::from(search || awaiting) + u64::from(awaiting)
    });
    requests.sum::<u64>() + u64::from(!left.is_empty())
}

/// The servers that are gone, and that may have left clients.
fn deleted_with_clients(model: &Model) -> Vec<ServerLabel> {
    let gone = model.servers.iter().filter(|(_, record)| record.life == Life::Gone);
    let left = gone
        .filter(|(server, _)| model.clients_of(**server).any(|(_, client)| client.record.life != Life::Gone));
    left.map(|(server, _)| *server).collect()
}
