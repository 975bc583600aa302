//! Paths and operations: ids, bodies, responses.

use std::collections::BTreeMap;

use super::{extensions, parameters, responses, schemas};
use crate::document::{self, METHODS, Place, is_method};
use crate::errors::Report;
use crate::limits::MAX_CHAIN;
use crate::names;
use crate::refs::{self, Component};

/// Methods for which the HTTP client has no function of that name, which is what the generated code calls.
const UNSENDABLE: [&str; 2] = ["options", "trace"];

/// Body types that progenitor can send, without parameters such as a charset.
const BODY_TYPES: [&str; 4] =
    ["application/json", "application/x-www-form-urlencoded", "application/octet-stream", "text/plain"];

/// Method names that the machine-written client needs for itself.
pub(crate) const TAKEN_METHODS: [&str; 8] =
    ["api_version", "baseurl", "client", "exec", "inner", "new_with_client", "post", "pre"];

/// Checks `paths`.
pub(super) fn check(root: &Place<'_>, report: &mut Report) {
    let Some(paths) = root.member("paths").filter(Place::is_map) else {
        report.note(root, "no `paths` object", "add `paths` with at least one operation");
        return;
    };
    for (path, item) in paths.members() {
        if !path.starts_with("x-") {
            check_path(root, path, &item, report);
        }
    }
    let mut operations = document::operations(root);
    for (_, _, _, operation) in &operations {
        check_in_place(root, operation, "operation", report);
        check_one_address(operation, report);
    }
    if operations.is_empty() {
        report.note(&paths, "the document has no operation", "add one: without it there is nothing to call");
    }
    // Of what stands elsewhere nothing more is known.
    operations.retain(|(.., operation)| operation.member("$ref").is_none());
    check_ids(&operations, report);
    let ids = operations.iter().filter_map(|(.., operation)| operation.text("operationId")).collect();
    for (path, item, method, operation) in &operations {
        if UNSENDABLE.contains(method) {
            let message = format!("the generated code cannot send {}", method.to_uppercase());
            report.note(operation, message, "leave the operation out: clients of an API do not call it");
        }
        parameters::check(root, path, item, operation, report);
        if let Some(body) = operation.member("requestBody") {
            check_request_body(root, &body, report);
        }
        responses::check(root, operation, report);
        extensions::check_operation(root, operation, &ids, report);
    }
}

/// Checks ids and x- keys alone.
pub(super) fn check_facts(root: &Place<'_>, report: &mut Report) {
    let operations = document::operations(root);
    if operations.is_empty() {
        report.note(root, "the document has no operation", "add one under `paths`");
    }
    check_ids(&operations, report);
    let ids = operations.iter().filter_map(|(.., operation)| operation.text("operationId")).collect();
    for (.., operation) in &operations {
        extensions::check_operation(root, operation, &ids, report);
    }
}

fn check_path(root: &Place<'_>, path: &str, item: &Place<'_>, report: &mut Report) {
    if !path.starts_with('/') {
        report.note(item, format!("path '{path}' does not start with a slash"), "start it with /");
    }
    if !braces_are_balanced(path) {
        report.note(
            item,
            format!("the braces of path '{path}' do not match"),
            "write each parameter as {name}",
        );
    }
    if path.contains(['?', '#']) {
        report.note(
            item,
            format!("path '{path}' has a query or fragment"),
            "describe it with query parameters",
        );
    }
    check_in_place(root, item, "path item", report);
    check_one_address(item, report);
    for (name, member) in item.members() {
        let known = is_method(name)
            || ["$ref", "summary", "description", "servers", "parameters"].contains(&name)
            || name.starts_with("x-");
        if !known {
            let message = format!("'{name}' is not a method; it would be ignored");
            report.note(&member, message, format!("use one of {}, in lower case", METHODS.join(", ")));
        }
    }
}

/// Path items and operations must stand where they belong.
fn check_in_place(root: &Place<'_>, element: &Place<'_>, what: &str, report: &mut Report) {
    let Some(reference) = element.member("$ref") else { return };
    let text = reference.str().unwrap_or_default();
    let message = if !text.starts_with('#') {
        format!("$ref '{text}' leads out of this document")
    } else if refs::resolve(root, element).is_none() {
        format!("$ref '{text}' leads nowhere, or back to itself")
    } else {
        format!("{what}s by reference are not supported")
    };
    report.note(&reference, message, format!("write the {what} in place"));
}

