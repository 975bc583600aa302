//! The revocation endpoint (RFC 7009), with and without the project in its path.
//!
//! Basis: documented for the paths, the parameters and the empty answer. A refresh token takes its whole grant along,
//! access tokens included; an access token only itself. A text that is no token of the project (unsigned, of another
//! issuer, expired, made up) is answered like one that was revoked and changes nothing, as the RFC has it; a token of
//! another client is refused with `invalid_grant`. The path names no MCP server, so the token's grant says which client
//! must authenticate; its client id alone does not if it is a URL.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};

use super::client_authentication::{Credentials, Party};
use super::entrance::Entrance;
use super::oauth_error::{GrantFault, OAuthError};
use super::parameters::Parameters;
use super::secret_text::RefreshToken;
use super::{granted_to, received_token};
use crate::app::App;
use crate::problem::Problem;
use crate::store::ClientRef;

pub(super) async fn handle(State(app): State<Arc<App>>, entrance: Entrance, request: Request) -> Response {
    match answer(&app, entrance, request).await {
        Ok(()) => {
            (StatusCode::OK, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
        }
        Err(error) => error.respond(app.variants().token_errors()),
    }
}

/// Its operationId in the document.
const ID: &str = "ThirdPartyApplicationRevocationEndpointByProjectID";

async fn answer(app: &App, entrance: Entrance, request: Request) -> Result<(), OAuthError> {
    let destination = entrance.enter(app).await?;
    let headers = request.headers().clone();
    let mut parameters = Parameters::read_single(request, ID).await?;
    let token = parameters.take("token");
    let granted_to = granted_to_client(app, token.as_ref()).await?;
    let credentials = Credentials::take(&headers, &mut parameters)?;
    let party = credentials.verify(destination, granted_to.as_ref()).await?;
    let token = token.ok_or(OAuthError::InvalidRequest("token is missing"))?;
    // The hint only says where to look first; there are two places.
    if revoke_refresh_token(&party, &token).await? {
        return Ok(());
    }
    revoke_access_token(&party, &token).await
}

/// The client that the token was granted to. `None` for a token that a client got for itself, whose client id is that of
/// one MCP server, and for what is no token.
async fn granted_to_client(app: &App, token: Option<&SecretString>) -> Result<Option<ClientRef>, Problem> {
    match granted_to::of_refresh_token(app, token).await? {
        Some(client) => Ok(Some(client)),
        None => granted_to::of_access_token(app, token).await,
    }
}

/// Whether the text was a refresh token.
async fn revoke_refresh_token(party: &Party<'_>, token: &SecretString) -> Result<bool, OAuthError> {
    let Some(brought) = RefreshToken::brought(token.clone()) else { return Ok(false) };
    let (client, family) = (party.client_ref(), brought.family());
    party
        .realm
        .app
        .store
        .write::<_, Problem>(move |records| {
            let Some(grant) = records.grant_by_family(&family)? else { return Ok(Ok(false)) };
            if grant.client != client {
                return Ok(Err(OAuthError::InvalidGrant(GrantFault::NotGood)));
            }
            records.revoke_grant(grant.key)?;
            Ok(Ok(true))
        })
        .await?
}

async fn revoke_access_token(party: &Party<'_>, token: &SecretString) -> Result<(), OAuthError> {
    let app = party.realm.app;
    let claims = received_token::read(app, party.realm.project, token.expose_secret()).await?;
    let Some(claims) = claims else { return Ok(()) };
    if claims.azp != party.client.stored.row.client_id {
        return Err(OAuthError::InvalidGrant(GrantFault::NotGood));
    }
    let (id, now) = (claims.jti, app.clock.now_unix_seconds());
    app.store.write::<_, Problem>(move |records| Ok(records.revoke_token(&id, now, claims.exp)?)).await?;
    Ok(())
}
