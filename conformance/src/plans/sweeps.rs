//! Every operation asked wrongly in every way that must be refused: without the right key, with an id that is nearly right,
//! and by way of another server. Together they are more requests than a plan may have, so a plan takes some of them, and
//! which ones depends on the seed.

use serde_json::json;

use super::{Dice, curated, members};
use crate::actions::Creates;
use crate::model::effect::Effect;
use crate::plan::{
    Action, ClientLabel, Fault, Filter, LoadBy, Near, Plan, ServerLabel, Step, TokenAuth, WhichSecret,
};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);

/// Wrong requests of one plan.
const STEPS: usize = 36;
/// Which plans in a row have wrong keys: as many as it takes to send each request once.
const PLANS: [bool; 5] = [true, false, true, false, true];
/// Steps over this many requests, so that neighbours differ in operation and in what is wrong.
const STRIDE: usize = 89;

/// Nearly right keys in a plan of few requests.
const NEAR_KEYS: u64 = 3;

/// What is wrong with a key. One that resembles the right one in nothing is taken wherever one that resembles it is.
const KEYS: [Fault; 7] = [
    Fault::NoKey,
    Fault::WrongScheme,
    Fault::WrongProject,
    Fault::EmptyKey,
    Fault::NearKey(Near::Shorter),
    Fault::NearKey(Near::Longer),
    Fault::NearKey(Near::AnotherCase),
];
/// How an id is nearly right. One with a blank is a longer one too, and each is one that nothing was made with.
const IDS: [Near; 3] = [Near::Shorter, Near::AnotherCase, Near::Blank];

/// The n-th plan of a seed; all of them together send every request.
pub(crate) fn plan(seed: u64, number: u64, dice: &mut Dice) -> Plan {
    let named = |client, server, name: &str| Action::CreateClient {
        client,
        server,
        body: members(json!({ "name": name })),
    };
    let mut plan = Plan::named("sweep")
        .then(Action::CreateServer { server: S1, body: curated::full_server(S1, dice) })
        .then(Action::CreateServer { server: S2, body: curated::full_server(S2, dice) })
        .then(Action::CreateClient { client: C1, server: S1, body: curated::full_client(dice) })
        .then(named(C2, S1, "neighbour"))
        .then(Action::LoadServer { server: S1 })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id });
    plan.steps.extend(of_plan(seed, number));
    plan.then(Action::LoadServer { server: S1 })
        .then(Action::LoadServer { server: S2 })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::GetSecret { client: C1 })
        .then(Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic })
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
        .then(Action::LoadAllServers)
}

/// The wrong requests of the n-th plan: either with wrong keys or about something wrong, so that it can be told which of
/// the two changed a record that must not change.
fn of_plan(seed: u64, number: u64) -> impl Iterator<Item = Step> {
    let (round, place) = (number / PLANS.len() as u64, number % PLANS.len() as u64);
    let has_wrong_key = PLANS[place as usize];
    let is_meant = |step: &Step| step.fault.as_ref().is_some_and(Fault::is_unauthorized) == has_wrong_key;
    let steps: Vec<_> = all().into_iter().filter(is_meant).collect();
    let alike = |plans: &[bool]| plans.iter().filter(|plan| **plan == has_wrong_key).count() as u64;
    let of_those = round * alike(&PLANS) + alike(&PLANS[..place as usize]);
    // Seeds that follow each other must not send almost the same.
    let start = (seed as usize).wrapping_mul(7).wrapping_add(of_those as usize).wrapping_mul(STEPS);
    let taken =
        (0..STEPS).map(|offset| steps[start.wrapping_add(offset).wrapping_mul(STRIDE) % steps.len()].clone());
    with_labels_of_their_own(taken.collect::<Vec<_>>())
}

/// The same steps; should a creation be accepted, what it makes has a label that nothing else has.
fn with_labels_of_their_own(steps: impl IntoIterator<Item = Step>) -> impl Iterator<Item = Step> {
    (90..).zip(steps).map(|(number, mut step)| {
        match step.action.parts().creates {
            Creates::Server(server) => *server = ServerLabel(number),
            Creates::Client(client) => *client = ClientLabel(number),
            Creates::Nothing => {}
        }
        step
    })
}

