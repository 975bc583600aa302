//! Requests to an authorization server that are almost right: each must be refused, or give less than it asks for. No I/O
//! here.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::authorization_server::{
    VERIFIER, code_parameters, credentials, redirect_uri, to_authorization_endpoint, token_request,
};
use crate::labels::ClientLabel;
use crate::model::effect::AuthorizationEffect;
use crate::model::grant::Grant;
use crate::model::{ClientRecord, Model};
use crate::wire::request::{CLIENT_CREDENTIALS, WebRequest};

/// A scope that no plan has approved.
pub const UNAPPROVED_SCOPE: &str = "unapproved:everything";
/// The parameter that is added to a redirect URI.
pub const ADDED_PARAMETER: &str = "added";

/// What is almost right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NearMiss {
    /// The first half of the secret.
    SecretPrefix,
    /// The secret and one more character.
    LongerSecret,
    /// The secret with small letters for capital ones and the other way round.
    SecretInOtherCase,
    /// A secret without characters.
    EmptySecret,
    /// A request without a secret.
    NoSecret,
    /// A code without its verifier.
    CodeWithoutVerifier,
    /// A code with another redirect URI than it was sent to.
    CodeWithOtherRedirect,
    /// A refresh token, for [`UNAPPROVED_SCOPE`] too.
    RefreshForUnapprovedScope,
    /// A token by the client's own right, for [`UNAPPROVED_SCOPE`].
    TokenForUnapprovedScope,
    /// A code on a subdomain of the redirect URI's host.
    RedirectToSubdomain,
    /// A code at a path below that of the redirect URI.
    RedirectBelow,
    /// A code at the redirect URI without encryption.
    RedirectWithoutTls,
    /// A code at the redirect URI with another query.
    RedirectWithQuery,
    /// A token instead of a code (RFC 6749 section 4.2).
    TokenFromAuthorizationEndpoint,
    /// A code for a client that nobody made.
    UnknownClient,
}

/// What a client uses although it was given to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Borrowed {
    /// The secret.
    Secret,
    /// The code that was given last.
    Code,
    /// The refresh token that was given last.
    RefreshToken,
}

impl NearMiss {
    /// Whether it is about the secret.
    pub(crate) fn is_of_secret(self) -> bool {
        match self {
            Self::SecretPrefix
            | Self::LongerSecret
            | Self::SecretInOtherCase
            | Self::EmptySecret
            | Self::NoSecret => true,
            Self::CodeWithoutVerifier
            | Self::CodeWithOtherRedirect
            | Self::RefreshForUnapprovedScope
            | Self::TokenForUnapprovedScope
            | Self::RedirectToSubdomain
            | Self::RedirectBelow
            | Self::RedirectWithoutTls
            | Self::RedirectWithQuery
            | Self::TokenFromAuthorizationEndpoint
            | Self::UnknownClient => false,
        }
    }

    pub(super) fn effect(self, client: ClientLabel) -> AuthorizationEffect {
        match self {
            Self::CodeWithoutVerifier | Self::CodeWithOtherRedirect => {
                AuthorizationEffect::RedeemCode { client, rightly: false }
            }
            Self::RefreshForUnapprovedScope => AuthorizationEffect::RefreshTokens { client, rightly: false },
            Self::SecretPrefix
            | Self::LongerSecret
            | Self::SecretInOtherCase
            | Self::EmptySecret
            | Self::NoSecret
            | Self::TokenForUnapprovedScope
            | Self::RedirectToSubdomain
            | Self::RedirectBelow
            | Self::RedirectWithoutTls
            | Self::RedirectWithQuery
            | Self::TokenFromAuthorizationEndpoint
            | Self::UnknownClient => AuthorizationEffect::Nothing,
        }
    }

    pub(super) fn request(self, model: &Model, client: &ClientRecord) -> Option<WebRequest> {
        match self {
            Self::SecretPrefix => with_secret(model, client, |secret| {
                Some(secret.chars().take(secret.chars().count() / 2).collect())
            }),
            Self::LongerSecret => with_secret(model, client, |secret| Some(format!("{secret}0"))),
            Self::SecretInOtherCase => {
                with_secret(model, client, |secret| Some(secret.chars().map(in_other_case).collect()))
            }
            Self::EmptySecret => with_secret(model, client, |_| Some(String::new())),
            Self::NoSecret => with_secret(model, client, |_| None),
            Self::TokenForUnapprovedScope => {
                let own = vec![
                    ("grant_type", CLIENT_CREDENTIALS.to_owned()),
                    ("scope", UNAPPROVED_SCOPE.to_owned()),
                ];
                token_request(model, client, own, credentials(client)?)
            }
            Self::CodeWithoutVerifier | Self::CodeWithOtherRedirect => {
                let mut parameters = code_parameters(client, unredeemed(client)?, VERIFIER)?;
                if self == Self::CodeWithoutVerifier {
                    parameters.retain(|(name, _)| *name != "code_verifier");
                } else {
                    let uri = parameters.iter_mut().find(|(name, _)| *name == "redirect_uri");
                    uri?.1.push_str("/other");
                }
                token_request(model, client, parameters, credentials(client)?)
            }
            Self::RefreshForUnapprovedScope => {
                let mut parameters = refresh_parameters(client)?;
                parameters.push(("scope", UNAPPROVED_SCOPE.to_owned()));
                token_request(model, client, parameters, credentials(client)?)
            }
            Self::RedirectToSubdomain
            | Self::RedirectBelow
            | Self::RedirectWithoutTls
            | Self::RedirectWithQuery
            | Self::TokenFromAuthorizationEndpoint
            | Self::UnknownClient => {
                let mut request =
                    to_authorization_endpoint(model, client, &self.redirect_near(&redirect_uri(client)?))?;
                for (name, value) in &mut request.parameters {
                    if *name == "response_type" && self == Self::TokenFromAuthorizationEndpoint {
                        *value = "token".to_owned();
                    }
                    if *name == "client_id" && self == Self::UnknownClient {
                        value.push_str("-unknown");
                    }
                }
                Some(request)
            }
        }
    }

