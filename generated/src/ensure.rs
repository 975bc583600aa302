//! Makes sure that a record of a name exists and has given members.
//!
//! This module makes no calls; the resources do.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::edit::Edited;
use crate::error::{Details, Error, ErrorKind};
use crate::generated::operations::OperationFacts;

/// What was needed so that a record is as it should be.
#[derive(Debug, Clone, PartialEq)]
pub enum Ensured<C, R> {
    /// There was none of that name: the response to its creation.
    Created(C),
    /// There was one of that name: it was changed, or was so already.
    Found(Edited<R>),
}

/// The only one of the records of a name, `None` if there is none.
pub(crate) fn only<T>(
    facts: &'static OperationFacts,
    name: &str,
    found: Vec<T>,
    id: impl Fn(&T) -> &str,
) -> Result<Option<T>, Error> {
    if found.len() > 1 {
        let ids: Vec<_> = found.iter().map(|record| format!("`{}`", id(record))).collect();
        let detail = format!(
            "{} records have the name {name:?}: {}; nothing was written. Delete all but one, or change one by its id",
            ids.len(),
            ids.join(", ")
        );
        return Err(Error::new(
            facts,
            ErrorKind::Conflict,
            Details { detail: Some(detail), ..Details::default() },
        ));
    }
    Ok(found.into_iter().next())
}

impl<R> Ensured<R, R> {
    /// The record, new or found.
    #[must_use]
    pub fn into_record(self) -> R {
        match self {
            Self::Created(record) => record,
            Self::Found(edited) => edited.record,
        }
    }
}

impl<C, R> Ensured<C, R> {
    /// Whether the record is new.
    #[must_use]
    pub fn is_created(&self) -> bool {
        matches!(self, Self::Created(_))
    }
}

/// Gives a record the members that `wanted` has; what `wanted` does not have stays. Objects are merged member by member. A list
/// gets the items of the wanted one, in its order, and an item that is an object is merged with the stored item of its name.
pub(crate) fn give<R, W>(facts: &'static OperationFacts, record: &mut R, wanted: &W) -> Result<(), Error>
where
    R: Serialize + DeserializeOwned,
    W: Serialize,
{
    let merged = serde_json::to_value(wanted).and_then(|wanted| {
        let mut merged = serde_json::to_value(&*record)?;
        merge(&mut merged, wanted);
        serde_json::from_value(merged)
    });
    match merged {
        Ok(merged) => {
            *record = merged;
            Ok(())
        }
        Err(_) => {
            let detail =
                Some("a member that this crate does not know has the name of one that it knows".to_owned());
            Err(Error::new(facts, ErrorKind::InvalidRequest, Details { detail, ..Details::default() }))
        }
    }
}

/// The members by which an item of a list is known: of a scope, and of a domain policy.
const ITEM_NAMES: [&str; 2] = ["name", "domainPattern"];

fn merge(stored: &mut Value, wanted: Value) {
    match (stored, wanted) {
        (Value::Object(stored), Value::Object(wanted)) => {
            for (name, value) in wanted {
                // What a service leaves out is empty, as what is asked for then.
                if stored.get(&name).is_some_and(|stored| !stored.is_null()) || !is_empty(&value) {
                    merge(stored.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (Value::Array(stored), Value::Array(wanted)) => {
            let before = std::mem::take(stored);
            stored.extend(wanted.into_iter().map(|item| {
                let mut merged =
                    before.iter().find(|stored| is_same_item(stored, &item)).cloned().unwrap_or_default();
                merge(&mut merged, item);
                merged
            }));
        }
        (stored, wanted) => *stored = wanted,
    }
}

fn is_same_item(stored: &Value, wanted: &Value) -> bool {
    ITEM_NAMES.into_iter().any(|name| wanted.get(name).is_some_and(|wanted| stored.get(name) == Some(wanted)))
}

/// Whether a value means the same as none, to a proto3 service.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_merged_and_everything_else_is_replaced() {
        let mut stored = json!({"a": {"b": 1, "c": [1, 2]}, "d": "x"});
        merge(&mut stored, json!({"a": {"c": [3]}, "e": null}));
        assert_eq!(stored, json!({"a": {"b": 1, "c": [3]}, "d": "x"}));
    }

    #[test]
    fn an_item_of_a_list_keeps_what_nobody_named() {
        let mut stored = json!([{"name": "a", "text": "kept", "values": []}, {"name": "b"}]);
        merge(&mut stored, json!([{"name": "c"}, {"name": "a", "values": ["x"]}]));
        assert_eq!(stored, json!([{"name": "c"}, {"name": "a", "text": "kept", "values": ["x"]}]));
        let mut policies = json!([{"domainPattern": "*.example.com", "enabled": true}]);
        merge(&mut policies, json!([{"domainPattern": "*.example.com"}]));
        assert_eq!(policies, json!([{"domainPattern": "*.example.com", "enabled": true}]));
    }

    #[test]
    fn what_is_empty_may_be_left_out() {
        let mut stored = json!({"name": "a", "tags": ["x"]});
        merge(
            &mut stored,
            json!({"description": "", "skipConsentScreen": false, "n": 0, "l": [], "tags": []}),
        );
        assert_eq!(stored, json!({"name": "a", "tags": []}));
    }
}
