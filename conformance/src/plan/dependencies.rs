//! Which records the steps of a plan are about, and which steps another one may depend on. No I/O here.

use std::collections::BTreeSet;

use descope_mcp_operations::{Access, find};

use crate::model::effect::{Created, Effect};
use crate::model::semantics::{ComparedWith, Seen, Semantics, ShownRecords};
use crate::plan::{ClientLabel, Fault, Plan, ServerLabel, Step};

/// The records that steps are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Subjects {
    servers: BTreeSet<ServerLabel>,
    clients: BTreeSet<ClientLabel>,
}

/// Which steps before one may lead to what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependencies {
    /// What made its subjects and, rightly asked, changed them; and the last look at them before that.
    Writes,
    /// The same, and that by which it shows what became of members that an update leaves out.
    WritesAndLeftOut,
    /// The same as `Writes`, and deletions of its subjects and of their servers by ids that are nearly right.
    WritesAndNearDeletions,
    /// The same, and everything since the same was last looked at, with what made and changed the subjects of that.
    SinceTheLastLook,
    /// Everything that was asked about its subjects, in whatever way.
    AllAboutItsSubjects,
}

impl Plan {
    /// The steps up to the one at `last` that it may depend on, and that one. Cheaper to take than the whole plan, and most
    /// often enough to see the same again.
    pub fn what_leads_to(&self, last: usize, dependencies: Dependencies) -> Self {
        let positions = self.positions_leading_to(last, dependencies);
        let steps = positions.into_iter().filter_map(|position| self.steps.get(position)).cloned().collect();
        Self { name: self.name.clone(), steps }
    }

    /// The positions of these steps.
    pub fn positions_leading_to(&self, last: usize, dependencies: Dependencies) -> BTreeSet<usize> {
        let last = last.min(self.steps.len().saturating_sub(1));
        let Some(end) = self.steps.get(last) else { return BTreeSet::new() };
        let before = &self.steps[..last];
        let mut wanted = Subjects::of(end);
        match end.action.semantics().compared_with {
            ComparedWith::Nothing => {}
            ComparedWith::AllServers => wanted.servers.extend(before.iter().filter_map(made_server)),
            ComparedWith::AllClientsOf(server) => {
                wanted.clients.extend(before.iter().filter_map(|step| made_client(step, server)));
            }
        }
        let writes = |wanted: &Subjects, until: usize| {
            let counts = |step: &Step| is_write(step) || is_ask(end) && is_ask(step);
            let about = |(_, step): &(usize, &Step)| wanted.has_part_in(step) && counts(step);
            let mut found: BTreeSet<_> =
                before[..until].iter().enumerate().filter(about).map(|(position, _)| position).collect();
            found.extend(homes_of(before, &found));
            found
        };
        let same_look = |until: usize| {
            before[..until].iter().rposition(|step| !is_write(end) && step.action == end.action)
        };
        let mut found = match dependencies {
            Dependencies::Writes | Dependencies::WritesAndLeftOut | Dependencies::WritesAndNearDeletions => {
                let mut found = writes(&wanted, last);
                if dependencies == Dependencies::WritesAndNearDeletions {
                    wanted
                        .servers
                        .extend(found.iter().filter_map(|position| made_server(&before[*position])));
                    let deletes =
                        |(_, step): &(usize, &Step)| deletes_nearly(step) && wanted.has_part_in(step);
                    found.extend(before.iter().enumerate().filter(deletes).map(|(position, _)| position));
                }
                // What was seen before a change is what the change is measured by.
                let look = found.last().and_then(|write| same_look(*write)).or_else(|| same_look(last));
                let left_out = dependencies == Dependencies::WritesAndLeftOut;
                let measure = if left_out { measure_of_left_out(before, end) } else { None };
                found.into_iter().chain(look).chain(measure).collect()
            }
            Dependencies::SinceTheLastLook => {
                let look = same_look(last);
                let since = look.unwrap_or(last)..last;
                for step in &before[since.clone()] {
                    let Subjects { servers, clients } = Subjects::of(step);
                    wanted.servers.extend(servers);
                    wanted.clients.extend(clients);
                }
                let found = writes(&wanted, since.start);
                found.into_iter().chain(since).collect()
            }
            Dependencies::AllAboutItsSubjects => {
                let about = |wanted: &Subjects| {
                    let about = before.iter().enumerate().filter(|(_, step)| wanted.has_part_in(step));
                    about.map(|(position, _)| position).collect::<BTreeSet<_>>()
                };
                let servers =
                    about(&wanted).into_iter().filter_map(|position| gives_a_client_to(&before[position]));
                wanted.servers.extend(servers.collect::<Vec<_>>());
                about(&wanted)
            }
        };
        found.insert(last);
        found
    }
}

impl Plan {
    /// The steps from the one at `first` to the one at `last`, and what made and changed the subjects of all of them.
    pub fn steps_since(&self, first: usize, last: usize) -> Self {
        let last = last.min(self.steps.len().saturating_sub(1));
        let since = first.min(last)..=last;
        let mut positions: BTreeSet<_> = since.clone().collect();
        positions
            .extend(since.flat_map(|position| self.positions_leading_to(position, Dependencies::Writes)));
        let steps = positions.into_iter().filter_map(|position| self.steps.get(position)).cloned().collect();
        Self { name: self.name.clone(), steps }
    }

