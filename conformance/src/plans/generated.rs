//! Random walks over the operations, in the manner of a reference-model test: each step is chosen among those that make
//! sense in the state that the steps before it lead to.

use proptest::{prelude::*, sample::select};

use super::{Dice, values};
use crate::plan::{
    Action, ClientLabel, Fault, Filter, FilterBy, LoadBy, Plan, ServerLabel, Step, TokenAuth, WhichSecret,
};

/// Steps of a generated plan, besides the creation it starts with.
const STEPS: usize = 18;
/// Most servers alive at a time in one plan.
const MOST_SERVERS: usize = 3;
/// Most client records alive at a time in one plan.
const MOST_CLIENTS: usize = 6;

/// What kind of step comes next, by weight.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    CreateServer,
    UpdateServer,
    LoadServer,
    DeleteServer,
    DeleteServers,
    LoadAllServers,
    CreateClient,
    UpdateClient,
    LoadClient,
    Search,
    DeleteClient,
    DeleteClients,
    GetSecret,
    RotateSecret,
    Token,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        2 => Just(Kind::CreateServer),
        4 => Just(Kind::UpdateServer),
        3 => Just(Kind::LoadServer),
        1 => Just(Kind::DeleteServer),
        1 => Just(Kind::DeleteServers),
        1 => Just(Kind::LoadAllServers),
        4 => Just(Kind::CreateClient),
        4 => Just(Kind::UpdateClient),
        4 => Just(Kind::LoadClient),
        3 => Just(Kind::Search),
        1 => Just(Kind::DeleteClient),
        1 => Just(Kind::DeleteClients),
        2 => Just(Kind::GetSecret),
        3 => Just(Kind::RotateSecret),
        3 => Just(Kind::Token),
    ]
}

/// What a plan has made so far, as far as planning needs it.
#[derive(Default)]
struct Made {
    servers: Vec<ServerLabel>,
    gone_servers: Vec<ServerLabel>,
    clients: Vec<(ClientLabel, ServerLabel)>,
    gone_clients: Vec<ClientLabel>,
    count: (u16, u16),
}

/// The n-th generated plan of a seed.
pub fn plan(seed: u64, number: u64) -> Plan {
    let mut dice = Dice::new(seed, number);
    let mut made = Made::default();
    let mut plan = Plan::named("generated");
    let first = made.create_server(&mut dice);
    plan.steps.push(Step { action: first, fault: None });
    for _ in 0..STEPS {
        let kind = dice.draw(&kind());
        let Some(action) = made.step(kind, &mut dice) else { continue };
        // One step in twelve is first tried without the right; creations are left out, since nothing can tell later
        // whether they happened.
        let fault = dice.draw(
            &prop_oneof![22 => Just(None), 1 => Just(Some(Fault::NoKey)), 1 => Just(Some(Fault::WrongKey))],
        );
        let can_be_faulty = !matches!(
            action,
            Action::CreateServer { .. } | Action::CreateClient { .. } | Action::RequestToken { .. }
        );
        if let Some(fault) = fault.filter(|_| can_be_faulty) {
            plan.steps.push(Step { action: action.clone(), fault: Some(fault) });
        }
        plan.steps.push(Step { action, fault: None });
    }
    plan
}

impl Made {
    fn create_server(&mut self, dice: &mut Dice) -> Action {
        self.count.0 += 1;
        let server = ServerLabel(self.count.0);
        self.servers.push(server);
        Action::CreateServer { server, body: dice.draw(&values::server()) }
    }

