//! What a correct target may lack.

use std::fmt;

use serde::Serialize;

/// Something that a correct target may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// A token endpoint that answers `client_credentials` requests.
    TokenEndpoint,
    /// Record members beyond the document.
    UnknownMembers,
    /// Metadata of an authorization server.
    Metadata,
    /// An authorization endpoint that gives a code without asking a user, where the server skips the consent screen.
    CodesWithoutUser,
    /// Refresh tokens.
    RefreshTokens,
    /// An endpoint where clients register themselves.
    DynamicRegistration,
    /// Client secrets that can be read after they were made.
    ReadableSecrets,
    /// An order of search results by name.
    SortByName,
    /// Scopes that are sent as a flat list.
    FlatScopes,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TokenEndpoint => "a token endpoint",
            Self::UnknownMembers => "record members beyond the document",
            Self::Metadata => "metadata of an authorization server",
            Self::CodesWithoutUser => "authorization codes without a user",
            Self::RefreshTokens => "refresh tokens",
            Self::DynamicRegistration => "dynamic client registration",
            Self::ReadableSecrets => "client secrets that can be read",
            Self::SortByName => "search results in the order of names",
            Self::FlatScopes => "scopes that are sent as a flat list",
        })
    }
}