    /// The redirect URI that is sent in the place of the registered one.
    pub(crate) fn redirect_near(self, registered: &str) -> String {
        match self {
            Self::RedirectToSubdomain => registered.replacen("://", "://sub.", 1),
            Self::RedirectWithoutTls => registered.replacen("https://", "http://", 1),
            Self::RedirectBelow => format!("{registered}/below"),
            Self::RedirectWithQuery => format!("{registered}?{ADDED_PARAMETER}=1"),
            Self::SecretPrefix
            | Self::LongerSecret
            | Self::SecretInOtherCase
            | Self::EmptySecret
            | Self::NoSecret
            | Self::CodeWithoutVerifier
            | Self::CodeWithOtherRedirect
            | Self::RefreshForUnapprovedScope
            | Self::TokenForUnapprovedScope
            | Self::TokenFromAuthorizationEndpoint
            | Self::UnknownClient => registered.to_owned(),
        }
    }
}

impl Borrowed {
    pub(super) fn effect(self, owner: ClientLabel) -> AuthorizationEffect {
        match self {
            Self::Secret => AuthorizationEffect::Nothing,
            Self::Code => AuthorizationEffect::RedeemCode { client: owner, rightly: false },
            Self::RefreshToken => AuthorizationEffect::RefreshTokens { client: owner, rightly: false },
        }
    }

    pub(super) fn request(
        self,
        model: &Model,
        borrower: &ClientRecord,
        owner: &ClientRecord,
    ) -> Option<WebRequest> {
        match self {
            Self::Secret => {
                let secret = owner.secrets.last().filter(|_| owner.secret_is_known)?;
                own_token(model, borrower, Some(secret.clone()))
            }
            Self::Code => {
                let parameters = code_parameters(owner, unredeemed(owner)?, VERIFIER)?;
                token_request(model, borrower, parameters, credentials(borrower)?)
            }
            Self::RefreshToken => {
                token_request(model, borrower, refresh_parameters(owner)?, credentials(borrower)?)
            }
        }
    }
}

/// A request for a token by the client's own right with what is made of its secret.
fn with_secret(
    model: &Model,
    client: &ClientRecord,
    near: impl Fn(&str) -> Option<String>,
) -> Option<WebRequest> {
    let secret = client.secrets.last().filter(|_| client.secret_is_known)?;
    let near = near(secret);
    // A secret of digits is the same in another case.
    if near.as_ref() == Some(secret) {
        return None;
    }
    own_token(model, client, near)
}

/// A request for a token by the client's own right with this secret, or without one.
fn own_token(model: &Model, client: &ClientRecord, secret: Option<String>) -> Option<WebRequest> {
    let mut as_client = vec![("client_id", client.client_id.clone())];
    as_client.extend(secret.map(|secret| ("client_secret", secret)));
    let own = vec![("grant_type", CLIENT_CREDENTIALS.to_owned())];
    token_request(model, client, own, as_client)
}

fn in_other_case(letter: char) -> char {
    if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
}

fn unredeemed(client: &ClientRecord) -> Option<&Grant> {
    client.grant.as_ref().filter(|grant| !grant.redeemed)
}

/// What brings a refresh token of a grant that nothing has ended.
fn refresh_parameters(client: &ClientRecord) -> Option<Vec<(&'static str, String)>> {
    let grant = client.grant.as_ref().filter(|grant| !grant.over)?;
    let token = grant.refresh_tokens.last()?.clone();
    Some(vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token)])
}

impl fmt::Display for NearMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SecretPrefix => "a token with the first half of the secret",
            Self::LongerSecret => "a token with the secret and one more character",
            Self::SecretInOtherCase => "a token with the secret in another case",
            Self::EmptySecret => "a token with an empty secret",
            Self::NoSecret => "a token without a secret",
            Self::CodeWithoutVerifier => "tokens for the code without its verifier",
            Self::CodeWithOtherRedirect => "tokens for the code with another redirect URI",
            Self::RefreshForUnapprovedScope => {
                "tokens for the refresh token and a scope that is not approved"
            }
            Self::TokenForUnapprovedScope => "a token for a scope that is not approved",
            Self::RedirectToSubdomain => "a code at a subdomain of the redirect URI",
            Self::RedirectBelow => "a code at a path below the redirect URI",
            Self::RedirectWithoutTls => "a code at the redirect URI with http",
            Self::RedirectWithQuery => "a code at the redirect URI with a query",
            Self::TokenFromAuthorizationEndpoint => "a token instead of a code",
            Self::UnknownClient => "a code with a client id that nobody has",
        })
    }
}

impl fmt::Display for Borrowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "secret",
            Self::Code => "code",
            Self::RefreshToken => "refresh token",
        })
    }
}
