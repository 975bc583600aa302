//! What an access token says.
//!
//! Basis: observed by users of the service. Of every token: the issuer of the MCP server, both ids as audience, the
//! client id as `azp`. Of a user's token: the resource as third audience, the user id as subject, the scopes as a text,
//! the consent's id as `dci`, and `token_type`. Of a token that a client gets for itself: the record id as subject, no
//! resource and no scopes (`--variant m2m-aud` and `m2m-scope` switch these). That the issuer is the server's and not
//! the project's is contested between sources (`--variant token-issuer`). `jti` is ours, so that two tokens never are
//! the same text and each can be revoked; so is `scopes`, the same as a list, which one of the SDKs looks for.

use serde::Serialize;
use serde_json::{Map, Value};

/// The claims.
#[derive(Debug, Serialize)]
pub(super) struct Claims<'a> {
    pub(super) iss: String,
    pub(super) aud: Vec<&'a str>,
    pub(super) sub: &'a str,
    pub(super) azp: &'a str,
    pub(super) iat: u64,
    pub(super) exp: u64,
    pub(super) jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<&'a str>,
    #[serde(flatten)]
    pub(super) user: Option<UserClaims<'a>>,
}

/// What only a user's token says.
#[derive(Debug, Serialize)]
pub(super) struct UserClaims<'a> {
    pub(super) token_type: &'static str,
    /// Id of the consent.
    pub(super) dci: &'a str,
    pub(super) scopes: Vec<&'a str>,
    #[serde(flatten)]
    pub(super) others: Map<String, Value>,
}

/// `token_type` of a user's access token, by which it is told from an id token.
pub(super) const TOKEN_TYPE: &str = "access_token";
