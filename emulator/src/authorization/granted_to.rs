//! Which client a code or a token was granted to, if a request has one. Whoever brings it has not shown yet who he is: what
//! is found here only says where to look for the client that must.

use secrecy::{ExposeSecret, SecretString};

use super::received_token;
use super::secret_text::{RefreshToken, sha256};
use super::userinfo::project_of;
use crate::app::App;
use crate::problem::Problem;
use crate::store::{ClientRef, GrantRow, Records, StoreError};

/// The client that an authorization code was granted to.
pub(super) async fn of_code(app: &App, code: Option<&SecretString>) -> Result<Option<ClientRef>, Problem> {
    let Some(code) = code else { return Ok(None) };
    let code = sha256(code.expose_secret());
    of_grant(app, move |records| records.grant_by_code(&code)).await
}

/// The client that a refresh token was granted to, however old the token is.
pub(super) async fn of_refresh_token(
    app: &App,
    token: Option<&SecretString>,
) -> Result<Option<ClientRef>, Problem> {
    let Some(brought) = token.cloned().and_then(RefreshToken::brought) else { return Ok(None) };
    let family = brought.family();
    of_grant(app, move |records| records.grant_by_family(&family)).await
}

/// The client that a user's access token was granted to, if its signature and its time are good.
pub(super) async fn of_access_token(
    app: &App,
    token: Option<&SecretString>,
) -> Result<Option<ClientRef>, Problem> {
    let Some(token) = token.map(ExposeSecret::expose_secret) else { return Ok(None) };
    let Some(project) = project_of(app, token) else { return Ok(None) };
    let claims = received_token::read(app, project, token).await?;
    let Some(consent_id) = claims.and_then(|claims| claims.dci) else { return Ok(None) };
    of_grant(app, move |records| records.grant_by_consent(&consent_id)).await
}

async fn of_grant(
    app: &App,
    find: impl FnOnce(&Records<'_>) -> Result<Option<GrantRow>, StoreError> + Send + 'static,
) -> Result<Option<ClientRef>, Problem> {
    app.store.read::<_, Problem>(move |records| Ok(find(records)?.map(|grant| grant.client))).await
}
