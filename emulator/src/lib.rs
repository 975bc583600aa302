//! An emulator of Descope's MCP server management API and of the authorization server that each MCP server has.
//! Unofficial: written from public documents, without Descope's code.
//!
//! **Goals.** A program that speaks the management API, unmodified, cannot tell this from the service by anything
//! that documents promise. Every rule says whether it is documented, observed or assumed, in the file that
//! implements it: one file per operation under `operations/`.
//!
//! **Limits.** No console, no flows, no sign-in: every project has one built-in user, "Demo User", who answers the
//! consent page. The discovery document of an authorization server says what there is: codes with PKCE, refresh tokens
//! and `client_credentials`; no device flow, CIBA, token exchange or DPoP.
//!
//! [`app`] gives a router that needs no socket; [`serve`] puts it on one; the binary `descope-mcp-emulator` does both.

mod adversity;
mod app;
mod authorization;
mod body;
mod clock;
mod config;
mod connection;
mod control;
mod data_directory;
mod ids;
mod late_view;
mod limits;
mod management_key;
mod operations;
mod problem;
mod project;
mod public_url;
mod records;
mod registration;
mod request_origin;
mod retired_secrets;
mod router;
mod seed;
mod serve;
mod start_error;
mod store;
#[cfg(test)]
mod testing;
mod variants;

pub use adversity::{Adversity, AdversityError, Fault};
pub use app::{app, app_with_control};
pub use authorization::AuthorizationSettings;
pub use config::Config;
pub use data_directory::{DataDirectory, check};
pub use limits::{RateLimit, RateLimitError};
pub use project::Project;
pub use public_url::PublicUrl;
pub use registration::{PinError, PinnedDocument, RegistrationSettings};
pub use seed::Seed;
pub use serve::serve;
pub use start_error::StartError;
pub use variants::{Switch, Values, VariantError, Variants};
