//! Schemas: what each says about itself, that records are open, and that secrets are marked.

use descope_mcp_codegen::Report;
use descope_mcp_codegen::document::Place;

use super::{Conventions, wants_basis, wants_text};

/// Names under which secrets go, in small letters and without underscores.
const SECRETS: [&str; 10] = [
    "cleartext",
    "clientsecret",
    "secret",
    "password",
    "managementkey",
    "apikey",
    "accesstoken",
    "refreshtoken",
    "privatekey",
    "assertion",
];
/// What admits some values of a type and not others.
const NARROWING: [&str; 9] =
    ["enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"];
/// More beside it, and the generator takes the member for another type and prints it.
const BESIDE_PASSWORD: [&str; 3] = ["type", "format", "description"];

pub(super) fn check(root: &Place<'_>, conventions: Conventions, report: &mut Report) {
    let walk = Walk { conventions };
    for (_, schema) in root.find("/components/schemas").map(|schemas| schemas.members()).unwrap_or_default() {
        wants_text(&schema, "description", report);
        wants_basis(&schema, false, report);
        walk.schema(&schema, report);
    }
    // Schemas without a name, wherever they stand in operations, parameters and responses.
    for pointer in ["/paths", "/components/parameters", "/components/requestBodies", "/components/responses"]
    {
        if let Some(place) = root.find(pointer) {
            walk.anything(&place, report);
        }
    }
}

struct Walk {
    conventions: Conventions,
}

impl Walk {
    /// Looks for schemas below a place that is none.
    fn anything(&self, place: &Place<'_>, report: &mut Report) {
        for (key, below) in place.members() {
            match key {
                "schema" => self.schema(&below, report),
                "example" | "examples" => {}
                _ => self.anything(&below, report),
            }
        }
        for item in place.items() {
            self.anything(&item, report);
        }
    }

    /// A schema and all that stand in it.
    fn schema(&self, schema: &Place<'_>, report: &mut Report) {
        for (key, narrowing) in schema.members().into_iter().filter(|(key, _)| NARROWING.contains(key)) {
            report.note(
                &narrowing,
                format!("`{key}` narrows the values: a new one of the service would make answers unreadable"),
                "name known values and limits in the description instead",
            );
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            for part in schema.member(key).map(|parts| parts.items()).unwrap_or_default() {
                self.schema(&part, report);
            }
        }
        for below in ["items", "additionalProperties"].into_iter().filter_map(|key| schema.member(key)) {
            if below.is_map() {
                self.schema(&below, report);
            }
        }
        let is_object = schema.text("type") == Some("object");
        if is_object || ["properties", "additionalProperties"].iter().any(|key| schema.member(key).is_some())
        {
            self.object(schema, report);
        }
    }

    fn object(&self, schema: &Place<'_>, report: &mut Report) {
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
            check_member(name, &member, is_required, self.conventions, report);
            self.schema(&member, report);
        }
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
    let is_secret = member.text("format") == Some("password");
    if SECRETS.contains(&name.to_lowercase().replace('_', "").as_str())
        && !is_secret
        && member.text("type") == Some("string")
    {
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
    let is_nullable = member.flag("nullable") == Some(true);
    if is_nullable == is_required {
        let (message, cure) = match is_required {
            true => ("required, and may be null", "remove `nullable`, or take it out of `required`"),
            false => ("optional, and may not be null", "add `nullable: true`"),
        };
        report.note(member, message, cure);
    }
}
