//! Random walks over the operations, in the manner of a reference-model test: each step is chosen among those that make
//! sense in the state that the steps before it lead to.

use proptest::prelude::*;
use proptest::sample::select;

use super::{Dice, at_once, authorization, every_member, many, near_misses, refusable, sweeps, values};
use crate::actions::Creates;
use crate::documented;
use crate::plan::{
    Action, ClientLabel, Fault, Filter, FilterBy, LoadBy, Plan, ServerLabel, Sort, Step, TokenAuth,
    WhichSecret,
};

/// Steps of a generated plan, besides the creation it starts with.
const STEPS: usize = 18;
/// Most servers alive at a time in one plan.
const MAX_SERVERS: usize = 3;
/// Most client records alive at a time in one plan.
const MAX_CLIENTS: usize = 6;

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
    Pages,
    DeleteClient,
    DeleteClients,
    GetSecret,
    RotateSecret,
    Token,
}

impl Kind {
    /// Whether it asks for one client record that must be found: a deletion that finds nothing may succeed.
    fn is_of_one_client(self) -> bool {
        match self {
            Self::UpdateClient | Self::LoadClient | Self::GetSecret | Self::RotateSecret => true,
            Self::CreateServer
            | Self::UpdateServer
            | Self::LoadServer
            | Self::DeleteServer
            | Self::DeleteServers
            | Self::LoadAllServers
            | Self::CreateClient
            | Self::Search
            | Self::Pages
            | Self::DeleteClient
            | Self::DeleteClients
            | Self::Token => false,
        }
    }
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
        1 => Just(Kind::Pages),
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

/// Which sweep each plan is that is one, by its number in a round of [`ROUND`] plans.
const SWEEPS: [u64; 5] = [1, 3, 6, 8, 11];
/// Plans until the kinds of plans come again in the same order.
const ROUND: u64 = 20;

/// The n-th generated plan of a seed: a walk, or something that walks do not do.
pub fn plan(seed: u64, number: u64) -> Plan {
    let mut dice = Dice::new(seed, number);
    let (round, place) = (number / ROUND, number % ROUND);
    if let Some(sweep) = (0..).zip(SWEEPS).find_map(|(sweep, at)| (at == place).then_some(sweep)) {
        return sweeps::plan(seed, round * SWEEPS.len() as u64 + sweep, &mut dice);
    }
    match place {
        0 | 10 => every_member::plan(&mut dice),
        2 | 12 => refusable::plan(&mut dice),
        4 | 14 => at_once::plan(&mut dice),
        5 => near_misses::plan(&mut dice),
        9 => many::clients(&mut dice),
        15 => many::servers(&mut dice),
        19 => authorization::plan(&mut dice),
        _ => walk(&mut dice),
    }
}

fn walk(dice: &mut Dice) -> Plan {
    let mut made = Made::default();
    let mut plan = Plan::named("generated");
    let first = made.create_server(dice);
    plan.steps.push(first.into());
    let kind = kind();
    for _ in 0..STEPS {
        let kind = dice.draw(&kind);
        if kind == Kind::Pages {
            plan.steps.extend(made.pages(dice).into_iter().map(Step::from));
            continue;
        }
        let Some(action) = made.step(kind, dice) else { continue };
        // One step in nine is first asked wrongly.
        if dice.draw(&(0..9_u8)) == 0 {
            plan.steps.extend(made.asked_wrongly(kind, &action, dice));
        }
        plan.steps.push(action.into());
    }
    plan
}

impl Made {
    fn create_server(&mut self, dice: &mut Dice) -> Action {
        let server = self.new_server();
        self.servers.push(server);
        let mut body = dice.draw(&values::server());
        // Servers that were sent no name all have the same one.
        if dice.draw(&(0..4_u8)) == 0 {
            body.remove("name");
        }
        Action::CreateServer { server, body }
    }

    fn new_server(&mut self) -> ServerLabel {
        self.count.0 += 1;
        ServerLabel(self.count.0)
    }

    fn new_client(&mut self) -> ClientLabel {
        self.count.1 += 1;
        ClientLabel(self.count.1)
    }

