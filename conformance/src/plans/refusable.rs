//! Values that a target may refuse, in every member that takes texts or lists: blanks at the ends, markup, capital letters,
//! more characters than a column has, numbers as texts, and the same item twice.

use proptest::sample::select;
use serde_json::{Value, json};

use super::every_member::{in_every_category, session_settings};
use super::{Dice, members};
use crate::json::Members;
use crate::plan::{Action, ClientLabel, Filter, LoadBy, Plan, ServerLabel};

const S1: ServerLabel = ServerLabel(1);
const S2: ServerLabel = ServerLabel(2);
const S3: ServerLabel = ServerLabel(3);
const C1: ClientLabel = ClientLabel(1);
const C2: ClientLabel = ClientLabel(2);

/// What a member is sent that is no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// A text that every kind of normal form changes.
    Odd,
    /// A text that reads as a value of another type.
    OfAnotherType,
    /// A short word, so that bodies do not get large.
    Plain,
}

/// The members that are units of lifetimes.
const UNITS: [&str; 3] =
    ["refreshTokenExpirationUnit", "sessionTokenExpirationUnit", "keySessionTokenExpirationUnit"];

/// Spellings of `hours` that a program may take for it, and a unit that reads as no text.
const SPELLINGS: [&str; 3] = ["Hours", "hours ", "null"];

/// Records of both sorts, created and changed, and units in another spelling: one at a time, as few targets take them.
pub(crate) fn plan(dice: &mut Dice) -> Plan {
    let mut plan = Plan::named("values that may be refused");
    // Whatever becomes of the others, clients need a server.
    plan = plan.then(Action::CreateServer { server: S3, body: members(json!({"name": "plain"})) });
    for (server, client, kind, on) in
        [(S1, C1, TextKind::Odd, false), (S2, C2, TextKind::OfAnotherType, true)]
    {
        plan = plan
            .then(Action::CreateServer { server, body: new_server(kind, on, dice) })
            .then(Action::LoadServer { server })
            .then(Action::UpdateServer { server, set: self::server(kind, !on, dice), omit: Vec::new() })
            .then(Action::LoadServer { server })
            .then(Action::CreateClient { client, server: S3, body: self::client(kind, on, dice) })
            .then(Action::LoadClient { client, by: LoadBy::Id })
            .then(Action::UpdateClient { client, set: self::client(kind, !on, dice), omit: Vec::new() })
            .then(Action::LoadClient { client, by: LoadBy::ClientId });
    }
    for (unit, label) in UNITS.into_iter().zip(4..) {
        let odd = text(TextKind::Odd, dice);
        let mut spellings = SPELLINGS.to_vec();
        spellings.push(&odd);
        let every: Vec<_> = spellings.into_iter().map(|spelling| with_unit(unit, spelling, dice)).collect();
        let create = |server, body| Action::CreateServer { server: ServerLabel(server), body };
        let update = |set| Action::UpdateServer { server: S3, set, omit: Vec::new() };
        plan.steps.extend(
            every.iter().zip([10, 20, 30, 40]).map(|(body, of)| create(of + label, body.clone()).into()),
        );
        plan.steps.extend(every.into_iter().map(|set| update(set).into()));
    }
    plan.then(Action::SearchClients { server: S3, filter: Filter::default() })
        .then(Action::LoadAllServers)
        // What is named twice is deleted once.
        .then(Action::DeleteClients { server: S3, clients: vec![C1, C2, C1] })
        .then(Action::LoadClient { client: C2, by: LoadBy::Id })
        .then(Action::DeleteServers { servers: vec![S1, S2, S1] })
        .then(Action::LoadServer { server: S2 })
}

fn text(kind: TextKind, dice: &mut Dice) -> String {
    match kind {
        TextKind::Odd => {
            let word = dice.draw(&"[a-z]{3,8}");
            format!(" {word} Mixed CASE <b>&amp;</b> {} ", "ü".repeat(300))
        }
        TextKind::Plain => dice.draw(&"[a-z]{3,8}"),
        TextKind::OfAnotherType => dice.draw(&select(vec!["0012.50", "null", "true", "1e3"])).to_owned(),
    }
}

/// Twelve values, in no order, the first of them twice.
fn list<T: Into<Value>>(dice: &mut Dice, mut item: impl FnMut(TextKind, &mut Dice) -> T) -> Vec<Value> {
    let odd = item(TextKind::Odd, dice).into();
    let mut items = vec![odd.clone(), item(TextKind::OfAnotherType, dice).into()];
    for _ in 0..9 {
        items.push(item(TextKind::Plain, dice).into());
    }
    items.push(odd);
    items
}

