//! Operations: who may call them and what they ask for, compared.

use std::collections::{BTreeMap, BTreeSet};

use descope_mcp_codegen::document::Place;
use descope_mcp_codegen::facts::RULES;

use super::change::{ChangeKind, Direction};
use super::compare::{Comparison, Side};
use crate::walk::{Operation, follow};

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
        self.security(&request, old, new);
        self.parameters(&request, old, new);
        let body = |operation: &Operation<'a>| operation.place.member("requestBody");
        self.bodies(&request, &format!("{} request", old.name()), body(old), body(new));
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
        if before == after {
            return;
        }
        let words = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>().join(" or ");
        let detail = format!("{}, now {}", words(&before), words(&after));
        let is_wider = before.is_subset(&after);
        let kind = if is_wider { ChangeKind::SecurityAdded } else { ChangeKind::SecurityChanged };
        self.note(kind, &old.name(), request, false, detail, (Some(&old.place), Some(&new.place)));
    }

    /// Parameters as if they were members of an object.
    fn parameters(&mut self, request: &Side, old: &Operation<'a>, new: &Operation<'a>) {
        let (olds, news) = (parameters(&self.before, old), parameters(&self.after, new));
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
            self.requiredness(request, &at, required, (Some(one), Some(other)));
            if let (Some(one), Some(other)) = (one.member("schema"), other.member("schema")) {
                self.side(request, &at, &one, &other);
            }
        }
        for (key, other) in news.iter().filter(|(key, _)| !olds.contains_key(*key)) {
            let places = (None, Some(other));
            self.note(ChangeKind::MemberAdded, &at(key), request, is_required(other), String::new(), places);
        }
    }
}

/// The parameters of an operation and of its path, by where they are sent and their names.
fn parameters<'a>(root: &Place<'a>, operation: &Operation<'a>) -> BTreeMap<(&'a str, &'a str), Place<'a>> {
    let lists = [operation.item.member("parameters"), operation.place.member("parameters")];
    let mut found = BTreeMap::new();
    for parameter in lists.into_iter().flatten().flat_map(|list| list.items()) {
        let Ok((parameter, _)) = follow(root, &parameter) else { continue };
        if let (Some(way), Some(name)) = (parameter.text("in"), parameter.text("name")) {
            found.insert((way, name), parameter);
        }
    }
    found
}

/// What must be shown to be let in, whatever the schemes are called: alternatives of what is needed together.
fn security(root: &Place<'_>, operation: &Operation<'_>) -> BTreeSet<String> {
    let nothing = || "nothing".to_owned();
    let list = operation.place.member("security").or_else(|| root.member("security"));
    let needed = list.map(|list| list.items()).unwrap_or_default();
    let schemes = root.find("/components/securitySchemes");
    let words = |name: &str, scopes: &Place<'_>| {
        let scheme = schemes.as_ref().and_then(|schemes| schemes.member(name));
        let Some((scheme, _)) = scheme.and_then(|scheme| follow(root, &scheme).ok()) else {
            return format!("the unknown scheme {name}");
        };
        let part = |key| scheme.text(key).unwrap_or_default().to_lowercase();
        let name = if part("type") == "apikey" { part("name") } else { String::new() };
        let mut parts = vec![part("type"), part("scheme"), part("in"), name, part("openIdConnectUrl")];
        parts.extend(scopes.items().iter().filter_map(|scope| scope.str()).map(str::to_owned));
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    };
    let mut alternatives: BTreeSet<String> = needed
        .iter()
        .map(|needed| {
            let mut all: Vec<_> = needed.members().iter().map(|(name, scopes)| words(name, scopes)).collect();
            all.sort();
            if all.is_empty() { nothing() } else { all.join(" and ") }
        })
        .collect();
    if alternatives.is_empty() {
        alternatives.insert(nothing());
    }
    alternatives
}
