//! Strategies for the members of requests.
//!
//! Every value here is one that a server has no documented reason to refuse: valid URLs, known units, limits of the
//! vendor's own tools. Odd text is confined to members whose meaning is free text.

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::json::Members;

/// Scopes that every generated server with scopes approves, so that a client of it may be given any of them.
pub const COMMON_SCOPES: [&str; 3] = ["mcp:tools:read", "mcp:tools:write", "mcp:admin"];

/// Free text, from plain to hostile.
pub fn text() -> BoxedStrategy<String> {
    prop_oneof![
        4 => "[a-z]{1,12}( [a-z]{1,8}){0,2}",
        1 => select(vec![
            "Überprüfung ß — naïve café",
            "日本語の説明",
            "🦀🔑 emoji 👩‍👩‍👧",
            "\u{202e}right to left\u{202c} שלום",
            "<b>bold</b> &amp; \"quoted\" 'single'",
            " leading and trailing ",
            "back\\slash /slash %41 +plus",
            "tab\there and\nnew line",
            "${jndi:x} {{mustache}} ' OR 1=1 --",
            "e\u{301} and \u{e9} are not the same bytes",
        ]).prop_map(str::to_owned),
        1 => "\\PC{1,40}",
    ]
    .boxed()
}

fn url() -> impl Strategy<Value = String> {
    ("[a-z]{3,10}", "[a-z0-9]{1,8}(/[a-z0-9_-]{1,8}){0,2}")
        .prop_map(|(host, path)| format!("https://{host}.example.com/{path}"))
}

fn tags() -> impl Strategy<Value = Vec<String>> {
    vec("[a-z]{2,10}", 0..4)
}

fn scope(name: String) -> impl Strategy<Value = Value> {
    (option::of(text()), option::of(any::<bool>())).prop_map(move |(description, optional)| {
        let mut scope = json!({ "name": name });
        if let Some(description) = description {
            scope["description"] = description.into();
        }
        if let Some(optional) = optional {
            scope["optional"] = optional.into();
        }
        scope
    })
}

fn approved_scopes() -> impl Strategy<Value = Value> {
    let permissions = COMMON_SCOPES.map(|name| scope(name.to_owned()));
    let connections = ("[a-z]{3,8}", vec(url(), 1..3), any::<bool>()).prop_map(|(name, values, optional)| {
        json!({ "name": format!("mcp:{name}.read"), "description": "a connection", "optional": optional, "values": values })
    });
    (permissions, vec(connections, 0..2), option::of("[a-z]{3,8}")).prop_map(
        |(permissions, connections, attribute)| {
            let attributes: Vec<_> =
                attribute.into_iter().map(|name| json!({ "name": name, "values": [name] })).collect();
            json!({
                "permissionsScopes": permissions,
                "attributesScopes": attributes,
                "connectionsScopes": connections,
            })
        },
    )
}

fn session_settings() -> impl Strategy<Value = Value> {
    // The vendor's Terraform provider asks for all three expirations once enabled, and key tokens between 3 minutes and
    // one month.
    (1..30u32, 3..59u32, 3..59u32).prop_map(|(days, minutes, key_minutes)| {
        json!({
            "enabled": true,
            "refreshTokenExpiration": days, "refreshTokenExpirationUnit": "days",
            "sessionTokenExpiration": minutes, "sessionTokenExpirationUnit": "minutes",
            "keySessionTokenExpiration": key_minutes, "keySessionTokenExpirationUnit": "minutes",
        })
    })
}

fn cimd_settings() -> impl Strategy<Value = Value> {
    let pattern = prop_oneof![
        "[a-z]{3,8}\\.example\\.com",
        "[a-z]{3,8}".prop_map(|host| format!("*.{host}.example.com"))
    ];
    (any::<bool>(), vec((pattern, any::<bool>()), 0..3)).prop_map(|(enabled, policies)| {
        let policies: Vec<_> = policies
            .into_iter()
            .map(|(pattern, enabled)| json!({ "domainPattern": pattern, "enabled": enabled }))
            .collect();
        json!({ "enabled": enabled, "domainPolicies": { "policies": policies } })
    })
}

