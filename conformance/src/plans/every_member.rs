//! Every member of a record, with values that many a program trips over although they are legal: long, in capital and small
//! letters, with markup, numbers that do not fit into 16 bits, and lists of more than ten.

use proptest::sample::select;
use serde_json::{Value, json};

use super::{Dice, members};
use crate::json::Members;
use crate::plan::{Action, ClientLabel, Filter, LoadBy, Plan, ServerLabel};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const S3: ServerLabel = ServerLabel(3);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);

/// Longer than the columns of many a database.
const LONG: usize = 300;
/// More items than a page of many a program.
const MANY: usize = 12;

/// Records with every member, changed in every member, and then with only those that must be sent.
pub(crate) fn plan(dice: &mut Dice) -> Plan {
    let optional = |body: &Members| body.keys().filter(|name| *name != "name").cloned().collect::<Vec<_>>();
    let (server, odder) = (server(1, dice), odder_server(2, dice));
    let omit_of_server = optional(&server);
    let changed_server = self::server(1, dice);
    let (client, odder_client) = (client(&changed_server, 0, dice), odder_client(&changed_server, 0, dice));
    let changed_client = self::client(&changed_server, 1, dice);
    let changed_odder = self::odder_client(&changed_server, 1, dice);
    let omit_of_client = optional(&odder_client);
    let update = |server, set| Action::UpdateServer { server, set, omit: Vec::new() };
    let update_client = |client, set| Action::UpdateClient { client, set, omit: Vec::new() };
    Plan::named("every member")
        // What an update leaves out may become what a new server has.
        .then(Action::CreateServer { server: S3, body: Members::new() })
        .then(Action::CreateServer { server: S1, body: server })
        .then(Action::LoadServer { server: S1 })
        .then(update(S1, changed_server))
        .then(Action::LoadServer { server: S1 })
        .then(Action::CreateServer { server: S2, body: odder })
        .then(Action::LoadServer { server: S2 })
        .then(update(S2, odder_server(2, dice)))
        .then(Action::LoadServer { server: S2 })
        // Where every member has changed, what a list shows late can be told.
        .then(Action::LoadAllServers)
        .then(update(S2, sparse_server()))
        .then(Action::LoadServer { server: S2 })
        .then(update(S2, with_one_category()))
        .then(Action::LoadServer { server: S2 })
        .then(update(S2, odder_server(2, dice)))
        .then(update(S2, sparser_server()))
        .then(Action::LoadServer { server: S2 })
        .then(Action::CreateClient { client: C1, server: S1, body: client })
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(update_client(C1, changed_client))
        .then(Action::LoadClient { client: C1, by: LoadBy::Id })
        .then(Action::CreateClient { client: C2, server: S1, body: odder_client })
        .then(Action::LoadClient { client: C2, by: LoadBy::ClientId })
        .then(update_client(C2, changed_odder))
        .then(Action::LoadClient { client: C2, by: LoadBy::Id })
        .then(Action::SearchClients { server: S1, filter: Filter::default() })
        .then(Action::UpdateServer { server: S1, set: Members::new(), omit: omit_of_server })
        .then(Action::LoadServer { server: S1 })
        .then(Action::UpdateClient { client: C2, set: Members::new(), omit: omit_of_client })
        .then(Action::LoadClient { client: C2, by: LoadBy::Id })
}

/// Free text.
fn text(dice: &mut Dice) -> String {
    let mixed = format!("  Mixed CASE <b>&amp; \"é\"</b> {}  ", "ü".repeat(LONG));
    dice.draw(&select(vec![
        mixed.clone(),
        mixed,
        "0012.50".to_owned(),
        "null".to_owned(),
        "TRUE ".to_owned(),
    ]))
}

/// A URL that is odd and legal.
fn url(dice: &mut Dice) -> String {
    let host = dice.draw(&"[a-z]{3,10}");
    let long = "Path/".repeat(LONG / 5);
    dice.draw(&select(vec![
        format!("https://{host}.example.com/{long}?q=A%20B&r=1"),
        format!("https://{host}.example.com:8443/Path/?a=1&b=%2F"),
        format!("https://{host}.example.com/A;b=c/~d/(e)"),
    ]))
}

