//! Strategies for the members of requests.
//!
//! Every value here is one that a server has no documented reason to refuse: valid URLs, known units, limits of the
//! vendor's own tools. Odd text is confined to members whose meaning is free text.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::json::Members;

/// Scopes that every generated server with scopes approves, so that a client of it may be given any of them.
pub(crate) const COMMON_SCOPES: [&str; 3] = ["mcp:tools:read", "mcp:tools:write", "mcp:admin"];

/// Texts that a server must store as they are, though many a program trips over one of them.
const HOSTILE_TEXTS: [&str; 22] = [
    "",
    " ",
    "\u{a0}\u{2003}",
    " leading and trailing ",
    "trailing tab\t",
    "Überprüfung ß — naïve café",
    "日本語の説明",
    "🦀🔑 emoji 👩‍👩‍👧",
    "\u{202e}right to left\u{202c} שלום",
    "e\u{301} and \u{e9} are not the same bytes",
    "\u{1f1}\u{130}\u{df}\u{fb01} change their length with their case",
    "zero\u{200b}width\u{feff}",
    "<b>bold</b> &amp; \"quoted\" 'single' <script>",
    "back\\slash \\u0041 /slash %41%00 +plus",
    "tab\there and\nnew line\r\n",
    "\u{1}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{85}",
    "\u{2028}line\u{2029}paragraph",
    "\u{fffd}\u{fffe}\u{10ffff}",
    "${jndi:x} {{mustache}} %s %n ' OR 1=1 --",
    "null",
    "0012.50",
    "true",
];

/// Length of a long text, in characters.
const LONG: usize = 10_000;

thread_local! {
    // To build a strategy costs far more than to draw from it.
    static TEXT: BoxedStrategy<String> = build_text();
    static HOSTILE: BoxedStrategy<String> = build_hostile();
    static SERVER: BoxedStrategy<Members> = build_server(text(), tags().boxed());
    static CLIENT: BoxedStrategy<Members> = build_client(tags().boxed());
    static HOSTILE_SERVER: BoxedStrategy<Members> = build_server(hostile(), hostile_tags().boxed());
    static HOSTILE_CLIENT: BoxedStrategy<Members> = build_client(hostile_tags().boxed());
    static SERVER_CHANGE: BoxedStrategy<(Members, Vec<String>)> = change(server());
    static CLIENT_CHANGE: BoxedStrategy<(Members, Vec<String>)> = change(client());
}

/// Free text, from plain to hostile.
pub(crate) fn text() -> BoxedStrategy<String> {
    TEXT.with(Clone::clone)
}

/// Text that many a program trips over.
pub(crate) fn hostile() -> BoxedStrategy<String> {
    HOSTILE.with(Clone::clone)
}

fn build_text() -> BoxedStrategy<String> {
    prop_oneof![4 => "[a-z]{1,12}( [a-z]{1,8}){0,2}", 2 => hostile()].boxed()
}

fn build_hostile() -> BoxedStrategy<String> {
    prop_oneof![
        10 => select(HOSTILE_TEXTS.to_vec()).prop_map(str::to_owned),
        1 => "[a-zà-ÿ🦀\"\\\\]".prop_map(|character| character.repeat(LONG)),
        3 => "\\PC{1,40}",
    ]
    .boxed()
}

fn url() -> impl Strategy<Value = String> {
    ("[a-z]{3,10}", "[a-z0-9]{1,8}(/[a-z0-9_-]{1,8}){0,2}")
        .prop_map(|(host, path)| format!("https://{host}.example.com/{path}"))
}

fn tags() -> impl Strategy<Value = Vec<String>> {
    vec("[a-z]{1,2}", 0..4)
}

