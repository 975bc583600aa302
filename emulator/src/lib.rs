//! An emulator of Descope's MCP server management API and of the authorization server that each MCP server has.
//! Unofficial: written from public documents, without Descope's code.
//!
//! **Goals.** A program that speaks the management API, unmodified, cannot tell this from the service by anything
//! that documents promise. Every rule says whether it is documented, observed or assumed, in the file that
//! implements it: one file per operation under `operations/`.
//!
//! **Limits.** No console, no flows, no users. The authorization server knows `client_credentials` only, and its
//! discovery document says so.
//!
//! [`app`] gives a router that needs no socket; [`serve`] puts it on one; the binary `descope-mcp-emulator` does both.

mod app;
mod authorization;
mod body;
mod clock;
mod config;
mod ids;
mod management_key;
mod operations;
mod problem;
mod records;
mod serve;
mod store;
#[cfg(test)]
mod testing;

pub use app::app;
pub use config::{Config, Project, PublicUrl, StartError};
pub use serve::serve;
