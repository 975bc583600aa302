//! Parameters: which kinds progenitor can send.

use std::collections::BTreeMap;

use crate::document::Place;
use crate::errors::Report;
use crate::names;
use crate::refs::{self, Component};

/// Checks the parameters of one operation against its path.
pub(super) fn check(
    root: &Place<'_>,
    path: &str,
    path_item: &Place<'_>,
    operation: &Place<'_>,
    report: &mut Report,
) {
    let shared = path_item.member("parameters").map(|list| list.items()).unwrap_or_default();
    let own = operation.member("parameters").map(|list| list.items()).unwrap_or_default();
    let mut by_name: BTreeMap<&str, &str> = BTreeMap::new();
    let mut arguments: BTreeMap<String, &str> = BTreeMap::new();
    if operation.member("requestBody").is_some() {
        arguments.insert("body".to_owned(), "the request body");
    }
    for place in shared.iter().chain(&own) {
        check_one(root, place, report);
        let Some(parameter) = refs::resolve(root, place) else { continue };
        let (Some(name), Some(location)) = (parameter.text("name"), parameter.text("in")) else { continue };
        let argument = names::argument(name);
        if let Some(other) = arguments.insert(argument.clone(), name).filter(|other| *other != name) {
            let message = format!("parameter '{name}' gives an argument '{argument}', and so does {other}");
            report.note(place, message, "rename one of them");
        }
        if by_name.insert(name, location).is_some_and(|before| before != location) {
            report.note(
                place,
                format!("two parameters are called '{name}'; only the last would be sent"),
                "rename one of them",
            );
        }
        if location == "path" && !path.contains(&format!("{{{name}}}")) {
            let message = format!("path parameter '{name}' does not occur in '{path}'");
            report.note(place, message, "write it into the path in braces, or remove the parameter");
        }
    }
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        if by_name.get(name) != Some(&"path") {
            let message =
                format!("the path has '{{{name}}}', but no path parameter of that name is declared");
            report.note(
                operation,
                message,
                "declare it under `parameters` with `in: path` and `required: true`",
            );
        }
    }
}

/// Checks one parameter, whether written in place or under components.
pub(super) fn check_one(root: &Place<'_>, place: &Place<'_>, report: &mut Report) {
    if refs::check(root, place, Component::Parameter, report) {
        return;
    }
    if place.text("name").is_none_or(str::is_empty) {
        report.note(place, "a parameter has no name", "add `name`");
    }
    let location = place.text("in");
    match location {
        Some("path" | "query" | "header") => {}
        Some("cookie") => report.note(place, "cookie parameters are not supported", "remove the parameter"),
        _ => report.note(place, "a parameter does not say where it is", "write `in:` path, query or header"),
    }
    if location == Some("path") && place.flag("required") != Some(true) {
        report.note(place, "a path parameter must be required", "add `required: true`");
    }
    let usual = if location == Some("query") { "form" } else { "simple" };
    if let Some(style) = place.member("style").filter(|style| style.str() != Some(usual)) {
        report.note(&style, "this parameter style is not supported", format!("use style `{usual}`"));
    }
    let plain = |schema: &Place<'_>| refs::resolve(root, schema).is_some_and(|target| is_plain(&target));
    if location == Some("query")
        && let Some(explode) = place.member("explode").filter(|explode| explode.bool() == Some(false))
        && !place.member("schema").is_some_and(|schema| plain(&schema))
    {
        let cure = "remove `explode`: each item is sent as a parameter of its own";
        report.note(&explode, "a list or record in one piece cannot be sent", cure);
    }
    if place.member("content").is_some() {
        report.note(place, "parameters with `content` are not supported", "describe it with `schema`");
    } else if let Some(schema) = place.member("schema") {
        super::schemas::check(root, &schema, report);
        check_schema(root, location == Some("query"), &schema, report);
    } else {
        report.note(place, "a parameter has no schema", "add `schema`");
    }
}

/// Whether a value is one word: neither a list nor a record, nor perhaps one.
fn is_plain(schema: &Place<'_>) -> bool {
    let is_word = matches!(schema.text("type"), Some("boolean" | "integer" | "number" | "string"));
    is_word && ["allOf", "oneOf", "anyOf"].iter().all(|name| schema.member(name).is_none())
}

/// What a parameter is written as: text in the end, and a secret has no text.
fn check_schema(root: &Place<'_>, query: bool, schema: &Place<'_>, report: &mut Report) {
    let Some(target) = refs::resolve(root, schema) else { return };
    if super::operations::is_bare_secret(root, schema, 0) {
        let cure = "send secrets in the request body; URLs and headers are logged";
        report.note(schema, "a parameter cannot be a secret", cure);
    }
    if query {
        return;
    }
    if !is_plain(&target) {
        let cure = "give it type string, integer, number or boolean";
        report.note(schema, "a parameter in a path or header must be a plain value", cure);
    }
    if target.flag("nullable") == Some(true) {
        report.note(schema, "a parameter in a path or header cannot be null", "remove `nullable`");
    }
}