    /// The same with something wrong, or `None` if nothing can be wrong with it.
    fn asked_wrongly(&mut self, kind: Kind, action: &Action, dice: &mut Dice) -> Option<Step> {
        let operation = action.operation()?;
        let mut action = action.clone();
        // Should it be accepted, what it makes needs a label of its own.
        match action.parts().creates {
            Creates::Server(server) => *server = self.new_server(),
            Creates::Client(client) => *client = self.new_client(),
            Creates::Nothing => {}
        }
        let mut faults = vec![Fault::NoKey, Fault::WrongKey, Fault::WrongScheme, Fault::WrongProject];
        // Half of them lack the right; what is wrong with the others is in what they say.
        if dice.draw(&any::<bool>()) {
            faults = vec![Fault::CutOff, Fault::AnotherContentType];
            for member in documented::required_members(operation) {
                let pointer = member.pointer;
                faults.extend([
                    Fault::Without(pointer.clone()),
                    Fault::Null(pointer.clone()),
                    Fault::WrongType(pointer),
                ]);
            }
            if kind.is_of_one_client()
                && let Some(server) = pick(&self.servers, dice)
            {
                faults.push(Fault::ThroughAnotherServer(server));
            }
        }
        let fault = Some(dice.draw(&select(faults)));
        Some(Step { fault, ..action.into() })
    }

    /// All pages of a search of one server, and one more.
    fn pages(&self, dice: &mut Dice) -> Vec<Action> {
        let Some(server) = pick(&self.servers, dice) else { return Vec::new() };
        let clients = self.clients.iter().filter(|(_, of)| *of == server).count() as u32;
        let limit = dice.draw(&(1..=3_u32));
        let sort = Some(Sort { field: "name".into(), descending: dice.draw(&any::<bool>()) })
            .filter(|_| dice.draw(&any::<bool>()));
        let page =
            |page| Filter { page: Some(page), limit: Some(limit), sort: sort.clone(), ..Filter::default() };
        let pages = (0..=clients.div_ceil(limit)).map(page);
        pages.map(|filter| Action::SearchClients { server, filter }).collect()
    }

    /// A step of that kind, or `None` if the state has nothing for it.
    fn step(&mut self, kind: Kind, dice: &mut Dice) -> Option<Action> {
        let server = pick(&self.servers, dice);
        let client = pick(&self.clients, dice).map(|(client, _)| client);
        Some(match kind {
            Kind::CreateServer if self.servers.len() < MAX_SERVERS => self.create_server(dice),
            Kind::CreateClient if self.clients.len() < MAX_CLIENTS => {
                let server = server?;
                let client = self.new_client();
                self.clients.push((client, server));
                Action::CreateClient { client, server, body: dice.draw(&values::client()) }
            }
            Kind::CreateServer | Kind::CreateClient | Kind::Pages => return None,
            Kind::UpdateServer => {
                let (set, omit) = dice.draw(&values::server_change());
                Action::UpdateServer { server: server?, set, omit }
            }
            Kind::UpdateClient => {
                let (set, omit) = dice.draw(&values::client_change());
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
                let gone = pick(&self.gone_servers, dice).filter(|_| dice.draw(&any::<bool>()));
                self.end_server(server);
                self.end_server(other);
                Action::DeleteServers { servers: gone.into_iter().chain([server, other]).collect() }
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
                let gone = pick(&self.gone_clients, dice).filter(|_| dice.draw(&any::<bool>()));
                clients.iter().for_each(|client| self.end_client(*client));
                let clients = clients.into_iter().chain(gone).collect();
                Action::DeleteClients { server, clients }
            }
            Kind::GetSecret => Action::GetSecret { client: client? },
            Kind::RotateSecret => Action::RotateSecret { client: client? },
            Kind::Token => Action::RequestToken {
                client: client?,
                secret: dice.draw(&select(vec![
                    WhichSecret::Current,
                    WhichSecret::Current,
                    WhichSecret::BeforeRotation,
                    WhichSecret::BeforeTwoRotations,
                    WhichSecret::Invented,
                ])),
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
    use std::collections::BTreeSet;

    use descope_mcp_openapi::Document;

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
        let asked: BTreeSet<_> = steps.iter().map(|step| step.action.operation()).collect();
        let documented = Document::management().operations().map(|operation| Some(operation.id.as_str()));
        // The token endpoint has no management operation.
        assert_eq!(asked, documented.chain([None]).collect());
        assert!(steps.iter().any(|step| step.fault.is_some()));
    }
}
