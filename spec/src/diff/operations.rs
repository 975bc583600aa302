//! Operations: who may call them and what they ask for, compared.

use std::collections::{BTreeMap, BTreeSet};

use descope_mcp_codegen::document::{METHODS, Place};
use descope_mcp_codegen::facts::RULES;
use serde_json::Value;

use super::change::{ChangeKind, Direction};
use super::compare::{Comparison, Side};
use super::unjudged::is_remark;
use crate::walk::{Operation, follow};

/// Members of an operation that are compared.
const OPERATION: [&str; 7] =
    ["operationId", "deprecated", "parameters", "requestBody", "responses", "security", "servers"];
/// Members of a parameter that are compared, besides its schema and how it is written.
const PARAMETER: [&str; 4] = ["name", "in", "required", "deprecated"];
/// Members of a security scheme that are compared exactly.
const SCHEME: [&str; 3] = ["type", "scheme", "in"];

impl Operation<'_> {
    pub(super) fn name(&self) -> String {
        self.place.text("operationId").map_or_else(|| self.route(), str::to_owned)
    }

    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    pub(super) fn side(&self, direction: Direction) -> Side {
        let way = if direction == Direction::Request { "request" } else { "response" };
        Side { shows_in: format!("{} {way}", self.name()), direction }
    }
}

impl<'a> Comparison<'a> {
    /// Compares two operations with one path and method.
    pub(super) fn operation(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let request = old.side(Direction::Request);
        self.facts(&request, old, new);
        self.servers(&request, old, new);
        self.beside(&request, &old.name(), &old.place, &new.place, &OPERATION);
        let of_path: Vec<_> = METHODS.into_iter().chain(["$ref", "parameters", "servers"]).collect();
        self.beside(&request, old.path, &old.item, &new.item, &of_path);
        self.security(&request, old, new);
        self.parameters(&request, old, new);
        let body = |operation: &Operation<'a>| operation.place.member("requestBody");
        let (one, other) = (body(old), body(new));
        let at = format!("{} request", old.name());
        if let (Some(one), Some(other)) = (&one, &other) {
            self.holders(&request, &at, one, other, &["content", "required"]);
        }
        self.bodies(&request, &at, one, other);
        self.responses(old, new);
    }

    fn facts(&mut self, request: &Side, old: &Operation<'a>, new: &Operation<'a>) {
        let versions = self.versions;
        let mut note = |kind, detail: String| {
            let places = (Some(&old.place), Some(&new.place));
            self.note(kind, &old.name(), request, false, detail, places);
        };
        if old.place.text("operationId") != new.place.text("operationId") {
            note(ChangeKind::OperationRenamed, format!("now {}", new.name()));
        }
        let is_deprecated = |operation: &Operation<'_>| operation.place.flag("deprecated") == Some(true);
        if is_deprecated(new) && !is_deprecated(old) {
            note(ChangeKind::Deprecated, String::new());
        }
        for key in ["summary", "description"] {
            if versions && old.place.text(key) != new.place.text(key) {
                note(ChangeKind::TextChanged, key.to_owned());
            }
        }
        for key in RULES {
            let value = |place: &Place<'_>| place.member(key).map(|value| value.node.to_json());
            if versions && value(&old.place) != value(&new.place) {
                note(ChangeKind::RuleChanged, key.to_owned());
            }
        }
    }

    fn security(&mut self, request: &Side, old: &Operation<'a>, new: &Operation<'a>) {
        let (before, after) = (security(&self.before, old), security(&self.after, new));
        self.schemes(request, old, new);
        if before == after {
            return;
        }
        let words = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>().join(" or ");
        let detail = format!("{}, now {}", words(&before), words(&after));
        let is_wider = before.is_subset(&after);
        let kind = if is_wider { ChangeKind::SecurityAdded } else { ChangeKind::SecurityChanged };
        self.note(kind, &old.name(), request, false, detail, (Some(&old.place), Some(&new.place)));
    }

    /// What else is said about the same credentials, such as where tokens come from.
    fn schemes(&mut self, request: &Side, old: &Operation<'a>, new: &Operation<'a>) {
        let before = schemes(&self.before, old);
        let after = schemes(&self.after, new);
        for (words, (name, one)) in &before {
            if let Some((_, other)) = after.get(words) {
                self.beside(request, &format!("security {name}"), one, other, &SCHEME);
            }
        }
    }

