//! Which client calls the token or revocation endpoint: `client_secret_basic`, `client_secret_post` (RFC 6749 section
//! 2.3.1), or `none` for a public client, which names itself by its client id alone.
//!
//! A client with a secret may send it in either way and never leave it out; a public client that sends one is refused.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};

use super::entrance::{self, Destination, Realm};
use super::oauth_error::OAuthError;
use super::parameters::Parameters;
use crate::problem::Problem;
use crate::registration::{self, AuthMethod, OAuthClient};
use crate::store::ClientRef;

/// What a client presents.
pub(super) struct Credentials {
    pub(super) client_id: String,
    secret: Option<SecretString>,
    basic: bool,
}

/// A client that proved who it is, at its authorization server.
pub(super) struct Party<'a> {
    pub(super) realm: Realm<'a>,
    pub(super) client: OAuthClient,
}

impl Party<'_> {
    pub(super) fn client_ref(&self) -> ClientRef {
        ClientRef {
            project: self.realm.project.id.clone(),
            server: self.realm.server.id.clone(),
            id: self.client.stored.row.id.clone(),
        }
    }
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
            // An empty password is none, as for parameters.
            let secret = Some(secret).filter(|secret| !secret.expose_secret().is_empty());
            return Ok(Self { client_id, secret, basic: true });
        }
        match posted_id {
            Some(client_id) => Ok(Self { client_id, secret: posted_secret, basic: false }),
            None => Err(OAuthError::InvalidClient { basic: headers.contains_key(header::AUTHORIZATION) }),
        }
    }

    /// The client that the credentials belong to, at the authorization server where the path leads.
    ///
    /// Where the path names no MCP server, several can know a client whose id is a URL. Then the client is the one that
    /// `granted_to` names, if it has this id, and otherwise any of them: whatever it brings is not its own.
    ///
    /// # Errors
    /// `invalid_client`, the same for an unknown client, one of another server and a wrong secret.
    pub(super) async fn verify<'a>(
        self,
        destination: Destination<'a>,
        granted_to: Option<&ClientRef>,
    ) -> Result<Party<'a>, OAuthError> {
        let refused = || OAuthError::InvalidClient { basic: self.basic };
        let (app, project) = match destination {
            Destination::Server(realm) => return self.verify_at(realm).await?.ok_or_else(refused),
            Destination::Clients { app, project } => (app, project),
        };
        let servers = entrance::servers_of_client(app, project, &self.client_id, granted_to).await?;
        for (project, server) in servers {
            let Some(realm) = entrance::realm(app, project, server, true).await? else { continue };
            if let Some(party) = self.verify_at(realm).await? {
                return Ok(party);
            }
        }
        Err(refused())
    }

    /// The client of this MCP server that the credentials belong to.
    async fn verify_at<'a>(&self, realm: Realm<'a>) -> Result<Option<Party<'a>>, Problem> {
        let (project, server) = (&realm.project.id, &realm.server);
        let client = registration::stored(realm.app, project, server, &self.client_id).await?;
        Ok(client.filter(|client| self.proves(&realm, client)).map(|client| Party { realm, client }))
    }

    fn proves(&self, realm: &Realm<'_>, client: &OAuthClient) -> bool {
        match (&self.secret, &client.stored.secret) {
            (None, _) => client.may_authenticate_by(AuthMethod::None),
            (Some(_), None) => false,
            (Some(given), Some(expected)) => {
                let given = given.expose_secret().as_bytes();
                verify_slices_are_equal(given, expected.expose_secret().as_bytes()).is_ok()
                    || realm.app.retired_secrets.accepts(&client.stored.row.id, given)
            }
        }
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