/// Wrong keys for a plan of few requests: without a key, with another scheme, with another project, and with keys that are
/// nearly right. Seeds that follow each other ask one operation after the other.
pub(super) fn with_some_wrong_keys(seed: u64) -> Vec<Step> {
    let is = |fault: Fault| move |step: &Step| step.fault.as_ref() == Some(&fault);
    let is_near =
        |step: &Step| matches!(step.fault, Some(Fault::EmptyKey | Fault::WrongKey | Fault::NearKey(_)));
    let steps = [
        in_turn(seed, 1, is(Fault::NoKey)),
        in_turn(seed.wrapping_add(5), 1, is(Fault::WrongScheme)),
        in_turn(seed.wrapping_add(10), 1, is(Fault::WrongProject)),
        in_turn(seed, NEAR_KEYS, is_near),
    ];
    with_the_last_to_spare(steps.concat())
}

/// The same steps with labels of their own. The last may be left out: the same properties are exercised by one before it.
fn with_the_last_to_spare(steps: Vec<Step>) -> Vec<Step> {
    let mut steps: Vec<_> = with_labels_of_their_own(steps).collect();
    if let Some(last) = steps.last_mut() {
        last.spare = true;
    }
    steps
}

/// Ids that are nearly right, for a plan of few requests: one with a blank for a request that must find its record, and three
/// of which two are in turn for requests that must find theirs in another way, and for requests that may succeed, such as
/// deletions.
pub(super) fn with_some_near_ids(seed: u64) -> Vec<Step> {
    let near = |step: &Step| match step.fault {
        Some(Fault::NearId(_, near)) => Some(near),
        _ => None,
    };
    let steps = [
        in_turn(seed, 1, |step| finds_one(step) && near(step) == Some(Near::Blank)),
        in_turn_from(seed.wrapping_add(seed.div_ceil(2)), 2 - seed % 2, |step| {
            finds_one(step) && near(step).is_some_and(|near| near != Near::Blank)
        }),
        in_turn_from(seed.wrapping_add(seed / 2), 1 + seed % 2, |step| {
            !finds_one(step) && near(step).is_some()
        }),
    ];
    with_the_last_to_spare(steps.concat())
}

/// The next `count` of these requests, so that seeds that follow each other send each of them in turn.
fn in_turn(seed: u64, count: u64, is_meant: impl Fn(&Step) -> bool) -> Vec<Step> {
    in_turn_from(seed.wrapping_mul(count), count, is_meant)
}

/// `count` of these requests, where so many had their turn before.
fn in_turn_from(first: u64, count: u64, is_meant: impl Fn(&Step) -> bool) -> Vec<Step> {
    let meant: Vec<_> = all().into_iter().filter(is_meant).collect();
    let number = meant.len() as u64;
    // A step over nearly half of them goes from one operation to another, and has no common divisor with their number.
    let stride = (1..=number.div_ceil(2)).rev().find(|stride| gcd(*stride, number) == 1).unwrap_or(1);
    let index = |offset: u64| {
        (u128::from(first.wrapping_add(offset)) * u128::from(stride) % u128::from(number)) as usize
    };
    (0..count.min(number)).map(|offset| meant[index(offset)].clone()).collect()
}

fn gcd(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { gcd(other, one % other) }
}

/// Whether a step is about one record that must be found.
fn finds_one(step: &Step) -> bool {
    let effect = step.action.semantics().effect;
    effect.deletes().is_none() && !matches!(effect, Effect::SearchClients { .. })
}

/// All wrong requests about the first server and its first client.
fn all() -> Vec<Step> {
    let mut steps = on_servers();
    steps.extend(on_clients());
    // Its length and the stride have no common divisor, so that all are taken.
    if steps.len().is_multiple_of(STRIDE) {
        steps.pop();
    }
    steps
}

