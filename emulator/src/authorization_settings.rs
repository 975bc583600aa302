//! What an operator decides about the authorization server.

/// How users are asked and where browsers are sent; by default users are asked.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct AuthorizationSettings {
    /// Grants all that a client asks for without a consent page, for tests without a browser.
    pub auto_consent: bool,
    /// Compares the port of `http://localhost` redirect URIs too. RFC 8252 lets only the ports of `127.0.0.1` and
    /// `[::1]` differ; desktop clients need `localhost` to be like them, so by default it is.
    pub exact_localhost_port: bool,
}
