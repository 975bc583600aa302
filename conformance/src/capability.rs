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
    /// Metadata of an authorization server before the path of its issuer.
    InsertedMetadata,
    /// Metadata of an authorization server that list scopes.
    ListedScopes,
    /// An issuer in redirects with a code.
    IssuerInRedirects,
    /// An authorization endpoint that gives a code without asking a user, where the server skips the consent screen.
    CodesWithoutUser,
    /// Codes that the token endpoint exchanges.
    ExchangeableCodes,
    /// Refresh tokens.
    RefreshTokens,
    /// Codes without asking a user for clients that registered themselves.
    CodesOfRegistered,
    /// Refresh tokens of clients that registered themselves without a secret.
    PublicRefreshTokens,
    /// An endpoint where clients register themselves.
    DynamicRegistration,
    /// Client secrets that can be read after they were made.
    ReadableSecrets,
    /// Client secrets that can be read, or used at a token endpoint.
    VisibleSecrets,
    /// A total in the list of all servers.
    TotalOfServers,
    /// A total in search results.
    TotalOfClients,
    /// An order of search results by name.
    SortByName,
    /// Scopes that are sent as a flat list.
    FlatScopes,
    /// Values that a target may refuse.
    RefusableValues,
    /// Names with blanks at their ends.
    NamesWithBlanks,
    /// The published keys where SDKs read them.
    KeysForSdks,
    /// A userinfo endpoint that knows the tokens of MCP servers.
    UserInfo,
}

impl Capability {
    /// What a target lacks that lacks this.
    pub(crate) fn goes_with(self) -> &'static [Self] {
        match self {
            Self::TokenEndpoint => {
                &[Self::ExchangeableCodes, Self::RefreshTokens, Self::PublicRefreshTokens, Self::UserInfo]
            }
            Self::Metadata => &[Self::InsertedMetadata, Self::ListedScopes, Self::IssuerInRedirects],
            Self::CodesWithoutUser => &[
                Self::IssuerInRedirects,
                Self::ExchangeableCodes,
                Self::UserInfo,
                Self::RefreshTokens,
                Self::CodesOfRegistered,
                Self::PublicRefreshTokens,
            ],
            Self::DynamicRegistration => {
                &[Self::CodesOfRegistered, Self::RefreshTokens, Self::PublicRefreshTokens]
            }
            Self::RefreshTokens => &[Self::PublicRefreshTokens],
            // `smoke` has no request left for the refresh tokens of other clients.
            Self::CodesOfRegistered => &[Self::RefreshTokens, Self::PublicRefreshTokens],
            Self::UnknownMembers
            | Self::InsertedMetadata
            | Self::ListedScopes
            | Self::IssuerInRedirects
            | Self::ExchangeableCodes
            | Self::PublicRefreshTokens
            | Self::ReadableSecrets
            | Self::VisibleSecrets
            | Self::TotalOfServers
            | Self::TotalOfClients
            | Self::SortByName
            | Self::FlatScopes
            | Self::RefusableValues
            | Self::NamesWithBlanks
            | Self::KeysForSdks
            | Self::UserInfo => &[],
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TokenEndpoint => "a token endpoint",
            Self::UnknownMembers => "record members beyond the document",
            Self::Metadata => "metadata of an authorization server",
            Self::InsertedMetadata => "metadata of an authorization server before the path of its issuer",
            Self::ListedScopes => "scopes in the metadata of an authorization server",
            Self::IssuerInRedirects => "an issuer in redirects with a code",
            Self::CodesWithoutUser => "authorization codes without a user",
            Self::ExchangeableCodes => "authorization codes that can be exchanged",
            Self::RefreshTokens => "refresh tokens",
            Self::CodesOfRegistered => "authorization codes without a user for registered clients",
            Self::PublicRefreshTokens => "refresh tokens of public clients",
            Self::DynamicRegistration => "dynamic client registration",
            Self::ReadableSecrets => "client secrets that can be read",
            Self::VisibleSecrets => "client secrets that can be read or used",
            Self::TotalOfServers => "a total in the list of all servers",
            Self::TotalOfClients => "a total in search results",
            Self::SortByName => "search results in the order of names",
            Self::FlatScopes => "scopes that are sent as a flat list",
            Self::RefusableValues => "values that a target may refuse",
            Self::NamesWithBlanks => "names with blanks at their ends",
            Self::KeysForSdks => "published keys where SDKs read them",
            Self::UserInfo => "a userinfo endpoint for the tokens of MCP servers",
        })
    }
}
