//! One plan that exercises every property in a minute of the live API's rate limit. Nothing is made twice that can be
//! shared, and what shows that one thing holds is placed where it shows more.

mod bodies;
mod grants;

use serde_json::json;

use super::authorization::{find_registered, tokens_of_registered};
use super::curated::{
    fewer_members_of_scopes, full_client, full_server, rotation, update, with_flat_scopes,
    with_unknown_member,
};
use super::refusable::{self, TextKind};
use super::{Dice, members, sweeps};
use crate::plan::ask::Ask;
use crate::plan::near_miss::{Borrowed, NearMiss};
use crate::plan::{
    Action, ClientLabel, Fault, Filter, FilterBy, LoadBy, Plan, ServerLabel, Sort, TokenAuth, WhichSecret,
};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const S3: ServerLabel = ServerLabel(3);
const S4: ServerLabel = ServerLabel(4);
const S5: ServerLabel = ServerLabel(5);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);
const C6: ClientLabel = ClientLabel(6);
const C7: ClientLabel = ClientLabel(7);
const C8: ClientLabel = ClientLabel(8);
const C9: ClientLabel = ClientLabel(9);

/// The plan of a seed.
pub(crate) fn plan(seed: u64) -> Plan {
    let dice = &mut Dice::new(seed, u64::MAX);
    let plan = servers(Plan::named("smoke"), seed, dice);
    let plan = clients(plan, seed, dice);
    let plan = grants::grants(plan, seed);
    let plan = registrations(secrets(plan, seed), seed, dice);
    // Last of all, since most of them are to spare: what the target costs more shows by then.
    deletions(more_odd_values(plan, seed, dice))
}

/// The item of a list whose turn it is: seeds that follow each other take one after the other.
fn in_turn<T: Clone>(seed: u64, items: &[T]) -> T {
    items[(seed % items.len() as u64) as usize].clone()
}

/// Every second time the first, which shows most; in between the others in turn.
fn mostly_the_first<T: Clone>(seed: u64, first: T, others: &[T]) -> T {
    in_turn(seed, &[in_turn(seed / 2, others), first])
}

fn servers(plan: Plan, seed: u64, dice: &mut Dice) -> Plan {
    let odd = with_unknown_member(refusable::new_server(TextKind::Odd, true, dice), dice);
    let mut server = full_server(S1, dice);
    server["cimdSettings"]["enabled"] = false.into();
    let plan = plan
        .then(Action::LoadUnmadeServer)
        // What this one is answered with is how a new server is.
        .then(Action::CreateServer { server: S3, body: members(json!({})) })
        .then(Action::CreateServer { server: S5, body: with_flat_scopes() })
        .then(Action::CreateServer { server: S1, body: server })
        .then(Action::CreateServer { server: S2, body: odd })
        .then(Action::DeleteServer { server: S3 });
    let changed = refusable::server(TextKind::Odd, false, dice);
    let mut last = refusable::server(TextKind::OfAnotherType, true, dice);
    if !changes_names(seed) {
        last.remove("name");
    }
    let update_odd = |set| Action::UpdateServer { server: S2, set, omit: vec![] };
    plan.then(update_odd(changed))
        .then_if_spare(update_odd(last))
        // What was just written, the list must show as it is. It also shows whether the deletion took effect.
        .then(Action::LoadAllServers)
        .then(Action::LoadServer { server: S2 })
        .then(update(
            json!({"description": " changed ", "tags": ["b", "a", "b"], "approvedScopes": fewer_members_of_scopes()}),
            &["forceAddAllAuthorizationInfo", "cimdSettings"],
        ))
}

/// Whether later updates of a seed change names, which a target may refuse.
fn changes_names(seed: u64) -> bool {
    in_turn(seed, &[false, true])
}