    /// Whether the plan makes all records that its last step is about: else that step is not taken.
    pub fn makes_what_its_last_step_needs(&self) -> bool {
        let Some(end) = self.steps.last() else { return true };
        let made_servers: BTreeSet<_> = self.steps.iter().filter_map(made_server).collect();
        let with_home =
            |step: &&Step| gives_a_client_to(step).is_some_and(|home| made_servers.contains(&home));
        let made_clients: BTreeSet<_> =
            self.steps.iter().filter(with_home).flat_map(|step| Subjects::of(step).clients).collect();
        let Subjects { servers, clients } = Subjects::of(end);
        servers.is_subset(&made_servers) && clients.is_subset(&made_clients)
    }
}

/// The positions of the steps that make the servers whose clients the steps at these positions make.
fn homes_of(before: &[Step], positions: &BTreeSet<usize>) -> Vec<usize> {
    let homes: BTreeSet<_> =
        positions.iter().filter_map(|position| gives_a_client_to(&before[*position])).collect();
    let makes_home = |step: &Step| made_server(step).is_some_and(|server| homes.contains(&server));
    (0..before.len()).filter(|position| makes_home(&before[*position])).collect()
}

/// By what it shows what became of members that an update leaves out: the last look at a client record before, since its
/// creation does not show it; or how a new server has them.
fn measure_of_left_out(before: &[Step], update: &Step) -> Option<usize> {
    let omit = update.action.left_out();
    if omit.is_empty() {
        return None;
    }
    if let Effect::UpdateClient(client) = update.action.semantics().effect {
        let shows = ShownRecords::Client(client, Seen::Loaded);
        let is_look = |step: &Step| step.fault.is_none() && step.action.semantics().shows == shows;
        return before.iter().rposition(is_look);
    }
    let lacks = |step: &Step, all: bool| {
        let Some(body) = step.action.created().filter(|_| made_server(step).is_some()) else { return false };
        let mut lacks = omit.iter().map(|name| !body.contains_key(name));
        step.fault.is_none() && if all { lacks.all(|lacks| lacks) } else { lacks.any(|lacks| lacks) }
    };
    let first = |all| before.iter().position(|step| lacks(step, all));
    first(true).or_else(|| first(false))
}

fn is_ask(step: &Step) -> bool {
    matches!(step.action.semantics().effect, Effect::Authorization(_))
}

impl Subjects {
    fn of(step: &Step) -> Self {
        let Semantics { servers, clients, .. } = step.action.semantics();
        let through_another = match step.fault {
            Some(Fault::ThroughAnotherServer(server)) => Some(server),
            Some(
                Fault::NoKey
                | Fault::WrongKey
                | Fault::WrongScheme
                | Fault::WrongProject
                | Fault::EmptyKey
                | Fault::NearKey(_)
                | Fault::Without(_)
                | Fault::Null(_)
                | Fault::WrongType(_)
                | Fault::CutOff
                | Fault::AnotherContentType
                | Fault::NearId(..),
            )
            | None => None,
        };
        Self {
            servers: servers.iter().copied().chain(through_another).collect(),
            clients: clients.iter().copied().collect(),
        }
    }

    /// Whether a step is about one of these clients or, if it is about none at all, about one of these servers.
    fn has_part_in(&self, step: &Step) -> bool {
        let of = Self::of(step);
        match of.clients.is_empty() {
            true => !self.servers.is_disjoint(&of.servers),
            false => !self.clients.is_disjoint(&of.clients),
        }
    }
}

/// Whether a step is about a record, if only as the wrong one.
pub(crate) fn is_about(step: &Step, record: Created) -> bool {
    let Subjects { servers, clients } = Subjects::of(step);
    match record {
        Created::Server(server) => servers.contains(&server) || gives_a_client_to(step) == Some(server),
        Created::Client(client) => clients.contains(&client),
    }
}

/// Whether a step asks rightly for a change of a record.
pub(crate) fn is_write(step: &Step) -> bool {
    let operation = step.action.operation().and_then(find);
    let writes = operation.is_some_and(|operation| operation.access == Access::Write);
    step.fault.is_none() && (writes || gives_a_client_to(step).is_some())
}

/// Whether a step asks for a deletion by an id that is nearly right.
fn deletes_nearly(step: &Step) -> bool {
    matches!(step.fault, Some(Fault::NearId(..))) && step.action.semantics().effect.deletes().is_some()
}

fn gives_a_client_to(step: &Step) -> Option<ServerLabel> {
    step.action.semantics().effect.gives_a_client_to()
}

fn made_server(step: &Step) -> Option<ServerLabel> {
    step.action.semantics().effect.creates_server()
}

