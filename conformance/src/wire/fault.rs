//! Ways to send a request wrongly.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::labels::ServerLabel;

/// A way to ask wrongly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// No `Authorization` header.
    NoKey,
    /// The right project with a key that is not its key.
    WrongKey,
    /// The right project and key with the scheme `Basic`.
    WrongScheme,
    /// The right key with the id of a project that it is not of.
    WrongProject,
    /// The member at this JSON pointer left out.
    Without(String),
    /// `null` for the member at this JSON pointer.
    Null(String),
    /// A value of another JSON type for the member at this JSON pointer.
    WrongType(String),
    /// A body whose last character is missing.
    CutOff,
    /// A content type that is not JSON's.
    AnotherContentType,
    /// The id of this server in place of the one that the client record belongs to.
    ThroughAnotherServer(ServerLabel),
}

impl Fault {
    /// Whether the request lacks the right to be answered, whatever it asks.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Self::NoKey | Self::WrongKey | Self::WrongScheme | Self::WrongProject)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("without a key"),
            Self::WrongKey => f.write_str("with a wrong key"),
            Self::WrongScheme => f.write_str("with the key by the scheme Basic"),
            Self::WrongProject => f.write_str("with the key for another project"),
            Self::Without(member) => write!(f, "without {member}"),
            Self::Null(member) => write!(f, "with null for {member}"),
            Self::WrongType(member) => write!(f, "with a value of the wrong type for {member}"),
            Self::CutOff => f.write_str("with a body that is cut off"),
            Self::AnotherContentType => f.write_str("with a content type that is not JSON's"),
            Self::ThroughAnotherServer(server) => write!(f, "naming {server}"),
        }
    }
}
