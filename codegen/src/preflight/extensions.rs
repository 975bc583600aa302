//! The x- keys from which the operation table is made: a misspelt value must not become a default.

use std::collections::BTreeSet;

use crate::document::Place;
use crate::errors::Report;
use crate::refs;

/// Values of `x-access`.
const ACCESS: [&str; 2] = ["read", "write"];
/// Values of `x-basis`, from most to least sure.
const BASIS: [&str; 3] = ["documented", "observed", "assumed"];
/// Keys of `x-paginated`.
pub(crate) const PAGINATION: [&str; 4] = ["items", "page", "limit", "total"];

/// Checks the keys of one operation; `ids` are those of all operations.
pub(super) fn check_operation(
    root: &Place<'_>,
    operation: &Place<'_>,
    ids: &BTreeSet<&str>,
    report: &mut Report,
) {
    check_basis(operation, report);
    if let Some(access) = operation.member("x-access") {
        one_of(&access, "x-access", &ACCESS, report);
    }
    if let Some(flag) = operation.member("x-idempotent").filter(|flag| flag.bool().is_none()) {
        report.note(&flag, "`x-idempotent` must be true or false", "write true or false");
    }
    let known = |replaces: &Place<'_>| replaces.str().is_some_and(|id| ids.contains(id));
    if let Some(replaces) = operation.member("x-replaces").filter(|replaces| !known(replaces)) {
        let cure = "write the operationId of the operation that loads the record";
        report.note(&replaces, "`x-replaces` names no operation of this document", cure);
    }
    if let Some(paginated) = operation.member("x-paginated") {
        check_pagination(root, operation, &paginated, report);
    }
}

/// Checks `x-basis` and `x-source`, which may stand on anything.
pub(super) fn check_basis(place: &Place<'_>, report: &mut Report) {
    if let Some(basis) = place.member("x-basis") {
        one_of(&basis, "x-basis", &BASIS, report);
    }
    if let Some(source) = place.member("x-source").filter(|source| source.str().is_none()) {
        report.note(&source, "`x-source` must be a string", "name the page or document");
    }
}

fn one_of(place: &Place<'_>, name: &str, allowed: &[&str], report: &mut Report) {
    if !place.str().is_some_and(|value| allowed.contains(&value)) {
        report.note(
            place,
            format!("`{name}` has an unknown value"),
            format!("use one of {}", allowed.join(", ")),
        );
    }
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
