//! The grant `client_credentials` (RFC 6749 section 4.4): a token that a client gets for itself.
//!
//! A client gets its own scopes, or those of them that it asks for; they are in the answer, not in the token. `resource`
//! has to be one that the server allows, and changes nothing. Both are observed; `--variant m2m-scope` and `m2m-aud`
//! switch them. The lifetime is `keySessionTokenExpiration` of the server's session settings, or ten minutes.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::access_token::Claims;
use super::client_authentication::Party;
use super::oauth_error::OAuthError;
use super::parameters::Parameters;
use super::resources;
use crate::ids;
use crate::problem::Problem;
use crate::records::session_settings::key_token_lifetime;
use crate::registration::OAuthClient;
use crate::variants::{M2mAudience, M2mScope};

pub(super) async fn exchange(party: &Party<'_>, mut parameters: Parameters) -> Result<Value, OAuthError> {
    let (app, server) = (party.realm.app, &party.realm.server);
    let resource = match parameters.take_resource() {
        Some(asked) => Some(resources::allowed(server, &asked).ok_or(OAuthError::InvalidTarget)?),
        None => None,
    };
    let scope = granted(&party.client, parameters.take_text("scope"))?;

    let lifetime = key_token_lifetime(&server.body);
    let now = app.clock.now_unix_seconds();
    let expires_at = now.saturating_add(lifetime.as_secs());
    let ids = [party.client.stored.row.client_id.as_str(), party.realm.project.id.as_str()];
    let resource = resource.as_deref();
    let audience = match (app.variants.m2m_audience(), resource) {
        (M2mAudience::Ids, _) | (_, None) => ids.to_vec(),
        (M2mAudience::Resource, Some(resource)) => vec![resource],
        (M2mAudience::Both, Some(resource)) => vec![ids[0], ids[1], resource],
    };
    let claims = Claims {
        iss: party.realm.token_issuer(),
        aud: audience,
        sub: &party.client.stored.row.id,
        azp: &party.client.stored.row.client_id,
        iat: now,
        exp: expires_at,
        jti: ids::token_id().map_err(Problem::from)?,
        scope: (app.variants.m2m_scope() == M2mScope::Present).then_some(&scope),
        user: None,
    };
    let token = party.realm.project.keys.sign(&claims, expires_at).await?;
    let mut answer = json!({"access_token": token, "token_type": "Bearer", "expires_in": lifetime.as_secs()});
    if !scope.is_empty() {
        answer["scope"] = Value::String(scope);
    }
    Ok(answer)
}

/// The scopes asked for, or all that the client has; separated by spaces, each once.
fn granted(client: &OAuthClient, asked: Option<String>) -> Result<String, OAuthError> {
    let mut seen = HashSet::new();
    let Some(asked) = asked else {
        return Ok(client.scopes().filter(|scope| seen.insert(*scope)).collect::<Vec<_>>().join(" "));
    };
    let own: HashSet<_> = client.scopes().collect();
    let asked: Vec<_> = super::scopes::names(&asked).filter(|scope| seen.insert(*scope)).collect();
    if asked.iter().all(|scope| own.contains(scope)) {
        Ok(asked.join(" "))
    } else {
        Err(OAuthError::InvalidScope)
    }
}
