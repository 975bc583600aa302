//! Schemas: keywords, types, members.

use crate::document::Place;
use crate::errors::Report;
use crate::refs::{self, Component};

/// Every keyword of an OpenAPI 3.0 schema. Anything else would be dropped without a word.
const KEYWORDS: [&str; 36] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
    "xml",
];

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Checks a schema and everything inside it.
pub(super) fn check(root: &Place<'_>, place: &Place<'_>, report: &mut Report) {
    if !place.is_map() {
        report.note(place, "a schema must be an object", "write `{}` for \"anything\"");
        return;
    }
    if refs::check(root, place, Component::Schema, report) {
        return;
    }
    for (name, member) in place.members() {
        if !name.starts_with("x-") && !KEYWORDS.contains(&name) {
            report.note(
                &member,
                format!("OpenAPI 3.0 schemas have no keyword `{name}`; it would be ignored"),
                "correct its spelling, remove it, or prefix it with x-",
            );
        }
    }
    check_type(place, report);
    check_flags(place, report);
    check_members(root, place, report);
    check_parts(root, place, report);
    super::extensions::check_basis(place, report);
}

fn check_type(place: &Place<'_>, report: &mut Report) {
    let Some(kind) = place.member("type") else { return };
    match kind.str() {
        Some(name) if TYPES.contains(&name) => {}
        Some("null") => report.note(&kind, "OpenAPI 3.0 has no type `null`", "write `nullable: true`"),
        Some(name) => {
            report.note(&kind, format!("unknown type '{name}'"), format!("use one of {}", TYPES.join(", ")));
        }
        None => report.note(
            &kind,
            "`type` must be one string in OpenAPI 3.0",
            "name one type, and write `nullable: true` if null is allowed",
        ),
    }
}

fn check_flags(place: &Place<'_>, report: &mut Report) {
    for name in ["nullable", "deprecated", "readOnly", "writeOnly", "uniqueItems"] {
        if let Some(flag) = place.member(name).filter(|flag| flag.bool().is_none()) {
            report.note(&flag, format!("`{name}` must be true or false"), "write true or false");
        }
    }
    for name in ["exclusiveMinimum", "exclusiveMaximum"] {
        if let Some(flag) = place.member(name).filter(|flag| flag.bool().is_none()) {
            report.note(
                &flag,
                format!("`{name}` must be true or false in OpenAPI 3.0"),
                "put the number under minimum or maximum and write `true` here",
            );
        }
    }
    for name in ["format", "title", "description", "pattern"] {
        if let Some(text) = place.member(name).filter(|text| text.str().is_none()) {
            report.note(&text, format!("`{name}` must be a string"), "put it in quotation marks");
        }
    }
    if let Some(values) = place.member("enum").filter(|values| values.items().is_empty()) {
        report.note(&values, "`enum` lists no value", "list the values or remove it");
    }
}

fn check_members(root: &Place<'_>, place: &Place<'_>, report: &mut Report) {
    let members = place.member("properties");
    if let Some(members) = &members {
        if !members.is_map() {
            report.note(members, "`properties` must be an object", "write member names and their schemas");
        }
        for (name, member) in members.members() {
            if name.is_empty() {
                report.note(&member, "a member has an empty name", "name it");
            }
            check(root, &member, report);
        }
    }
    let Some(required) = place.member("required") else { return };
    if !required.is_list() {
        let cure = "list the names of the required members on the schema that has them";
        report.note(&required, "`required` must be a list of member names", cure);
    }
    // With allOf the members may be declared by another part.
    let composed = place.member("allOf").is_some();
    for item in required.items() {
        match item.str() {
            None => report.note(&item, "`required` must list strings", "write the name of a member"),
            Some(name) => {
                let declared = members.as_ref().is_some_and(|members| members.member(name).is_some());
                if !declared && !composed {
                    let message = format!("`required` names '{name}', which `properties` does not declare");
                    report.note(&item, message, "declare the member, or correct the name");
                }
            }
        }
    }
}

fn check_parts(root: &Place<'_>, place: &Place<'_>, report: &mut Report) {
    for name in ["allOf", "oneOf", "anyOf"] {
        let Some(parts) = place.member(name) else { continue };
        if parts.items().is_empty() {
            report.note(&parts, format!("`{name}` must list at least one schema"), "list one, or remove it");
        }
        for part in parts.items() {
            check(root, &part, report);
        }
    }
    if let Some(not) = place.member("not") {
        report.note(&not, "`not` cannot be turned into a Rust type", "describe what is allowed instead");
    }
    if let Some(items) = place.member("items") {
        check(root, &items, report);
    } else if place.text("type") == Some("array") {
        report.note(
            place,
            "an array does not say what its items are",
            "add `items`; `items: {}` for anything",
        );
    }
    if let Some(extra) = place.member("additionalProperties").filter(|extra| extra.bool().is_none()) {
        check(root, &extra, report);
    }
    // Both at once, or beside members, would have to be multiplied out.
    let alternatives = ["oneOf", "anyOf"].into_iter().find_map(|name| Some((name, place.member(name)?)));
    if let Some((name, parts)) = alternatives {
        for other in ["properties", "additionalProperties", "items", "allOf", "anyOf"] {
            if other != name && place.member(other).is_some() {
                let message = format!("`{name}` beside `{other}` cannot be turned into one type");
                report.note(&parts, message, "give each alternative all members, or name the alternatives");
            }
        }
    }
}
