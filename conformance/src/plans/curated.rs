//! Plans written by hand around generated values, one for each subject. Together they exercise every property.

use serde_json::{Value, json};

use super::{Dice, at_once, authorization, members, values};
use crate::documented::UNKNOWN_MEMBER;
use crate::json::Members;
use crate::plan::{
    Action, ClientLabel, Fault, Filter, FilterBy, LoadBy, Near, Plan, ServerLabel, Sort, TokenAuth,
    WhichSecret,
};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const S3: ServerLabel = ServerLabel(3);
const S4: ServerLabel = ServerLabel(4);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);
const C3: ClientLabel = ClientLabel(3);
const C4: ClientLabel = ClientLabel(4);
const C5: ClientLabel = ClientLabel(5);

/// All of them, with values drawn from `seed`.
pub fn all(seed: u64) -> Vec<Plan> {
    // Generated plans count up from 0; these count down from the other end.
    let mut number = u64::MAX;
    let mut next = |make: fn(&mut Dice) -> Plan| {
        number -= 1;
        make(&mut Dice::new(seed, number))
    };
    vec![next(servers), next(clients), next(odd_values), next(at_once::plan), next(authorization::plan)]
}

fn servers(dice: &mut Dice) -> Plan {
    let (set, omit) = dice.draw(&values::server_change());
    let plan = Plan::named("servers")
        .then(Action::LoadUnmadeServer)
        // What this one is answered with is how a new server is.
        .then(Action::CreateServer { server: S3, body: Members::new() })
        .then(Action::CreateServer { server: S1, body: full_server(S1, dice) })
        .then(Action::CreateServer { server: S2, body: any_server(S2, dice) })
        .then(Action::LoadServer { server: S1 })
        .then(Action::LoadAllServers)
        .then(Action::UpdateServer { server: S2, set, omit })
        .then(Action::LoadServer { server: S1 })
        .then(Action::LoadServer { server: S2 })
        .then(Action::LoadServer { server: S3 })
        .then(update(
            json!({
                "description": " e\u{301} <b> changed ", "tags": ["b ", "a", "b "], "approvedScopes": fewer_members_of_scopes(),
            }),
            &["logo", "skipConsentScreen"],
        ))
        .then(Action::LoadServer { server: S1 });
    asked_wrongly(plan)
        .then(Action::DeleteServer { server: S2 })
        .then(Action::LoadAllServers)
        .then(Action::LoadServer { server: S2 })
        .then(Action::LoadServer { server: S1 })
        .then(Action::DeleteServers { servers: vec![S1, S2, S3] })
        .then(Action::LoadServer { server: S1 })
        .then(Action::LoadServer { server: S3 })
}

/// The scopes of [`full_server`] that clients have, with fewer members: those that are left out must be gone. Plain values,
/// so that hardly any target refuses them.
pub(super) fn fewer_members_of_scopes() -> Value {
    json!({
        "permissionsScopes": [{"name": "mcp:tools:read"}, {"name": "mcp:tools:write", "description": "Write"}],
        "attributesScopes": [{"name": "Profile"}],
        "connectionsScopes": [{"name": "mcp:Calendar.Read", "description": "Read", "values": ["a"]}],
    })
}

/// An update of the first server.
pub(super) fn update(set: serde_json::Value, omit: &[&str]) -> Action {
    let omit = omit.iter().map(|name| (*name).to_owned()).collect();
    Action::UpdateServer { server: S1, set: members(set), omit }
}

