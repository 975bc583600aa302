//! The catalogue: one file per resource, each property with its rule, source, check and tests close together.

pub mod authentication;
pub mod client;
pub mod deletion;
pub mod malformed;
pub mod pages;
pub mod records;
pub mod scopes;
pub mod search;
pub mod secret;
pub mod server;
pub mod settings;
pub mod wire;

/// Sources that many properties cite, worded once.
mod source {
    pub(super) const GUIDE: &str = "documented: Descope's guide \"MCP Server Management\"";
    pub(super) const GUIDE_UPDATE: &str =
        "documented: the guide's update section (send the full object, include all fields you want to keep)";
    pub(super) const REFERENCE: &str = "documented: Descope's API reference";
    pub(super) const SDKS: &str = "official SDKs rely on it";
    pub(super) const OAUTH: &str = "RFC 6749, which the authorization server is documented to speak";
    pub(super) const SANE: &str = "what any sane server does";
}
