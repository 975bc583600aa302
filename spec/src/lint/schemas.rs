//! Schemas: what each says about itself, that records are open, and that secrets are marked.

use descope_mcp_codegen::Report;
use descope_mcp_codegen::document::Place;

use super::{Conventions, wants_basis, wants_text};

/// Names under which secrets go.
const SECRETS: [&str; 6] =
    ["cleartext", "client_secret", "clientSecret", "secret", "password", "managementKey"];
/// What admits some values of a type and not others.
const NARROWING: [&str; 8] =
    ["enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"];
/// More beside it, and the generator takes the member for another type and prints it.
const BESIDE_PASSWORD: [&str; 3] = ["type", "format", "description"];

pub(super) fn check(root: &Place<'_>, conventions: Conventions, report: &mut Report) {
    let schemas = root.find("/components/schemas").map(|schemas| schemas.members()).unwrap_or_default();
    for (_, schema) in schemas {
        wants_text(&schema, "description", report);
        wants_basis(&schema, false, report);
        check_object(&schema, conventions, report);
    }
}

/// A schema that stands for an object, wherever it stands.
fn check_object(schema: &Place<'_>, conventions: Conventions, report: &mut Report) {
    for key in ["oneOf", "anyOf", "allOf"] {
        for part in schema.member(key).map(|parts| parts.items()).unwrap_or_default() {
            check_object(&part, conventions, report);
        }
    }
    if schema.text("type") != Some("object") {
        return;
    }
    match schema.member("additionalProperties") {
        Some(rest) if rest.is_map() => {}
        found => report.note(
            found.as_ref().unwrap_or(schema),
            "the record is closed: members that Descope adds would be lost or refused",
            "write `additionalProperties: {}`",
        ),
    }
    let required = schema.member("required").map(|list| list.items()).unwrap_or_default();
    let members = schema.member("properties").map(|members| members.members()).unwrap_or_default();
    for name in &required {
        if members.iter().all(|(member, _)| name.str() != Some(member)) {
            report.note(name, "required, and no member of it", "correct the name, or add the member");
        }
    }
    for (name, member) in members {
        let is_required = required.iter().any(|required| required.str() == Some(name));
        check_member(name, &member, is_required, conventions, report);
        check_object(&member, conventions, report);
    }
}

fn check_member(
    name: &str,
    member: &Place<'_>,
    is_required: bool,
    conventions: Conventions,
    report: &mut Report,
) {
    if let Some(reference) = member.member("$ref") {
        report.note(
            &reference,
            "a bare `$ref` hides what stands beside it",
            "write `description` and `allOf: [{$ref: …}]`",
        );
        return;
    }
    wants_text(member, "description", report);
    wants_basis(member, true, report);
    let values = [Some(member.clone()), member.member("items")];
    for place in values.into_iter().flatten() {
        for (key, narrowing) in place.members().into_iter().filter(|(key, _)| NARROWING.contains(key)) {
            report.note(
                &narrowing,
                format!("`{key}` narrows the values: a new one of the service would make answers unreadable"),
                "name known values and limits in the description instead",
            );
        }
    }
    let is_secret = member.text("format") == Some("password");
    if SECRETS.contains(&name) && !is_secret && member.text("type") == Some("string") {
        report.note(member, "by its name a secret, and not marked as one", "add `format: password`");
    }
    if conventions == Conventions::AuthorizationServer {
        return;
    }
    if is_secret {
        for (key, place) in member.members() {
            if !BESIDE_PASSWORD.contains(&key) {
                let message =
                    format!("`{key}` beside `format: password` makes the generator take it for no secret");
                report.note(&place, message, "keep type, format and description alone");
            }
        }
    }
    let is_nullable = member.member("nullable").and_then(|value| value.bool()) == Some(true);
    if is_nullable == is_required {
        let (message, cure) = match is_required {
            true => ("required, and may be null", "remove `nullable`, or take it out of `required`"),
            false => ("optional, and may not be null", "add `nullable: true`"),
        };
        report.note(member, message, cure);
    }
}
