//! One plan that exercises every property in a minute of the live API's rate limit. Nothing is made twice that can be
//! shared, and what shows that one thing holds is placed where it shows more.

use serde_json::{Value, json};

use super::authorization::{codes_in_few_requests, find_registered, tokens_of_registered, wrong_challenge};
use super::curated::{fewer_members_of_scopes, full_client, full_server, update, with_unknown_member};
use super::refusable::{self, TextKind};
use super::{Dice, every_member, members, sweeps};
use crate::model::effect::Effect;
use crate::plan::ask::{Ask, MetadataPlace};
use crate::plan::{
    Action, ClientLabel, Fault, Filter, FilterBy, LoadBy, Near, Plan, ServerLabel, Sort, Step, TokenAuth,
    WhichSecret,
};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const S3: ServerLabel = ServerLabel(3);
const S5: ServerLabel = ServerLabel(5);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);
const C4: ClientLabel = ClientLabel(4);
const C6: ClientLabel = ClientLabel(6);
const C7: ClientLabel = ClientLabel(7);
const C8: ClientLabel = ClientLabel(8);
const C9: ClientLabel = ClientLabel(9);

/// How far apart the wrong requests of one seed are among all of their kind.
const SLOT: u64 = 5;

/// The plan of a seed.
pub(crate) fn plan(seed: u64) -> Plan {
    let dice = &mut Dice::new(seed, u64::MAX);
    let plan = servers(Plan::named("smoke"), seed, dice);
    let plan = clients(plan, dice);
    let plan = grants(plan, seed, dice);
    let plan = secrets(plan, seed);
    deletions(registrations(odd_values(plan, dice)))
}

fn servers(plan: Plan, seed: u64, dice: &mut Dice) -> Plan {
    // Seeds differ in what a careless program makes of the values.
    let kind = if seed % 4 == 3 { TextKind::OfAnotherType } else { TextKind::Odd };
    let odd = with_unknown_member(refusable::new_server(kind, false, dice), dice);
    let (sparse, changed) = (every_member::sparse_server(), refusable::server(kind, true, dice));
    // What an update leaves out of a server with every member must be gone.
    let omit: Vec<_> =
        changed.keys().filter(|name| *name != "name" && !sparse.contains_key(*name)).cloned().collect();
    let mut server = full_server(S1, dice);
    server["cimdSettings"]["enabled"] = false.into();
    plan.then(Action::LoadUnmadeServer)
        // What this one is answered with is how a new server is.
        .then(Action::CreateServer { server: S3, body: members(json!({})) })
        .then(Action::CreateServer { server: S1, body: server })
        .then(Action::CreateServer { server: S2, body: odd })
        .then(Action::LoadServer { server: S1 })
        .then(Action::UpdateServer { server: S2, set: sparse, omit })
        .then(Action::UpdateServer { server: S2, set: changed, omit: vec![] })
        .then(Action::LoadServer { server: S1 })
        .then(update(
            json!({"description": " changed ", "tags": ["b", "a", "b"], "approvedScopes": fewer_members_of_scopes()}),
            &["forceAddAllAuthorizationInfo"],
        ))
}

