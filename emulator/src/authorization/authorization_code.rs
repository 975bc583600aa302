//! The grant `authorization_code` (RFC 6749 section 4.1.3, OAuth 2.1): a code becomes tokens, once.
//!
//! The code is bound to the client, the authorization server, the redirect URI (which may be left out, as OAuth 2.1
//! has it, since PKCE is never) and the challenge. Bringing it a second time revokes what it issued.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::client_authentication::Party;
use super::oauth_error::{GrantFault, OAuthError};
use super::parameters::Parameters;
use super::secret_text::{RefreshToken, sha256};
use super::user_tokens::{self, Granted};
use super::{pkce, resources, scopes};
use crate::client_metadata::GrantType;
use crate::problem::Problem;
use crate::records::session_settings::refresh_token_lifetime;
use crate::store::{ClientRef, GrantRow, GrantState, Records, StoreError};

/// What the client brings.
struct Presented {
    client: ClientRef,
    of_project: bool,
    code: SecretString,
    redirect_uri: Option<String>,
    verifier: Option<String>,
    resource: Option<String>,
}

pub(super) async fn exchange(party: &Party<'_>, mut parameters: Parameters) -> Result<Value, OAuthError> {
    let app = party.realm.app;
    let presented = Presented {
        client: party.client_ref(),
        of_project: party.realm.of_project,
        code: parameters.take("code").ok_or(OAuthError::InvalidRequest("code is missing"))?,
        redirect_uri: parameters.take_text("redirect_uri"),
        verifier: parameters.take_text("code_verifier"),
        resource: parameters.take_resource(),
    };
    let refresh = match party.client.may_use(GrantType::RefreshToken) {
        true => Some(RefreshToken::fresh()?),
        false => None,
    };
    let kept = refresh.as_ref().map(|refresh| (refresh.family(), refresh.hash()));
    let now = app.clock.now_unix_seconds();
    let good_until = now.saturating_add(refresh_token_lifetime(&party.realm.server.body).as_secs());
    // A refusal is an answer and not an error of the job, which would undo the revocation.
    let redeemed = app
        .records
        .write::<_, Problem>(move |records| {
            let redeemed = redeem(records, &presented, now)?;
            if let Ok((grant, _)) = &redeemed {
                records.redeem_code(grant.key, kept.as_ref(), good_until)?;
            }
            Ok(redeemed)
        })
        .await?;
    let (grant, resources) = redeemed?;
    let scope = scopes::still_approved(&party.realm.server, &party.client, &grant.scope);
    Ok(user_tokens::answer(party, &Granted { grant, scope, resources, refresh }).await?)
}

/// The grant behind the code and the resources for its token.
fn redeem(
    records: &Records<'_>,
    presented: &Presented,
    now: u64,
) -> Result<Result<(GrantRow, Vec<String>), OAuthError>, StoreError> {
    const NOT_GOOD: OAuthError = OAuthError::InvalidGrant(GrantFault::NotGood);
    let Some(grant) = records.grant_by_code(&sha256(presented.code.expose_secret()))? else {
        return Ok(Err(NOT_GOOD));
    };
    if grant.state != GrantState::Offered {
        // Whoever brings it: a code that was used is known to one too many.
        records.revoke_grant(grant.key)?;
        return Ok(Err(NOT_GOOD));
    }
    if grant.client != presented.client || grant.of_project != presented.of_project {
        return Ok(Err(NOT_GOOD));
    }
    if grant.expires_at <= now {
        return Ok(Err(OAuthError::InvalidGrant(GrantFault::Expired)));
    }
    if presented.redirect_uri.as_ref().is_some_and(|uri| *uri != grant.redirect_uri) {
        return Ok(Err(NOT_GOOD));
    }
    if !presented.verifier.as_ref().is_some_and(|verifier| pkce::proves(verifier, &grant.code_challenge)) {
        return Ok(Err(NOT_GOOD));
    }
    Ok(match granted_resources(&grant, presented.resource.as_deref()) {
        Some(resources) => Ok((grant, resources)),
        None => Err(OAuthError::InvalidTarget),
    })
}

/// All resources of the grant, or the one of them that is asked for.
pub(super) fn granted_resources(grant: &GrantRow, asked: Option<&str>) -> Option<Vec<String>> {
    let mut granted = grant.resources.split(' ').filter(|resource| !resource.is_empty());
    match asked {
        None => Some(granted.map(str::to_owned).collect()),
        Some(asked) if resources::is_resource(asked) => {
            granted.find(|granted| resources::same(granted, asked)).map(|found| vec![found.to_owned()])
        }
        Some(_) => None,
    }
}