    /// Where requests go: the addresses of the operation, its path or the document.
    fn servers(&mut self, request: &Side, old: &Operation<'a>, new: &Operation<'a>) {
        let (one, other) = (servers(&self.before, old), servers(&self.after, new));
        let values = |servers: &Option<Place<'a>>| -> Vec<Value> {
            let servers = servers.as_ref().map(|servers| servers.items()).unwrap_or_default();
            let values = servers.into_iter().map(|server| {
                let members = server.members().into_iter().filter(|(name, _)| !is_remark(name));
                members.map(|(name, member)| (name.to_owned(), member.node.to_json())).collect()
            });
            values.collect()
        };
        if values(&one) != values(&other) {
            let is_shared = |servers: &Option<Place<'a>>| {
                servers.as_ref().is_none_or(|servers| servers.pointer == "/servers")
            };
            let own =
                if is_shared(&one) && is_shared(&other) { "the document".to_owned() } else { old.name() };
            let places = (one.as_ref().or(Some(&old.place)), other.as_ref().or(Some(&new.place)));
            self.note(ChangeKind::NotJudged, &own, request, false, "servers".to_owned(), places);
        }
    }

    /// Parameters as if they were members of an object.
    fn parameters(&mut self, request: &Side, old: &Operation<'a>, new: &Operation<'a>) {
        let (olds, unreadable) = parameters(&self.before, old);
        let (news, other_unreadable) = parameters(&self.after, new);
        for why in unreadable.symmetric_difference(&other_unreadable) {
            let places = (Some(&old.place), Some(&new.place));
            self.note(ChangeKind::Unreadable, &old.name(), request, false, why.clone(), places);
        }
        let is_required = |place: &Place<'_>| place.flag("required") == Some(true);
        let at = |(way, name): &(&str, &str)| format!("{} {way}.{name}", old.name());
        for (key, one) in &olds {
            let at = at(key);
            let Some(other) = news.get(key) else {
                let places = (Some(one), None);
                self.note(ChangeKind::MemberRemoved, &at, request, is_required(one), String::new(), places);
                continue;
            };
            let required = (is_required(one), is_required(other));
            let places = (Some(one), Some(other));
            self.requiredness(request, &at, required, places);
            if other.flag("deprecated") == Some(true) && one.flag("deprecated") != Some(true) {
                self.note(ChangeKind::Deprecated, &at, request, false, String::new(), places);
            }
            let mut judged = PARAMETER.to_vec();
            let schemas = (one.member("schema"), other.member("schema"));
            if let (Some(one), Some(other)) = &schemas {
                judged.push("schema");
                self.side(request, &at, one, other);
            }
            // To say what holds anyway changes nothing.
            if written(one) == written(other) {
                judged.extend(["style", "explode"]);
            }
            self.beside(request, &at, one, other, &judged);
        }
        for (key, other) in news.iter().filter(|(key, _)| !olds.contains_key(*key)) {
            let places = (None, Some(other));
            self.note(ChangeKind::MemberAdded, &at(key), request, is_required(other), String::new(), places);
        }
    }
}

/// How a parameter is written, as it says itself or as OpenAPI says for all that do not.
fn written<'a>(parameter: &Place<'a>) -> (&'a str, bool) {
    let usual = if matches!(parameter.text("in"), Some("query" | "cookie")) { "form" } else { "simple" };
    let style = parameter.text("style").unwrap_or(usual);
    (style, parameter.flag("explode").unwrap_or(style == "form"))
}

/// The addresses that an operation is served at, if anything says so.
fn servers<'a>(root: &Place<'a>, operation: &Operation<'a>) -> Option<Place<'a>> {
    let holders = [&operation.place, &operation.item, root];
    holders.into_iter().find_map(|holder| holder.member("servers"))
}

/// Parameters by where they are sent and their names.
type Parameters<'a> = BTreeMap<(&'a str, &'a str), Place<'a>>;

/// The parameters of an operation and of its path, and why others cannot be read.
fn parameters<'a>(root: &Place<'a>, operation: &Operation<'a>) -> (Parameters<'a>, BTreeSet<String>) {
    let lists = [operation.item.member("parameters"), operation.place.member("parameters")];
    let (mut found, mut unreadable) = (BTreeMap::new(), BTreeSet::new());
    for place in lists.into_iter().flatten().flat_map(|list| list.items()) {
        let parameter = match follow(root, &place) {
            Ok((parameter, _)) => parameter,
            Err(why) => {
                unreadable.insert(why);
                continue;
            }
        };
        match (parameter.text("in"), parameter.text("name")) {
            (Some(way), Some(name)) => drop(found.insert((way, name), parameter)),
            _ => drop(unreadable.insert(format!("{} is no parameter", parameter.node.to_json()))),
        }
    }
    (found, unreadable)
}

/// What must be shown to be let in, whatever the schemes are called: alternatives of what is needed together.
fn security(root: &Place<'_>, operation: &Operation<'_>) -> BTreeSet<String> {
    let needed = needed(root, operation);
    let alternatives = needed.iter().map(|needed| {
        let named = needed.members();
        let mut all: Vec<_> = named.iter().map(|(name, scopes)| credentials(root, name, scopes).0).collect();
        all.sort();
        if all.is_empty() { "nothing".to_owned() } else { all.join(" and ") }
    });
    let mut alternatives: BTreeSet<String> = alternatives.collect();
    if alternatives.is_empty() {
        alternatives.insert("nothing".to_owned());
    }
    alternatives
}

/// The schemes that an operation names, by what must be shown; each with its name.
fn schemes<'a>(root: &Place<'a>, operation: &Operation<'a>) -> BTreeMap<String, (&'a str, Place<'a>)> {
    let mut found = BTreeMap::new();
    for (name, scopes) in needed(root, operation).iter().flat_map(|needed| needed.members()) {
        if let (words, Some(scheme)) = credentials(root, name, &scopes) {
            found.insert(words, (name, scheme));
        }
    }
    found
}

fn needed<'a>(root: &Place<'a>, operation: &Operation<'a>) -> Vec<Place<'a>> {
    let list = operation.place.member("security").or_else(|| root.member("security"));
    list.map(|list| list.items()).unwrap_or_default()
}

/// What a scheme wants to be shown, in words, and where it is described.
fn credentials<'a>(root: &Place<'a>, name: &str, scopes: &Place<'_>) -> (String, Option<Place<'a>>) {
    let scheme = root.find("/components/securitySchemes").and_then(|schemes| schemes.member(name));
    let Some((scheme, _)) = scheme.and_then(|scheme| follow(root, &scheme).ok()) else {
        return (format!("the unknown scheme {name}"), None);
    };
    let part = |key| scheme.text(key).unwrap_or_default().to_lowercase();
    let name = if part("type") == "apikey" { part("name") } else { String::new() };
    let mut parts = vec![part("type"), part("scheme"), part("in"), name, part("openIdConnectUrl")];
    parts.extend(scopes.items().iter().filter_map(|scope| scope.str()).map(str::to_owned));
    parts.retain(|part| !part.is_empty());
    (parts.join(" "), Some(scheme))
}
