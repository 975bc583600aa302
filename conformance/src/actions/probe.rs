//! `SearchMcpServerClients` in ways whose right answer no document knows: what it finds is observed, not judged.

use std::{fmt, slice};

use descope_mcp_management::raw::types::SearchMcpServerClientsResponse;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::{known_client, server_id};
use super::typed_client::round_trip;
use crate::labels::ClientLabel;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};
use crate::model::{ClientRecord, Model};

/// More clients on a page than any limit that documents name.
pub const BEYOND_ALL_LIMITS: u32 = 10_001;
/// A member that no client record has.
pub const UNKNOWN_FIELD: &str = "xConformance";

/// A way to search for a client record that documents leave open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// The filter `name` with a part of its name.
    PartOfName,
    /// The filter `name` with its name in capital letters.
    NameInCapitals,
    /// The filter `tag` with a part of its first tag.
    PartOfTag,
    /// The filter `text` with its first tag.
    TagAsText,
    /// The filter `text` with its OAuth client id.
    ClientIdAsText,
    /// No filter, and more clients on a page than any limit that documents name.
    LimitBeyondAll,
    /// No filter, in the order of a member that no record has.
    UnknownOrder,
    /// No filter, in the order of this member.
    OrderBy(String),
}

pub(super) fn sentence(client: ClientLabel, probe: &Probe) -> String {
    format!("search for {client} {probe}")
}

pub(super) fn semantics(client: &ClientLabel) -> Semantics<'_> {
    Semantics {
        operation: Some("SearchMcpServerClients"),
        servers: &[],
        clients: slice::from_ref(client),
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Nothing,
        effect: Effect::Nothing,
        // What it shows may be anything.
        shows: ShownRecords::Nothing,
        reveals: Reveals::Always(&[]),
        round_trip: Some(round_trip::<SearchMcpServerClientsResponse>),
    }
}

pub(super) fn body(client: ClientLabel, probe: &Probe, model: &Model) -> Option<Value> {
    let client = known_client(client, model)?;
    probe.body_for(server_id(client.server, model)?, client)
}

impl Probe {
    /// The body of the search. `None` if the record is not known well enough.
    fn body_for(&self, server_id: &str, client: &ClientRecord) -> Option<Value> {
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

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PartOfName => f.write_str("by a part of its name"),
            Self::NameInCapitals => f.write_str("by its name in capital letters"),
            Self::PartOfTag => f.write_str("by a part of its first tag"),
            Self::TagAsText => f.write_str("by its first tag as a text"),
            Self::ClientIdAsText => f.write_str("by its OAuth client id as a text"),
            Self::LimitBeyondAll => write!(f, "with {BEYOND_ALL_LIMITS} per page"),
            Self::UnknownOrder => write!(f, "sorted by {UNKNOWN_FIELD}"),
            Self::OrderBy(field) => write!(f, "sorted by {field}"),
        }
    }
}
