//! Bodies of the updates of `smoke`.

use serde_json::{Value, json};

use super::super::refusable::{self, TextKind};
use super::super::{Dice, every_member};
use crate::json::Members;

/// An update that gives the lists of a server items with only their names, and its parts no members: in turn some of them or
/// others. With them, the members that it leaves out, which must be gone then.
pub(super) fn sparse_update_of_a_server(seed: u64, dice: &mut Dice) -> (Members, Vec<String>) {
    let mut body = every_member::sparse_server();
    let left_out: &[&str] = match seed % 4 {
        0 => {
            body["approvedScopes"] = json!({"attributesScopes": [{"name": "email"}]});
            &[]
        }
        1 => {
            body["cimdSettings"] = json!({"domainPolicies": {}});
            &["sessionSettings"]
        }
        2 => {
            body["approvedScopes"] = json!({"permissionsScopes": [{"name": "mcp:tools:read"}]});
            &[]
        }
        _ => {
            body["cimdSettings"] = json!({});
            &["approvedScopes", "dynamicRegistration"]
        }
    };
    body.retain(|name, _| !left_out.contains(&name.as_str()));
    let every = refusable::server(TextKind::Plain, false, dice);
    let omit = every.keys().filter(|name| *name != "name" && !body.contains_key(*name)).cloned().collect();
    (body, omit)
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