/// Some of the members of a server, `name` always among them.
pub fn server() -> BoxedStrategy<Members> {
    let dynamic_registration = (any::<bool>(), any::<bool>()).prop_map(
        |(enabled, disable)| json!({ "enabled": enabled, "disableApprovedScopesAsDefault": disable }),
    );
    let strategies: Vec<(&'static str, BoxedStrategy<Value>)> = vec![
        ("description", value(text())),
        ("tags", value(tags())),
        ("logo", value(url())),
        ("audienceWhitelist", value(vec(url(), 0..3))),
        ("approvedScopes", approved_scopes().boxed()),
        ("approvedCallbackUrls", value(vec(url(), 0..3))),
        ("dynamicRegistration", dynamic_registration.boxed()),
        ("sessionSettings", session_settings().boxed()),
        ("cimdSettings", cimd_settings().boxed()),
        ("skipConsentScreen", value(any::<bool>())),
        ("forceAddAllAuthorizationInfo", value(any::<bool>())),
    ];
    named(members(strategies))
}

/// Some of the members of a client record, `name` always among them.
pub fn client() -> BoxedStrategy<Members> {
    let strategies: Vec<(&'static str, BoxedStrategy<Value>)> = vec![
        ("approvedCallbackUrls", value(vec(url(), 0..3))),
        ("scopes", value(proptest::sample::subsequence(COMMON_SCOPES.to_vec(), 0..=3))),
        ("tags", value(tags())),
        ("logo", value(url())),
        ("forceAddAllAuthorizationInfo", value(any::<bool>())),
    ];
    named(members(strategies))
}

/// Changes for an update: members to set (perhaps the name) and members to leave out.
pub fn change(record: BoxedStrategy<Members>) -> BoxedStrategy<(Members, Vec<String>)> {
    (record, any::<bool>(), any::<u16>())
        .prop_map(|(mut set, rename, pick)| {
            if !rename {
                set.remove("name");
            }
            // One change in four also leaves a member out, which asks for its default.
            let named: Vec<_> = set.keys().filter(|name| *name != "name").cloned().collect();
            let omit = match named.len() {
                0 => Vec::new(),
                count if pick % 4 == 0 => vec![named[usize::from(pick / 4) % count].clone()],
                _ => Vec::new(),
            };
            set.retain(|name, _| !omit.contains(name));
            (set, omit)
        })
        .boxed()
}

fn value<T: Into<Value> + std::fmt::Debug + 'static>(
    strategy: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Value> {
    strategy.prop_map(Into::into).boxed()
}

fn members(strategies: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Members> {
    let (names, strategies): (Vec<_>, Vec<_>) = strategies.into_iter().unzip();
    let strategies: Vec<_> = strategies.into_iter().map(option::of).collect();
    strategies
        .prop_map(move |values| {
            names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?))).collect()
        })
        .boxed()
}

fn named(members: BoxedStrategy<Members>) -> BoxedStrategy<Members> {
    (text(), members)
        .prop_map(|(name, mut members)| {
            members.insert("name".to_owned(), name.into());
            members
        })
        .boxed()
}

#[cfg(test)]
mod tests {
    use descope_mcp_openapi::Document;

    use super::*;
    use crate::plans::Dice;

    #[test]
    fn every_generated_body_is_one_that_the_document_allows() {
        let seed = 1;
        for plan in 0..300 {
            let mut dice = Dice::new(seed, plan);
            let server = Value::Object(dice.draw(&server()));
            let violations = Document::management().validate_request("CreateMcpServer", &server);
            assert!(violations.is_empty(), "seed {seed}, plan {plan}: {violations:?} in {server}");
            let mut client = dice.draw(&client());
            client.insert("mcpServerId".into(), "MS1".into());
            let client = Value::Object(client);
            let violations = Document::management().validate_request("CreateMcpServerClient", &client);
            assert!(violations.is_empty(), "seed {seed}, plan {plan}: {violations:?} in {client}");
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_values() {
        assert_eq!(Dice::new(7, 3).draw(&server()), Dice::new(7, 3).draw(&server()));
        assert_ne!(Dice::new(7, 3).draw(&server()), Dice::new(8, 3).draw(&server()));
    }
}
