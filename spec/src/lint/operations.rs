//! Operations: their texts, what code follows from, and examples that fit.

use std::collections::BTreeSet;

use descope_mcp_codegen::Report;
use descope_mcp_codegen::document::Place;
use descope_mcp_codegen::facts;
use descope_mcp_openapi::{Document, ParseError, Violation};

use super::{Conventions, wants_basis, wants_text};
use crate::walk::{follow, operations};

const JSON: &str = "application/json";

pub(super) fn check(root: &Place<'_>, text: &str, conventions: Conventions, report: &mut Report) {
    let tags: BTreeSet<_> = root
        .member("tags")
        .map(|tags| tags.items())
        .unwrap_or_default()
        .iter()
        .filter_map(|tag| tag.text("name"))
        .collect();
    let document = match Document::parse(text) {
        Ok(document) => Some(document),
        Err(error) => {
            let place = match &error {
                ParseError::Unusable { pointer, .. } => root.find(pointer.trim_end_matches('/')),
                _ => None,
            };
            report.note(
                place.as_ref().unwrap_or(root),
                format!("the emulator and the suite cannot use it: {error}"),
                "correct this; examples are checked after that",
            );
            None
        }
    };
    let operations = operations(root);
    if operations.is_empty() && document.is_some() {
        report.note(root, "the document describes no operation", "add `paths`");
    }
    for operation in operations.values() {
        let place = &operation.place;
        check_facts(place, &tags, report);
        for parameter in place.member("parameters").map(|list| list.items()).unwrap_or_default() {
            wants_text(&followed(root, &parameter), "description", report);
        }
        let id = place.text("operationId").unwrap_or_default();
        let examples = Examples { root, document: document.as_ref(), id, conventions };
        examples.check(operation.method, place, report);
    }
}

fn check_facts(operation: &Place<'_>, tags: &BTreeSet<&str>, report: &mut Report) {
    for key in ["operationId", "summary", "description"] {
        wants_text(operation, key, report);
    }
    wants_basis(operation, false, report);
    let listed = operation.member("tags").map(|tags| tags.items()).unwrap_or_default();
    match listed.as_slice() {
        [tag] if tag.str().is_some_and(|tag| tags.contains(tag)) => {}
        [tag] => report.note(
            tag,
            "the document does not list this tag",
            "add it to `tags` at the top, or correct it",
        ),
        _ => report.note(operation, "an operation has one tag", "write `tags: [TAG]`"),
    }
    if let Some(place) = facts::access(operation).fault(operation) {
        report.note(
            &place,
            "`x-access` is neither read nor write",
            "add `x-access: read` if it changes nothing, or `write`",
        );
    }
    if let Some(place) = facts::idempotent(operation).fault(operation) {
        report.note(
            &place,
            "`x-idempotent` is neither true nor false",
            "add `x-idempotent: true` if sending it once more leaves the same state, or `false`",
        );
    }
}

/// What is referred to, or the reference itself if it leads nowhere: that it does is a finding of its own.
fn followed<'a>(root: &Place<'a>, place: &Place<'a>) -> Place<'a> {
    follow(root, place).map_or_else(|_| place.clone(), |(target, _)| target)
}

/// The examples of one operation.
struct Examples<'e, 'a> {
    root: &'e Place<'a>,
    /// `None` if it cannot be used; then only the presence of examples is checked.
    document: Option<&'e Document>,
    id: &'e str,
    conventions: Conventions,
}

impl<'a> Examples<'_, 'a> {
    fn check(&self, method: &str, operation: &Place<'a>, report: &mut Report) {
        if let Some(body) = operation.member("requestBody") {
            let body = followed(self.root, &body);
            if self.conventions == Conventions::Management
                && body.member("content").and_then(|content| content.member(JSON)).is_none()
            {
                report.note(
                    &body,
                    "the request has no JSON",
                    "add `content: application/json` with schema and example",
                );
            }
            // Forms are read as texts, so their examples cannot be compared with the schema as they are.
            if let Some(example) = self.example(&body, &body, report)
                && let Some(document) = self.document
            {
                let violations = document.validate_request(self.id, &example.node.to_json());
                note_violations(&example, &violations, report);
            }
        } else if self.conventions == Conventions::Management {
            let what = method.to_uppercase();
            report.note(
                operation,
                format!("{what} without a `requestBody`"),
                "every operation takes a JSON object; add it",
            );
        }
        let responses =
            operation.member("responses").map(|responses| responses.members()).unwrap_or_default();
        let has_answer = responses.iter().any(|(status, response)| {
            status.starts_with('2')
                && followed(self.root, response)
                    .member("content")
                    .and_then(|content| content.member(JSON))
                    .is_some()
        });
        if self.conventions == Conventions::Management && !has_answer {
            report.note(
                operation,
                "no answer of success has JSON",
                "add the response 200 with schema and example",
            );
        }
        for (status, response) in responses {
            let holder = followed(self.root, &response);
            let Some(example) = self.example(&holder, &response, report) else { continue };
            let (Some(document), Ok(number)) = (self.document, status.replace('X', "0").parse()) else {
                continue;
            };
            let value = example.node.to_json();
            note_violations(&example, &document.validate_response(self.id, number, &value), report);
            for member in document.unknown_members(self.id, number, &value) {
                let message = format!("the schema has no member {member}");
                report.note(&example, message, "correct its name, or add it to the schema");
            }
        }
    }

    /// The example of the JSON in there. `place` is where to say that it is missing.
    fn example(&self, holder: &Place<'a>, place: &Place<'a>, report: &mut Report) -> Option<Place<'a>> {
        let json = holder.member("content")?.member(JSON)?;
        let example = json.member("example");
        if example.is_none() {
            let message = format!("{} has no `example` here", self.id);
            report.note(place, message, "add one, with ids of real shapes and secrets that are visibly none");
        }
        example
    }
}

fn note_violations(example: &Place<'_>, violations: &[Violation], report: &mut Report) {
    for violation in violations {
        let place = example.find(&violation.pointer);
        let message = format!("the example does not fit its schema: {}", violation.message);
        report.note(place.as_ref().unwrap_or(example), message, "correct the example or the schema");
    }
}
