//! What the plans of a run may have left on the target: all of them write here, those that shrink a failing plan too.
//! No I/O here; `sweep` deletes what this knows of.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::clean_up_cost::Remains;
use crate::model::{ClientRecord, Life, Model, TakenNames};

/// Maximum number of servers that are remembered although the target has acknowledged their deletion.
const MAX_REMEMBERED: usize = 10_000;

/// Properties about deletions and about which records the list has that shows whether they were done. What it shows of a
/// record says nothing of that. A bulk deletion that is refused because of what is gone already says of nothing that it was
/// deleted.
const TELL_OF_DELETIONS: [&str; 6] = [
    "servers/all/contains-created",
    "servers/all/omits-deleted",
    "servers/all/repeats-nothing",
    "servers/all/total-is-their-number",
    "server/delete/",
    "delete/",
];

/// Properties about what shows whether a record is there.
const TELL_OF_LOADS: [&str; 2] = ["client/load/", "server/load/"];

/// What the plans of a run may have left on the target.
#[derive(Debug, Default)]
pub struct Leftovers(Mutex<State>);

/// What a client can be asked for by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClientKey {
    /// The id of its record.
    Id(String),
    /// Its OAuth `client_id`, which is all that a registration tells.
    ClientId(String),
}

impl ClientKey {
    pub(super) fn of(client: &ClientRecord) -> Self {
        match client.awaits_its_id() {
            true => Self::ClientId(client.client_id.clone()),
            false => Self::Id(client.record.id.clone()),
        }
    }
}

/// Clients by the ids of their servers.
pub(crate) type ClientsOfServers = BTreeMap<String, BTreeSet<ClientKey>>;

#[derive(Debug, Default)]
struct State {
    /// Servers whose deletion the target has not acknowledged, or which may have left clients.
    undeleted: BTreeSet<String>,
    /// The clients of those that may exist and that a search for the clients of their server may not show.
    clients: ClientsOfServers,
    /// Servers whose deletion it has acknowledged, the oldest first.
    deleted: VecDeque<String>,
    /// Names that records of ended plans may have.
    names: Arc<BTreeSet<String>>,
    /// Records that may have been made without an answer that gave their ids.
    without_id: u32,
    /// When the last of them may have been made.
    last_without_id: Option<Instant>,
    /// Whether the target broke a property about deletions: then an acknowledgement says nothing.
    deletions_are_doubtful: bool,
    /// The same for properties about loads: then a record that cannot be loaded may be there.
    loads_are_doubtful: bool,
}

impl Leftovers {
    /// Takes over what a plan has made.
    pub(crate) fn note(&self, model: &Model) {
        let mut state = self.lock();
        for (server, record) in &model.servers {
            let left = model.clients_left_of(*server).map(|(_, client)| client);
            let hidden = left.filter(|client| !record.is_alive() || client.awaits_its_id());
            let hidden: BTreeSet<_> = hidden.map(ClientKey::of).collect();
            if record.life == Life::Gone && hidden.is_empty() {
                state.deleted.push_back(record.id.clone());
                continue;
            }
            state.undeleted.insert(record.id.clone());
            if !hidden.is_empty() {
                state.clients.entry(record.id.clone()).or_default().extend(hidden);
            }
        }
        let left = model.servers.values().filter(|record| record.life != Life::Gone);
        let left = left.filter_map(|record| record.members()?.get("name")?.as_str());
        let names: Vec<_> = left.chain(model.taken_names.added()).map(str::to_owned).collect();
        if !names.is_empty() {
            Arc::make_mut(&mut state.names).extend(names);
        }
        let surplus = state.deleted.len().saturating_sub(MAX_REMEMBERED);
        state.deleted.drain(..surplus);
        let without_id = model.records_without_id();
        if without_id > 0 {
            state.without_id += without_id;
            state.last_without_id = Some(Instant::now());
        }
    }

    /// Takes over that a property is broken.
    pub(crate) fn note_breach(&self, property: &str) {
        let is_among = |paths: &[&str]| paths.iter().any(|path| property.starts_with(path));
        let mut state = self.lock();
        state.deletions_are_doubtful |= is_among(&TELL_OF_DELETIONS);
        state.loads_are_doubtful |= is_among(&TELL_OF_LOADS);
    }

    /// Whether the target broke a property about loads: then a record that cannot be loaded may be there.
    pub(super) fn loads_are_doubtful(&self) -> bool {
        self.lock().loads_are_doubtful
    }

    /// The servers that the plans are known to have made.
    pub(crate) fn known(&self) -> BTreeSet<String> {
        let state = self.lock();
        state.undeleted.iter().chain(&state.deleted).cloned().collect()
    }

    /// The names that records may have which plans have left.
    pub(crate) fn names(&self) -> TakenNames {
        TakenNames::left(Arc::clone(&self.lock().names))
    }

