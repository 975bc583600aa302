//! Schemas: what types are made of is kept, what contradicts itself is decided, the rest goes.

use std::collections::BTreeSet;

use crate::document::Node;
use crate::names;
use crate::normalise::KEPT;

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Repairs a schema and everything inside it.
pub(super) fn repair(schema: &mut Node) {
    let at = schema.at();
    if !schema.is_map() {
        // `true` of 3.1, and whatever else says nothing.
        *schema = Node::map(at, []);
        return;
    }
    read_types_of_3_1(schema);
    read_alternatives_of_null(schema);
    schema.retain(|name, node| (name == "$ref" || KEPT.contains(&name)) && well_formed(name, node));
    if schema.text("type").is_some_and(|name| !TYPES.contains(&name)) {
        schema.remove("type");
    }
    if let Some(reference) = schema.remove("$ref") {
        let nullable = schema.get("nullable").and_then(Node::bool) == Some(true);
        let reference = Node::map(at, [("$ref", reference)]);
        *schema = if nullable {
            Node::map(at, [("allOf", Node::list(at, vec![reference])), ("nullable", Node::flag(at, true))])
        } else {
            reference
        };
        return;
    }
    decide(schema);
    repair_record(schema);
    for name in ["items", "additionalProperties"] {
        if let Some(part) = schema.get_mut(name).filter(|part| part.bool().is_none() || name == "items") {
            repair(part);
        }
    }
    for name in ["allOf", "oneOf", "anyOf"] {
        schema.get_mut(name).and_then(Node::items_mut).into_iter().flatten().for_each(repair);
    }
}

fn well_formed(name: &str, node: &Node) -> bool {
    match name {
        "properties" => node.is_map(),
        "allOf" | "oneOf" | "anyOf" => !node.items().is_empty(),
        "nullable" | "deprecated" => node.bool().is_some(),
        "description" | "format" | "type" => node.str().is_some(),
        "required" => node.is_list(),
        "additionalProperties" => node.is_map() || node.bool().is_some(),
        _ => true,
    }
}

/// `type: [string, 'null']` and `type: 'null'`.
fn read_types_of_3_1(schema: &mut Node) {
    let at = schema.at();
    let Some(types) = schema.get("type").filter(|types| types.is_list()) else { return };
    let names: Vec<String> = types.items().iter().filter_map(Node::str).map(str::to_owned).collect();
    let others: Vec<&String> = names.iter().filter(|name| *name != "null").collect();
    if let [only] = others.as_slice() {
        schema.set("type", Node::string(at, only.as_str()));
    } else {
        schema.remove("type");
    }
    if names.len() > others.len() {
        schema.set("nullable", Node::flag(at, true));
    }
}

/// `anyOf: [{$ref: …}, {type: 'null'}]` and its like: null is no alternative, but something that the value may be.
fn read_alternatives_of_null(schema: &mut Node) {
    let at = schema.at();
    for name in ["oneOf", "anyOf"] {
        let Some(parts) = schema.get_mut(name).and_then(Node::items_mut) else { continue };
        let all = parts.len();
        parts.retain(|part| part.text("type") != Some("null"));
        let (left, had_null) = (parts.len(), parts.len() < all);
        if had_null {
            schema.set("nullable", Node::flag(at, true));
        }
        if left == 0 {
            schema.remove(name);
        }
    }
}

/// Keywords that exclude each other: the type decides, then members win over alternatives, because an open record
/// keeps what the alternatives would add.
fn decide(schema: &mut Node) {
    let at = schema.at();
    if schema.get("type").is_none() && schema.get("items").is_some() && schema.get("properties").is_none() {
        schema.set("type", Node::string(at, "array"));
    }
    let kind = schema.text("type").map(str::to_owned);
    let drop: &[&str] = match kind.as_deref() {
        Some("array") => &["properties", "additionalProperties", "required", "allOf", "oneOf", "anyOf"],
        Some("object") | None => &["items"],
        Some(_) => &["items", "properties", "additionalProperties", "required", "allOf", "oneOf", "anyOf"],
    };
    schema.retain(|name, _| !drop.contains(&name));
    if kind.as_deref() == Some("array") && schema.get("items").is_none_or(|items| !items.is_map()) {
        schema.set("items", Node::map(at, []));
    }
    if ["properties", "allOf"].iter().any(|name| schema.get(name).is_some()) {
        schema.retain(|name, _| !matches!(name, "oneOf" | "anyOf"));
    } else if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() {
        schema.retain(|name, _| !matches!(name, "additionalProperties" | "required"));
        if schema.get("oneOf").is_some() {
            schema.remove("anyOf");
        }
    }
}

/// Members that no field can hold are left to the unknown ones; records are open unless another type is named.
fn repair_record(schema: &mut Node) {
    let at = schema.at();
    let mut declared = BTreeSet::new();
    if let Some(members) = schema.get_mut("properties") {
        let mut fields = BTreeSet::new();
        members.retain(|name, _| !name.is_empty() && fields.insert(names::field(name)));
        declared.extend(members.members().map(|(name, _)| name.to_owned()));
        members.members_mut().for_each(|(_, member)| repair(member));
    }
    let composed = schema.get("allOf").is_some();
    if let Some(required) = schema.get_mut("required").and_then(Node::items_mut) {
        required.retain(|name| name.str().is_some_and(|name| composed || declared.contains(name)));
    }
    let open = schema.get("additionalProperties").is_some_and(|node| node.is_map());
    if !open && !declared.is_empty() {
        schema.set("additionalProperties", Node::map(at, []));
    }
}
