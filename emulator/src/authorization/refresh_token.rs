//! The grant `refresh_token` (RFC 6749 section 6, RFC 9700 section 4.14): new tokens for a refresh token, which is spent.
//!
//! Each token has a successor; bringing one that is spent revokes all of the grant, since two parties have it. Scopes
//! can be narrowed for one access token and never widened; the refresh token keeps them all. How long a grant can be
//! refreshed is counted from its beginning (assumed).

use serde_json::Value;

use super::authorization_code::granted_resources;
use super::client_authentication::Party;
use super::oauth_error::{GrantFault, OAuthError};
use super::parameters::Parameters;
use super::scopes;
use super::secret_text::RefreshToken;
use super::user_tokens::{self, Granted};
use crate::problem::Problem;
use crate::store::{ClientRef, GrantRow, GrantState, Hash, Records, StoreError};

/// What the client brings.
struct Presented {
    client: ClientRef,
    of_project: bool,
    family: Hash,
    token: Hash,
    resource: Option<String>,
    scope: Option<String>,
}

pub(super) async fn exchange(party: &Party<'_>, mut parameters: Parameters) -> Result<Value, OAuthError> {
    let app = party.realm.app;
    let brought =
        parameters.take("refresh_token").ok_or(OAuthError::InvalidRequest("refresh_token is missing"))?;
    let brought = RefreshToken::brought(brought).ok_or(OAuthError::InvalidGrant(GrantFault::NotGood))?;
    let presented = Presented {
        client: party.client_ref(),
        of_project: party.realm.of_project,
        family: brought.family(),
        token: brought.hash(),
        resource: parameters.take_resource(),
        scope: parameters.take_text("scope"),
    };
    let successor = brought.successor()?;
    let (kept, now) = (successor.hash(), app.clock.now_unix_seconds());
    // A refusal is an answer and not an error of the job, which would undo the revocation.
    let refreshed = app
        .records
        .write::<_, Problem>(move |records| {
            let refreshed = refresh(records, &presented, now)?;
            if let Ok((grant, ..)) = &refreshed {
                records.rotate_refresh_token(grant.key, &kept)?;
            }
            Ok(refreshed)
        })
        .await?;
    let (grant, scope, resources) = refreshed?;
    let scope = scopes::still_approved(&party.realm.server, &party.client, &scope);
    Ok(user_tokens::answer(party, &Granted { grant, scope, resources, refresh: Some(successor) }).await?)
}

/// The grant that the token belongs to, the scopes asked for and the resources for the access token.
#[expect(clippy::type_complexity, reason = "used once, right above")]
fn refresh(
    records: &Records<'_>,
    presented: &Presented,
    now: u64,
) -> Result<Result<(GrantRow, String, Vec<String>), OAuthError>, StoreError> {
    let refuse = |fault| Ok(Err(OAuthError::InvalidGrant(fault)));
    let Some(grant) = records.grant_by_family(&presented.family)? else {
        return refuse(GrantFault::NotGood);
    };
    if grant.client != presented.client || grant.of_project != presented.of_project {
        return refuse(GrantFault::NotGood);
    }
    if grant.state != GrantState::Redeemed {
        return refuse(GrantFault::Revoked);
    }
    if grant.refresh != Some(presented.token) {
        records.revoke_grant(grant.key)?;
        return refuse(GrantFault::NotGood);
    }
    if grant.expires_at <= now {
        return refuse(GrantFault::Expired);
    }
    let Some(resources) = granted_resources(&grant, presented.resource.as_deref()) else {
        return Ok(Err(OAuthError::InvalidTarget));
    };
    let scope = match &presented.scope {
        None => grant.scope.clone(),
        Some(asked) if scopes::names(asked).all(|name| scopes::has(&grant.scope, name)) => asked.clone(),
        Some(_) => return Ok(Err(OAuthError::InvalidScope)),
    };
    Ok(Ok((grant, scope, resources)))
}
