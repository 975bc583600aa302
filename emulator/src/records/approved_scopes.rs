//! The two shapes of `approvedScopes`: the categorized object of the reference, and the flat list of the guide.
//!
//! Both are accepted, the categorized object is stored and answered. That the service takes the list at all, and the
//! rule by which it is sorted (a scope with `values` belongs to `connectionsScopes`, one without to
//! `permissionsScopes`; an empty list of values is none), are assumed.

use serde_json::{Map, Value, json};

use crate::problem::{Kind, Problem};
use crate::variants::FlatScopes;

/// Turns a flat list into the categorized object; leaves the object as it is. `path` leads to the record.
pub(crate) fn categorize(
    record: &mut Map<String, Value>,
    flat_scopes: FlatScopes,
    path: &str,
) -> Result<(), Problem> {
    let Some(Value::Array(scopes)) = record.get_mut("approvedScopes") else { return Ok(()) };
    match flat_scopes {
        FlatScopes::Accept => {}
        FlatScopes::Reject => {
            let message = format!("{path}approvedScopes must be an object of categories");
            return Err(Problem::new(Kind::InvalidArgument, message));
        }
        FlatScopes::Ignore => {
            record.remove("approvedScopes");
            return Ok(());
        }
    }
    let (connections, permissions): (Vec<_>, Vec<_>) =
        std::mem::take(scopes).into_iter().partition(has_values);
    record.insert(
        String::from("approvedScopes"),
        json!({"permissionsScopes": permissions, "attributesScopes": [], "connectionsScopes": connections}),
    );
    Ok(())
}

/// A scope that a stored server approves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ApprovedScope<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    /// Whether a user may leave it out (documented).
    pub(crate) optional: bool,
}

/// All approved scopes of a stored server, category by category; those without a name are none.
pub(crate) fn all(server: &Map<String, Value>) -> impl Iterator<Item = ApprovedScope<'_>> {
    let categories = ["permissionsScopes", "attributesScopes", "connectionsScopes"];
    let approved = server.get("approvedScopes");
    let lists = categories.into_iter().filter_map(move |category| approved?.get(category)?.as_array());
    lists.flatten().filter_map(|scope| {
        Some(ApprovedScope {
            name: scope.get("name")?.as_str().filter(|name| !name.is_empty())?,
            description: scope.get("description").and_then(Value::as_str).unwrap_or_default(),
            optional: scope.get("optional").and_then(Value::as_bool).unwrap_or_default(),
        })
    })
}

/// The names of all approved scopes of a stored server.
pub(crate) fn names(server: &Map<String, Value>) -> Vec<&str> {
    all(server).map(|scope| scope.name).collect()
}

fn has_values(scope: &Value) -> bool {
    scope.get("values").and_then(Value::as_array).is_some_and(|values| !values.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_list_is_sorted_by_whether_a_scope_has_values() {
        let mut record = json!({"approvedScopes": [
            {"name": "plain"}, {"name": "calendar", "values": ["https://a"]}, {"name": "empty", "values": []},
        ]})
        .as_object()
        .unwrap()
        .clone();
        categorize(&mut record, FlatScopes::Accept, "").unwrap();
        assert_eq!(
            record["approvedScopes"],
            json!({
                "permissionsScopes": [{"name": "plain"}, {"name": "empty", "values": []}],
                "attributesScopes": [],
                "connectionsScopes": [{"name": "calendar", "values": ["https://a"]}],
            })
        );
        assert_eq!(names(&record), ["plain", "empty", "calendar"]);
    }

    #[test]
    fn the_categorized_object_stays_as_it_is() {
        let record = json!({"approvedScopes": {"attributesScopes": [{"name": "mail", "values": ["email"]}]}});
        let mut changed = record.as_object().unwrap().clone();
        categorize(&mut changed, FlatScopes::Reject, "").unwrap();
        assert_eq!(Value::Object(changed), record);
    }
}