/// Requests about the first server that must be refused, and what shows that they changed nothing.
pub(super) fn asked_wrongly(plan: Plan) -> Plan {
    plan.then_wrongly(Fault::NoKey, Action::DeleteServer { server: S1 })
        .then_wrongly(Fault::WrongKey, update(json!({"tags": ["x"]}), &[]))
        .then_wrongly(Fault::WrongScheme, Action::LoadServer { server: S1 })
        .then_wrongly(Fault::WrongProject, update(json!({"description": "x"}), &[]))
        .then(Action::LoadServer { server: S1 })
        .then_wrongly(Fault::Without("/server/id".into()), update(json!({"tags": ["x"]}), &[]))
        .then_wrongly(Fault::WrongType("/ids".into()), Action::DeleteServers { servers: vec![S1] })
        .then_wrongly(Fault::Without("/id".into()), Action::DeleteServer { server: S1 })
        .then_wrongly(Fault::CutOff, update(json!({"description": "x"}), &[]))
        .then_wrongly(
            Fault::NearId("/server/id".into(), Near::AnotherCase),
            update(json!({"description": "x"}), &[]),
        )
        .then_wrongly(Fault::NearId("/id".into(), Near::Blank), Action::LoadServer { server: S1 })
        .then(Action::LoadServer { server: S1 })
}

fn clients(dice: &mut Dice) -> Plan {
    let (set, omit) = dice.draw(&values::client_change());
    let search = |by: &[FilterBy]| Action::SearchClients {
        server: S1,
        filter: Filter { like: Some(C1), by: by.to_vec(), ..Filter::default() },
    };
    // Who takes a page first and filters then misses it, in whichever order clients come.
    let one_in_the_middle = |by| Action::SearchClients {
        server: S1,
        filter: Filter { like: Some(C2), by: vec![by], limit: Some(1), ..Filter::default() },
    };
    let page = |page, sort| Action::SearchClients {
        server: S1,
        filter: Filter { page: Some(page), limit: Some(1), sort, ..Filter::default() },
    };
    let by_name = Some(Sort { field: "name".into(), descending: true });
    let named = |name: &str| members(json!({ "name": name }));
    let token = |secret, method| Action::RequestToken { client: C1, secret, method };
    // That it has no clients is known, whatever becomes of their creations.
    let past_the_end = Action::SearchClients {
        server: S2,
        filter: Filter { page: Some(1), limit: Some(1), ..Filter::default() },
    };
    Plan::named("clients")
        .then(Action::CreateServer { server: S1, body: full_server(S1, dice) })
        .then(Action::CreateServer { server: S2, body: full_server(S2, dice) })
        .then(past_the_end)
        .then(Action::CreateClient { client: C1, server: S1, body: full_client(dice) })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::LoadClient { client: C1, by: LoadBy::ClientId })
        // In the order of their names, so that the order backwards is not the one of their creation.
        .then(Action::CreateClient {
            client: C2,
            server: S1,
            body: members(json!({"name": "alpha", "tags": ["neighbour"]})),
        })
        .then(Action::CreateClient { client: C3, server: S2, body: named("other") })
        .then(Action::CreateClient { client: C4, server: S1, body: named("beta") })
        .then(search(&[]))
        .then(search(&[FilterBy::ClientId]))
        .then(search(&[FilterBy::Name, FilterBy::Status]))
        .then(search(&[FilterBy::Tag, FilterBy::RegistrationMethod]))
        .then(search(&[FilterBy::Text]))
        .then(one_in_the_middle(FilterBy::ClientId))
        .then(one_in_the_middle(FilterBy::Name))
        .then(one_in_the_middle(FilterBy::Tag))
        // A limit of one client is the only one that every target surely takes.
        .then(page(0, None))
        .then(page(1, None))
        .then(page(2, None))
        .then(page(3, None))
        .then(page(0, by_name.clone()))
        .then(page(1, by_name.clone()))
        .then(page(2, by_name))
        .then(Action::GetSecret { client: C1 })
        .then(token(WhichSecret::Invented, TokenAuth::Basic))
        .then(token(WhichSecret::Current, TokenAuth::Basic))
        .then_all(rotation())
        .then(Action::UpdateClient {
            client: C1,
            set: members(json!({"tags": ["b", "a", "b"], "scopes": ["mcp:tools:write"]})),
            omit: vec!["logo".into()],
        })
        .then(token(WhichSecret::Current, TokenAuth::Basic))
        .then(Action::GetSecret { client: C1 })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::LoadClient { client: C3, by: LoadBy::Id })
        .then_wrongly(Fault::ThroughAnotherServer(S2), Action::RotateSecret { client: C1 })
        .then_wrongly(Fault::ThroughAnotherServer(S2), Action::LoadClient { client: C1, by: LoadBy::Id })
        .then_wrongly(Fault::Null("/mcpServerId".into()), Action::RotateSecret { client: C1 })
        .then_wrongly(
            Fault::WrongType("/mcpServerId".into()),
            Action::CreateClient { client: C5, server: S1, body: Members::new() },
        )
        .then_wrongly(
            Fault::WrongType("/ids".into()),
            Action::DeleteClients { server: S1, clients: vec![C1] },
        )
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::GetSecret { client: C1 })
        .then(Action::UpdateClient { client: C1, set, omit })
        .then(Action::RotateSecret { client: C1 })
        .then(token(WhichSecret::BeforeTwoRotations, TokenAuth::Basic))
        .then(Action::DeleteClient { client: C2 })
        .then(Action::RequestToken { client: C2, secret: WhichSecret::Current, method: TokenAuth::Basic })
        .then(Action::LoadClient { client: C2, by: LoadBy::Id })
        .then(search(&[]))
        .then(Action::DeleteClients { server: S1, clients: vec![C1, C2] })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        // Whose id was not among them.
        .then(Action::LoadClient { client: C4, by: LoadBy::Id })
}

