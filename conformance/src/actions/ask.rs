//! What is asked of an authorization server, with symbolic references. No I/O here.

use std::{fmt, slice};

use serde::{Deserialize, Serialize};

use super::Action;
use super::near_miss::{Borrowed, NearMiss};
use crate::capability::Capability;
use crate::labels::{ClientLabel, ServerLabel};
use crate::model::effect::{AuthorizationEffect, Effect};
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};

/// The resource (RFC 8707) that plans name.
pub const RESOURCE: &str = "https://resource.example.com/mcp";
/// Sent with every request for a code; it has what careless servers trip over.
pub const STATE: &str = "a state+with &=% blanks";

/// A request to an endpoint of an authorization server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are named by what they hold")]
pub enum Ask {
    /// The metadata of the authorization server.
    Metadata { server: ServerLabel, at: MetadataPlace },
    /// The keys of the project.
    Keys,
    /// The same keys, where SDKs read them.
    KeysForSdks,
    /// A code, as a browser would whose user need not be asked.
    Code { client: ClientLabel, how: CodeRequest },
    /// Tokens for the last code.
    Redeem { client: ClientLabel, how: Redemption },
    /// Tokens for a refresh token.
    Refresh { client: ClientLabel, token: RefreshToken },
    /// The end of the grant, by its newest refresh token.
    Revoke { client: ClientLabel },
    /// To be registered as a client without a secret (RFC 7591).
    Register { client: ClientLabel, server: ServerLabel },
    /// To be registered as a client with a secret.
    RegisterConfidential { client: ClientLabel, server: ServerLabel },
    /// To be registered as a client with a secret that gets tokens for itself too.
    RegisterForItself { client: ClientLabel, server: ServerLabel },
    /// A code, as a browser would for a client that registered itself; `wrongly` leaves the challenge out.
    CodeOfRegistered { client: ClientLabel, wrongly: bool },
    /// The claims about the user who consented, by the newest access token.
    UserInfo { client: ClientLabel, by: UserInfoMethod },
    /// A token by the client's own right, for [`RESOURCE`].
    TokenForResource { client: ClientLabel },
    /// Something by a client that is almost right.
    NearMiss { client: ClientLabel, miss: NearMiss },
    /// Something by the first of two clients with what was given to the second.
    Borrow { clients: [ClientLabel; 2], what: Borrowed },
}

/// Where metadata is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetadataPlace {
    /// After the issuer's path, by the name of OpenID Connect.
    AfterOpenid,
    /// After the issuer's path, by the name of RFC 8414.
    AfterOauth,
    /// Before the issuer's path, by the name of OpenID Connect.
    BeforeOpenid,
    /// Before the issuer's path, by the name of RFC 8414.
    BeforeOauth,
}

/// How a code is asked for; all but the first must give none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeRequest {
    /// Rightly.
    Rightly,
    /// Without a code challenge.
    WithoutChallenge,
    /// With a challenge that is the verifier itself.
    PlainChallenge,
    /// To a redirect URI that begins like the registered one.
    LongerRedirect,
    /// By a client whose id is the URL of a document.
    ByDocument,
}

/// How a code is redeemed; all but the first must be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Redemption {
    /// Rightly, and for the first time.
    Rightly,
    /// With another verifier than the one that it is bound to.
    OtherVerifier,
    /// Rightly, once more.
    Again,
}

/// Which refresh token of a grant is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshToken {
    /// The one that was given last.
    Newest,
    /// The one that was spent for it.
    Spent,
}

/// How the claims about a user are asked for (OpenID Connect Core section 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserInfoMethod {
    /// By GET.
    Get,
    /// By POST.
    Post,
}

