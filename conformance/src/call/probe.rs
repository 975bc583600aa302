//! The bodies of searches whose right answer no document knows. No I/O here.

use serde_json::{Value, json};

use crate::{
    model::ClientRecord,
    plan::probe::{BEYOND_ALL_LIMITS, Probe, UNKNOWN_FIELD},
};

impl Probe {
    /// The body of the search. `None` if the record is not known well enough.
    pub fn body(&self, server_id: &str, client: &ClientRecord) -> Option<Value> {
        let seen = |member: &str| client.record.seen()?.get(member);
        let name = || seen("name")?.as_str();
        let tag = || seen("tags")?.get(0)?.as_str();
        let (parameter, value) = match self {
            Self::PartOfName => ("name", inner(name()?)?.into()),
            Self::NameInCapitals => ("name", name()?.to_uppercase().into()),
            Self::PartOfTag => ("tag", inner(tag()?)?.into()),
            Self::TagAsText => ("text", tag()?.into()),
            Self::ClientIdAsText => ("text", client.client_id.as_str().into()),
            Self::LimitBeyondAll => ("limit", BEYOND_ALL_LIMITS.into()),
            Self::UnknownOrder => ("sort", ascending(UNKNOWN_FIELD)),
            Self::OrderBy(field) => ("sort", ascending(field)),
        };
        Some(json!({ "mcpServerId": server_id, parameter: value }))
    }
}

fn ascending(field: &str) -> Value {
    json!([{ "field": field, "desc": false }])
}

/// A text without its first and last character.
fn inner(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next()?;
    characters.next_back()?;
    Some(characters.as_str()).filter(|inner| !inner.is_empty())
}
