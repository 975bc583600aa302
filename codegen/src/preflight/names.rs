//! Names that would become one Rust name. What is written in place gets a name of its own later on, but components and
//! members keep theirs.

use std::collections::BTreeMap;

use crate::document::Place;
use crate::errors::Report;
use crate::names;

/// Checks components against each other, and the members of each record.
pub(super) fn check(root: &Place<'_>, report: &mut Report) {
    let schemas = root.find("/components/schemas").map(|schemas| schemas.members()).unwrap_or_default();
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    for (name, place) in &schemas {
        let name = names::type_name(name);
        if let Some(before) = types.get(&name) {
            let message = format!("two schemas give a type named {name}; the other one is {before}");
            report.note(place, message, "rename one of them");
        } else {
            types.insert(name, place.pointer.clone());
        }
        check_members(place, report);
    }
    for pointer in ["/paths", "/components/responses", "/components/requestBodies", "/components/parameters"]
    {
        if let Some(place) = root.find(pointer) {
            check_carriers(&place, report);
        }
    }
}

/// Finds schemas below an element that is none.
fn check_carriers(element: &Place<'_>, report: &mut Report) {
    for (name, below) in element.members() {
        match name {
            "schema" => check_members(&below, report),
            "example" | "examples" => {}
            _ if name.starts_with("x-") => {}
            _ => check_carriers(&below, report),
        }
    }
    for item in element.items() {
        check_carriers(&item, report);
    }
}

/// Checks the members of a schema against each other, and those of everything inside it.
fn check_members(schema: &Place<'_>, report: &mut Report) {
    let mut fields: BTreeMap<String, &str> = BTreeMap::new();
    for (member, place) in schema.member("properties").map(|members| members.members()).unwrap_or_default() {
        if let Some(other) = fields.insert(names::field(member), member) {
            let message = format!("members '{other}' and '{member}' give the same field name");
            report.note(&place, message, "rename one of them");
        }
        check_members(&place, report);
    }
    for inside in ["items", "additionalProperties"].iter().filter_map(|name| schema.member(name)) {
        check_members(&inside, report);
    }
    for parts in ["allOf", "oneOf", "anyOf"].iter().filter_map(|name| schema.member(name)) {
        parts.items().iter().for_each(|part| check_members(part, report));
    }
}