/// Requests that must be refused. Each seed sends some of them, and seeds that follow each other send others.
fn asked_wrongly(plan: Plan, seed: u64) -> Plan {
    let mut plan = plan;
    plan.steps.extend(sweeps::with_some_wrong_keys(seed));
    let cut_off = [
        update(json!({"description": "x"}), &[]),
        Action::UpdateClient { client: C1, set: members(json!({"tags": ["x"]})), omit: vec![] },
        Action::DeleteServer { server: S1 },
        Action::DeleteClient { client: C1 },
        Action::DeleteClients { server: S1, clients: vec![C1] },
    ];
    let mut plan = plan
        .then_wrongly(Fault::Without("/server/id".into()), update(json!({"tags": ["x"]}), &[]))
        .then_wrongly(Fault::WrongType("/ids".into()), Action::DeleteServers { servers: vec![S1] })
        .then_wrongly(Fault::CutOff, in_turn(seed, &cut_off));
    plan.steps.extend(sweeps::with_some_near_ids(seed));
    // Searches must not find it.
    let refused = Action::CreateClient { client: C9, server: S1, body: members(json!({"name": "refused"})) };
    plan.then(Action::LoadServer { server: S1 })
        .then_wrongly(Fault::ThroughAnotherServer(S2), Action::RotateSecret { client: C1 })
        .then_wrongly(Fault::Null("/mcpServerId".into()), refused)
}

fn clients(plan: Plan, seed: u64, dice: &mut Dice) -> Plan {
    let odd = with_unknown_member(refusable::client(TextKind::Odd, false, dice), dice);
    let search = |by: &[FilterBy]| Action::SearchClients {
        server: S1,
        filter: Filter { like: Some(C1), by: by.to_vec(), ..Filter::default() },
    };
    // Who takes a page first and filters then misses the one that is not on it.
    let one = |like, by| Action::SearchClients {
        server: S1,
        filter: Filter {
            like: Some(like),
            by: vec![by, FilterBy::Status],
            limit: Some(1),
            ..Filter::default()
        },
    };
    // All clients have the same status and method: who takes any one of the filters finds them all.
    let [by_tag, by_name] = [FilterBy::Tag, FilterBy::Name]
        .map(|by| search(&[by, FilterBy::Status, FilterBy::RegistrationMethod]));
    let others = [one(C1, FilterBy::ClientId), by_name, one(C1, FilterBy::Name), one(C2, FilterBy::ClientId)];
    let filtered = in_turn(seed, &[by_tag.clone(), by_tag, in_turn(seed / 3, &others)]);
    let page = |page| Action::SearchClients {
        server: S1,
        filter: Filter { page: Some(page), limit: Some(1), ..Filter::default() },
    };
    let beta = members(json!({"name": "beta"}));
    let mut first = full_client(dice);
    // In the order of their names, so that the order backwards is not the one of their creation.
    first.insert("name".into(), "alpha".into());
    plan.then(Action::CreateClient { client: C1, server: S1, body: first })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::LoadClient { client: C1, by: LoadBy::ClientId })
        // Searches on the first server must not find the second of them.
        .then_at_once([
            Action::CreateClient { client: C2, server: S1, body: beta },
            Action::CreateClient { client: C8, server: S2, body: odd },
        ])
        // Soon enough to show that searches are not late.
        .then(filtered)
        .then(Action::LoadClient { client: C8, by: LoadBy::Id })
        .then(search(&[FilterBy::Text]))
        // A limit of one client is the only one that every target surely takes.
        .then(page(0))
        .then(page(1))
        .then(page(2))
}

fn token(secret: WhichSecret, method: TokenAuth) -> Action {
    Action::RequestToken { client: C1, secret, method }
}

