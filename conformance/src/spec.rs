//! What the conformance suite asks of the API document.

use std::{collections::BTreeSet, sync::LazyLock};

use descope_mcp_openapi::Document;
use serde_json::Value;

/// The members of a server record.
pub static SERVER_MEMBERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| members_of("McpServer"));

/// The members of a client record.
pub static CLIENT_MEMBERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| members_of("McpServerClient"));

fn members_of(schema: &str) -> BTreeSet<String> {
    let properties =
        Document::management().schema(schema).and_then(|schema| schema["properties"].as_object());
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

/// The server's record in a body that wraps it.
pub fn server(body: &Value) -> &Value {
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
}