/// Tags of any text, the same ones again among them, and now and then very many.
fn hostile_tags() -> impl Strategy<Value = Vec<String>> {
    let some = (vec(select(HOSTILE_TEXTS.to_vec()), 0..5), 0..3usize).prop_map(|(tags, times)| {
        let again = tags.iter().take(times).copied().collect::<Vec<_>>();
        tags.into_iter().chain(again).map(str::to_owned).collect()
    });
    prop_oneof![7 => some, 1 => vec("[a-z]{1,2}", 200)]
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
pub(crate) fn server() -> BoxedStrategy<Members> {
    SERVER.with(Clone::clone)
}

/// The same with hostile texts and tags only.
pub(crate) fn hostile_server() -> BoxedStrategy<Members> {
    HOSTILE_SERVER.with(Clone::clone)
}

/// Changes for an update of a server: members to set (perhaps the name) and members to leave out.
pub(crate) fn server_change() -> BoxedStrategy<(Members, Vec<String>)> {
    SERVER_CHANGE.with(Clone::clone)
}

/// Some of the members of a client record, `name` always among them.
pub(crate) fn client() -> BoxedStrategy<Members> {
    CLIENT.with(Clone::clone)
}

/// The same with hostile texts and tags only.
pub(crate) fn hostile_client() -> BoxedStrategy<Members> {
    HOSTILE_CLIENT.with(Clone::clone)
}

/// Changes for an update of a client record.
pub(crate) fn client_change() -> BoxedStrategy<(Members, Vec<String>)> {
    CLIENT_CHANGE.with(Clone::clone)
}

fn build_server(text: BoxedStrategy<String>, tags: BoxedStrategy<Vec<String>>) -> BoxedStrategy<Members> {
    let dynamic_registration = (any::<bool>(), any::<bool>()).prop_map(
        |(enabled, disable)| json!({ "enabled": enabled, "disableApprovedScopesAsDefault": disable }),
    );
    let strategies: Vec<(&'static str, BoxedStrategy<Value>)> = vec![
        ("description", value(text.clone())),
        ("tags", value(tags)),
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
    named(text, members(strategies))
}

fn build_client(tags: BoxedStrategy<Vec<String>>) -> BoxedStrategy<Members> {
    let strategies: Vec<(&'static str, BoxedStrategy<Value>)> = vec![
        ("approvedCallbackUrls", value(vec(url(), 0..3))),
        ("scopes", value(proptest::sample::subsequence(COMMON_SCOPES.to_vec(), 0..=3))),
        ("tags", value(tags)),
        ("logo", value(url())),
        ("forceAddAllAuthorizationInfo", value(any::<bool>())),
    ];
    named(text(), members(strategies))
}

fn change(record: BoxedStrategy<Members>) -> BoxedStrategy<(Members, Vec<String>)> {
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

fn named(text: BoxedStrategy<String>, members: BoxedStrategy<Members>) -> BoxedStrategy<Members> {
    (text, members)
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
            let strategy = if plan % 2 == 0 { server() } else { hostile_server() };
            let server = Value::Object(dice.draw(&strategy));
            let violations = Document::management().validate_request("CreateMcpServer", &server);
            assert!(violations.is_empty(), "seed {seed}, plan {plan}: {violations:?} in {server}");
            let strategy = if plan % 2 == 0 { client() } else { hostile_client() };
            let mut client = dice.draw(&strategy);
            client.insert("mcpServerId".into(), "MS1".into());
            let client = Value::Object(client);
            let violations = Document::management().validate_request("CreateMcpServerClient", &client);
            assert!(violations.is_empty(), "seed {seed}, plan {plan}: {violations:?} in {client}");
        }
    }

    /// Members of a request that no drawn body has.
    fn never_drawn(schema: &str, strategy: &BoxedStrategy<Members>) -> Vec<String> {
        let bodies: Vec<_> = (0..200).map(|plan| Dice::new(1, plan).draw(strategy)).collect();
        let names = Document::management().members(schema).iter().map(|member| member.name.clone());
        names.filter(|name| !bodies.iter().any(|body| body.contains_key(name))).collect()
    }

    #[test]
    fn every_member_of_a_request_is_sent_but_those_named_here() {
        // What a target makes of them is an open question, which `questions.rs` asks.
        let open_questions = ["consentFlowHostingURL", "consentFlowId", "loginPageURL"];
        assert_eq!(never_drawn("CreateMcpServerRequest", &server()), open_questions);
        // A target may refuse tenants that the project does not have; the action adds the server.
        assert_eq!(never_drawn("CreateMcpServerClientRequest", &client()), ["allowedTenants", "mcpServerId"]);
    }

    #[test]
    fn hostile_values_of_every_kind_are_drawn() {
        let bodies: Vec<_> = (0..400).map(|plan| Dice::new(1, plan).draw(&hostile_server())).collect();
        let descriptions: Vec<_> =
            bodies.iter().filter_map(|body| body.get("description")?.as_str()).collect();
        for wanted in HOSTILE_TEXTS {
            assert!(descriptions.contains(&wanted), "{wanted:?}");
        }
        assert!(descriptions.iter().any(|text| text.chars().count() == LONG));
        let tags: Vec<_> = bodies.iter().filter_map(|body| body.get("tags")?.as_array()).collect();
        assert!(tags.iter().any(|tags| tags.len() == 200));
        let repeats = |tags: &&&Vec<Value>| (1..tags.len()).any(|index| tags[..index].contains(&tags[index]));
        assert!(tags.iter().any(|tags| repeats(&tags)));
    }

    #[test]
    fn the_same_seed_draws_the_same_values() {
        assert_eq!(Dice::new(7, 3).draw(&server()), Dice::new(7, 3).draw(&server()));
        assert_ne!(Dice::new(7, 3).draw(&server()), Dice::new(8, 3).draw(&server()));
    }
}
