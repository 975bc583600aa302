//! Rewrites the document, as plain JSON, into the form from which progenitor makes types that lose nothing.
//!
//! A client must be able to read what the server sends today, not only what the document promised, so:
//!
//! * limits, patterns, enumerations and defaults go: checking them is the server's business, and types made from
//!   them make a whole list unreadable because of one new value;
//! * formats that would need further crates (dates, UUIDs) go: such members are strings;
//! * optional members become nullable: only then is "absent" told from "empty", and `null` can be read;
//! * `additionalProperties: true` becomes `{}`, without which unknown members would be dropped;
//! * every `format: password` string becomes the one shape that the conversion to `Secret` matches exactly;
//! * basis and source become part of the description;
//! * examples, titles and the other x- keys go: they would only lengthen comments or rename types.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::refs::{Component, target_name};

/// Keywords that a schema keeps beside `$ref`. What preflight lets through and this list lacks is dropped on purpose.
pub(crate) const KEPT: [&str; 12] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "deprecated",
    "description",
    "format",
    "items",
    "nullable",
    "oneOf",
    "properties",
    "required",
    "type",
];

/// The schema of a secret, in the only form that [`crate::emit`] converts.
pub(crate) fn secret_schema() -> Value {
    json!({"type": "string", "format": "password"})
}

/// Rewrites a document that has passed preflight.
pub(crate) fn normalise(document: &mut Value) {
    let secrets = secret_components(document);
    let Some(root) = document.as_object_mut() else { return };
    if let Some(schemas) =
        root.get_mut("components").and_then(|c| c.get_mut("schemas")).and_then(Value::as_object_mut)
    {
        for schema in schemas.values_mut() {
            rewrite(schema, &secrets);
        }
    }
    for (_, element) in root.iter_mut().filter(|(name, _)| *name == "paths" || *name == "components") {
        rewrite_carriers(element, &secrets);
    }
}

/// Names of the schemas that are nothing but a secret; references to them are written out.
fn secret_components(document: &Value) -> BTreeSet<String> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    schemas
        .into_iter()
        .flatten()
        .filter(|(_, schema)| is_secret(schema))
        .map(|(name, _)| name.clone())
        .collect()
}

fn is_secret(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("password")
        && schema.get("type").and_then(Value::as_str) == Some("string")
}

/// Finds media types and parameters anywhere below, and rewrites the schemas that they carry.
fn rewrite_carriers(element: &mut Value, secrets: &BTreeSet<String>) {
    match element {
        Value::Object(members) => {
            members.retain(|name, _| {
                !matches!(name.as_str(), "example" | "examples") && !name.starts_with("x-")
            });
            for (name, member) in members.iter_mut() {
                match name.as_str() {
                    "schemas" => {}
                    "schema" => rewrite(member, secrets),
                    _ => rewrite_carriers(member, secrets),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite_carriers(item, secrets)),
        _ => {}
    }
}

fn rewrite(schema: &mut Value, secrets: &BTreeSet<String>) {
    let Some(members) = schema.as_object_mut() else { return };
    if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
        let name = target_name(reference, Component::Schema).unwrap_or_default();
        *schema = if secrets.contains(name) { secret_schema() } else { json!({ "$ref": reference }) };
        return;
    }
    if is_secret(&Value::Object(members.clone())) {
        cite(members);
        members.retain(|name, _| matches!(name.as_str(), "type" | "format" | "nullable" | "description"));
        return;
    }
    cite(members);
    unwrap_secret(members, secrets);
    members.retain(|name, _| KEPT.contains(&name.as_str()));
    let keeps_format = match (members.get("type").and_then(Value::as_str), members.get("format")) {
        (Some("string"), Some(format)) => format == "binary" || format == "password",
        (kind, _) => matches!(kind, Some("integer" | "number")),
    };
    if !keeps_format {
        members.remove("format");
    }
    if members.get("additionalProperties") == Some(&Value::Bool(true)) {
        members.insert("additionalProperties".to_owned(), json!({}));
    }
    // A value that fits several alternatives is read as the first of them: the types cannot say more.
    if let Some(parts) = members.remove("anyOf") {
        members.insert("oneOf".to_owned(), parts);
    }
    if members.contains_key("oneOf") {
        members.remove("type");
    }
    for name in ["items", "additionalProperties"] {
        if let Some(part) = members.get_mut(name) {
            rewrite(part, secrets);
        }
    }
    for name in ["allOf", "oneOf", "anyOf"] {
        if let Some(Value::Array(parts)) = members.get_mut(name) {
            parts.iter_mut().for_each(|part| rewrite(part, secrets));
        }
    }
    unwrap_only_alternative(members);
    let required: BTreeSet<String> = members
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        for (name, property) in properties.iter_mut() {
            rewrite(property, secrets);
            if !required.contains(name) {
                make_nullable(property);
            }
        }
    }
}

/// One alternative is none: it says itself what the values are.
fn unwrap_only_alternative(members: &mut Map<String, Value>) {
    let Some([only]) = members.get("oneOf").and_then(Value::as_array).map(Vec::as_slice) else { return };
    let only = only.clone();
    members.remove("oneOf");
    if only.get("$ref").is_some() {
        members.insert("allOf".to_owned(), json!([only]));
        return;
    }
    if only.get("nullable") == Some(&Value::Bool(true)) {
        members.remove("nullable");
    }
    for (name, value) in only.as_object().into_iter().flatten() {
        members.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// Puts `x-basis` and `x-source` at the end of the description, where readers of the client see them.
fn cite(members: &mut Map<String, Value>) {
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::trim);
    let Some(basis) = text("x-basis") else { return };
    let sentence = match text("x-source") {
        Some(source) => format!("Basis: {basis} ({source})."),
        None => format!("Basis: {basis}."),
    };
    let description = match text("description") {
        Some(description) if !description.is_empty() => format!("{description}\n\n{sentence}"),
        _ => sentence,
    };
    members.insert("description".to_owned(), Value::String(description));
}

/// `allOf` around nothing but a secret is how a reference to one gets a description; the secret takes its place.
fn unwrap_secret(members: &mut Map<String, Value>, secrets: &BTreeSet<String>) {
    let Some(Value::Array(parts)) = members.get("allOf") else { return };
    let [part] = parts.as_slice() else { return };
    let mut part = part.clone();
    rewrite(&mut part, secrets);
    if is_secret(&part) && !members.contains_key("properties") {
        members.remove("allOf");
        members.insert("type".to_owned(), json!("string"));
        members.insert("format".to_owned(), json!("password"));
    }
}

/// An optional member may be null. A bare reference is optional in the same way by itself, unless it stands for a
/// list or map, which would be dropped when empty; wrapping it keeps the difference.
fn make_nullable(property: &mut Value) {
    let Some(members) = property.as_object_mut() else { return };
    if members.contains_key("$ref") {
        *property = json!({"allOf": [property.clone()], "nullable": true});
    } else if !members.is_empty() {
        members.insert("nullable".to_owned(), Value::Bool(true));
    }
}
