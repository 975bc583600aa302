//! Bodies of requests and responses: one media type, one success, one error.

use super::schemas;
use crate::document::{Node, Place, Position};
use crate::preflight::responses::{Body, Role, body_of, is_json};

/// A success whose body is not described.
const ANY_SUCCESS: &str = "2XX";

/// Repairs a request body, in place or under components.
pub(super) fn repair_request(body: &mut Node) {
    if body.get("$ref").is_some() {
        body.retain(|name, _| name == "$ref");
        return;
    }
    body.retain(|name, _| matches!(name, "content" | "required" | "description"));
    body.retain(|name, node| name != "required" || node.bool().is_some());
    let Some(content) = body.get_mut("content") else { return };
    // What JSON can say, the other forms mostly repeat.
    let preferred = content.members().map(|(name, _)| name).find(|name| is_json(name));
    if let Some(preferred) = preferred.map(str::to_owned) {
        content.retain(|name, _| name == preferred);
    }
    for (name, media) in content.members_mut() {
        let at = media.at();
        media.retain(|name, _| name == "schema");
        match name.split(';').next().unwrap_or(name).trim() {
            "application/octet-stream" => {
                let format = ("format", Node::string(at, "binary"));
                media.set("schema", Node::map(at, [("type", Node::string(at, "string")), format]));
            }
            "text/plain" => media.set("schema", Node::map(at, [("type", Node::string(at, "string"))])),
            _ => repair_schema(media, at),
        }
    }
}

/// Repairs one response, in place or under components.
pub(super) fn repair_response(response: &mut Node) {
    let at = response.at();
    if response.get("$ref").is_some() {
        response.retain(|name, _| name == "$ref");
        return;
    }
    if !response.is_map() {
        *response = raw(at);
        return;
    }
    response.retain(|name, node| match name {
        "description" => node.str().is_some(),
        "content" => node.is_map(),
        _ => false,
    });
    if response.get("description").is_none() {
        response.set("description", Node::string(at, ""));
    }
    let Some(content) = response.get_mut("content") else { return };
    for (name, media) in content.members_mut() {
        media.retain(|name, _| name == "schema");
        if is_json(name) {
            let at = media.at();
            repair_schema(media, at);
        } else {
            *media = Node::map(media.at(), []);
        }
    }
}

fn repair_schema(media: &mut Node, at: Position) {
    match media.get_mut("schema") {
        Some(schema) => schemas::repair(schema),
        None => media.set("schema", Node::map(at, [])),
    }
}

/// A response of bytes.
fn raw(at: Position) -> Node {
    let content = Node::map(at, [("*/*", Node::map(at, []))]);
    Node::map(at, [("description", Node::string(at, "")), ("content", content)])
}

/// Repairs all responses of an operation together; `root` is the document with its components repaired.
pub(super) fn repair_responses(root: &Place<'_>, operation: &mut Node) {
    let at = operation.at();
    let given = operation.remove("responses").unwrap_or_else(|| Node::map(at, []));
    let mut responses: Vec<(String, Node)> = Vec::new();
    for (status, response) in given.members() {
        // 101 hands the connection over: no call and answer any more.
        let known = Role::of(status).is_some() && !status.starts_with('1');
        if known && status != "default" {
            responses.push((status.to_owned(), response.clone()));
        }
    }
    let succeeds = |status: &str| Role::of(status).is_some_and(|role| role.success);
    let described = responses.iter().any(|(status, _)| succeeds(status));
    if let Some(default) = given.get("default") {
        let others: &[&str] = if described { &["4XX", "5XX"] } else { &["2XX", "4XX", "5XX"] };
        for status in others {
            if !responses.iter().any(|(known, _)| known == status) {
                responses.push(((*status).to_owned(), default.clone()));
            }
        }
    } else if !described {
        responses.push((ANY_SUCCESS.to_owned(), raw(at)));
    }
    for (_, response) in &mut responses {
        repair_response(response);
    }
    for success in [true, false] {
        let mut group: Vec<&mut Node> = responses
            .iter_mut()
            .filter(|(status, _)| {
                Role::of(status).is_some_and(|role| if success { role.success } else { role.error })
            })
            .map(|(_, response)| response)
            .collect();
        let bodies: Vec<Option<Body>> = group.iter().map(|response| body_of(root, response)).collect();
        if bodies.windows(2).any(|pair| pair[0] != pair[1]) {
            group.iter_mut().for_each(|response| **response = raw(response.at()));
        }
    }
    let responses = responses.iter().map(|(status, response)| (status.as_str(), response.clone()));
    operation.set("responses", Node::map(at, responses));
}
