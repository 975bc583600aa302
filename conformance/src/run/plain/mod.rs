//! Plain values for a creation that the target refused. No document promises that every name, URL or scope is accepted; a
//! plan that needs the record goes on with one that hardly any target refuses. No I/O here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::set_up::{Cause, Refused};
use crate::documented::UNKNOWN_MEMBER;
use crate::json::Members;
use crate::labels::{ClientLabel, ServerLabel};
use crate::model::effect::{Created, Effect};
use crate::model::{Life, Model, scopes};
use crate::plan::dependencies::is_about;
use crate::plan::{Action, Step};
use crate::wire::exchange::Exchange;

/// Maximum length of a plain text, in characters.
const MAX_CHARS: usize = 60;
/// A redirect URL if those of the plan are not plain.
const CALLBACK: &str = "https://client.example.com/callback";
/// A scope if those of the plan are not plain.
const SCOPE: &str = "mcp:tools:read";

/// Whether a target refused a request for what it says: not for its key, nor because the operation is not there.
pub(super) fn is_refused_for_its_values(exchange: &Exchange) -> bool {
    exchange.refusal().is_some_and(|answer| Refused::of(answer).cause == Cause::Other)
}

/// Creations of the same record with plain values, and only those members that steps after it rely on: the second is to
/// be tried if the first is refused too. None if no step after it is about the record, or if it was asked wrongly on
/// purpose. `number` tells its name from those of other records.
pub(super) fn instead_of(step: &Step, later: &[Step], model: &Model, number: u64) -> Vec<Step> {
    if step.fault.is_some() || steps_about_it(step, later) == 0 {
        return Vec::new();
    }
    let with_body = |body: Members| {
        let mut action = step.action.clone();
        if let Some(members) = action.parts().members {
            *members = body;
        }
        Step::from(action)
    };
    let semantics = step.action.semantics();
    let (Some(odd), Some(created)) = (step.action.created(), semantics.effect.creates()) else {
        return Vec::new();
    };
    let plain = match created {
        Created::Server(server) => plain_server(server, odd, later),
        Created::Client(client) => {
            let server = semantics.effect.gives_a_client_to();
            let approved = server.and_then(|server| model.servers.get(&server)?.members());
            plain_client(client, odd, approved, later)
        }
    };
    let named = |mut body: Members, name: String| {
        body.insert("name".to_owned(), name.into());
        body
    };
    // What properties are about that no other plain value has, and that may not be why it was refused.
    let mut nearly_plain = plain.clone();
    if odd.contains_key(UNKNOWN_MEMBER) {
        nearly_plain
            .insert(UNKNOWN_MEMBER.to_owned(), json!({ "nested": { "list": [1, null] }, "text": "plain" }));
    }
    let ends_in_blank = odd.get("name").and_then(Value::as_str).is_some_and(|name| name.ends_with(' '));
    let blank = if ends_in_blank { " " } else { "" };
    let numbered = format!("plain {number}");
    // Steps may rely on a name, such as those that ask for an order.
    let own = odd.get("name").and_then(Value::as_str).filter(|name| is_plain(name)).map(str::to_owned);
    let bodies =
        [named(nearly_plain, own.unwrap_or_else(|| format!("{numbered}{blank}"))), named(plain, numbered)];
    let mut steps: Vec<_> = bodies.into_iter().map(with_body).collect();
    steps.dedup();
    steps
}

/// The same update with no other values than the record has, if an update was refused for its values: that there is one is
/// what later steps need.
pub(super) fn update_instead_of(taken: Option<&(Step, Exchange)>) -> Option<Step> {
    let (step, exchange) = taken?;
    let is_refused_update = step.action.semantics().effect.updates() && is_refused_for_its_values(exchange);
    let mut plain = step.clone();
    let members = plain.action.parts().members.filter(|members| !members.is_empty())?;
    members.clear();
    (is_refused_update && step.fault.is_none() && !step.spare).then_some(plain)
}