    /// The servers to look for by their ids, whether or not the target lists them.
    pub fn servers(&self) -> Vec<String> {
        let state = self.lock();
        let deleted = state.deleted.iter().filter(|_| state.deletions_are_doubtful);
        state.undeleted.iter().chain(deleted).cloned().collect()
    }

    /// The clients to ask for, whether or not a search shows them.
    pub(crate) fn clients(&self) -> ClientsOfServers {
        self.lock().clients.clone()
    }

    /// What the final sweep has to delete, once a plan has come to its end that knows this much.
    pub(crate) fn remains_with(&self, model: &Model) -> Remains {
        let state = self.lock();
        let doubtful =
            if state.deletions_are_doubtful { state.deleted.len() + model.servers.len() } else { 0 };
        Remains {
            undeleted: state.undeleted.len(),
            doubtful,
            without_id: (state.without_id + model.records_without_id()) as usize,
            clients: state.clients.values().map(BTreeSet::len).sum(),
        }
    }

    /// What the final sweep has to delete of the plans so far.
    pub(crate) fn remains(&self) -> Remains {
        self.remains_with(&Model::default())
    }

    /// How long to wait until records whose ids nobody knows show in a list that lags behind by at most `window`.
    pub fn until_all_show(&self, window: Duration) -> Duration {
        let state = self.lock();
        let since = state.last_without_id.map(|at| at.elapsed());
        since.map_or(Duration::ZERO, |since| window.saturating_sub(since))
    }

    /// Records that may have been made without an answer that gave their ids.
    pub fn without_id(&self) -> u32 {
        self.lock().without_id
    }

    /// Whether the plans have made nothing.
    pub fn is_empty(&self) -> bool {
        let state = self.lock();
        state.undeleted.is_empty() && state.deleted.is_empty() && state.without_id == 0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::Action;
    use crate::plan::ask::Ask;
    use crate::properties::registry;
    use crate::story::{C1, C2, S1, S2, Story};

    fn noted() -> Leftovers {
        let mut story = Story::default().with_server(S1, json!({})).with_server(S2, json!({}));
        story.step(Action::DeleteServer { server: S1 }, 200, json!({}));
        let leftovers = Leftovers::default();
        leftovers.note(&story.model);
        leftovers
    }

    #[test]
    fn an_acknowledged_deletion_is_believed_until_the_target_breaks_a_property_about_deletions() {
        let leftovers = noted();
        assert!(!leftovers.is_empty());
        assert_eq!(leftovers.servers().len(), 1);
        leftovers.note_breach("client/rotate/gives-a-new-secret");
        leftovers.note_breach("servers/all/agrees-with-last-answer");
        assert_eq!(leftovers.servers().len(), 1);
        assert_eq!(leftovers.remains(), Remains { undeleted: 1, ..Remains::default() });
        leftovers.note_breach("servers/all/omits-deleted");
        assert_eq!(leftovers.servers().len(), 2);
        assert_eq!(leftovers.remains(), Remains { undeleted: 1, doubtful: 1, ..Remains::default() });
    }

    #[test]
    fn what_tells_of_deletions_or_loads_is_known_by_the_names_of_properties() {
        for path in TELL_OF_DELETIONS.iter().chain(&TELL_OF_LOADS) {
            assert!(registry::all().any(|property| property.id.starts_with(path)), "{path}");
        }
    }

    #[test]
    fn clients_that_may_have_outlived_their_server_are_asked_for() {
        let mut story = Story::default().with_server(S1, json!({})).with_client(C1, S1, json!({}));
        let ask = Ask::Register { client: C2, server: S1 };
        story.ask(ask, 201, &[], json!({"client_id": "c2"}));
        let noted = |story: &Story| {
            let leftovers = Leftovers::default();
            leftovers.note(&story.model);
            let clients = leftovers.clients().into_values().flatten().collect::<Vec<_>>();
            (clients, leftovers.remains().clients)
        };
        let registered = ClientKey::ClientId("c2".to_owned());
        assert_eq!(noted(&story), (vec![registered.clone()], 1), "a search shows the other one");
        story.step(Action::DeleteClients { server: S1, clients: vec![C1, C2] }, 200, json!({}));
        assert_eq!(noted(&story), (vec![registered.clone()], 1), "nobody could name it");
        story.model.doubt_deletion_of(&[C1]);
        story.model.servers.get_mut(&S1).unwrap().life = Life::Gone;
        assert_eq!(noted(&story), (vec![ClientKey::Id("TPA1".to_owned()), registered], 2));
        story.model.end_clients_of(S1);
        assert_eq!(noted(&story), (vec![], 0));
    }

    #[test]
    fn what_has_no_id_is_waited_for() {
        let leftovers = noted();
        let window = Duration::from_secs(20);
        assert_eq!(leftovers.until_all_show(window), Duration::ZERO);
        leftovers.note(&Model { possible_orphans: 1, ..Model::default() });
        assert!(leftovers.until_all_show(window) > Duration::from_secs(10));
        assert_eq!(leftovers.without_id(), 1);
    }
}
