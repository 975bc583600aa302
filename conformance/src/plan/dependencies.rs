//! Which records the steps of a plan are about, and which steps another one may depend on. No I/O here.

use std::collections::BTreeSet;

use descope_mcp_operations::{Access, find};

use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Semantics};
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
    /// What made its subjects and, rightly asked, changed them.
    Writes,
    /// Everything that was asked about its subjects, in whatever way.
    AllAboutItsSubjects,
}

impl Plan {
    /// The steps up to the one at `last` that it may depend on, and that one. Cheaper to take than the whole plan, and most
    /// often enough to see the same again.
    pub fn what_leads_to(&self, last: usize, dependencies: Dependencies) -> Self {
        let until = self.steps.get(..=last).unwrap_or(&self.steps);
        let Some((end, before)) = until.split_last() else { return self.clone() };
        let mut wanted = Subjects::of(end);
        match end.action.semantics().compared_with {
            ComparedWith::Nothing => {}
            ComparedWith::AllServers => wanted.servers.extend(before.iter().filter_map(made_server)),
            ComparedWith::AllClientsOf(server) => {
                wanted.clients.extend(before.iter().filter_map(|step| made_client(step, server)));
            }
        }
        let is_ask = |step: &Step| matches!(step.action.semantics().effect, Effect::Authorization(_));
        let counts = |step: &&Step| match dependencies {
            Dependencies::AllAboutItsSubjects => true,
            Dependencies::Writes => is_write(step) || is_ask(end) && is_ask(step),
        };
        let about = |wanted: &Subjects| {
            let steps = before.iter().filter(|step| wanted.has_part_in(step)).filter(counts);
            steps.cloned().collect::<Vec<_>>()
        };
        let mut steps = about(&wanted);
        let homes: BTreeSet<_> = steps.iter().filter_map(gives_a_client_to).collect();
        match dependencies {
            Dependencies::AllAboutItsSubjects => {
                wanted.servers.extend(homes);
                steps = about(&wanted);
            }
            Dependencies::Writes => {
                let makes_home = |step: &&Step| {
                    made_server(step)
                        .is_some_and(|server| homes.contains(&server) && !wanted.servers.contains(&server))
                };
                let homes: Vec<_> = before.iter().filter(makes_home).cloned().collect();
                steps.splice(..0, homes);
            }
        }
        steps.push(end.clone());
        Self { name: self.name.clone(), steps }
    }
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

/// Whether a step asks rightly for a change of a record.
fn is_write(step: &Step) -> bool {
    let operation = step.action.operation().and_then(find);
    let writes = operation.is_some_and(|operation| operation.access == Access::Write);
    step.fault.is_none() && (writes || gives_a_client_to(step).is_some())
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
    use crate::plan::{Action, Filter, LoadBy};
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