/// The same bulk deletion without the servers that are gone already, if it was refused: later steps look for what it was to
/// delete.
pub(super) fn deletion_instead_of(taken: Option<&(Step, Exchange)>, model: &Model) -> Option<Step> {
    let (step, exchange) = taken?;
    exchange.refusal().filter(|_| step.fault.is_none())?;
    let Action::DeleteServers { servers } = &step.action else { return None };
    let made = servers.iter().filter_map(|server| Some((*server, model.servers.get(server)?)));
    let (gone, left): (Vec<_>, Vec<_>) = made.partition(|(_, record)| record.life == Life::Gone);
    let left: Vec<_> = left.into_iter().map(|(server, _)| server).collect();
    (!gone.is_empty() && !left.is_empty()).then(|| Action::DeleteServers { servers: left }.into())
}

/// How many later steps are about the record that a step creates, deletions not counted.
pub(super) fn steps_about_it(step: &Step, later: &[Step]) -> usize {
    let Some(created) = step.action.semantics().effect.creates() else { return 0 };
    let is_about = |later: &&Step| !is_deletion(later) && is_about(later, created);
    later.iter().filter(is_about).count()
}

/// How many later steps can be taken once the record of a step is made, deletions not counted: those about records that
/// are there or are to be made.
pub(super) fn possible_steps(step: &Step, later: &[Step], model: &Model) -> u64 {
    let (mut servers, mut clients): (BTreeSet<_>, BTreeSet<_>) =
        (model.servers.keys().copied().collect(), model.clients.keys().copied().collect());
    let mut possible = 0_u64;
    for step in [step].into_iter().chain(later) {
        let semantics = step.action.semantics();
        servers.extend(semantics.effect.creates_server());
        let is_possible = semantics.servers.iter().all(|server| servers.contains(server));
        if is_possible && semantics.effect.gives_a_client_to().is_some() {
            clients.extend(semantics.clients);
        }
        let is_possible = is_possible && semantics.clients.iter().all(|client| clients.contains(client));
        possible += u64::from(is_possible && !is_deletion(step));
    }
    possible.saturating_sub(1)
}

/// Whether a step asks for a deletion.
fn is_deletion(step: &Step) -> bool {
    step.action.semantics().effect.deletes().is_some()
}

/// Whether a target that refuses a server with these members refuses every server.
pub(super) fn has_a_plain_name_alone(body: &Members) -> bool {
    let has_plain_words = |name: &Value| name.as_str().is_some_and(|name| name.split(' ').all(is_plain));
    body.iter().all(|(member, value)| member == "name" && has_plain_words(value))
}

