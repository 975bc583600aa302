//! Which resources (RFC 8707) a token can be asked for.
//!
//! Basis: `audienceWhitelist` lists the audiences that a client may ask for through `resource` (an official SDK says so
//! of inbound applications). Assumed: an empty list stands for any, since a server that was made by its name alone could
//! serve no MCP client otherwise, and all of them send `resource`.

use url::Url;

use crate::store::ServerRow;

/// Longer ones are refused; the whole audience has to fit into a header with the rest of the token.
const MAX_RESOURCE_BYTES: usize = 2_048;

/// The resource as the list spells it, or as asked for if the list is empty. `None` if it is malformed, has a fragment
/// or is not on the list.
pub(super) fn allowed(server: &ServerRow, asked: &str) -> Option<String> {
    if !is_resource(asked) {
        return None;
    }
    let listed = server.body.get("audienceWhitelist").and_then(serde_json::Value::as_array);
    let mut listed = listed.into_iter().flatten().filter_map(serde_json::Value::as_str).peekable();
    if listed.peek().is_none() {
        return Some(asked.to_owned());
    }
    listed.find(|listed| same(listed, asked)).map(str::to_owned)
}

/// Whether two texts name the same resource: character by character, except that an origin may end in a slash, because
/// parsers of URLs in clients put it there.
pub(super) fn same(one: &str, two: &str) -> bool {
    without_root(one) == without_root(two)
}

/// An absolute URI without a fragment.
pub(super) fn is_resource(text: &str) -> bool {
    text.len() <= MAX_RESOURCE_BYTES
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains('#')
        && Url::parse(text).is_ok()
}

fn without_root(uri: &str) -> &str {
    match uri.strip_suffix('/') {
        Some(origin) if origin.split_once("://").is_some_and(|(_, host)| !host.contains('/')) => origin,
        _ => uri,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn server(list: serde_json::Value) -> ServerRow {
        let body = json!({ "audienceWhitelist": list }).as_object().unwrap().clone();
        ServerRow { id: String::from("MS"), body }
    }

    #[test]
    fn an_empty_list_allows_any_resource_and_others_only_what_they_hold() {
        let any = server(json!([]));
        let one = server(json!(["https://a.example/mcp", "https://b.example"]));
        for (asked, of_any, of_one) in [
            ("https://a.example/mcp", true, true),
            ("https://b.example/", true, true),
            ("https://a.example/mcp/", true, false),
            ("https://a.example/mcpx", true, false),
            ("https://A.example/mcp", true, false),
            ("urn:example:x", true, false),
            ("https://a.example/mcp#", false, false),
            ("https://a.example/mcp#x", false, false),
            ("/mcp", false, false),
            ("a.example", false, false),
            ("", false, false),
            ("https://a.example/m p", false, false),
        ] {
            assert_eq!(allowed(&any, asked).is_some(), of_any, "{asked}");
            assert_eq!(allowed(&one, asked).is_some(), of_one, "{asked}");
        }
        assert_eq!(allowed(&one, "https://b.example/").unwrap(), "https://b.example");
    }
}