/// Switches of items, in turns.
fn turns(mut on: bool) -> impl FnMut() -> bool {
    move || {
        on = !on;
        on
    }
}

fn scopes(on: bool, dice: &mut Dice) -> Vec<Value> {
    let mut optional = turns(on);
    list(dice, |kind, dice| {
        let values = match kind {
            TextKind::Odd | TextKind::OfAnotherType => list(dice, text),
            TextKind::Plain => vec!["b".into(), "a".into(), "b".into()],
        };
        json!({
            "name": text(kind, dice),
            "description": text(kind, dice),
            "optional": optional(),
            "values": values,
        })
    })
}

/// The members that only a creation takes, too.
pub(super) fn new_server(kind: TextKind, on: bool, dice: &mut Dice) -> Members {
    let mut body = server(kind, on, dice);
    body.insert("consentFlowId".into(), text(kind, dice).into());
    body.insert("consentFlowHostingURL".into(), text(kind, dice).into());
    body
}

/// Every member of a server, with its switches on or off.
pub(super) fn server(kind: TextKind, on: bool, dice: &mut Dice) -> Members {
    let mut enabled = turns(on);
    let policies = list(dice, |kind, dice| json!({"domainPattern": text(kind, dice), "enabled": enabled()}));
    members(json!({
        "name": text(kind, dice),
        "description": text(kind, dice),
        "logo": text(kind, dice),
        "loginPageURL": text(kind, dice),
        "tags": list(dice, text),
        "audienceWhitelist": list(dice, text),
        "approvedCallbackUrls": list(dice, text),
        "approvedScopes": in_every_category(dice, |dice| scopes(on, dice)),
        "dynamicRegistration": {
            "enabled": on,
            "disableApprovedScopesAsDefault": on,
            "flowId": text(kind, dice),
        },
        "sessionSettings": with_templates(kind, on, dice),
        "cimdSettings": {"enabled": on, "domainPolicies": {"policies": policies}},
        "skipConsentScreen": on,
        "forceAddAllAuthorizationInfo": on,
    }))
}

/// Settings of sessions with their templates.
fn with_templates(kind: TextKind, on: bool, dice: &mut Dice) -> Value {
    let mut settings = session_settings(on, dice);
    for template in ["userTemplateId", "keyTemplateId"] {
        settings[template] = text(kind, dice).into();
    }
    settings
}

/// Every unit in every spelling, one at a time.
pub(super) fn with_odd_units(dice: &mut Dice) -> Vec<Members> {
    let every = UNITS.into_iter().flat_map(|unit| SPELLINGS.map(|spelling| (unit, spelling)));
    every.map(|(unit, spelling)| with_unit(unit, spelling, dice)).collect()
}

fn with_unit(unit: &str, spelling: &str, dice: &mut Dice) -> Members {
    members(json!({"sessionSettings": settings(unit, spelling, dice)}))
}

/// Settings of sessions with one unit in that spelling.
fn settings(unit: &str, spelling: &str, dice: &mut Dice) -> Value {
    let few = 4..24_u32;
    let mut settings = json!({"enabled": true});
    for name in UNITS {
        settings[name.trim_end_matches("Unit")] = dice.draw(&few).into();
        settings[name] = if name == unit { spelling } else { "hours" }.into();
    }
    settings
}

/// Every member of a client record, with its switch on or off.
pub(super) fn client(kind: TextKind, on: bool, dice: &mut Dice) -> Members {
    members(json!({
        "name": text(kind, dice),
        "logo": text(kind, dice),
        "approvedCallbackUrls": list(dice, text),
        "scopes": list(dice, text),
        "tags": list(dice, text),
        "allowedTenants": list(dice, text),
        "forceAddAllAuthorizationInfo": on,
    }))
}

#[cfg(test)]
mod tests {
    use descope_mcp_openapi::Document;

    use super::*;
    use crate::model::refusable;

    #[test]
    fn every_member_is_sent_and_the_document_allows_every_body() {
        for kind in [TextKind::Odd, TextKind::OfAnotherType] {
            let dice = &mut Dice::new(1, 1);
            let mut client = self::client(kind, true, dice);
            client.insert("mcpServerId".into(), "MS1".into());
            for (operation, body) in
                [("CreateMcpServer", new_server(kind, true, dice)), ("CreateMcpServerClient", client)]
            {
                let schema = format!("{operation}Request");
                let unsent = Document::management().members(&schema).iter().map(|member| &member.name);
                assert_eq!(unsent.filter(|name| !body.contains_key(*name)).count(), 0, "{operation}");
                assert!(refusable::is_among(&body), "{operation}");
                let violations = Document::management().validate_request(operation, &Value::Object(body));
                assert!(violations.is_empty(), "{violations:?}");
            }
        }
    }
}
