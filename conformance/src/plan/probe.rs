//! Searches whose right answer no document knows: what they find is observed, not judged. No I/O here.

use std::fmt;

use serde::{Deserialize, Serialize};

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