impl Ask {
    /// What it is about, does and shows.
    pub(super) fn semantics(&self) -> Semantics<'_> {
        let (servers, clients) = self.names();
        Semantics {
            operation: None,
            servers,
            clients,
            compared_with: self.compared_with(),
            sends: SentRecord::Nothing,
            effect: Effect::Authorization(self.effect()),
            shows: ShownRecords::Nothing,
            reveals: Reveals::Always(self.reveals()),
            round_trip: None,
        }
    }

    fn names(&self) -> (&[ServerLabel], &[ClientLabel]) {
        match self {
            Self::Metadata { server, .. } => (slice::from_ref(server), &[]),
            Self::Keys | Self::KeysForSdks => (&[], &[]),
            Self::Register { client, server }
            | Self::RegisterConfidential { client, server }
            | Self::RegisterForItself { client, server } => {
                (slice::from_ref(server), slice::from_ref(client))
            }
            Self::Code { client, .. }
            | Self::Redeem { client, .. }
            | Self::Refresh { client, .. }
            | Self::Revoke { client }
            | Self::TokenForResource { client }
            | Self::NearMiss { client, .. }
            | Self::UserInfo { client, .. }
            | Self::CodeOfRegistered { client, .. } => (&[], slice::from_ref(client)),
            Self::Borrow { clients, .. } => (&[], clients),
        }
    }

    fn compared_with(&self) -> ComparedWith {
        match self {
            // No other client may have its client id.
            Self::Register { server, .. } => ComparedWith::AllClientsOf(*server),
            Self::Metadata { .. }
            | Self::Keys
            | Self::KeysForSdks
            | Self::UserInfo { .. }
            | Self::Code { .. }
            | Self::Redeem { .. }
            | Self::Refresh { .. }
            | Self::Revoke { .. }
            | Self::RegisterConfidential { .. }
            | Self::RegisterForItself { .. }
            | Self::CodeOfRegistered { .. }
            | Self::NearMiss { .. }
            | Self::Borrow { .. }
            | Self::TokenForResource { .. } => ComparedWith::Nothing,
        }
    }

    fn effect(&self) -> AuthorizationEffect {
        match *self {
            Self::Metadata { server, .. } => AuthorizationEffect::ReadMetadata(server),
            Self::Keys => AuthorizationEffect::ReadKeys,
            Self::Code { client, how: CodeRequest::Rightly }
            | Self::CodeOfRegistered { client, wrongly: false } => AuthorizationEffect::GiveCode(client),
            Self::Redeem { client, how } => {
                AuthorizationEffect::RedeemCode { client, rightly: how == Redemption::Rightly }
            }
            Self::Refresh { client, token } => {
                AuthorizationEffect::RefreshTokens { client, rightly: token == RefreshToken::Newest }
            }
            Self::Revoke { client } => AuthorizationEffect::Revoke(client),
            Self::NearMiss { client, miss } => miss.effect(client),
            Self::Borrow { clients: [_, owner], what } => what.effect(owner),
            Self::Register { client, server } => {
                AuthorizationEffect::RegisterClient { client, server, public: true }
            }
            Self::RegisterConfidential { client, server } | Self::RegisterForItself { client, server } => {
                AuthorizationEffect::RegisterClient { client, server, public: false }
            }
            // Nothing is done with what these give.
            Self::Code {
                how:
                    CodeRequest::WithoutChallenge
                    | CodeRequest::PlainChallenge
                    | CodeRequest::LongerRedirect
                    | CodeRequest::ByDocument,
                ..
            }
            | Self::CodeOfRegistered { wrongly: true, .. }
            | Self::KeysForSdks
            | Self::UserInfo { .. }
            | Self::TokenForResource { .. } => AuthorizationEffect::Nothing,
        }
    }

    fn reveals(&self) -> &'static [Capability] {
        match self {
            Self::Metadata { at: MetadataPlace::AfterOpenid | MetadataPlace::AfterOauth, .. } => {
                &[Capability::Metadata, Capability::ListedScopes]
            }
            Self::Metadata { at: MetadataPlace::BeforeOpenid | MetadataPlace::BeforeOauth, .. } => {
                &[Capability::InsertedMetadata, Capability::ListedScopes]
            }
            Self::Code { how: CodeRequest::Rightly, .. } => {
                &[Capability::CodesWithoutUser, Capability::IssuerInRedirects]
            }
            Self::CodeOfRegistered { wrongly: false, .. } => &[Capability::CodesOfRegistered],
            Self::Redeem { how: Redemption::Rightly, .. } => {
                &[Capability::TokenEndpoint, Capability::RefreshTokens]
            }
            Self::Register { .. } => &[Capability::DynamicRegistration, Capability::PublicRefreshTokens],
            Self::KeysForSdks => &[Capability::KeysForSdks],
            Self::UserInfo { .. } => &[Capability::UserInfo],
            Self::Keys
            | Self::Code {
                how:
                    CodeRequest::WithoutChallenge
                    | CodeRequest::PlainChallenge
                    | CodeRequest::LongerRedirect
                    | CodeRequest::ByDocument,
                ..
            }
            | Self::Redeem { how: Redemption::OtherVerifier | Redemption::Again, .. }
            | Self::Refresh { .. }
            | Self::Revoke { .. }
            | Self::RegisterConfidential { .. }
            | Self::RegisterForItself { .. }
            | Self::CodeOfRegistered { wrongly: true, .. }
            | Self::NearMiss { .. }
            | Self::Borrow { .. }
            | Self::TokenForResource { .. } => &[],
        }
    }
}

