//! Plans written by hand around generated values. Together they exercise every property at least once, in few requests.

use serde_json::json;

use super::{Dice, values};
use crate::{
    json::Members,
    plan::{Action, ClientLabel, Fault, Filter, FilterBy, LoadBy, Plan, ServerLabel, TokenAuth, WhichSecret},
};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const S3: ServerLabel = ServerLabel(3);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);
const C3: ClientLabel = ClientLabel(3);
const C4: ClientLabel = ClientLabel(4);

/// All of them, with values drawn from `seed`.
pub fn all(seed: u64) -> Vec<Plan> {
    // Generated plans count up from 0; these count down from the other end.
    let mut number = u64::MAX;
    let mut next = |make: fn(&mut Dice) -> Plan| {
        number -= 1;
        make(&mut Dice::new(seed, number))
    };
    vec![next(servers), next(clients), next(unknown_members)]
}

fn servers(dice: &mut Dice) -> Plan {
    let (set, omit) = dice.draw(&values::change(values::server()));
    Plan::named("servers")
        .then(Action::LoadUnmadeServer)
        .then(Action::CreateServer { server: S1, body: full_server(dice) })
        .then(Action::LoadServer { server: S1 })
        .then(Action::CreateServer { server: S2, body: dice.draw(&values::server()) })
        .then(Action::CreateServer { server: S3, body: Members::new() })
        .then(Action::LoadAllServers)
        .then(Action::UpdateServer { server: S2, set, omit })
        .then(Action::LoadServer { server: S2 })
        .then(Action::LoadServer { server: S1 })
        .then(Action::UpdateServer {
            server: S1,
            set: members(json!({"description": "changed", "tags": ["changed"]})),
            omit: vec![],
        })
        .then(Action::LoadServer { server: S1 })
        .then(Action::DeleteServer { server: S2 })
        .then(Action::LoadServer { server: S2 })
        .then(Action::LoadServer { server: S1 })
        .then_wrongly(Fault::NoKey, Action::DeleteServer { server: S1 })
        .then_wrongly(
            Fault::WrongKey,
            Action::UpdateServer { server: S1, set: members(json!({"tags": ["x"]})), omit: vec![] },
        )
        .then_wrongly(Fault::WrongKey, Action::LoadServer { server: S1 })
        .then(Action::LoadServer { server: S1 })
        .then(Action::LoadAllServers)
        .then(Action::DeleteServers { servers: vec![S1, S3] })
        .then(Action::LoadServer { server: S1 })
        .then(Action::LoadServer { server: S3 })
}

fn clients(dice: &mut Dice) -> Plan {
    let (set, omit) = dice.draw(&values::change(values::client()));
    let find = |by: &[FilterBy]| Filter { like: Some(C1), by: by.to_vec(), ..Filter::default() };
    Plan::named("clients")
        .then(Action::CreateServer { server: S1, body: full_server(dice) })
        .then(Action::CreateServer { server: S2, body: dice.draw(&values::server()) })
        .then(Action::CreateClient { client: C1, server: S1, body: full_client(dice) })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::LoadClient { client: C1, by: LoadBy::ClientId })
        .then(Action::CreateClient { client: C2, server: S1, body: dice.draw(&values::client()) })
        .then(Action::CreateClient { client: C3, server: S2, body: dice.draw(&values::client()) })
        .then(Action::CreateClient { client: C4, server: S1, body: Members::new() })
        .then(Action::LoadClient { client: C3, by: LoadBy::Id })
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
        .then(Action::SearchClients { server: S1, filter: find(&[FilterBy::ClientId]) })
        .then(Action::SearchClients { server: S1, filter: find(&[FilterBy::Name, FilterBy::Tag]) })
        .then(Action::SearchClients {
            server: S1,
            filter: find(&[FilterBy::Status, FilterBy::RegistrationMethod]),
        })
        .then(Action::GetSecret { client: C1 })
        .then(Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic })
        .then(Action::RotateSecret { client: C1 })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::GetSecret { client: C1 })
        .then(Action::RequestToken {
            client: C1,
            secret: WhichSecret::BeforeRotation,
            method: TokenAuth::Post,
        })
        .then(Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Post })
        .then(Action::UpdateClient { client: C1, set, omit })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::GetSecret { client: C1 })
        .then(Action::LoadClient { client: C3, by: LoadBy::Id })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then_wrongly(Fault::WrongKey, Action::RotateSecret { client: C1 })
        .then_wrongly(Fault::NoKey, Action::GetSecret { client: C1 })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::RequestToken { client: C1, secret: WhichSecret::Current, method: TokenAuth::Basic })
        .then(Action::DeleteClient { client: C2 })
        .then(Action::LoadClient { client: C2, by: LoadBy::Id })
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
        .then(Action::DeleteClients { server: S1, clients: vec![C4, C1] })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::LoadClient { client: C4, by: LoadBy::ClientId })
        .then(Action::LoadClient { client: C3, by: LoadBy::Id })
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
}