/// The name of a scope: every character is one that RFC 6749 section 3.3 allows.
fn scope_name(dice: &mut Dice) -> String {
    let word = dice.draw(&"[a-z]{3,8}");
    let long = "x".repeat(LONG);
    dice.draw(&select(vec![
        format!("Mcp:{word}.Read&<{word}>"),
        format!("Mcp:{word}:{long}"),
        "0012.50".to_owned(),
    ]))
}

/// Twelve values, in no order; none twice.
fn list<T: Into<Value>>(dice: &mut Dice, mut item: impl FnMut(&mut Dice) -> T) -> Vec<Value> {
    let mut items: Vec<Value> = Vec::new();
    for _ in 0..4 * MANY {
        let next = item(dice).into();
        if items.len() < MANY && !items.contains(&next) {
            items.push(next);
        }
    }
    items
}

/// Labels, some of them twice.
fn tags(dice: &mut Dice) -> Vec<Value> {
    let mut tags = list(dice, |dice| {
        let word = dice.draw(&"[a-zA-Z]{1,6}");
        format!("{word}{}", dice.draw(&select(vec!["", " ", "&<b>", "é"])))
    });
    tags.push(tags[0].clone());
    tags.push(text(dice).into());
    tags
}

fn scopes(dice: &mut Dice) -> Vec<Value> {
    let mut names = list(dice, scope_name);
    for name in &mut names {
        *name = json!({
            "name": *name,
            "description": text(dice),
            "optional": dice.draw(&proptest::bool::ANY),
            "values": list(dice, |dice| {
                let (one, other) = (url(dice), text(dice));
                dice.draw(&select(vec![one, other]))
            }),
        });
    }
    names
}

fn policies(dice: &mut Dice) -> Vec<Value> {
    list(dice, |dice| {
        let host = dice.draw(&"[a-z]{3,8}");
        json!({"domainPattern": format!("*.{host}.example.com"), "enabled": dice.draw(&proptest::bool::ANY)})
    })
}

/// Scopes of every category.
pub(super) fn in_every_category(dice: &mut Dice, scopes: impl Fn(&mut Dice) -> Vec<Value>) -> Value {
    json!({
        "permissionsScopes": scopes(dice),
        "attributesScopes": scopes(dice),
        "connectionsScopes": scopes(dice),
    })
}

/// Lifetimes that are others in 16 bits, and as seconds at most a month.
pub(super) fn session_settings(enabled: bool, dice: &mut Dice) -> Value {
    let lifetime = 66_000..98_000_u32;
    json!({
        "enabled": enabled,
        "refreshTokenExpiration": dice.draw(&lifetime), "refreshTokenExpirationUnit": "minutes",
        "sessionTokenExpiration": dice.draw(&lifetime), "sessionTokenExpirationUnit": "seconds",
        "keySessionTokenExpiration": dice.draw(&lifetime), "keySessionTokenExpirationUnit": "seconds",
    })
}

/// A server with every member whose values the documents leave to the caller.
pub(super) fn server(number: u16, dice: &mut Dice) -> Members {
    let flag = proptest::bool::ANY;
    members(json!({
        "name": format!("{number} {}", text(dice)),
        "description": text(dice),
        "logo": url(dice),
        "tags": tags(dice),
        "audienceWhitelist": list(dice, url),
        "approvedCallbackUrls": list(dice, url),
        "approvedScopes": in_every_category(dice, scopes),
        "dynamicRegistration": {
            "enabled": dice.draw(&flag),
            "disableApprovedScopesAsDefault": dice.draw(&flag),
        },
        "sessionSettings": session_settings(true, dice),
        "cimdSettings": {"enabled": dice.draw(&flag), "domainPolicies": {"policies": policies(dice)}},
        "skipConsentScreen": dice.draw(&flag),
        "forceAddAllAuthorizationInfo": dice.draw(&flag),
    }))
}