fn plain_server(server: ServerLabel, body: &Members, later: &[Step]) -> Members {
    let creations = later.iter().filter(|step| gives_a_client_to(step) == Some(server));
    let clients: BTreeSet<_> = creations.clone().flat_map(|step| step.action.semantics().clients).collect();
    let asks = later.iter().any(|step| clients.iter().any(|client| asks_as(step, **client)))
        || creations.clone().any(|step| step.action.operation().is_none());
    let bodies: Vec<_> = creations.filter_map(|step| step.action.created()).collect();
    let asked_for = |member: &str, usual: &str| {
        let mut values: Vec<&str> = Vec::new();
        for text in
            bodies.iter().flat_map(|body| texts(body.get(member))).filter(|text| is_plain_for(member, text))
        {
            if !values.contains(&text) {
                values.push(text);
            }
        }
        if values.is_empty() && asks {
            values.push(usual);
        }
        values.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let scopes = asked_for("scopes", SCOPE).into_iter();
    let scopes: Vec<_> = scopes.map(|name| json!({ "name": name, "description": "plain" })).collect();
    let callbacks = asked_for("approvedCallbackUrls", CALLBACK);
    let is_enabled = |member: &str| json!({ "enabled": body[member]["enabled"] == true });
    let left_out = left_out_later(later, |effect| effect == Effect::UpdateServer(server));
    plain_members(body, &left_out, |member| match member {
        "approvedScopes" if !scopes.is_empty() => Some(json!({ "permissionsScopes": scopes })),
        "approvedCallbackUrls" if !callbacks.is_empty() => Some(json!(callbacks)),
        "dynamicRegistration" | "cimdSettings" if asks => Some(is_enabled(member)),
        "skipConsentScreen" if asks => Some(body[member].clone()),
        "sessionSettings" if asks && body[member]["enabled"] == true => Some(json!({
            "enabled": true,
            // Not what a target may fill in.
            "refreshTokenExpiration": 5, "refreshTokenExpirationUnit": "weeks",
            "sessionTokenExpiration": 10, "sessionTokenExpirationUnit": "minutes",
            "keySessionTokenExpiration": 10, "keySessionTokenExpirationUnit": "minutes",
        })),
        _ => None,
    })
}

/// `approved` are the members of its server, if they are known: it may insist on its own scopes and redirect URLs.
fn plain_client(client: ClientLabel, body: &Members, approved: Option<&Members>, later: &[Step]) -> Members {
    let asks = later.iter().any(|step| asks_as(step, client));
    let is_found_by_tag = later.iter().any(|step| step.action.looks_for_a_tag_of(client));
    let left_out = left_out_later(later, |effect| effect == Effect::UpdateClient(client));
    let approved_callbacks: Vec<_> =
        approved.map(|server| texts(server.get("approvedCallbackUrls")).collect()).unwrap_or_default();
    let approved_scopes: Vec<_> =
        approved.map(|server| scopes::named_in(server.get("approvedScopes")).collect()).unwrap_or_default();
    let chosen = |member: &str, approved: &[&str]| {
        let is_approved = |text: &&str| approved.is_empty() || approved.contains(text);
        let wanted = texts(body.get(member)).filter(|text| is_plain_for(member, text)).filter(is_approved);
        let mut wanted: Vec<_> = wanted.map(str::to_owned).collect();
        if wanted.is_empty() {
            wanted.extend(approved.iter().find(|text| is_plain(text)).map(|text| (*text).to_owned()));
        }
        wanted
    };
    plain_members(body, &left_out, |member| match member {
        "scopes" if asks => Some(json!(chosen(member, &approved_scopes))),
        "approvedCallbackUrls" if asks => Some(json!(chosen(member, &approved_callbacks))),
        "tags" if is_found_by_tag => Some(json!(["plain"])),
        _ => None,
    })
}

/// The members of a body that later steps rely on, and those that later updates leave out, with plain values.
fn plain_members(
    body: &Members,
    left_out: &BTreeSet<&String>,
    relied_on: impl Fn(&str) -> Option<Value>,
) -> Members {
    let plain = body.iter().filter_map(|(member, odd)| {
        let of_left_out = || plain_value(member, odd).filter(|_| left_out.contains(member));
        Some((member.clone(), relied_on(member).or_else(of_left_out)?))
    });
    plain.collect()
}

/// The members that later updates leave out: only of a record that has them can it be seen what becomes of them.
fn left_out_later(later: &[Step], is_update: impl Fn(Effect<'_>) -> bool) -> BTreeSet<&String> {
    let updates =
        later.iter().filter(|step| step.fault.is_none() && is_update(step.action.semantics().effect));
    updates.flat_map(|step| step.action.left_out()).collect()
}

/// A plain value of a member that has this one, if there is a simple one.
fn plain_value(member: &str, odd: &Value) -> Option<Value> {
    match (member, odd) {
        ("logo", _) => Some("https://www.example.com/logo.png".into()),
        (_, Value::Bool(_)) => Some(odd.clone()),
        ("description", _) => Some("plain".into()),
        ("tags", _) => Some(json!(["plain"])),
        _ => None,
    }
}

fn gives_a_client_to(step: &Step) -> Option<ServerLabel> {
    step.action.semantics().effect.gives_a_client_to()
}

/// Whether a step asks the authorization server for something as this client.
fn asks_as(step: &Step, client: ClientLabel) -> bool {
    let semantics = step.action.semantics();
    let asks = matches!(semantics.effect, Effect::Authorization(_) | Effect::UseSecret { .. });
    asks && semantics.clients.contains(&client)
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Whether hardly any target has a reason to refuse this item of a list.
fn is_plain_for(member: &str, text: &str) -> bool {
    is_plain(text) && (member != "approvedCallbackUrls" || text.starts_with("https://"))
}

/// Whether hardly any target has a reason to refuse this word, scope or URL.
fn is_plain(text: &str) -> bool {
    let is_usual = |character: char| character.is_ascii_alphanumeric() || ":/._-".contains(character);
    (1..=MAX_CHARS).contains(&text.len()) && text.chars().all(is_usual)
}

#[cfg(test)]
mod tests;
