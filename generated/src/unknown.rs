//! Members of a record that the API document does not describe.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Members of a record that this crate does not know, unchanged: a map from names to JSON values.
///
/// Use it like the [`Map`] that it contains. `Debug` shows only the names, because a member that the API adds could be
/// a secret.
///
/// ```
/// use descope_mcp_management::McpServer;
///
/// let mut server = McpServer::default().id("MS1");
/// server.extra.insert("signingKey".to_owned(), "hunter2".into());
/// assert_eq!(server.extra["signingKey"], "hunter2");
/// assert_eq!(format!("{:?}", server.extra), r#"{"signingKey"}"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnknownMembers(Map<String, Value>);

impl UnknownMembers {
    /// The map itself. Its `Debug` shows the values too.
    #[must_use]
    pub fn into_inner(self) -> Map<String, Value> {
        self.0
    }
}

impl fmt::Debug for UnknownMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Deref for UnknownMembers {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl DerefMut for UnknownMembers {
    fn deref_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }
}

impl From<Map<String, Value>> for UnknownMembers {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl FromIterator<(String, Value)> for UnknownMembers {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl IntoIterator for UnknownMembers {
    type Item = (String, Value);
    type IntoIter = serde_json::map::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a UnknownMembers {
    type Item = (&'a String, &'a Value);
    type IntoIter = serde_json::map::Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_members_can_be_used_like_a_map() {
        let mut members: UnknownMembers = [("a".to_owned(), json!(1))].into_iter().collect();
        members.entry("b").or_insert(json!([null]));
        assert_eq!((members.len(), &members["b"], members.get("c")), (2, &json!([null]), None));
        let names: Vec<_> = (&members).into_iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let map = members.clone().into_inner();
        assert_eq!(UnknownMembers::from(map), members);
        assert_eq!(members.into_iter().count(), 2);
    }
}