/// The wrong requests about the first server.
fn on_servers() -> Vec<Step> {
    let load = Action::LoadServer { server: S1 };
    let update =
        Action::UpdateServer { server: S1, set: members(json!({"tags": ["swept"]})), omit: Vec::new() };
    let create = Action::CreateServer { server: S1, body: members(json!({"name": "swept"})) };
    let delete = Action::DeleteServer { server: S1 };
    let delete_all = Action::DeleteServers { servers: vec![S1] };
    wrongly(&[
        (load, &["/id"]),
        (update, &["/server/id"]),
        (create, &[]),
        (delete, &["/id"]),
        (delete_all, &["/ids/0"]),
        (Action::LoadAllServers, &[]),
    ])
}

/// The wrong requests about the first client.
fn on_clients() -> Vec<Step> {
    let both: &[&'static str] = &["/id", "/mcpServerId"];
    let client = |by| Action::LoadClient { client: C1, by };
    let update =
        Action::UpdateClient { client: C1, set: members(json!({"tags": ["swept"]})), omit: Vec::new() };
    let create = Action::CreateClient { client: C1, server: S1, body: members(json!({"name": "swept"})) };
    let asked = [
        (client(LoadBy::Id), both),
        (client(LoadBy::ClientId), &["/clientId", "/mcpServerId"]),
        (update, both),
        (create, &["/mcpServerId"]),
        (Action::SearchClients { server: S1, filter: Filter::default() }, &["/mcpServerId"]),
        (Action::DeleteClient { client: C1 }, both),
        (Action::DeleteClients { server: S1, clients: vec![C1] }, &["/ids/0", "/mcpServerId"]),
        (Action::GetSecret { client: C1 }, both),
        (Action::RotateSecret { client: C1 }, both),
    ];
    let mut steps = wrongly(&asked);
    for (action, places) in asked {
        // Of these, the id of another server is not another request of the same kind, but a right one.
        if places.len() == 2 {
            steps.push(Step { fault: Some(Fault::ThroughAnotherServer(S2)), ..action.into() });
        }
    }
    steps
}

/// Each of these with every wrong key, and with every id nearly right that it has at these places.
fn wrongly(asked: &[(Action, &[&'static str])]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (action, places) in asked {
        let near = |place: &&str| IDS.map(|near| Fault::NearId((*place).to_owned(), near));
        let faults = KEYS.into_iter().chain(places.iter().flat_map(near));
        steps.extend(faults.map(|fault| Step { fault: Some(fault), ..action.clone().into() }));
    }
    steps
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use descope_mcp_openapi::Document;

    use super::*;

    #[test]
    fn every_operation_is_asked_with_every_wrong_key() {
        let documented = Document::management().operations().map(|operation| operation.id.as_str());
        for operation in documented {
            for key in KEYS {
                let is_sent = |step: &Step| {
                    step.action.operation() == Some(operation) && step.fault.as_ref() == Some(&key)
                };
                assert!(all().iter().any(is_sent), "{operation} {key}");
            }
        }
    }

    #[test]
    fn few_requests_of_each_seed_are_all_of_them_over_seeds_that_follow_each_other() {
        let sent = |some: fn(u64) -> Vec<Step>, seeds: u64| -> BTreeSet<_> {
            let kind = |step: Step| (step.action.operation(), format!("{:?}", step.fault));
            (1_000..1_000 + seeds).flat_map(some).map(kind).collect()
        };
        let operations = Document::management().operations().count();
        assert_eq!(sent(with_some_wrong_keys, 30).len(), operations * KEYS.len());
        let is_near = |step: &Step| matches!(step.fault, Some(Fault::NearId(..)));
        let near = all().into_iter().filter(is_near);
        let near: BTreeSet<_> =
            near.map(|step| (step.action.operation(), format!("{:?}", step.fault))).collect();
        assert_eq!(sent(with_some_near_ids, 20), near);
    }

    #[test]
    fn the_plans_of_a_seed_send_all_of_them() {
        let all = all();
        let sent: BTreeSet<_> = (0..PLANS.len() as u64)
            .flat_map(|number| plan(5, number, &mut Dice::new(5, number)).steps)
            .map(|step| step.to_string())
            .collect();
        // Creations get other labels.
        let wanted = all.iter().filter(|step| step.action.semantics().effect.creates().is_none());
        for step in wanted {
            assert!(sent.contains(&step.to_string()), "{step}");
        }
    }
}