/// What must be asked for first, so that something with this effect can be asked for anew whose outcome is unclear: a
/// code or a refresh token may be used up.
pub(super) fn prerequisites(effect: AuthorizationEffect) -> Vec<Action> {
    let code = |client| Action::Ask(Ask::Code { client, how: CodeRequest::Rightly });
    let redeem = |client| Action::Ask(Ask::Redeem { client, how: Redemption::Rightly });
    match effect {
        AuthorizationEffect::RedeemCode { client, .. } => vec![code(client)],
        AuthorizationEffect::RefreshTokens { client, .. } => vec![code(client), redeem(client)],
        AuthorizationEffect::Nothing
        | AuthorizationEffect::ReadMetadata(_)
        | AuthorizationEffect::ReadKeys
        | AuthorizationEffect::RegisterClient { .. }
        | AuthorizationEffect::GiveCode(_)
        | AuthorizationEffect::Revoke(_) => Vec::new(),
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata { server, at } => {
                let place = match at {
                    MetadataPlace::AfterOpenid => "openid-configuration after the issuer",
                    MetadataPlace::AfterOauth => "oauth-authorization-server after the issuer",
                    MetadataPlace::BeforeOpenid => "openid-configuration before the issuer's path",
                    MetadataPlace::BeforeOauth => "oauth-authorization-server before the issuer's path",
                };
                write!(f, "read the metadata of {server} ({place})")
            }
            Self::Keys => f.write_str("read the published keys"),
            Self::KeysForSdks => f.write_str("read the published keys where SDKs do"),
            Self::Code { client, how } => {
                write!(f, "ask for a code as {client}")?;
                f.write_str(match how {
                    CodeRequest::Rightly => "",
                    CodeRequest::WithoutChallenge => ", without a code challenge",
                    CodeRequest::PlainChallenge => ", with a plain code challenge",
                    CodeRequest::LongerRedirect => ", to a longer redirect URI",
                    CodeRequest::ByDocument => "'s neighbour, whose id is the URL of a document",
                })
            }
            Self::Redeem { client, how } => {
                write!(f, "redeem the code of {client}")?;
                f.write_str(match how {
                    Redemption::Rightly => "",
                    Redemption::OtherVerifier => " with another verifier",
                    Redemption::Again => " again",
                })
            }
            Self::Refresh { client, token: RefreshToken::Newest } => {
                write!(f, "refresh the tokens of {client}")
            }
            Self::Refresh { client, token: RefreshToken::Spent } => {
                write!(f, "refresh the tokens of {client} with a spent refresh token")
            }
            Self::UserInfo { client, by: UserInfoMethod::Get } => {
                write!(f, "ask as {client} for the claims about the user")
            }
            Self::UserInfo { client, by: UserInfoMethod::Post } => {
                write!(f, "ask as {client} for the claims about the user, by POST")
            }
            Self::Revoke { client } => write!(f, "revoke the grant of {client}"),
            Self::Register { client, server } => write!(f, "register {client} with {server}"),
            Self::RegisterConfidential { client, server } => {
                write!(f, "register {client} with {server}, with a secret")
            }
            Self::RegisterForItself { client, server } => {
                write!(f, "register {client} with {server}, with a secret and for tokens of its own")
            }
            Self::CodeOfRegistered { client, wrongly } => {
                write!(f, "ask for a code as {client}, which registered itself")?;
                f.write_str(if *wrongly { ", without a code challenge" } else { "" })
            }
            Self::NearMiss { client, miss } => write!(f, "ask as {client} for {miss}"),
            Self::Borrow { clients: [borrower, owner], what } => {
                write!(f, "ask for tokens as {borrower} with the {what} of {owner}")
            }
            Self::TokenForResource { client } => write!(f, "ask for a token as {client} for a resource"),
        }
    }
}