/// Requests that must be refused. Which operations are asked with a wrong key, and which with an id that is nearly right,
/// depends on the seed.
fn asked_wrongly(plan: Plan, seed: u64) -> Plan {
    let all = sweeps::all();
    let mut slot = 0_u64;
    let mut one = |is_meant: fn(&&Step) -> bool| {
        let meant = all.iter().filter(is_meant).collect::<Vec<_>>();
        // Seeds that follow each other differ in the operation and in what is wrong, and so do the requests of one seed.
        slot += 1;
        let index = seed.wrapping_add(SLOT * slot).wrapping_mul(sweeps::STRIDE as u64) % meant.len() as u64;
        meant[index as usize].clone()
    };
    let unauthorized = [
        one(|step| matches!(step.fault, Some(Fault::NoKey))),
        one(|step| matches!(step.fault, Some(Fault::WrongKey | Fault::EmptyKey | Fault::NearKey(_)))),
        one(|step| matches!(step.fault, Some(Fault::WrongScheme))),
        one(|step| matches!(step.fault, Some(Fault::WrongProject))),
    ];
    // Deletions and searches of what is not there may succeed, and then show nothing.
    let near = [
        one(|step| {
            finds_one(step) && matches!(&step.fault, Some(Fault::NearId(_, near)) if *near != Near::Blank)
        }),
        one(|step| finds_one(step) && matches!(&step.fault, Some(Fault::NearId(_, Near::Blank)))),
    ];
    // Searches must not find it.
    let refused = Action::CreateClient { client: C9, server: S1, body: members(json!({"name": "refused"})) };
    let mut plan = plan;
    plan.steps.extend(sweeps::with_labels_of_their_own(unauthorized));
    let mut plan = plan
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then_wrongly(Fault::Without("/server/id".into()), update(json!({"tags": ["x"]}), &[]))
        .then_wrongly(Fault::WrongType("/ids".into()), Action::DeleteServers { servers: vec![S1] })
        .then_wrongly(Fault::CutOff, update(json!({"description": "x"}), &[]));
    plan.steps.extend(sweeps::with_labels_of_their_own(near));
    plan.then(Action::LoadServer { server: S1 })
        .then_wrongly(Fault::ThroughAnotherServer(S2), Action::RotateSecret { client: C1 })
        .then_wrongly(Fault::Null("/mcpServerId".into()), refused)
}

/// Whether a step is about one record that must be found.
fn finds_one(step: &Step) -> bool {
    let effect = step.action.semantics().effect;
    effect.deletes().is_none() && !matches!(effect, Effect::SearchClients { .. })
}

fn clients(plan: Plan, dice: &mut Dice) -> Plan {
    let refusable = with_unknown_member(refusable::client(TextKind::Odd, true, dice), dice);
    let search = |by: &[FilterBy]| Action::SearchClients {
        server: S1,
        filter: Filter { like: Some(C1), by: by.to_vec(), ..Filter::default() },
    };
    let page = |page| Action::SearchClients {
        server: S1,
        filter: Filter { page: Some(page), limit: Some(1), ..Filter::default() },
    };
    let by_name = Some(Sort { field: "name".into(), descending: true });
    let sorted = Action::SearchClients { server: S1, filter: Filter { sort: by_name, ..Filter::default() } };
    let named = |client, server, name: &str| Action::CreateClient {
        client,
        server,
        body: members(json!({ "name": name })),
    };
    let mut first = full_client(dice);
    // In the order of their names, so that the order backwards is not the one of their creation.
    first.insert("name".into(), "alpha".into());
    plan.then(Action::CreateClient { client: C1, server: S1, body: first })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::LoadClient { client: C1, by: LoadBy::ClientId })
        // Searches on the first server must not find the second of them.
        .then_at_once([named(C2, S1, "beta"), named(C4, S3, "other")])
        .then(Action::CreateClient { client: C8, server: S3, body: refusable })
        .then(Action::LoadClient { client: C8, by: LoadBy::Id })
        .then(search(&[FilterBy::Name, FilterBy::Tag, FilterBy::Status, FilterBy::RegistrationMethod]))
        .then(search(&[FilterBy::Text]))
        .then(sorted)
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
    let plan = plan
        .then(token(WhichSecret::Invented, TokenAuth::Basic))
        .then(rotate())
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::GetSecret { client: C1 })
        .then(token(WhichSecret::BeforeRotation, TokenAuth::Post))
        .then(token(WhichSecret::Current, TokenAuth::Post))
        .then(Action::UpdateClient {
            client: C1,
            set: members(json!({"tags": ["b", "a", "b"], "scopes": ["mcp:tools:write"]})),
            omit: ["logo", "forceAddAllAuthorizationInfo", "approvedCallbackUrls"].map(Into::into).to_vec(),
        })
        // One target shows secrets, another has a token endpoint.
        .then(Action::GetSecret { client: C1 })
        .then(token(WhichSecret::Current, TokenAuth::Basic))
        .then(Action::LoadClient { client: C1, by: LoadBy::Id });
    asked_wrongly(plan, seed)
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::GetSecret { client: C1 })
        .then(rotate())
        .then(token(WhichSecret::BeforeTwoRotations, TokenAuth::Basic))
        .then_at_once([rotate(), rotate()])
        .then(Action::GetSecret { client: C1 })
        .then(token(WhichSecret::BeforeRotation, TokenAuth::Basic))
}