fn made_client(step: &Step, of: ServerLabel) -> Option<ClientLabel> {
    Subjects::of(step).clients.first().copied().filter(|_| gives_a_client_to(step) == Some(of))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::{Action, Filter, LoadBy, Near};
    use crate::story::{C1, C2, S1, S2};

    fn plan() -> Plan {
        let body = || json!({}).as_object().unwrap().clone();
        Plan::named("a")
            .then(Action::CreateServer { server: S1, body: body() })
            .then(Action::CreateServer { server: S2, body: body() })
            .then(Action::UpdateServer { server: S2, set: body(), omit: vec![] })
            .then(Action::CreateClient { client: C1, server: S1, body: body() })
            .then(Action::CreateClient { client: C2, server: S1, body: body() })
            .then(Action::LoadClient { client: C2, by: LoadBy::Id })
            .then(Action::RotateSecret { client: C1 })
            .then(Action::SearchClients { server: S1, filter: Filter::default() })
            .then(Action::LoadAllServers)
            .then(Action::GetSecret { client: C1 })
    }

    fn leads_to(last: usize, dependencies: Dependencies) -> Vec<String> {
        plan().what_leads_to(last, dependencies).steps.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_client_needs_its_server_and_what_was_done_to_it() {
        let steps = leads_to(9, Dependencies::AllAboutItsSubjects);
        assert!(steps[0].starts_with("create server 1"), "{steps:?}");
        assert!(
            steps.iter().all(|step| !step.contains("client 2") && !step.contains("server 2")),
            "{steps:?}"
        );
        assert_eq!(steps.last().unwrap(), "read the secret of client 1");
        assert!(steps.contains(&"rotate the secret of client 1".to_owned()), "{steps:?}");
    }

    #[test]
    fn of_what_only_was_read_or_asked_wrongly_a_step_may_not_depend() {
        let steps = leads_to(9, Dependencies::Writes);
        let begin =
            ["create server 1", "create client 1", "rotate the secret of client 1", "read the secret"];
        assert_eq!(steps.len(), begin.len(), "{steps:?}");
        assert!(steps.iter().zip(begin).all(|(step, begin)| step.starts_with(begin)), "{steps:?}");
    }

    #[test]
    fn what_became_of_left_out_members_shows_by_the_last_look_at_a_client_or_by_a_new_server() {
        let object = |value: serde_json::Value| value.as_object().unwrap().clone();
        let omit = || vec!["logo".to_owned()];
        let load = Action::LoadClient { client: C1, by: LoadBy::Id };
        let update = Action::UpdateClient { client: C1, set: object(json!({})), omit: omit() };
        let of_client = plan().then(load.clone()).then(Action::LoadAllServers).then(update);
        let steps = |dependencies| of_client.what_leads_to(12, dependencies).steps;
        assert_eq!(steps(Dependencies::WritesAndLeftOut)[3], load.clone().into());
        assert!(!steps(Dependencies::Writes).contains(&load.into()));

        let full = Action::CreateServer { server: S1, body: object(json!({"logo": "a"})) };
        let bare = Action::CreateServer { server: S2, body: object(json!({"tags": ["a"]})) };
        let update = Action::UpdateServer { server: S1, set: object(json!({})), omit: omit() };
        let of_server = Plan::named("a").then(full).then(bare.clone()).then(update);
        let steps = |dependencies| of_server.what_leads_to(2, dependencies).steps;
        assert_eq!(steps(Dependencies::WritesAndLeftOut)[1], bare.clone().into());
        assert!(!steps(Dependencies::Writes).contains(&bare.into()));
    }

    #[test]
    fn a_record_that_is_gone_may_have_gone_with_a_deletion_by_nearly_its_id_or_that_of_its_server() {
        let near = || Fault::NearId("/id".to_owned(), Near::AnotherCase);
        let plan = plan()
            .then_wrongly(near(), Action::DeleteServer { server: S1 })
            .then_wrongly(near(), Action::DeleteServer { server: S2 })
            .then_wrongly(near(), Action::LoadServer { server: S1 })
            .then(Action::GetSecret { client: C1 });
        let positions = plan.positions_leading_to(13, Dependencies::WritesAndNearDeletions);
        let only_writes = plan.positions_leading_to(13, Dependencies::Writes);
        assert_eq!(positions.difference(&only_writes).collect::<Vec<_>>(), [&10]);
    }

    #[test]
    fn a_search_needs_every_client_of_its_server() {
        let steps = leads_to(7, Dependencies::AllAboutItsSubjects);
        assert!(steps.iter().any(|step| step.starts_with("create client 1")), "{steps:?}");
        assert!(steps.iter().any(|step| step.starts_with("create client 2")), "{steps:?}");
        assert!(steps.iter().all(|step| !step.contains("server 2")), "{steps:?}");
    }

    #[test]
    fn the_list_of_servers_needs_every_server_and_no_client() {
        let steps = leads_to(8, Dependencies::AllAboutItsSubjects);
        assert_eq!(steps.iter().filter(|step| step.starts_with("create server")).count(), 2);
        assert!(steps.iter().all(|step| !step.contains("client 1")), "{steps:?}");
    }
}