/// Values that a target may refuse. If it keeps a member that no document knows, updates must not lose it.
fn odd_values(dice: &mut Dice) -> Plan {
    let mut extended = |body: Members| with_unknown_member(body, dice);
    let (server, client) = (extended(Members::new()), extended(Members::new()));
    // A URL that is no URL, and one that is there twice.
    let refusable = json!({
        "name": "with URLs",
        "logo": " https://www.example.com/Logo.png ",
        "approvedCallbackUrls": ["https://b.example.com/", "https://a.example.com/", "https://b.example.com/"],
    });
    let nameless = |mut body: Members| {
        body.remove("name");
        body
    };
    Plan::named("odd values")
        .then(Action::CreateServer { server: S1, body: server })
        .then(Action::CreateServer { server: S3, body: nameless(dice.draw(&values::hostile_server())) })
        .then(Action::LoadServer { server: S3 })
        // Both have the same name, and nothing else in common.
        .then(Action::UpdateServer {
            server: S1,
            set: members(json!({"description": "changed"})),
            omit: vec![],
        })
        .then(Action::LoadServer { server: S3 })
        .then(Action::CreateClient { client: C1, server: S1, body: client })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::UpdateClient { client: C1, set: members(json!({"tags": ["changed"]})), omit: vec![] })
        .then(Action::CreateServer { server: S2, body: with_flat_scopes() })
        .then(Action::CreateServer { server: S4, body: members(refusable) })
        .then(Action::CreateClient { client: C2, server: S1, body: dice.draw(&values::hostile_client()) })
        .then(Action::LoadClient { client: C2, by: LoadBy::Id })
}

/// A rotation of the first client's secret, and what shows its effect: on the record, and on the secret before and after it.
pub(super) fn rotation() -> [Action; 5] {
    let token = |secret| Action::RequestToken { client: C1, secret, method: TokenAuth::Post };
    [
        Action::RotateSecret { client: C1 },
        Action::LoadClient { client: C1, by: LoadBy::Id },
        Action::GetSecret { client: C1 },
        token(WhichSecret::BeforeRotation),
        token(WhichSecret::Current),
    ]
}

/// A server whose scopes are the flat list of the guide.
pub(super) fn with_flat_scopes() -> Members {
    members(json!({
        "name": "with flat scopes",
        "approvedScopes": [
            { "name": "mcp:tools:read", "description": "Read" },
            { "name": "mcp:calendar.read", "values": ["https://calendar.example.com/read"] },
        ],
    }))
}

/// A record with a deep member that no document knows.
pub(super) fn with_unknown_member(mut body: Members, dice: &mut Dice) -> Members {
    // The largest whole number that every reader of JSON takes exactly.
    let number = 1_u64 << 53;
    let extension = json!({
        "nested": { "list": [1, "two", null, [[{ "deep": [number] }]]], "nothing": null },
        "text": dice.draw(&values::text()),
    });
    body.insert(UNKNOWN_MEMBER.into(), extension);
    body
}