fn grants(plan: Plan, seed: u64, dice: &mut Dice) -> Plan {
    let wrong = wrong_challenge(dice);
    let mut plan = plan.then(Action::Ask(Ask::Keys)).then(Action::Ask(Ask::KeysForSdks));
    // Seeds that follow each other look at other places before the issuer's path.
    let before =
        if seed.is_multiple_of(2) { MetadataPlace::BeforeOpenid } else { MetadataPlace::BeforeOauth };
    for at in [MetadataPlace::AfterOpenid, MetadataPlace::AfterOauth, before] {
        plan = plan.then(Action::Ask(Ask::Metadata { server: S1, at }));
    }
    codes_in_few_requests(plan, wrong)
}

fn registrations(plan: Plan) -> Plan {
    let plan = plan.then(Action::Ask(Ask::Register { client: C6, server: S1 })).then(find_registered(C6));
    tokens_of_registered(plan, C6)
        .then(Action::DeleteClient { client: C2 })
        .then(Action::LoadClient { client: C2, by: LoadBy::Id })
        .then(Action::RequestToken { client: C2, secret: WhichSecret::Current, method: TokenAuth::Basic })
        .then_at_once(
            [("one", false), ("two", true)].map(|(word, on)| update(all_members_with(word, on), &[])),
        )
        .then(Action::LoadServer { server: S1 })
        .then(Action::Ask(Ask::Register { client: C7, server: S1 }))
}

/// Every member of a server that an update may change, in plain values: with two words and switches, two servers that
/// differ everywhere. Nobody can register with either.
fn all_members_with(word: &str, on: bool) -> Value {
    let url = |path: &str| format!("https://{word}.example.com/{path}");
    let scopes =
        json!([{"name": format!("mcp:{word}"), "description": word, "optional": on, "values": [word]}]);
    let (lifetime, unit) = if on { (3, "hours") } else { (200, "minutes") };
    json!({
        "description": word,
        "tags": [word],
        "logo": url("logo.png"),
        "audienceWhitelist": [url("mcp")],
        "approvedCallbackUrls": [url("callback")],
        "approvedScopes": {"permissionsScopes": scopes, "attributesScopes": scopes, "connectionsScopes": scopes},
        "dynamicRegistration": {"enabled": false, "disableApprovedScopesAsDefault": on},
        "sessionSettings": {
            "enabled": true,
            "refreshTokenExpiration": lifetime, "refreshTokenExpirationUnit": unit,
            "sessionTokenExpiration": lifetime, "sessionTokenExpirationUnit": unit,
            "keySessionTokenExpiration": lifetime, "keySessionTokenExpirationUnit": unit,
        },
        "cimdSettings": {
            "enabled": false,
            "domainPolicies": {"policies": [{"domainPattern": format!("{word}.example.com"), "enabled": on}]},
        },
        "skipConsentScreen": on,
        "forceAddAllAuthorizationInfo": on,
    })
}

/// More values that a target may refuse.
fn odd_values(plan: Plan, dice: &mut Dice) -> Plan {
    let changed = refusable::client(TextKind::Odd, false, dice);
    let flat = json!({"name": "with flat scopes", "approvedScopes": [
        {"name": "mcp:tools:read", "description": "Read"},
        {"name": "mcp:calendar.read", "values": ["https://calendar.example.com/read"]},
    ]});
    plan.then(Action::CreateServer { server: S5, body: members(flat) }).then(Action::UpdateClient {
        client: C8,
        set: changed,
        omit: vec![],
    })
}

fn deletions(plan: Plan) -> Plan {
    plan.then(Action::DeleteClients { server: S1, clients: vec![C1, C2, C6] })
        // This also shows that the server can be deleted without leaving a client behind.
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
        .then(Action::DeleteServer { server: S5 })
        .then(Action::LoadServer { server: S1 })
        .then(Action::LoadServer { server: S5 })
        // The list shows whether the deletion of one took effect, the load whether that of many did.
        .then(Action::LoadAllServers)
        .then(Action::DeleteServers { servers: vec![S1, S5, S2, S3] })
        .then(Action::LoadServer { server: S3 })
}
