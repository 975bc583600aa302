//! Comparing JSON the way this API means it. No I/O here.
//!
//! The API is generated from protobuf messages, where a member that is absent, `null` or holds its zero value says the
//! same thing; servers differ in which of the three they write. Everything that compares records goes through here, so
//! that no property takes the spelling of "nothing" for a difference.

use serde_json::{Map, Value};

/// A JSON object.
pub(crate) type Members = Map<String, Value>;

/// The first place where two values differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// JSON pointer, relative to the compared values.
    pub pointer: String,
    /// What it should be; `Null` stands for "nothing".
    pub expected: Value,
    /// What it is.
    pub actual: Value,
}

/// Whether a value says nothing: absent, `null`, `""`, `[]`, `false`, `0`, or an object of such members.
pub(crate) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_zero),
    }
}

/// Checks that everything in `sent` is in `actual`. Members that were not sent are the server's choice and may have any
/// value; inside a list every item counts, in order.
pub(crate) fn contains(sent: &Value, actual: &Value) -> Result<(), Difference> {
    walk(sent, actual, false, &mut String::new())
}

/// Checks that two values say the same, whichever way they spell "nothing".
pub(crate) fn same(expected: &Value, actual: &Value) -> Result<(), Difference> {
    walk(expected, actual, true, &mut String::new())
}

fn walk(expected: &Value, actual: &Value, both_ways: bool, pointer: &mut String) -> Result<(), Difference> {
    let differ = |pointer: &str| {
        Err(Difference { pointer: pointer.to_owned(), expected: expected.clone(), actual: actual.clone() })
    };
    match (expected, actual) {
        (Value::Object(members), Value::Object(others)) => {
            let nothing = Value::Null;
            for (name, member) in members {
                let other = others.get(name).unwrap_or(&nothing);
                descend(pointer, name, |pointer| walk(member, other, both_ways, pointer))?;
            }
            if both_ways {
                for (name, other) in others.iter().filter(|(name, _)| !members.contains_key(*name)) {
                    descend(pointer, name, |pointer| walk(&nothing, other, true, pointer))?;
                }
            }
            Ok(())
        }
        (Value::Object(members), Value::Null) if !both_ways => {
            for (name, member) in members {
                descend(pointer, name, |pointer| walk(member, &Value::Null, false, pointer))?;
            }
            Ok(())
        }
        (Value::Array(items), Value::Array(others)) => {
            if items.len() != others.len() {
                return differ(pointer);
            }
            for (index, (item, other)) in items.iter().zip(others).enumerate() {
                descend(pointer, &index.to_string(), |pointer| walk(item, other, both_ways, pointer))?;
            }
            Ok(())
        }
        (Value::Number(number), Value::Number(other)) if number.as_f64() == other.as_f64() => Ok(()),
        _ if expected == actual || (is_zero(expected) && is_zero(actual)) => Ok(()),
        _ => differ(pointer),
    }
}

fn descend(
    pointer: &mut String,
    name: &str,
    check: impl FnOnce(&mut String) -> Result<(), Difference>,
) -> Result<(), Difference> {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    let result = check(pointer);
    pointer.truncate(length);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn absent_null_and_zero_say_the_same() {
        let full = json!({"name": "a", "tags": [], "logo": "", "skip": false, "cimd": {"enabled": false}});
        assert_eq!(same(&full, &json!({"name": "a"})), Ok(()));
        assert_eq!(same(&json!({"name": "a", "tags": null}), &full), Ok(()));
    }

    #[test]
    fn a_member_that_was_not_sent_is_the_servers_choice() {
        assert_eq!(contains(&json!({"a": {"b": 1}}), &json!({"a": {"b": 1, "c": 2}, "d": 3})), Ok(()));
        assert!(same(&json!({"a": 1}), &json!({"a": 1, "d": 3})).is_err());
    }

    #[test]
    fn a_lost_member_is_named_by_its_pointer() {
        let lost = contains(&json!({"a/b": {"optional": true}}), &json!({"a/b": {}})).unwrap_err();
        assert_eq!(lost.pointer, "/a~1b/optional");
        assert_eq!((lost.expected, lost.actual), (json!(true), Value::Null));
    }

    #[test]
    fn order_and_number_of_list_items_count() {
        assert!(contains(&json!(["a", "b"]), &json!(["b", "a"])).is_err());
        assert!(contains(&json!(["a", "a"]), &json!(["a"])).is_err());
        assert_eq!(contains(&json!([""]), &json!([""])), Ok(()));
        assert!(contains(&json!([""]), &json!([])).is_err());
    }

    #[test]
    fn a_lost_object_is_reported_at_the_member_that_mattered() {
        let lost = contains(&json!({"cimd": {"enabled": true}}), &json!({})).unwrap_err();
        assert_eq!(lost.pointer, "/cimd/enabled");
        assert_eq!(contains(&json!({"cimd": {"enabled": false}}), &json!({})), Ok(()));
    }
}
