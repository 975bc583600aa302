//! Which client calls the token endpoint: `client_secret_basic` or `client_secret_post` (RFC 6749 section 2.3.1).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};

use super::oauth_error::OAuthError;
use super::parameters::Parameters;
use crate::app::App;
use crate::store::{ClientRow, StoreError};

/// What a client presents.
pub(super) struct Credentials {
    client_id: String,
    secret: SecretString,
    basic: bool,
}

impl Credentials {
    /// Takes them out of the Authorization header or the parameters.
    ///
    /// # Errors
    /// `invalid_client` if there are none, `invalid_request` if there are two. A header of another scheme counts only if the
    /// parameters hold nothing: SDKs send `Bearer <project id>` with every request.
    pub(super) fn take(headers: &HeaderMap, parameters: &mut Parameters) -> Result<Self, OAuthError> {
        let posted_id = parameters.take_text("client_id");
        let posted_secret = parameters.take("client_secret");
        if let Some(basic) = basic(headers) {
            let (client_id, secret) = basic.ok_or(OAuthError::InvalidClient { basic: true })?;
            if posted_secret.is_some() {
                return Err(OAuthError::InvalidRequest("the client authenticates in two ways at once"));
            }
            if posted_id.is_some_and(|posted| posted != client_id) {
                return Err(OAuthError::InvalidRequest(
                    "client_id is not the one in the Authorization header",
                ));
            }
            return Ok(Self { client_id, secret, basic: true });
        }
        match (posted_id, posted_secret) {
            (Some(client_id), Some(secret)) => Ok(Self { client_id, secret, basic: false }),
            _ => Err(OAuthError::InvalidClient { basic: headers.contains_key(header::AUTHORIZATION) }),
        }
    }

    /// The client of this MCP server that the credentials belong to.
    ///
    /// # Errors
    /// `invalid_client`, the same for an unknown client, one of another server and a wrong secret.
    pub(super) async fn verify(
        self,
        app: &App,
        project: &str,
        server: &str,
    ) -> Result<ClientRow, OAuthError> {
        let (project, server, client_id) = (project.to_owned(), server.to_owned(), self.client_id);
        let found = app
            .store
            .read::<_, StoreError>(move |records| records.client_by_client_id(&project, &server, &client_id))
            .await
            .map_err(crate::problem::Problem::from)?;
        let refused = OAuthError::InvalidClient { basic: self.basic };
        let Some((client, expected)) = found else { return Err(refused) };
        let (given, expected) = (self.secret.expose_secret().as_bytes(), expected.expose_secret().as_bytes());
        verify_slices_are_equal(given, expected).map_err(|_| refused)?;
        Ok(client)
    }
}

/// `None` without Basic credentials, `Some(None)` for such as cannot be read.
#[allow(clippy::option_option)]
fn basic(headers: &HeaderMap) -> Option<Option<(String, SecretString)>> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let read = || {
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (client_id, secret) = decoded.split_once(':')?;
        Some((form_decoded(client_id)?, form_decoded(secret)?.into()))
    };
    Some(read())
}

/// Ids and secrets are form-encoded before base64. Those made here survive clients that forget to.
fn form_decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(&text.replace('+', " ")).decode_utf8().ok()?.into_owned())
}
