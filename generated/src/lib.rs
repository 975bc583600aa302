#![doc = include_str!("../README.md")]

mod answer;
mod base_url;
mod call;
mod client;
mod clock;
mod config;
mod credentials;
mod edit;
mod error;
// Formatted by the generator, with rules of its own.
#[rustfmt::skip]
mod generated;
mod limiter;
mod preview;
mod record_locks;
mod resources;
mod retry;
mod run;
mod scopes;
mod search;
mod secret;
mod sent;
mod transport;
mod unknown;
#[cfg(feature = "untyped")]
mod untyped;
mod wire;

pub use client::{DEFAULT_BASE_URL, ManagementClient, ManagementClientBuilder};
pub use clock::{Clock, SystemClock, Wait};
pub use config::ConfigError;
pub use credentials::{ManagementKey, ProjectId};
/// The table of operations that the untyped call goes by. Needs the feature `untyped`.
#[cfg(feature = "untyped")]
pub use descope_mcp_operations as operations;
pub use edit::Edited;
pub use error::{Error, ErrorKind};
/// A client to create; the server it belongs to is filled in by [`Clients`].
pub use generated::types::CreateMcpServerClientRequest as NewMcpServerClient;
/// A server to create: everything but its id.
pub use generated::types::CreateMcpServerRequest as NewMcpServer;
/// New values for a client; the server it belongs to is filled in by [`Clients`].
pub use generated::types::UpdateMcpServerClientRequest as McpServerClientUpdate;
pub use generated::types::{
    CategorizedScopes, CimdDomainPolicies, CimdDomainPolicy, CimdSettings, CreateMcpServerClientResponse,
    DynamicRegistration, McpServer, McpServerClient, Scope, SessionSettings, SortField,
};
pub use limiter::Quota;
pub use resources::clients::Clients;
pub use resources::servers::Servers;
pub use retry::RetryPolicy;
pub use scopes::ApprovedScopes;
pub use search::{ClientSearch, ClientStream, Page};
pub use secret::Secret;
pub use unknown::UnknownMembers;
#[cfg(feature = "untyped")]
pub use untyped::Answer;

/// The machine-written client: one method per operation, which sends one type and answers with another.
///
/// Get one from [`ManagementClient::raw`], which is the only way to one: its connections are those of the client, and
/// a request to anywhere but the client's base URL is refused before it leaves, whoever made it. It adds nothing:
/// wrappers are not unwrapped, answers may lack what they are for, and its errors are progenitor's, whose `Display`
/// can quote an answer. Use it for what the readable methods do not reach.
pub mod raw {
    pub use crate::generated::{Client, ClientInfo, Error, ResponseValue, types};
}
