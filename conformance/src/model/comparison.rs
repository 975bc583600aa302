//! What a target may make of what it is sent, as far as no document says that it stores it unchanged. No I/O here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::refusable;
use crate::documented;
use crate::json::Members;

/// What was sent, read as the target shows it where the target may have changed it: a name without the blanks at its ends,
/// tags as a set, and values that it may refuse. Properties of their own judge these.
pub(crate) fn as_stored(sent: Members, shown: &Value) -> Members {
    let mut sent = refusable::as_shown(sent, shown);
    let shown = |member: &str| shown.get(member).filter(|shown| !shown.is_null());
    for (member, same) in [("name", is_trimmed as fn(&Value, &Value) -> bool), ("tags", is_same_set)] {
        if let (Some(sent), Some(shown)) = (sent.get_mut(member), shown(member))
            && same(sent, shown)
        {
            *sent = shown.clone();
        }
    }
    sent
}

/// Whether both are texts that differ only in the blanks at their ends, if at all.
pub(crate) fn is_trimmed(sent: &Value, shown: &Value) -> bool {
    let (Some(sent), Some(shown)) = (sent.as_str(), shown.as_str()) else { return false };
    sent.trim() == shown.trim()
}

/// Whether both are lists of the same texts, in whatever order and however often.
pub(crate) fn is_same_set(sent: &Value, shown: &Value) -> bool {
    let texts = |list: &Value| {
        list.as_array()?.iter().map(|item| Some(item.as_str()?.to_owned())).collect::<Option<BTreeSet<_>>>()
    };
    texts(sent).is_some_and(|sent| texts(shown) == Some(sent))
}

/// The members of a record that can be compared with what was known of them: not those that the target adds and may change
/// by itself.
pub(crate) fn comparable(members: &Members) -> Members {
    let ours = members.iter().filter(|(name, _)| !documented::is_added_by_target(name));
    ours.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blanks_around_a_name_and_the_order_of_tags_are_read_as_they_are_shown() {
        let sent = json!({"name": " a\u{2003}", "tags": ["b", "a", "b"], "description": " d "});
        let read = |shown: Value| Value::Object(as_stored(sent.as_object().unwrap().clone(), &shown));
        let stored = json!({"name": "a", "tags": ["a", "b"], "description": " d "});
        assert_eq!(read(json!({"name": "a", "tags": ["a", "b"], "description": "d"})), stored);
        assert_eq!(read(json!({"name": "b", "tags": ["a"]})), sent);
        assert_eq!(read(json!({"tags": ["a", "b", "c"]})), sent);
    }

    #[test]
    fn what_the_target_adds_is_not_compared() {
        let record = json!({"id": "MS1", "modifiedTime": 1, "xConformanceExtension": 2});
        let kept = json!({"id": "MS1", "xConformanceExtension": 2});
        assert_eq!(Value::Object(comparable(record.as_object().unwrap())), kept);
    }
}
