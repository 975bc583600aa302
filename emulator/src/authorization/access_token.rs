//! What an access token says that a client got for itself.
//!
//! Basis: observed by users of the service: issuer of the MCP server, both ids as audience whatever `resource` was
//! asked for, the record id as subject, the client id as `azp`, and no scopes. That the issuer is the server's and not
//! the project's is contested between sources. `jti` is ours, so that two tokens never are the same text.

use std::time::Duration;

use serde::Serialize;

use crate::store::ClientRow;

/// The claims.
#[derive(Debug, Serialize)]
pub(super) struct Claims<'a> {
    iss: String,
    aud: [&'a str; 2],
    sub: &'a str,
    azp: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
}

impl<'a> Claims<'a> {
    pub(super) fn of_client(
        client: &'a ClientRow,
        project_id: &'a str,
        issuer: String,
        issued_at_unix_seconds: u64,
        lifetime: Duration,
        token_id: String,
    ) -> Self {
        Self {
            iss: issuer,
            aud: [&client.client_id, project_id],
            sub: &client.id,
            azp: &client.client_id,
            iat: issued_at_unix_seconds,
            exp: issued_at_unix_seconds.saturating_add(lifetime.as_secs()),
            jti: token_id,
        }
    }
}
