//! Where secrets stand in a value that fits a schema.

use std::collections::BTreeMap;

use crate::document::{Place, pointer_token};
use crate::errors::Report;
use crate::refs;

/// Pointers of the secrets of one schema: `true` where each is required.
pub(super) type Secrets = BTreeMap<String, bool>;

/// Walks one schema; `open` holds the pointers of the schemas around the present one.
pub(super) struct Walk<'r, 'a> {
    pub(super) root: &'r Place<'a>,
    pub(super) report: &'r mut Report,
    pub(super) found: Secrets,
    open: Vec<String>,
}

impl<'r, 'a> Walk<'r, 'a> {
    pub(super) fn new(root: &'r Place<'a>, report: &'r mut Report) -> Self {
        Self { root, report, found: Secrets::new(), open: Vec::new() }
    }

    /// Adds the secrets of a schema whose value stands at `pointer`.
    pub(super) fn schema(&mut self, schema: &Place<'a>, pointer: &str, required: bool) {
        let Some(place) = refs::resolve(self.root, schema) else {
            self.report.note(
                schema,
                "$ref leads nowhere, or back to itself",
                "correct it: what is there may be a secret",
            );
            return;
        };
        if self.open.contains(&place.pointer) {
            if holds_secret(self.root, &place, &mut Vec::new()) {
                let message = "a secret in a schema that holds itself stands at no place that can be listed";
                self.report.note(schema, message, "end the circle, or move the secret out of it");
            }
            return;
        }
        if is_secret(&place) {
            let known = self.found.entry(pointer.to_owned()).or_insert(required);
            *known |= required;
            return;
        }
        self.open.push(place.pointer.clone());
        let listed = place.member("required").map(|list| list.items()).unwrap_or_default();
        for (name, member) in place.member("properties").map(|all| all.members()).unwrap_or_default() {
            let token = pointer_token(name);
            let required = required && listed.iter().any(|item| item.str() == Some(name));
            self.schema(&member, &format!("{pointer}/{token}"), required);
        }
        for key in ["items", "additionalProperties"] {
            if let Some(part) = place.member(key) {
                self.schema(&part, &format!("{pointer}/*"), false);
            }
        }
        for (key, required) in [("allOf", required), ("oneOf", false), ("anyOf", false)] {
            for part in place.member(key).map(|parts| parts.items()).unwrap_or_default() {
                self.schema(&part, pointer, required);
            }
        }
        self.open.pop();
    }
}

fn is_secret(schema: &Place<'_>) -> bool {
    schema.text("format") == Some("password")
}

fn holds_secret(root: &Place<'_>, schema: &Place<'_>, seen: &mut Vec<String>) -> bool {
    let Some(place) = refs::resolve(root, schema) else { return false };
    if seen.contains(&place.pointer) {
        return false;
    }
    seen.push(place.pointer.clone());
    let named = place.member("properties").map(|all| all.members()).unwrap_or_default();
    let parts = ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| place.member(key));
    let parts = parts.flat_map(|parts| parts.items());
    let inner = ["items", "additionalProperties"].iter().filter_map(|key| place.member(key));
    is_secret(&place)
        || named
            .into_iter()
            .map(|(_, member)| member)
            .chain(parts)
            .chain(inner)
            .any(|s| holds_secret(root, &s, seen))
}
