//! Responses: progenitor gives an operation one success type and one error type, and panics when a document asks
//! for more.

use crate::document::{Node, Place};
use crate::errors::Report;
use crate::refs::{self, Component};

/// What a response carries, as far as progenitor distinguishes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    /// JSON of a named schema.
    Named(String),
    /// JSON of a schema written in place.
    Inline(serde_json::Value),
    /// Something else than JSON.
    Raw,
    /// Nothing.
    Empty,
}

impl Body {
    fn describe(&self) -> String {
        match self {
            Body::Named(name) => format!("JSON of schema {name}"),
            Body::Inline(_) => "JSON of a schema written in place".to_owned(),
            Body::Raw => "a body that is not JSON".to_owned(),
            Body::Empty => "no body".to_owned(),
        }
    }
}

/// Checks all responses of an operation together.
pub(super) fn check(root: &Place<'_>, operation: &Place<'_>, report: &mut Report) {
    let Some(responses) = operation.member("responses") else {
        report.note(operation, "the operation has no responses", "add at least response '200'");
        return;
    };
    if !responses.is_map() {
        report.note(&responses, "`responses` must be an object", "write status codes and their responses");
        return;
    }
    let mut bodies = Vec::new();
    for (status, place) in responses.members() {
        if status.starts_with("x-") {
            continue;
        }
        let Some(role) = Role::of(status) else {
            let cure = "use three digits from 100 to 599, '4XX' and the like, or `default`";
            report.note(&place, format!("'{status}' is not a status code"), cure);
            continue;
        };
        if status == "101" {
            let cure = "leave the operation out: what follows on the connection is no answer of this API";
            report.note(&place, "an operation that hands the connection over cannot be called", cure);
        }
        check_one(root, &place, report);
        if let Some(body) = refs::resolve(root, &place).map(|response| body(&response)) {
            bodies.push((role, place, body));
        }
    }
    one_body("success", bodies.iter().filter(|(role, ..)| role.success), report);
    one_body("error", bodies.iter().filter(|(role, ..)| role.error), report);
}

/// Checks one response, whether written in place or under components.
pub(super) fn check_one(root: &Place<'_>, place: &Place<'_>, report: &mut Report) {
    if refs::check(root, place, Component::Response, report) {
        return;
    }
    if place.text("description").is_none() {
        report.note(place, "a response needs a `description`", "say in one sentence when it is sent");
    }
    let Some(content) = place.member("content") else { return };
    for (media_type, media) in content.members() {
        if !is_json(media_type) {
            continue;
        }
        if media.member("encoding").is_some_and(|encoding| !encoding.members().is_empty()) {
            report.note(&media, "`encoding` on a JSON response is not supported", "remove it");
        }
        match media.member("schema") {
            None => report.note(&media, "a JSON response without a schema", "add `schema`"),
            Some(schema) => super::schemas::check(root, &schema, report),
        }
    }
}

/// Which of progenitor's two groups a status belongs to; `default` belongs to both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Role {
    pub(crate) success: bool,
    pub(crate) error: bool,
}

impl Role {
    pub(crate) fn of(status: &str) -> Option<Role> {
        if status == "default" {
            return Some(Role { success: true, error: true });
        }
        let first = status.chars().next().filter(|c| ('1'..='5').contains(c))?;
        // One byte: the check above let only a digit through.
        let rest = &status[1..];
        let exact = rest.len() == 2 && rest.chars().all(|c| c.is_ascii_digit());
        if !exact && rest != "XX" {
            return None;
        }
        Some(Role { success: first == '2' || status == "101", error: first == '4' || first == '5' })
    }
}

/// What a response carries, its references followed in the document at `root`.
pub(crate) fn body_of(root: &Place<'_>, response: &Node) -> Option<Body> {
    refs::resolve(root, &Place::root(response)).map(|response| body(&response))
}

fn body(response: &Place<'_>) -> Body {
    let media = response.member("content").map(|content| content.members()).unwrap_or_default();
    let Some((_, json)) = media.iter().find(|(media_type, _)| is_json(media_type)) else {
        return if media.is_empty() { Body::Empty } else { Body::Raw };
    };
    let Some(schema) = json.member("schema") else { return Body::Raw };
    match schema.text("$ref") {
        Some(reference) => Body::Named(reference.rsplit('/').next().unwrap_or(reference).to_owned()),
        None => Body::Inline(schema.node.to_json()),
    }
}

pub(crate) fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.starts_with("application/json;")
}

fn one_body<'a>(
    group: &str,
    responses: impl Iterator<Item = &'a (Role, Place<'a>, Body)>,
    report: &mut Report,
) {
    let mut first: Option<(&Place<'_>, &Body)> = None;
    for (role, place, body) in responses {
        let Some((_, expected)) = first else {
            first = Some((place, body));
            continue;
        };
        if expected == body {
            continue;
        }
        let (expected, found) = (expected.describe(), body.describe());
        let cure = if role.success && role.error {
            "`default` counts as success and as error: name the statuses, such as '4XX' and '5XX', instead"
        } else {
            "give all of them the same named schema, with the members of each as optional ones"
        };
        report.note(
            place,
            format!(
                "{group} responses of one operation must carry the same: here {found}, before it {expected}"
            ),
            cure,
        );
    }
}