/// The same with members that name what a project may not have: flows and templates. A target may refuse it.
pub(super) fn odder_server(number: u16, dice: &mut Dice) -> Members {
    let mut body = server(number, dice);
    let flow = dice.draw(&"inbound-apps-[A-Z]{3,6}");
    body["dynamicRegistration"]["flowId"] = text(dice).into();
    body["sessionSettings"]["userTemplateId"] = text(dice).into();
    body["sessionSettings"]["keyTemplateId"] = text(dice).into();
    body["sessionSettings"]["enabled"] = dice.draw(&proptest::bool::ANY).into();
    let long = "Path/".repeat(LONG / 5);
    body.insert("loginPageURL".into(), format!("https://login.example.com/{long}?flow={flow}&x=1").into());
    body
}

/// A server whose lists have items with only their names.
pub(super) fn sparse_server() -> Members {
    let scopes = json!([{"name": "mcp:tools:read"}, {"name": "mcp:tools:write"}, {"name": "mcp:admin"}]);
    members(json!({
        "approvedScopes": {"permissionsScopes": scopes, "attributesScopes": scopes, "connectionsScopes": scopes},
        "dynamicRegistration": {},
        "sessionSettings": {},
        "cimdSettings": {"domainPolicies": {"policies": [{"domainPattern": "a.example.com"}, {"domainPattern": "*"}]}},
    }))
}

/// A server with scopes of one category, and with no domain policies.
fn with_one_category() -> Members {
    members(json!({"approvedScopes": {"permissionsScopes": [{"name": "mcp:tools:read"}]}, "cimdSettings": {}}))
}

/// A server whose parts have no members.
fn sparser_server() -> Members {
    members(json!({
        "approvedScopes": {"attributesScopes": [{"name": "email"}]},
        "cimdSettings": {"domainPolicies": {}},
    }))
}

/// A client record with every member that it can be sent. Its scopes and redirect URLs are among those of its server, which
/// some targets insist on: all but the first few of them.
pub(super) fn client(server: &Members, but: usize, dice: &mut Dice) -> Members {
    let mut scopes = Vec::new();
    for category in ["permissionsScopes", "attributesScopes", "connectionsScopes"] {
        let names = server["approvedScopes"][category].as_array().into_iter().flatten();
        for name in names.map(|scope| scope["name"].clone()) {
            if !scopes.contains(&name) {
                scopes.push(name);
            }
        }
    }
    scopes.drain(..but.min(scopes.len()));
    let callbacks: Vec<_> =
        server["approvedCallbackUrls"].as_array().into_iter().flatten().skip(but).collect();
    members(json!({
        "name": text(dice),
        "approvedCallbackUrls": callbacks,
        "scopes": scopes,
        "tags": tags(dice),
        "logo": url(dice),
        "forceAddAllAuthorizationInfo": dice.draw(&proptest::bool::ANY),
    }))
}

/// The same with tenants, which a project may not have. A target may refuse it.
pub(super) fn odder_client(server: &Members, but: usize, dice: &mut Dice) -> Members {
    let mut body = client(server, but, dice);
    body.insert("allowedTenants".into(), tags(dice).into());
    body
}

#[cfg(test)]
mod tests {
    use descope_mcp_openapi::Document;

    use super::*;

    #[test]
    fn every_member_is_sent_but_those_that_only_creations_take_and_bodies_are_legal() {
        let dice = &mut Dice::new(1, 1);
        let server = server(1, dice);
        for (schema, operation, mut body, unsent) in [
            (
                "CreateMcpServerRequest",
                "CreateMcpServer",
                odder_server(1, dice),
                // What a target makes of them is an open question, which `questions.rs` asks.
                vec!["consentFlowHostingURL", "consentFlowId"],
            ),
            ("CreateMcpServerClientRequest", "CreateMcpServerClient", odder_client(&server, 0, dice), vec![]),
        ] {
            if operation == "CreateMcpServerClient" {
                body.insert("mcpServerId".into(), "MS1".into());
            }
            let names = Document::management().members(schema).iter().map(|member| member.name.as_str());
            let missing: Vec<_> = names.filter(|name| !body.contains_key(*name)).collect();
            assert_eq!(missing, unsent);
            let violations = Document::management().validate_request(operation, &Value::Object(body));
            assert!(violations.is_empty(), "{violations:?}");
        }
    }
}
