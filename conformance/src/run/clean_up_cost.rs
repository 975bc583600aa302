//! What cleaning up costs at most, in requests, on a target that answers as it should. Whoever reserves requests for it asks
//! here; `teardown` and `sweep` send no more than this says. No I/O here.
//!
//! Deletions by known ids come first, all clients of a server in one request. Then a search must show that the server has
//! no clients; what it finds is deleted, and searched for once more.

use std::collections::BTreeSet;

use super::patience::Lateness;
use crate::labels::ServerLabel;
use crate::model::{Life, Model};
use crate::plan::{Plan, Step};

/// A list of all servers, or a search of the clients of one.
const LOOK: u64 = 1;
/// A deletion, of however many records at once.
const DELETION: u64 = 1;
/// To empty a server whose clients nobody has the ids of: they are found, deleted, and looked for once more.
const TO_FIND_CLIENTS: u64 = LOOK + DELETION + LOOK;
/// What a creation without a clear outcome may cost more: its record has to be found, and be deleted if it is a server.
const OF_UNCLEAR_CREATION: u64 = TO_FIND_CLIENTS + DELETION + LOOK;

/// What a server may have to be emptied of.
#[derive(Debug, Clone, Copy, Default)]
struct Clients {
    /// It may have clients whose ids are known.
    known: bool,
    /// It may have clients that only a search finds.
    unknown: bool,
    /// A search must show that it has none.
    unseen: bool,
}

impl Clients {
    fn of(model: &Model, server: ServerLabel) -> Self {
        let left = || model.clients_left_of(server);
        let unknown = left().any(|(_, client)| client.awaits_its_id());
        let is_seen = model.shown_without_clients.contains(&server);
        Self {
            known: left().any(|(_, client)| !client.awaits_its_id()),
            unknown,
            unseen: unknown || model.asked_for_clients.contains(&server) && !is_seen,
        }
    }

    fn max_requests(self) -> u64 {
        let deletion = if self.known { DELETION } else { 0 };
        let search = match (self.unknown, self.known || self.unseen) {
            (true, _) => TO_FIND_CLIENTS,
            (false, true) => LOOK,
            (false, false) => 0,
        };
        deletion + search
    }
}

/// What a sweep has to delete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Remains {
    /// Servers whose deletion nobody has acknowledged.
    pub undeleted: usize,
    /// Servers whose deletion was acknowledged in a way that is doubtful: each is asked for.
    pub doubtful: usize,
    /// Records that nobody has the ids of: servers, or clients, whose server is left then too.
    pub without_id: usize,
    /// Clients that no search need show: each is asked for.
    pub clients: usize,
}

/// The requests that a plan may need, unless it is disturbed: its steps, and deleting what it makes.
pub(super) fn max_requests(plan: &Plan) -> u64 {
    plan.steps.len() as u64 + of_plan(plan)
}

/// To delete what a whole plan makes, if nothing gets in the way.
fn of_plan(plan: &Plan) -> u64 {
    let (mut with_clients, mut with_registered) = (BTreeSet::new(), BTreeSet::new());
    for semantics in plan.steps.iter().map(|step| step.action.semantics()) {
        let server = semantics.effect.gives_a_client_to();
        with_clients.extend(server);
        with_registered.extend(server.filter(|_| semantics.operation.is_none()));
    }
    let clients = |server| Clients { known: true, unknown: with_registered.contains(server), unseen: true };
    with_clients.iter().map(|server| clients(server).max_requests()).sum::<u64>() + DELETION
}

/// To delete what a plan has made so far, at its end.
pub(super) fn of_teardown(model: &Model) -> u64 {
    let is_left = |server: &ServerLabel| model.servers.get(server).is_some_and(|of| of.life != Life::Gone);
    // Servers with clients that outlive them are emptied too.
    let clients = model.servers.keys().map(|server| {
        let clients = Clients::of(model, *server);
        let counts = is_left(server) || clients.known || clients.unknown;
        // The sweep finds the clients without an id that a server may have, and the last of the others.
        let is_for_the_sweep = model.servers_with_possible_orphans.contains(server);
        // Clients that outlive their server, or may be let outlive it, are deleted once more, and each is asked for.
        let may_outlive = !is_left(server) || model.clients_of_deleted_are_in_reach();
        let outliving = if may_outlive { model.clients_left_of(*server).count() as u64 } else { 0 };
        let asked_for = if outliving > 0 { DELETION + outliving * LOOK } else { 0 };
        match is_for_the_sweep {
            true => u64::from(clients.known) * DELETION,
            false if counts => clients.max_requests() + asked_for,
            false => 0,
        }
    });
    let servers = if model.servers.keys().any(is_left) { DELETION } else { 0 };
    clients.sum::<u64>() + servers
}

