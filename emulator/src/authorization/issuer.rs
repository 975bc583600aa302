//! The two kinds of authorization server, and their URLs: that of one MCP server, whose issuer is
//! `<public URL>/v1/apps/agentic/<project id>/<server id>`, and that of a whole project, `<public URL>/v1/apps/<project
//! id>`, which knows the clients of all its MCP servers.
//!
//! Basis: documented for the URLs. Which issuer tokens of the project's endpoints carry is contested between sources;
//! here it is the one whose discovery document named the endpoint.

use crate::public_url::PublicUrl;

/// One authorization server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Issuer<'a> {
    pub(super) base: &'a PublicUrl,
    pub(super) project: &'a str,
    /// `None` for the project's.
    pub(super) server: Option<&'a str>,
}

impl Issuer<'_> {
    pub(super) fn url(&self) -> String {
        format!("{}/v1{}", self.base, self.apps())
    }

    pub(super) fn authorization_endpoint(&self) -> String {
        format!("{}/oauth2/v1{}/authorize", self.base, self.apps())
    }

    pub(super) fn token_endpoint(&self) -> String {
        format!("{}/oauth2/v1{}/token", self.base, self.apps())
    }

    /// The same for both kinds, as documented.
    pub(super) fn revocation_endpoint(&self) -> String {
        format!("{}/oauth2/v1/apps/{}/revoke", self.base, self.project)
    }

    /// The same for both kinds, as documented.
    pub(super) fn userinfo_endpoint(&self) -> String {
        format!("{}/oauth2/v1/apps/{}/userinfo", self.base, self.project)
    }

    pub(super) fn jwks_uri(&self) -> String {
        format!("{}/{}/.well-known/jwks.json", self.base, self.project)
    }

    fn apps(&self) -> String {
        match self.server {
            Some(server) => format!("/apps/agentic/{}/{server}", self.project),
            None => format!("/apps/{}", self.project),
        }
    }
}