    /// A step of that kind, or `None` if the state has nothing for it.
    fn step(&mut self, kind: Kind, dice: &mut Dice) -> Option<Action> {
        let server = pick(&self.servers, dice);
        let client = pick(&self.clients, dice).map(|(client, _)| client);
        Some(match kind {
            Kind::CreateServer if self.servers.len() < MOST_SERVERS => self.create_server(dice),
            Kind::CreateClient if self.clients.len() < MOST_CLIENTS => {
                let server = server?;
                self.count.1 += 1;
                let client = ClientLabel(self.count.1);
                self.clients.push((client, server));
                Action::CreateClient { client, server, body: dice.draw(&values::client()) }
            }
            Kind::CreateServer | Kind::CreateClient => return None,
            Kind::UpdateServer => {
                let (set, omit) = dice.draw(&values::change(values::server()));
                Action::UpdateServer { server: server?, set, omit }
            }
            Kind::UpdateClient => {
                let (set, omit) = dice.draw(&values::change(values::client()));
                Action::UpdateClient { client: client?, set, omit }
            }
            Kind::LoadServer => match pick(&self.gone_servers, dice).filter(|_| dice.draw(&any::<u8>()) < 64)
            {
                Some(server) => Action::LoadServer { server },
                None => Action::LoadServer { server: server? },
            },
            Kind::LoadClient => {
                let by = dice.draw(&select(vec![LoadBy::Id, LoadBy::ClientId]));
                let gone = pick(&self.gone_clients, dice).filter(|_| dice.draw(&any::<u8>()) < 64);
                Action::LoadClient { client: gone.or(client)?, by }
            }
            Kind::LoadAllServers => Action::LoadAllServers,
            Kind::Search => {
                let by = dice.draw(&proptest::sample::subsequence(FilterBy::ALL.to_vec(), 0..=2));
                let like = client.filter(|_| !by.is_empty());
                let by = if like.is_some() { by } else { Vec::new() };
                Action::SearchClients { server: server?, filter: Filter { like, by, ..Filter::default() } }
            }
            Kind::DeleteServer => {
                let server = server.filter(|_| self.servers.len() > 1)?;
                self.end_server(server);
                Action::DeleteServer { server }
            }
            Kind::DeleteServers => {
                let server = server.filter(|_| self.servers.len() > 2)?;
                let other = self.servers.iter().copied().find(|other| *other != server)?;
                self.end_server(server);
                self.end_server(other);
                Action::DeleteServers { servers: vec![server, other] }
            }
            Kind::DeleteClient => {
                self.end_client(client?);
                Action::DeleteClient { client: client? }
            }
            Kind::DeleteClients => {
                let server = server?;
                let clients: Vec<_> = self
                    .clients
                    .iter()
                    .filter(|(_, of)| *of == server)
                    .take(3)
                    .map(|(client, _)| *client)
                    .collect();
                if clients.is_empty() {
                    return None;
                }
                clients.iter().for_each(|client| self.end_client(*client));
                Action::DeleteClients { server, clients }
            }
            Kind::GetSecret => Action::GetSecret { client: client? },
            Kind::RotateSecret => Action::RotateSecret { client: client? },
            Kind::Token => Action::RequestToken {
                client: client?,
                secret: dice.draw(&select(vec![WhichSecret::Current, WhichSecret::BeforeRotation])),
                method: dice.draw(&select(vec![TokenAuth::Basic, TokenAuth::Post])),
            },
        })
    }

    fn end_server(&mut self, server: ServerLabel) {
        self.servers.retain(|other| *other != server);
        self.clients.retain(|(_, of)| *of != server);
        self.gone_servers.push(server);
    }

    fn end_client(&mut self, client: ClientLabel) {
        self.clients.retain(|(other, _)| *other != client);
        self.gone_clients.push(client);
    }
}

fn pick<T: Copy>(items: &[T], dice: &mut Dice) -> Option<T> {
    let index = usize::from(dice.draw(&any::<u16>()));
    items.get(index.checked_rem(items.len())?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_number_make_one_plan() {
        assert_eq!(plan(5, 1), plan(5, 1));
        assert_ne!(plan(5, 1), plan(5, 2));
        assert_ne!(plan(5, 1), plan(6, 1));
    }

    #[test]
    fn plans_use_every_kind_of_step() {
        let steps: Vec<_> = (0..200).flat_map(|number| plan(1, number).steps).collect();
        let operations: std::collections::BTreeSet<_> =
            steps.iter().map(|step| step.action.operation()).collect();
        assert_eq!(operations.len(), 15, "14 operations and the token endpoint: {operations:?}");
        assert!(steps.iter().any(|step| step.fault.is_some()));
    }
}
