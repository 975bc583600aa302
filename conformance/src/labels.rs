//! Names of what a plan creates, known before any id exists: "server 1", "client 2", "the secret before the rotation".

use std::fmt;

use serde::{Deserialize, Serialize};

/// The n-th server that a plan makes, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerLabel(pub u16);

/// The n-th client record that a plan makes, counted from 1 over all servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientLabel(pub u16);

/// Which of a client's secrets a token request uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhichSecret {
    /// The one that the last answer gave.
    Current,
    /// The one before the last rotation.
    BeforeRotation,
    /// The one before the last two rotations.
    BeforeTwoRotations,
    /// One that the target never gave out.
    Invented,
}

impl fmt::Display for ServerLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "server {}", self.0)
    }
}

impl fmt::Display for ClientLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {}", self.0)
    }
}
