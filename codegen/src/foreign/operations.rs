//! Paths, operations and parameters: ids for those that have none, declarations for what paths name.

use std::collections::BTreeSet;

use super::{bodies, schemas};
use crate::document::{Node, Place, is_method};
use crate::names;
use crate::preflight::operations::TAKEN_METHODS;
use crate::refs;

/// Headers that a description of parameters has no say in; OpenAPI has them ignored.
const IGNORED_HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];

/// Repairs everything below `paths`; components have been repaired.
pub(super) fn repair(tree: &mut Node) {
    let repaired = tree.clone();
    let root = Place::root(&repaired);
    let Some(paths) = tree.get_mut("paths") else { return };
    paths.retain(|path, _| !path.starts_with("x-"));
    let mut taken: BTreeSet<String> = TAKEN_METHODS.iter().map(|name| (*name).to_owned()).collect();
    for (path, item) in paths.members_mut() {
        let shared = item.remove("parameters");
        let shared = shared.as_ref().map(Node::items).unwrap_or_default();
        item.retain(|name, _| is_method(name) || name == "$ref");
        for (method, operation) in item.members_mut().filter(|(name, _)| is_method(name)) {
            operation.retain(|name, _| {
                matches!(
                    name,
                    "operationId"
                        | "summary"
                        | "description"
                        | "parameters"
                        | "requestBody"
                        | "responses"
                        | "deprecated"
                        | "servers"
                        | "$ref"
                )
            });
            operation.retain(|name, node| match name {
                "deprecated" => node.bool().is_some(),
                "summary" | "description" => node.str().is_some(),
                _ => true,
            });
            name(path, method, operation, &mut taken);
            // It is not here; preflight says so.
            if operation.get("$ref").is_some() {
                continue;
            }
            repair_parameters(&root, path, shared, operation);
            if let Some(body) = operation.get_mut("requestBody") {
                bodies::repair_request(body);
            }
            bodies::repair_responses(&root, operation);
        }
    }
}

/// Gives an operation an id of its own, that of the document if possible.
fn name(path: &str, method: &str, operation: &mut Node, taken: &mut BTreeSet<String>) {
    let given = operation.text("operationId").filter(|id| !id.trim().is_empty()).map(str::to_owned);
    let made = format!("{method} {path}");
    let first = given.iter().cloned().chain([made.clone()]);
    let numbered = (2..).map(|number| format!("{made} {number}"));
    for id in first.chain(numbered) {
        if taken.insert(names::method(&id)) {
            operation.set("operationId", Node::string(operation.at(), id));
            return;
        }
    }
}

/// Repairs one parameter, in place or under components.
pub(super) fn repair_parameter(parameter: &mut Node) {
    let at = parameter.at();
    if parameter.get("$ref").is_some() {
        parameter.retain(|name, _| name == "$ref");
        return;
    }
    parameter.retain(|name, node| match name {
        "required" => node.bool().is_some(),
        "description" => node.str().is_some(),
        "explode" => node.bool().is_some(),
        "name" | "in" | "schema" | "content" | "style" => true,
        _ => false,
    });
    if parameter.text("in") == Some("path") {
        parameter.set("required", Node::flag(at, true));
    }
    // A list in one piece is text too.
    let plain_only =
        parameter.text("in") != Some("query") || parameter.get("explode").and_then(Node::bool) == Some(false);
    parameter.remove("explode");
    if let Some(schema) = parameter.get_mut("schema") {
        schemas::repair(schema);
        let composed = ["$ref", "allOf", "oneOf", "anyOf"].iter().any(|name| schema.get(name).is_some());
        let kind = schema.text("type");
        // The caller knows how it is written; a path and a header are text in the end.
        if schema.text("format") == Some("password")
            || (plain_only
                && (composed || !matches!(kind, Some("boolean" | "integer" | "number" | "string"))))
        {
            *schema = Node::map(at, [("type", Node::string(at, "string"))]);
        }
        schema.remove("nullable");
    } else if parameter.get("content").is_none() {
        parameter.set("schema", Node::map(at, [("type", Node::string(at, "string"))]));
    }
}

/// All parameters of an operation, those of its path included, and no others.
fn repair_parameters(root: &Place<'_>, path: &str, shared: &[Node], operation: &mut Node) {
    let at = operation.at();
    let own = operation.remove("parameters");
    let mut kept: Vec<Node> = Vec::new();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    // Those of the operation replace those of the path that have their name.
    for parameter in own.as_ref().map(Node::items).unwrap_or_default().iter().chain(shared) {
        let mut parameter = parameter.clone();
        repair_parameter(&mut parameter);
        let target = refs::resolve(root, &Place::root(&parameter)).map(|place| place.node.clone());
        if let Some(target) = target {
            let (Some(name), Some(location)) = (target.text("name"), target.text("in")) else {
                kept.push(parameter);
                continue;
            };
            let optional = target.get("required").and_then(Node::bool) != Some(true);
            let useless = match location {
                "path" => !path.contains(&format!("{{{name}}}")),
                "header" => IGNORED_HEADERS.contains(&name.to_ascii_lowercase().as_str()),
                "cookie" => optional,
                _ => false,
            };
            if useless || !seen.insert((name.to_owned(), location.to_owned())) {
                continue;
            }
        }
        kept.push(parameter);
    }
    for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        if !name.is_empty() && seen.insert((name.to_owned(), "path".to_owned())) {
            kept.push(Node::map(
                at,
                [
                    ("name", Node::string(at, name)),
                    ("in", Node::string(at, "path")),
                    ("required", Node::flag(at, true)),
                    ("schema", Node::map(at, [("type", Node::string(at, "string"))])),
                ],
            ));
        }
    }
    if !kept.is_empty() {
        operation.set("parameters", Node::list(at, kept));
    }
}
