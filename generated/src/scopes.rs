//! The two forms of approved scopes.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::generated::types::{CategorizedScopes, Scope};

/// The scopes that clients of a server may ask for, by the kind of access that they give.
///
/// Reads the categorized object of the published API, and the flat list that Descope's guide shows. It always writes
/// the object. `extra` keeps members that this crate does not know.
///
/// # Source
///
/// The object is documented, for requests and responses. Only the guide documents the flat list, and how it is sorted
/// into categories is assumed: see [`From<Vec<Scope>>`](#impl-From<Vec<Scope>>-for-ApprovedScopes).
///
/// ```
/// use descope_mcp_management::{ApprovedScopes, CategorizedScopes, Scope};
///
/// let scopes = CategorizedScopes::default().permissions_scopes([Scope::default().name("orders:read")]);
/// let scopes = ApprovedScopes::from(scopes);
/// assert_eq!(scopes.permissions_scopes.as_ref().map(Vec::len), Some(1));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApprovedScopes(CategorizedScopes);

impl ApprovedScopes {
    /// The categorized object.
    #[must_use]
    pub fn into_inner(self) -> CategorizedScopes {
        self.0
    }
}

impl From<CategorizedScopes> for ApprovedScopes {
    fn from(scopes: CategorizedScopes) -> Self {
        Self(scopes)
    }
}

impl From<Vec<Scope>> for ApprovedScopes {
    /// Sorts a flat list into categories: a scope with `values` is a connection scope, and a scope without `values` is
    /// a permission scope (assumed; the guide distinguishes connection scopes by their `values`).
    fn from(scopes: Vec<Scope>) -> Self {
        let (connections, permissions): (Vec<_>, Vec<_>) = scopes
            .into_iter()
            .partition(|scope| scope.values.as_ref().is_some_and(|values| !values.is_empty()));
        let scopes = CategorizedScopes::default().permissions_scopes(permissions);
        Self(if connections.is_empty() { scopes } else { scopes.connections_scopes(connections) })
    }
}

impl Deref for ApprovedScopes {
    type Target = CategorizedScopes;

    fn deref(&self) -> &CategorizedScopes {
        &self.0
    }
}

impl DerefMut for ApprovedScopes {
    fn deref_mut(&mut self) -> &mut CategorizedScopes {
        &mut self.0
    }
}

impl Serialize for ApprovedScopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ApprovedScopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScopesVisitor)
    }
}

struct ScopesVisitor;

impl<'de> Visitor<'de> for ScopesVisitor {
    type Value = ApprovedScopes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of scope categories or a list of scopes")
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<ApprovedScopes, A::Error> {
        CategorizedScopes::deserialize(MapAccessDeserializer::new(access)).map(ApprovedScopes)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<ApprovedScopes, A::Error> {
        Vec::<Scope>::deserialize(SeqAccessDeserializer::new(access)).map(ApprovedScopes::from)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn through(value: Value) -> Value {
        serde_json::to_value(serde_json::from_value::<ApprovedScopes>(value).unwrap()).unwrap()
    }

    #[test]
    fn the_categorized_object_comes_back_with_unknown_members() {
        let object = json!({
            "permissionsScopes": [{"name": "a", "values": [], "new": {"deep": null}}],
            "connectionsScopes": [],
            "moreScopes": [{"name": "x"}, null],
        });
        assert_eq!(through(object.clone()), object);
    }

    #[test]
    fn a_flat_list_is_written_as_categories() {
        let list = json!([{"name": "a"}, {"name": "b", "values": ["v"]}, {"name": "c", "values": []}]);
        assert_eq!(
            through(list),
            json!({
                "permissionsScopes": [{"name": "a"}, {"name": "c", "values": []}],
                "connectionsScopes": [{"name": "b", "values": ["v"]}],
            })
        );
    }

    #[test]
    fn an_empty_list_stays_an_empty_list_of_permissions() {
        assert_eq!(through(json!([])), json!({"permissionsScopes": []}));
    }

    #[test]
    fn a_string_is_refused() {
        assert!(serde_json::from_value::<ApprovedScopes>(json!("all")).is_err());
    }
}
