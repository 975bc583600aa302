//! Bodies of the updates of `smoke`.

use serde_json::{Value, json};

use super::super::every_member;
use crate::json::Members;

/// A server whose lists have items with only their names, and whose parts lack members: in turn some of them or others.
pub(super) fn sparse_server(seed: u64) -> Members {
    let mut body = every_member::sparse_server();
    let left_out: &[&str] = match seed % 4 {
        0 | 2 => {
            body["approvedScopes"] = json!({"attributesScopes": [{"name": "email"}]});
            &[]
        }
        1 => {
            body["cimdSettings"] = json!({"domainPolicies": {}});
            &["sessionSettings"]
        }
        _ => &["approvedScopes", "dynamicRegistration"],
    };
    body.retain(|name, _| !left_out.contains(&name.as_str()));
    body
}

/// Every member of a server that an update may change, in plain values: with two words and switches, two servers that
/// differ everywhere. Nobody can register with either.
pub(super) fn all_members_with(word: &str, on: bool) -> Value {
    let url = |path: &str| format!("https://{word}.example.com/{path}");
    let scopes =
        json!([{"name": format!("mcp:{word}"), "description": word, "optional": on, "values": [word]}]);
    let (lifetime, unit) = if on { (3, "hours") } else { (200, "minutes") };
    json!({
        "description": word,
        "tags": [word],
        "logo": url("logo.png"),
        "audienceWhitelist": [url("mcp")],
        "approvedCallbackUrls": [url("callback")],
        "approvedScopes": {"permissionsScopes": scopes, "attributesScopes": scopes, "connectionsScopes": scopes},
        "dynamicRegistration": {"enabled": false, "disableApprovedScopesAsDefault": on},
        "sessionSettings": {
            "enabled": true,
            "refreshTokenExpiration": lifetime, "refreshTokenExpirationUnit": unit,
            "sessionTokenExpiration": lifetime, "sessionTokenExpirationUnit": unit,
            "keySessionTokenExpiration": lifetime, "keySessionTokenExpirationUnit": unit,
        },
        "cimdSettings": {
            "enabled": false,
            "domainPolicies": {"policies": [{"domainPattern": format!("{word}.example.com"), "enabled": on}]},
        },
        "skipConsentScreen": on,
        "forceAddAllAuthorizationInfo": on,
    })
}
