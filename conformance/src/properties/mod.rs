//! The catalogue: one file per resource, each property with its rule, source, check and tests close together.

pub mod authentication;
pub mod authorization;
pub mod client;
pub mod concurrency;
pub mod deletion;
pub mod grant;
pub mod malformed;
pub mod pages;
pub mod property;
pub mod records;
pub mod registration;
pub mod registry;
pub mod scopes;
pub mod search;
pub mod secret;
pub mod server;
pub mod settings;
pub mod typed_client;
pub mod wire;

/// Sources that many properties cite, worded once.
mod source {
    pub(super) const GUIDE: &str = "documented: Descope's guide \"MCP Server Management\"";
    pub(super) const GUIDE_UPDATE: &str =
        "documented: the guide's update section (send the full object, include all fields you want to keep)";
    pub(super) const REFERENCE: &str = "documented: Descope's API reference";
    pub(super) const SDKS: &str = "official SDKs rely on it";
    pub(super) const RFC_6749: &str = "RFC 6749 (OAuth 2.0)";
    pub(super) const RFC_8414: &str = "RFC 8414 (authorization server metadata)";
    pub(super) const OAUTH: &str = "RFC 6749, which the authorization server is documented to speak";
    pub(super) const SANE: &str = "what any sane server does";
}
