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
mod authorization_settings;
mod body;
mod client_metadata;
mod clock;
mod config;
mod connection;
mod control;
mod data_directory;
pub mod environment;
mod exchanges;
mod ids;
mod limits;
mod loopback;
mod management_key;
mod mask;
mod operations;
mod problem;
mod project;
mod public_url;
mod record_store;
mod records;
mod registration;
mod request_origin;
mod retired_secrets;
mod router;
mod seed;
mod serve;
mod signing_keys;
mod start;
mod start_error;
mod store;
#[cfg(test)]
mod testing;
mod variants;

pub use adversity::{Adversity, AdversityError, Fault};
pub use authorization_settings::AuthorizationSettings;
pub use client_metadata::{PinnedDocument, RegistrationSettings};
pub use config::Config;
pub use data_directory::{DataDirectory, check};
pub use limits::{RateLimit, RateLimitError};
pub use project::Project;
pub use public_url::PublicUrl;
pub use seed::Seed;
pub use serve::serve;
pub use start::{app, app_with_control};
pub use start_error::{PinError, StartError};
pub use variants::{Switch, Values, VariantError, Variants};