fn secrets(plan: Plan, seed: u64) -> Plan {
    let rotate = || Action::RotateSecret { client: C1 };
    let nearly_right = [
        grants::near(NearMiss::SecretPrefix),
        grants::near(NearMiss::LongerSecret),
        grants::near(NearMiss::SecretInOtherCase),
        grants::near(NearMiss::EmptySecret),
        grants::near(NearMiss::NoSecret),
        Action::Ask(Ask::Borrow { clients: [C1, C2], what: Borrowed::Secret }),
        Action::Ask(Ask::Borrow { clients: [C1, C8], what: Borrowed::Secret }),
    ];
    let mut changed = members(json!({"tags": ["b", "a", "b"], "scopes": ["mcp:tools:write"]}));
    if changes_names(seed) {
        changed.insert("name".into(), "alphabet".into());
    }
    let by_name = Some(Sort { field: "name".into(), descending: true });
    let plan = plan
        .then(mostly_the_first(seed, token(WhichSecret::Invented, TokenAuth::Basic), &nearly_right))
        .then_all(rotation())
        .then(Action::UpdateClient {
            client: C1,
            set: changed,
            omit: ["logo", "forceAddAllAuthorizationInfo", "approvedCallbackUrls"].map(Into::into).to_vec(),
        })
        .then(token(WhichSecret::Current, TokenAuth::Basic))
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        // What was just loaded, a search must show as it is.
        .then(Action::SearchClients { server: S1, filter: Filter { sort: by_name, ..Filter::default() } });
    asked_wrongly(plan, seed)
        .then(Action::DeleteClient { client: C2 })
        // Neither the wrong requests nor the deletion of another client may have changed it.
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::GetSecret { client: C1 })
        .then(rotate())
        .then(token(WhichSecret::BeforeTwoRotations, TokenAuth::Basic))
        .then_at_once([rotate(), rotate()])
        .then(Action::GetSecret { client: C1 })
        .then(token(WhichSecret::BeforeRotation, TokenAuth::Basic))
}

/// More values that a target may refuse: in turn records with texts that read as values of another type, or units of
/// lifetimes in another spelling, one at a time, as few targets take them.
fn more_odd_values(plan: Plan, seed: u64, dice: &mut Dice) -> Plan {
    let changed = refusable::client(TextKind::Odd, true, dice);
    let mut last = refusable::client(TextKind::OfAnotherType, false, dice);
    let omit = ["allowedTenants", "scopes", "tags"];
    last.retain(|name, _| name != "name" && !omit.contains(&name.as_str()));
    let update = |set, omit: &[&str]| Action::UpdateClient {
        client: C8,
        set,
        omit: omit.iter().map(|name| (*name).to_owned()).collect(),
    };
    let server = refusable::new_server(TextKind::OfAnotherType, false, dice);
    let with_unit = in_turn(seed / 2, &refusable::with_odd_units(dice));
    let of_another_type = [update(last, &omit), Action::CreateServer { server: S4, body: server }];
    let with_units = [
        Action::UpdateServer { server: S5, set: with_unit.clone(), omit: vec![] },
        Action::CreateServer { server: S4, body: with_unit },
    ];
    let [one, other] = in_turn(seed, &[of_another_type, with_units]);
    plan.then_if_spare(one).then(update(changed, &[])).then_if_spare(other)
}

fn registrations(plan: Plan, seed: u64, dice: &mut Dice) -> Plan {
    let (set, omit) = bodies::sparse_update_of_a_server(seed, dice);
    let plan = plan.then(Action::Ask(Ask::Register { client: C6, server: S1 })).then(find_registered(C6));
    tokens_of_registered(plan, C6)
        .then(Action::LoadClient { client: C2, by: LoadBy::Id })
        .then(Action::RequestToken { client: C2, secret: WhichSecret::Current, method: TokenAuth::Basic })
        .then_at_once(
            [("one", false), ("two", true)].map(|(word, on)| update(bodies::all_members_with(word, on), &[])),
        )
        .then(Action::LoadServer { server: S1 })
        .then(Action::UpdateServer { server: S2, set, omit })
        .then(Action::Ask(Ask::Register { client: C7, server: S1 }))
}

fn deletions(plan: Plan) -> Plan {
    plan.then(Action::DeleteClients { server: S1, clients: vec![C1, C2, C6] })
        // This also shows that the server can be deleted without leaving a client behind.
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
        // Neither that nor the update of another server may have changed it.
        .then(Action::LoadServer { server: S1 })
        .then(Action::DeleteServers { servers: vec![S1, S5, S3, S4, S2] })
        .then(Action::LoadServer { server: S2 })
}
