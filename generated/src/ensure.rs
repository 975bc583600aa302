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

/// Gives a record the members that `wanted` has. Objects are merged member by member, everything else is replaced; what
/// `wanted` does not have stays.
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

fn merge(stored: &mut Value, wanted: Value) {
    match (stored, wanted) {
        (Value::Object(stored), Value::Object(wanted)) => {
            for (name, value) in wanted {
                merge(stored.entry(name).or_insert(Value::Null), value);
            }
        }
        (stored, wanted) => *stored = wanted,
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
        assert_eq!(stored, json!({"a": {"b": 1, "c": [3]}, "d": "x", "e": null}));
    }
}
