//! The x- keys from which the operation table is made: a misspelt value must not become a default.

use std::collections::BTreeSet;

use crate::document::Place;
use crate::errors::Report;
use crate::facts::{self, ACCESS, BASIS, PAGINATION, Stated};
use crate::refs;

/// Checks the keys of one operation; `ids` are those of all operations.
pub(super) fn check_operation(
    root: &Place<'_>,
    operation: &Place<'_>,
    ids: &BTreeSet<&str>,
    report: &mut Report,
) {
    check_basis(operation, report);
    if let Stated::Wrong(access) = facts::access(operation) {
        unknown_value(&access, "x-access", &ACCESS, report);
    }
    if let Stated::Wrong(flag) = facts::idempotent(operation) {
        report.note(&flag, "`x-idempotent` must be true or false", "write true or false");
    }
    let unknown = match facts::replaces(operation) {
        Stated::This(id, place) if !ids.contains(id) => Some(place),
        Stated::Wrong(place) => Some(place),
        Stated::This(..) | Stated::Nothing => None,
    };
    if let Some(replaces) = unknown {
        let cure = "write the operationId of the operation that loads the record";
        report.note(&replaces, "`x-replaces` names no operation of this document", cure);
    }
    if let Some(paginated) = facts::paginated(operation) {
        check_pagination(root, operation, &paginated, report);
    }
}

/// Checks `x-basis` and `x-source`, which may stand on anything.
pub(super) fn check_basis(place: &Place<'_>, report: &mut Report) {
    if let Stated::Wrong(basis) = facts::basis(place) {
        unknown_value(&basis, "x-basis", &BASIS, report);
    }
    if let Stated::Wrong(source) = facts::source(place) {
        report.note(&source, "`x-source` must be a string", "name the page or document");
    }
}

fn unknown_value(place: &Place<'_>, name: &str, allowed: &[&str], report: &mut Report) {
    let cure = format!("use one of {}", allowed.join(", "));
    report.note(place, format!("`{name}` has an unknown value"), cure);
}

fn check_pagination(root: &Place<'_>, operation: &Place<'_>, paginated: &Place<'_>, report: &mut Report) {
    for (name, member) in paginated.members() {
        if !PAGINATION.contains(&name) {
            let cure = format!("use {}", PAGINATION.join(", "));
            report.note(&member, format!("`x-paginated` has no key '{name}'"), cure);
        }
    }
    let request = operation.member("requestBody").and_then(|body| json_schema(root, &body));
    let response = operation
        .member("responses")
        .and_then(|responses| responses.member("200"))
        .and_then(|response| json_schema(root, &response));
    for key in PAGINATION {
        let Some(place) = paginated.member(key) else {
            let cure = format!("add `{key}` with the name of the member");
            report.note(paginated, format!("`x-paginated` lacks `{key}`"), cure);
            continue;
        };
        let (schema, side) = match key {
            "page" | "limit" => (&request, "request"),
            _ => (&response, "200 response"),
        };
        let declared = place.str().is_some_and(|member| {
            schema
                .as_ref()
                .and_then(|schema| schema.member("properties"))
                .is_some_and(|members| members.member(member).is_some())
        });
        if !declared {
            let message = format!("`x-paginated` names a member for `{key}` that the {side} does not have");
            report.note(&place, message, "write the name of an existing member");
        }
    }
}

fn json_schema<'a>(root: &Place<'a>, place: &Place<'a>) -> Option<Place<'a>> {
    let media = refs::resolve(root, place)?.member("content")?.member("application/json")?;
    refs::resolve(root, &media.member("schema")?)
}
