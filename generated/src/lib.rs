//! Typed client for Descope's MCP server management API. Unofficial: not made or supported by Descope.
//!
//! ```no_run
//! use descope_mcp_management::{ManagementClient, NewMcpServer, NewMcpServerClient};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = ManagementClient::from_env()?;
//!
//! let mut server = client.servers().create(NewMcpServer::named("orders").tags(["production"])).await?;
//! server.description = Some("Order tools".to_owned());
//! let server = client.servers().update(server).await?;
//!
//! let made = client.clients(&server.id).create(NewMcpServerClient::named("support").scopes(["orders:read"])).await?;
//! let fresh = client.clients(&server.id).rotate_secret(&made.id).await?;
//! assert_ne!(made.cleartext, fresh);
//! # Ok(())
//! # }
//! ```
//!
//! * **Nothing is lost.** A record that is loaded, changed and written back carries every member that it came with:
//!   those that this crate does not know verbatim in `extra`, empty ones as empty. A member that was `null` is left
//!   out, which means the same to the service.
//! * **Nothing leaks.** [`Secret`] and [`ManagementKey`] show nothing in `Debug`, have no `Display` and no
//!   `Serialize`, and are wiped on drop. No error quotes an answer that could hold a secret.
//! * **Nothing surprises.** An answer with a new member, a new value or a `null` still reads. An error page of a
//!   proxy keeps its status.
//!
//! Calls are made once: nothing is sent again after a failure.
//!
//! The machine-written client underneath is [`raw`].

mod client;
mod config;
mod credentials;
mod error;
// Formatted by the generator, with rules of its own.
#[rustfmt::skip]
mod generated;
mod operation;
mod preview;
mod resources;
mod scopes;
mod secret;
mod transport;
mod wire;

pub use client::{DEFAULT_BASE_URL, ManagementClient, ManagementClientBuilder};
pub use config::ConfigError;
pub use credentials::{ManagementKey, ProjectId};
pub use error::{Error, ErrorKind};
pub use generated::OPERATIONS;
/// A client to create; the server it belongs to is filled in by [`Clients`].
pub use generated::types::CreateMcpServerClientRequest as NewMcpServerClient;
/// A server to create: everything but its id.
pub use generated::types::CreateMcpServerRequest as NewMcpServer;
/// Which clients to list; the server is filled in by [`Clients`].
pub use generated::types::SearchMcpServerClientsRequest as ClientSearch;
/// New values for a client; the server it belongs to is filled in by [`Clients`].
pub use generated::types::UpdateMcpServerClientRequest as McpServerClientUpdate;
pub use generated::types::{
    CategorizedScopes, CimdDomainPolicies, CimdDomainPolicy, CimdSettings, CreateMcpServerClientResponse,
    DynamicRegistration, McpServer, McpServerClient, Scope, SessionSettings, SortField,
};
pub use operation::{Access, Basis, OperationFacts, Pagination};
pub use resources::clients::Clients;
pub use resources::page::Page;
pub use resources::servers::Servers;
pub use scopes::ApprovedScopes;
pub use secret::Secret;

/// The machine-written client: one method per operation, which sends one type and answers with another.
///
/// Get one from [`ManagementClient::raw`]. It adds nothing: wrappers are not unwrapped, and its errors are
/// progenitor's, whose `Display` can quote an answer. Use it for what the readable methods do not reach.
pub mod raw {
    pub use crate::generated::{Client, ClientInfo, Error, ResponseValue, operations, types};
}
