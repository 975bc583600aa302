//! What the conformance suite asks of the API document.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use descope_mcp_openapi::{Document, Kind};
use serde_json::Value;

/// A member of records beyond the document, which plans add. No document knows it.
pub(crate) const UNKNOWN_MEMBER: &str = "xConformanceExtension";

/// The members of a server record.
pub(crate) static SERVER_MEMBERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| members_of("McpServer"));

/// The members of a client record.
pub(crate) static CLIENT_MEMBERS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| members_of("McpServerClient"));

/// Whether a member of a record is one that the target adds by itself: neither the document nor any plan has it. It may
/// change by itself too, such as the time of the last change.
pub(crate) fn is_added_by_target(name: &str) -> bool {
    name != UNKNOWN_MEMBER && !SERVER_MEMBERS.contains(name) && !CLIENT_MEMBERS.contains(name)
}

fn members_of(schema: &str) -> BTreeSet<String> {
    let properties =
        Document::management().schema(schema).and_then(|schema| schema["properties"].as_object());
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

/// A member without which a request says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequiredMember {
    /// JSON pointer into the request's body.
    pub pointer: String,
    /// Whether it is a list. To many servers a list that is missing is an empty one.
    pub is_list: bool,
}

/// The members that an operation's request must have, in all depths.
pub(crate) fn required_members(operation: &str) -> Vec<RequiredMember> {
    let schema = Document::management().operation(operation).and_then(|operation| operation.request_schema());
    let mut found = Vec::new();
    if let Some(schema) = schema {
        collect_required(schema, "", &mut found);
    }
    found
}

fn collect_required(schema: &str, parent: &str, found: &mut Vec<RequiredMember>) {
    for member in Document::management().members(schema).iter().filter(|member| member.required) {
        let pointer = format!("{parent}/{}", member.name);
        if let Kind::Object { schema: Some(schema) } = &member.kind {
            collect_required(schema, &pointer, found);
        }
        found.push(RequiredMember { pointer, is_list: matches!(member.kind, Kind::List { .. }) });
    }
}

/// The server's record in a body that wraps it.
pub(crate) fn server(body: &Value) -> &Value {
    &body["server"]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_in_the_document() {
        assert!(SERVER_MEMBERS.contains("approvedScopes"));
        assert!(CLIENT_MEMBERS.contains("registrationType"));
    }

    #[test]
    fn required_members_are_found_in_all_depths() {
        let pointers = |operation| {
            required_members(operation).into_iter().map(|member| member.pointer).collect::<Vec<_>>()
        };
        assert_eq!(pointers("UpdateMcpServer"), ["/server/id", "/server"]);
        assert_eq!(pointers("DeleteMcpServerClients"), ["/ids", "/mcpServerId"]);
        assert!(required_members("DeleteMcpServerClients")[0].is_list);
        assert!(pointers("LoadAllMcpServers").is_empty());
    }
}
