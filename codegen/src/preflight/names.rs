//! Names that would become one Rust name. progenitor merges types of one name without a word.

use std::collections::BTreeMap;

use crate::document::Place;
use crate::errors::Report;
use crate::names;

/// Checks schemas and members against each other.
pub(super) fn check(root: &Place<'_>, report: &mut Report) {
    let mut types = Types { seen: BTreeMap::new(), report };
    let schemas = root.find("/components/schemas").map(|schemas| schemas.members()).unwrap_or_default();
    // Named schemas first: they keep their names, the inline ones get what is left.
    for (name, place) in &schemas {
        types.claim(names::type_name(name), place);
    }
    for (name, place) in &schemas {
        types.inside(&names::type_name(name), place);
    }
    for (_, _, _, operation) in super::operations::all(root) {
        let Some(id) = operation.text("operationId") else { continue };
        let bodies = operation.member("requestBody").into_iter().map(|body| ("body", body));
        let responses =
            operation.member("responses").map(|responses| responses.members()).unwrap_or_default();
        // All responses of one operation share a name; `responses` checks them against each other.
        let responses = responses.into_iter().take(1).map(|(_, response)| ("response", response));
        for (suffix, place) in bodies.chain(responses) {
            let Some(schema) = place
                .member("content")
                .and_then(|content| content.member("application/json"))
                .and_then(|media| media.member("schema"))
            else {
                continue;
            };
            types.inline(&names::type_name(&format!("{id}-{suffix}")), &schema);
        }
    }
}

struct Types<'r> {
    /// Rust name, and where it was first given.
    seen: BTreeMap<String, String>,
    report: &'r mut Report,
}

impl Types<'_> {
    fn claim(&mut self, name: String, place: &Place<'_>) {
        if let Some(before) = self.seen.get(&name) {
            let message = format!("two schemas give a type named {name}; the other one is {before}");
            self.report.note(place, message, "rename one of them");
        } else {
            self.seen.insert(name, place.pointer.clone());
        }
    }

    /// A schema written in place: it becomes a type of its own only if it has members.
    fn inline(&mut self, name: &str, schema: &Place<'_>) {
        if schema.member("properties").is_some_and(|members| !members.members().is_empty()) {
            self.claim(names::type_name(name), schema);
        }
        self.inside(name, schema);
    }

    fn inside(&mut self, name: &str, schema: &Place<'_>) {
        let members = schema.member("properties").map(|members| members.members()).unwrap_or_default();
        let mut fields: BTreeMap<String, &str> = BTreeMap::new();
        for (member, place) in &members {
            if let Some(other) = fields.insert(names::field(member), member) {
                let message = format!("members '{other}' and '{member}' give the same field name");
                self.report.note(place, message, "rename one of them");
            }
            self.inline(&names::type_name(&format!("{name}_{}", names::field(member))), place);
        }
        if let Some(items) = schema.member("items") {
            self.inline(&format!("{name}Item"), &items);
        }
    }
}