/// A member that no document knows rides along; if the target keeps it, updates must not lose it.
fn unknown_members(dice: &mut Dice) -> Plan {
    let extension = json!({ "nested": { "list": [1, "two", null], "nothing": null }, "text": dice.draw(&values::text()) });
    let extended = |mut body: Members| {
        body.insert(UNKNOWN_MEMBER.into(), extension.clone());
        body
    };
    Plan::named("unknown members")
        .then(Action::CreateServer { server: S1, body: extended(dice.draw(&values::server())) })
        .then(Action::UpdateServer {
            server: S1,
            set: members(json!({"description": "changed"})),
            omit: vec![],
        })
        .then(Action::LoadServer { server: S1 })
        .then(Action::CreateClient { client: C1, server: S1, body: extended(dice.draw(&values::client())) })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::UpdateClient { client: C1, set: members(json!({"tags": ["changed"]})), omit: vec![] })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
}

/// The member that the plan with unknown members adds.
pub const UNKNOWN_MEMBER: &str = "xConformanceExtension";

/// A server with every member that a round trip can carry, so that none is left to chance.
fn full_server(dice: &mut Dice) -> Members {
    let mut body = members(json!({
        "description": "a description",
        "tags": ["one", "two"],
        "logo": "https://www.example.com/logo.png",
        "audienceWhitelist": ["https://app.example.com/api"],
        "approvedScopes": {
            "permissionsScopes": [
                { "name": "mcp:tools:read", "description": "Read", "optional": true },
                { "name": "mcp:tools:write", "description": "Write", "optional": false },
                { "name": "mcp:admin", "description": "Administer" },
            ],
            "attributesScopes": [{ "name": "profile", "description": "Profile", "values": ["name"] }],
            "connectionsScopes": [{ "name": "mcp:calendar.read", "values": ["https://calendar.example.com/read"] }],
        },
        "approvedCallbackUrls": ["https://app.example.com/callback"],
        "dynamicRegistration": { "enabled": true, "disableApprovedScopesAsDefault": true },
        "sessionSettings": {
            "enabled": true,
            "refreshTokenExpiration": 4, "refreshTokenExpirationUnit": "weeks",
            "sessionTokenExpiration": 15, "sessionTokenExpirationUnit": "minutes",
            "keySessionTokenExpiration": 1, "keySessionTokenExpirationUnit": "hours",
        },
        "cimdSettings": {
            "enabled": true,
            "domainPolicies": { "policies": [{ "domainPattern": "*.example.com", "enabled": true }] },
        },
        "skipConsentScreen": true,
        "forceAddAllAuthorizationInfo": true,
    }));
    body.insert("name".into(), dice.draw(&values::text()).into());
    body
}

/// A client record with every member that a round trip can carry.
fn full_client(dice: &mut Dice) -> Members {
    let mut body = members(json!({
        "approvedCallbackUrls": ["https://app.example.com/callback"],
        "scopes": ["mcp:tools:read", "mcp:tools:write"],
        "tags": ["agent", "support"],
        "logo": "https://www.example.com/logo.png",
        "forceAddAllAuthorizationInfo": true,
    }));
    body.insert("name".into(), dice.draw(&values::text()).into());
    body
}

fn members(value: serde_json::Value) -> Members {
    match value {
        serde_json::Value::Object(members) => members,
        _ => Members::new(),
    }
}
