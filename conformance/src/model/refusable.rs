//! Values that a target may refuse, although it may also take them: those that are not of the form that their member is
//! documented to have. No I/O here.
//!
//! A target that takes such a value should keep it. That it must is said nowhere, so nothing else is judged by it.

use serde_json::Value;

use crate::capability::Capability;
use crate::documented::{CLIENT_MEMBERS, SERVER_MEMBERS};
use crate::json::Members;

/// Members whose meaning is free text, in whatever record: every text is of their form.
const FREE_TEXTS: [&str; 4] = ["name", "description", "tags", "values"];
/// Members that hold URLs.
const URLS: [&str; 4] = ["logo", "loginPageURL", "approvedCallbackUrls", "audienceWhitelist"];
/// Units of lifetimes (`fact/session-units`).
const UNITS: [&str; 5] = ["seconds", "minutes", "hours", "days", "weeks"];

/// What was sent, with every value that may be refused as the target shows it.
pub(crate) fn as_shown(mut sent: Members, shown: &Value) -> Members {
    for (name, value) in &mut sent {
        if is_looked_at(name) {
            read_as_shown(name, value, &shown[name]);
        }
    }
    sent
}

/// Whether any value may be refused.
pub(crate) fn is_among(sent: &Members) -> bool {
    sent.iter().any(|(name, value)| is_looked_at(name) && is_within(name, value))
}

/// What a target may turn out to lack by how it answers a request with these members.
pub(crate) fn revealed_by(sent: &Members) -> Vec<Capability> {
    let mut revealed = Vec::new();
    if is_among(sent) {
        revealed.push(Capability::RefusableValues);
    }
    if sent.get("name").is_some_and(has_blank_ends) {
        revealed.push(Capability::NamesWithBlanks);
    }
    revealed
}

/// Whether a name has blanks at its ends.
pub(crate) fn has_blank_ends(name: &Value) -> bool {
    name.as_str().is_some_and(|name| name.trim() != name)
}

/// Whether a member of a record is judged here: not tags, which a property of their own judges, and not what only requests
/// have.
fn is_looked_at(name: &str) -> bool {
    name != "tags" && (SERVER_MEMBERS.contains(name) || CLIENT_MEMBERS.contains(name))
}

fn read_as_shown(name: &str, sent: &mut Value, shown: &Value) {
    if is_refusable(name, sent) {
        *sent = shown.clone();
        return;
    }
    match (sent, shown) {
        (Value::Object(members), Value::Object(_)) => {
            members.iter_mut().for_each(|(name, member)| read_as_shown(name, member, &shown[name]));
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            items.iter_mut().zip(others).for_each(|(item, other)| read_as_shown(name, item, other));
        }
        _ => {}
    }
}

fn is_within(name: &str, value: &Value) -> bool {
    is_refusable(name, value)
        || match value {
            Value::Object(members) => members.iter().any(|(name, member)| is_within(name, member)),
            Value::Array(items) => items.iter().any(|item| is_within(name, item)),
            _ => false,
        }
}

/// Whether a value of that member, not counting what is within, may be refused.
fn is_refusable(name: &str, value: &Value) -> bool {
    match value {
        Value::String(text) if text.is_empty() => false,
        Value::String(text) if URLS.contains(&name) => {
            text.contains(|c: char| c.is_whitespace() || "<>\"".contains(c)) || url::Url::parse(text).is_err()
        }
        Value::String(text) if name.ends_with("Unit") => !UNITS.contains(&text.as_str()),
        Value::String(text) if name == "domainPattern" => {
            text != "*" && !text.trim_start_matches("*.").split('.').all(is_label)
        }
        Value::String(text) => !FREE_TEXTS.contains(&name) && text.trim() != text,
        Value::Array(items) => has_duplicates(items),
        _ => false,
    }
}

/// Whether a text is one of the parts of a host name, in the only spelling that no reader changes.
fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a list has an item twice, or two of the same name.
fn has_duplicates(items: &[Value]) -> bool {
    let same = |one: &Value, other: &Value| {
        one == other
            || ["name", "domainPattern"].iter().any(|key| one[key].is_string() && one[key] == other[key])
    };
    items.iter().enumerate().any(|(index, item)| items[..index].iter().any(|before| same(before, item)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_another_form_and_repetitions_may_be_refused() {
        for (name, value, may_be) in [
            ("logo", json!("https://a.example.com/Logo?b=1&c=%20"), false),
            ("logo", json!(" https://a.example.com/"), true),
            ("logo", json!("0012.50"), true),
            ("logo", json!(""), false),
            ("approvedCallbackUrls", json!(["https://a.example.com/", "https://b.example.com/"]), false),
            ("approvedCallbackUrls", json!(["https://a.example.com/", "https://a.example.com/"]), true),
            ("sessionSettings", json!({"refreshTokenExpirationUnit": "weeks"}), false),
            ("sessionSettings", json!({"refreshTokenExpirationUnit": "Weeks"}), true),
            (
                "cimdSettings",
                json!({"domainPolicies": {"policies": [{"domainPattern": "*.example.com"}]}}),
                false,
            ),
            (
                "cimdSettings",
                json!({"domainPolicies": {"policies": [{"domainPattern": "Example.com"}]}}),
                true,
            ),
            ("approvedScopes", json!({"permissionsScopes": [{"name": "a"}, {"name": "b"}]}), false),
            (
                "approvedScopes",
                json!({"permissionsScopes": [{"name": "a"}, {"name": "a", "optional": true}]}),
                true,
            ),
            ("scopes", json!(["a "]), true),
            // Other properties judge these.
            ("name", json!(" a "), false),
            ("tags", json!(["a", "a"]), false),
            ("description", json!(" a "), false),
        ] {
            let sent = Members::from_iter([(name.to_owned(), value)]);
            assert_eq!(is_among(&sent), may_be, "{sent:?}");
        }
    }

    #[test]
    fn only_what_may_be_refused_is_read_as_it_is_shown() {
        let sent = json!({"logo": " l ", "description": " d ", "scopes": ["a ", "b"]});
        let shown = json!({"logo": "l", "description": "d", "scopes": ["a", "c"]});
        let read = json!({"logo": "l", "description": " d ", "scopes": ["a", "b"]});
        assert_eq!(Value::Object(as_shown(sent.as_object().unwrap().clone(), &shown)), read);
    }
}