/// The client sends everything to one address.
fn check_one_address(element: &Place<'_>, report: &mut Report) {
    let Some(servers) = element.member("servers") else { return };
    let urls: Vec<_> = servers.items().into_iter().filter_map(|server| server.text("url")).collect();
    let message =
        format!("served at an address of its own ({}); the client has one for all", urls.join(", "));
    report.note(&servers, message, "describe what is served elsewhere in a document of its own");
}

fn braces_are_balanced(path: &str) -> bool {
    let mut open = false;
    for (index, c) in path.char_indices() {
        match c {
            '{' if open => return false,
            '{' => open = true,
            // An empty name cannot be sent either.
            '}' if !open || path[..index].ends_with('{') => return false,
            '}' => open = false,
            '/' if open => return false,
            _ => {}
        }
    }
    !open
}

fn check_ids(operations: &[(&str, Place<'_>, &str, Place<'_>)], report: &mut Report) {
    let mut methods: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for (path, _, method, operation) in operations {
        let Some(id) = operation.member("operationId") else {
            let message = format!("{} {path} has no operationId", method.to_uppercase());
            report.note(operation, message, "add one: the method of the client is named after it");
            continue;
        };
        let Some(text) = id.str().filter(|text| !text.is_empty()) else {
            report.note(&id, "the operationId is not a string with text in it", "write a name");
            continue;
        };
        if TAKEN_METHODS.contains(&names::method(text).as_str()) {
            let message = format!("operationId '{text}' gives a method that the client has already");
            report.note(&id, message, "choose another id");
        }
        if let Some((other, other_path)) = methods.insert(names::method(text), (text, path)) {
            let message = if other == text {
                format!("operationId '{text}' is also the one of {other_path}")
            } else {
                format!("operationIds '{text}' and '{other}' ({other_path}) give the same method name")
            };
            report.note(&id, message, "give each operation an id of its own");
        }
    }
}

/// Checks one request body, whether written in place or under components.
pub(super) fn check_request_body(root: &Place<'_>, place: &Place<'_>, report: &mut Report) {
    if refs::check(root, place, Component::RequestBody, report) {
        return;
    }
    let Some(content) = place.member("content") else {
        report.note(place, "a request body has no `content`", "add `content` with one media type");
        return;
    };
    let media = content.members();
    if media.len() > 1 {
        let types: Vec<_> = media.iter().map(|(media_type, _)| *media_type).collect();
        let message = format!("a request body with {} media types ({})", types.len(), types.join(", "));
        report.note(&content, message, "keep the one that the client shall send");
    }
    for (media_type, media) in media {
        let essence = media_type.split(';').next().unwrap_or(media_type).trim();
        if !BODY_TYPES.contains(&essence) {
            let cure = format!("use one of {}", BODY_TYPES.join(", "));
            report.note(&media, format!("request bodies of type '{media_type}' are not supported"), cure);
        }
        if media.member("encoding").is_some_and(|encoding| !encoding.members().is_empty()) {
            report.note(&media, "`encoding` on a request body is not supported", "remove it");
        }
        match media.member("schema") {
            None => report.note(&media, "a request body has no schema", "add `schema`"),
            Some(schema) => {
                schemas::check(root, &schema, report);
                if is_bare_secret(root, &schema, 0) {
                    let cure = "make it a member of a record: only members are written out on purpose";
                    report.note(&schema, "a request body that is nothing but a secret cannot be sent", cure);
                }
            }
        }
    }
}

/// Whether a schema becomes the type of a secret itself, or a list or map of them without a name.
pub(super) fn is_bare_secret(root: &Place<'_>, schema: &Place<'_>, depth: usize) -> bool {
    let Some(target) = refs::resolve(root, schema).filter(|_| depth < MAX_CHAIN) else { return false };
    if target.text("format") == Some("password") {
        return true;
    }
    let part = |name: &str| target.member(name);
    let alone = part("properties").is_none() && schema.member("$ref").is_none();
    let listed = |name: &str| part(name).map(|parts| parts.items()).unwrap_or_default();
    // The only alternative is none.
    let only = [listed("oneOf"), listed("anyOf")].into_iter().filter(|parts| parts.len() == 1).flatten();
    let parts = listed("allOf").into_iter().chain(only);
    let inner = [part("items"), part("additionalProperties")].into_iter().flatten().chain(parts);
    alone && inner.into_iter().any(|inner| is_bare_secret(root, &inner, depth + 1))
}
