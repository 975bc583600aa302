//! The tokens that a user's grant yields: an access token, an id token if `openid` was granted, and the refresh token.
//!
//! The lifetime of both JWTs is `sessionTokenExpiration` of the server's session settings, or ten minutes. What the
//! id token says is of OpenID Connect Core section 2; its audience, without the resource, is observed.

use serde_json::{Map, Value, json};

use super::access_token::{Claims, TOKEN_TYPE, UserClaims};
use super::client_authentication::Party;
use super::secret_text::RefreshToken;
use super::{demo_user, scopes};
use crate::ids;
use crate::problem::Problem;
use crate::records::session_settings::session_token_lifetime;
use crate::store::GrantRow;

/// What to put into the tokens.
pub(super) struct Granted {
    pub(super) grant: GrantRow,
    /// The scopes in effect.
    pub(super) scope: String,
    /// The resources that the access token is for.
    pub(super) resources: Vec<String>,
    /// The refresh token to give out, if the client may have one.
    pub(super) refresh: Option<RefreshToken>,
}

/// The answer of the token endpoint.
pub(super) async fn answer(party: &Party<'_>, granted: &Granted) -> Result<Value, Problem> {
    let (app, project) = (party.realm.app, party.realm.project);
    let lifetime = session_token_lifetime(&party.realm.server.body);
    let now = app.clock.now_unix_seconds();
    let expires_at = now.saturating_add(lifetime.as_secs());
    let scope = granted.scope.as_str();
    let ids = [party.client.stored.row.client_id.as_str(), project.id.as_str()];

    let claims = Claims {
        iss: party.realm.token_issuer(),
        aud: ids.into_iter().chain(granted.resources.iter().map(String::as_str)).collect(),
        sub: &granted.grant.user_id,
        azp: ids[0],
        iat: now,
        exp: expires_at,
        jti: ids::token_id()?,
        scope: Some(scope),
        user: Some(UserClaims {
            token_type: TOKEN_TYPE,
            dci: &granted.grant.consent_id,
            scopes: scopes::names(scope).collect(),
            others: other_claims(party, scope),
        }),
    };
    let access_token = project.keys.sign(&claims, expires_at).await?;
    let mut answer = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": lifetime.as_secs(),
    });
    if !scope.is_empty() {
        answer["scope"] = json!(scope);
    }
    if let Some(refresh) = &granted.refresh {
        answer["refresh_token"] = json!(refresh.expose());
    }
    if scopes::has(scope, scopes::OPENID) {
        let mut claims = demo_user::claims(scope);
        claims.extend(id_claims(party, granted, now, expires_at));
        answer["id_token"] = json!(project.keys.sign(&claims, expires_at).await?);
    }
    Ok(answer)
}

fn id_claims(party: &Party<'_>, granted: &Granted, now: u64, expires_at: u64) -> Map<String, Value> {
    let client_id = &party.client.stored.row.client_id;
    let mut claims = Map::from_iter([
        (String::from("iss"), json!(party.realm.token_issuer())),
        (String::from("aud"), json!([client_id, party.realm.project.id])),
        (String::from("azp"), json!(client_id)),
        (String::from("sub"), json!(granted.grant.user_id)),
        (String::from("iat"), json!(now)),
        (String::from("exp"), json!(expires_at)),
        (String::from("auth_time"), json!(granted.grant.granted_at)),
    ]);
    if let Some(nonce) = &granted.grant.nonce {
        claims.insert(String::from("nonce"), json!(nonce));
    }
    claims
}

/// The address if it may be known (observed), and the user's tenants, roles and permissions, of which there are none,
/// if server or client force all of them into tokens (documented by the setting's name; the claims are assumed).
fn other_claims(party: &Party<'_>, scope: &str) -> Map<String, Value> {
    let mut claims = Map::new();
    if scopes::has(scope, "email") {
        claims.insert(String::from("email"), json!(demo_user::EMAIL));
    }
    let forced = |body: &Map<String, Value>| {
        body.get("forceAddAllAuthorizationInfo").and_then(Value::as_bool).unwrap_or_default()
    };
    if forced(&party.realm.server.body) || forced(&party.client.stored.row.body) {
        claims.insert(String::from("tenants"), json!({}));
        claims.insert(String::from("roles"), json!([]));
        claims.insert(String::from("permissions"), json!([]));
    }
    claims
}
