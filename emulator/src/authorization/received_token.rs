//! A JWT that somebody brings back: is it an access token that this project issued and that is still good?
//!
//! Only RS256 with a key of the project counts, whatever the header of the token says. Resource servers check tokens
//! without asking here, so for them a token lives until it expires; here it also dies with its grant, its client, its
//! MCP server, and by revocation.

use std::collections::HashSet;

use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;

use super::access_token::TOKEN_TYPE;
use crate::app::{App, ProjectState};
use crate::problem::Problem;
use crate::store::{GrantRow, GrantState};

/// Longer texts are no tokens of ours.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The claims that are looked at.
#[derive(Debug, Deserialize)]
pub(super) struct ReceivedClaims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) azp: String,
    pub(super) exp: u64,
    /// Access tokens have it, id tokens do not.
    pub(super) jti: String,
    #[serde(default)]
    pub(super) scope: String,
    #[serde(default)]
    token_type: Option<String>,
    /// Id of the user's consent; a token that a client got for itself has none.
    #[serde(default)]
    pub(super) dci: Option<String>,
}

/// The claims of an access token that one of the project's keys signed and that has not expired. `None` for anything
/// else: an id token, an unsigned token, one of another project, any other text.
pub(super) async fn read(
    app: &App,
    project: &ProjectState,
    token: &str,
) -> Result<Option<ReceivedClaims>, Problem> {
    if token.len() > MAX_TOKEN_BYTES {
        return Ok(None);
    }
    let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
    let keys = project.keys.published().await?;
    let Some(key) = keys.iter().find(|key| header.kid.as_deref() == Some(key.id())) else { return Ok(None) };
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims = HashSet::new();
    // Whom it is for is for those to check; when it expires is checked below, by the emulator's clock.
    validation.validate_aud = false;
    validation.validate_exp = false;
    let decoded = jsonwebtoken::decode::<ReceivedClaims>(token, key.check(), &validation);
    let Ok(claims) = decoded.map(|decoded| decoded.claims) else { return Ok(None) };
    let issued_here = claims.iss.starts_with(app.public_url.as_str());
    Ok(Some(claims).filter(|claims| issued_here && claims.exp > app.clock.now_unix_seconds()))
}

/// The grant of a user's access token, if it is still good. `None` for a token that a client got for itself.
pub(super) async fn live_grant(app: &App, claims: &ReceivedClaims) -> Result<Option<GrantRow>, Problem> {
    let Some(consent_id) = claims.dci.clone() else { return Ok(None) };
    if claims.token_type.as_deref() != Some(TOKEN_TYPE) {
        return Ok(None);
    }
    let id = claims.jti.clone();
    app.records
        .read::<_, Problem>(move |records| {
            if records.is_token_revoked(&id)? {
                return Ok(None);
            }
            let grant = records.grant_by_consent(&consent_id)?;
            Ok(grant.filter(|grant| grant.state == GrantState::Redeemed))
        })
        .await
}