/// A server with whatever members.
pub(super) fn any_server(label: ServerLabel, dice: &mut Dice) -> Members {
    let mut body = dice.draw(&values::server());
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    let name = name_of_its_own(label, name);
    body.insert("name".into(), name);
    body
}

/// A name that no other server of the plan has: whether two may have the same is an open question.
fn name_of_its_own(label: ServerLabel, text: &str) -> Value {
    format!("{} {text}", label.0).into()
}

/// A server with every member that a round trip can carry, so that none is left to chance.
pub(super) fn full_server(label: ServerLabel, dice: &mut Dice) -> Members {
    let mut body = members(json!({
        "description": " Überprüfung 🦀 <b>\"quoted\"</b> \\ e\u{301} \u{202e}שלום\u{202c} ",
        "tags": ["two", "one ", "two", "Two"],
        "logo": "https://www.example.com/logo.png",
        "audienceWhitelist": [
            "https://www.example.com/Api/?a=1&b=2", "https://app.example.com/api", "https://b.example.com:8443/Mcp",
        ],
        "approvedScopes": {
            "permissionsScopes": [
                { "name": "mcp:tools:read", "description": " Read & <see> ", "optional": true, "values": ["b", "a"] },
                { "name": "mcp:tools:write", "description": "Write", "optional": false },
                { "name": "mcp:admin", "description": "Administer" },
            ],
            "attributesScopes": [
                { "name": "Profile", "description": " Know <your> name ", "optional": true, "values": ["name", "Family", "e & m"] },
                { "name": "phone", "description": "", "optional": false, "values": [] },
                { "name": "email" },
            ],
            "connectionsScopes": [
                {
                    "name": "mcp:Calendar.Read", "description": " Read <dates> ", "optional": true,
                    "values": ["https://calendar.example.com/Read?a=1&b=2", "b", "https://calendar.example.com/all"],
                },
                { "name": "mcp:calendar.all", "description": "All", "optional": false, "values": ["a"] },
                { "name": "mcp:a", "values": ["a"] },
            ],
        },
        "approvedCallbackUrls": [
            "https://app.example.com/callback", "https://app.example.com/Callback?a=1&b=2", "https://a.example.com/",
        ],
        "dynamicRegistration": { "enabled": true, "disableApprovedScopesAsDefault": true },
        "sessionSettings": {
            "enabled": true,
            "refreshTokenExpiration": 5, "refreshTokenExpirationUnit": "weeks",
            "sessionTokenExpiration": 15, "sessionTokenExpirationUnit": "minutes",
            "keySessionTokenExpiration": 40_000, "keySessionTokenExpirationUnit": "seconds",
        },
        "cimdSettings": {
            "enabled": true,
            "domainPolicies": { "policies": [
                { "domainPattern": "*.example.com", "enabled": true },
                { "domainPattern": "app.example.net", "enabled": false },
                { "domainPattern": "a.example.net" },
            ] },
        },
        "skipConsentScreen": true,
        "forceAddAllAuthorizationInfo": true,
    }));
    let name = format!("{} ", dice.draw(&values::text()));
    body.insert("name".into(), name_of_its_own(label, &name));
    body
}

/// A client record with every member that a round trip can carry.
pub(super) fn full_client(dice: &mut Dice) -> Members {
    let mut body = members(json!({
        "approvedCallbackUrls": [
            "https://app.example.com/callback", "https://app.example.com/Callback?a=1&b=2", "https://a.example.com/",
        ],
        "scopes": ["mcp:tools:write", "mcp:Calendar.Read", "mcp:tools:read"],
        "tags": ["support", "agent & <b> ", "support", "Agent"],
        "logo": "https://www.example.com/logo.png",
        "forceAddAllAuthorizationInfo": true,
    }));
    body.insert("name".into(), dice.draw(&values::text()).into());
    body
}