/// What more a step may cost, by what it makes, than what the plan has made so far. `is_disturbed` says whether outcomes of
/// the plan are known to be unclear.
pub(super) fn of_step(step: &Step, model: &Model, is_disturbed: bool) -> u64 {
    let semantics = step.action.semantics();
    let client = semantics.effect.gives_a_client_to().map_or(0, |server| {
        let before = match model.servers_with_possible_orphans.contains(&server) {
            true => Clients::default(),
            false => Clients::of(model, server),
        };
        let after = match semantics.operation {
            // A target may make what it refuses.
            Some(_) if step.fault.is_some() => Clients { unseen: true, ..before },
            Some(_) => Clients { known: true, ..before },
            None => Clients { unknown: true, ..before },
        };
        after.max_requests() - before.max_requests()
    });
    let creates_server = semantics.effect.creates_server().is_some() && step.fault.is_none();
    let is_the_first = !model.servers.values().any(|of| of.life != Life::Gone);
    let server = if creates_server && is_the_first { DELETION } else { 0 };
    let makes = creates_server || semantics.effect.gives_a_client_to().is_some();
    let unclear = if is_disturbed && makes { OF_UNCLEAR_CREATION } else { 0 };
    server + client + unclear
}

/// To find and delete all of this, and to see that nothing is left.
pub(super) fn of_sweep(remains: Remains) -> u64 {
    let Remains { undeleted, doubtful, without_id, clients } = remains;
    let found = (undeleted + without_id) as u64;
    let servers = if found > 0 { DELETION + LOOK } else { 0 };
    // One that is gone is asked for, and its clients are searched.
    LOOK + found * TO_FIND_CLIENTS + servers + doubtful as u64 * 2 * LOOK + clients as u64 * LOOK
}

/// To wait for lists that show deletions late, once: after that it is known how long to wait.
pub(super) fn of_late_lists(lateness: Lateness) -> u64 {
    match lateness {
        Lateness::NotWaitedFor => 0,
        // They may be later than they ever were.
        Lateness::NotSeen | Lateness::Measured => LOOK,
        // The deletion is repeated too, and one record is loaded.
        Lateness::Unknown => 6 * LOOK,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::Action;
    use crate::plan::ask::Ask;
    use crate::story::{C1, C2, S1, S2, Story};

    #[test]
    fn every_server_that_may_have_clients_is_paid_for_also_if_their_creation_was_refused() {
        let mut story = Story::default().with_server(S1, json!({})).with_server(S2, json!({}));
        assert_eq!(of_teardown(&story.model), 1);
        let create = Action::CreateClient { client: C1, server: S1, body: Default::default() };
        story.step(create, 400, json!({}));
        assert_eq!(of_teardown(&story.model), 2);
        let mut story = story.with_client(C1, S1, json!({}));
        assert_eq!(of_teardown(&story.model), 3);
        story.model.clients.get_mut(&C1).unwrap().record.id.clear();
        assert_eq!(of_teardown(&story.model), 4);
        let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        story.model.servers_with_possible_orphans.insert(S1);
        assert_eq!(of_teardown(&story.model), 2);
    }

    #[test]
    fn what_a_step_makes_is_paid_for_before_it_is_sent() {
        let register = Step::from(Action::Ask(Ask::Register { client: C1, server: S1 }));
        let none = Model::default();
        assert_eq!(of_step(&register, &none, false), 3);
        let create = Step::from(Action::CreateServer { server: S1, body: Default::default() });
        assert_eq!((of_step(&create, &none, false), of_step(&create, &none, true)), (1, 6));
        assert_eq!(of_step(&Action::LoadServer { server: S1 }.into(), &none, true), 0);
    }

    #[test]
    fn what_one_deletion_or_search_covers_is_paid_for_once() {
        let story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let of = |action: Action| of_step(&action.into(), &story.model, false);
        assert_eq!(of(Action::CreateServer { server: S2, body: Default::default() }), 0);
        assert_eq!(of(Action::CreateClient { client: C2, server: S1, body: Default::default() }), 0);
        // The clients that are found must be deleted, and be looked for once more.
        assert_eq!(of(Action::Ask(Ask::Register { client: C2, server: S1 })), 2);
    }

    #[test]
    fn what_nobody_has_the_ids_of_is_found_deleted_and_looked_for_again() {
        assert_eq!(of_sweep(Remains::default()), 1);
        assert_eq!(of_sweep(Remains { without_id: 1, ..Remains::default() }), 6);
        assert_eq!(of_sweep(Remains { undeleted: 1, doubtful: 11, ..Remains::default() }), 28);
        assert_eq!(of_sweep(Remains { undeleted: 1, clients: 2, ..Remains::default() }), 8);
    }
}
