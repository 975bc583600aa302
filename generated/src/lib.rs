#![doc = include_str!("../README.md")]

mod answer;
mod base_url;
mod budget;
mod call;
mod client;
mod clock;
mod config;
mod connect;
mod credentials;
mod edit;
mod ensure;
pub mod environment;
mod error;
// Formatted by the generator, with rules of its own.
#[rustfmt::skip]
mod generated;
mod http_client;
mod http_settings;
mod limiter;
mod logged;
mod preview;
mod readable;
mod record_locks;
mod resources;
mod retry;
mod run;
mod scopes;
mod search;
mod secret;
mod sent;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;
mod unknown;
#[cfg(feature = "untyped")]
mod untyped;
mod wire;

pub use base_url::{BaseUrl, BaseUrlError};
pub use client::{DEFAULT_BASE_URL, ManagementClient, ManagementClientBuilder};
pub use clock::{Clock, SystemClock, Wait};
pub use config::ConfigError;
pub use connect::ConnectFailure;
pub use credentials::{ManagementKey, ProjectId};
/// The table of operations that the untyped call goes by. Needs the feature `untyped`.
#[cfg(feature = "untyped")]
pub use descope_mcp_operations as operations;
pub use edit::Edited;
pub use ensure::Ensured;
pub use error::{Error, ErrorKind};
/// A client to create; [`Clients`] fills in the server.
pub use generated::types::CreateMcpServerClientRequest as NewMcpServerClient;
/// A server to create: all members except the id.
pub use generated::types::CreateMcpServerRequest as NewMcpServer;
/// New values for a client; [`Clients`] fills in the server.
pub use generated::types::UpdateMcpServerClientRequest as McpServerClientUpdate;
pub use generated::types::{
    CategorizedScopes, CimdDomainPolicies, CimdDomainPolicy, CimdSettings, CreateMcpServerClientResponse,
    DynamicRegistration, McpServer, McpServerClient, Scope, SessionSettings, SortField,
};
pub use limiter::Quota;
pub use readable::{Readable, UnreadableRecord};
pub use resources::clients::Clients;
pub use resources::servers::Servers;
pub use retry::RetryPolicy;
pub use scopes::ApprovedScopes;
pub use search::{ClientSearch, ClientStream, Page};
pub use secret::Secret;
pub use unknown::UnknownMembers;
#[cfg(feature = "untyped")]
pub use untyped::Answer;

/// The generated client: one method per operation, with one request type and one response type.
///
/// Get it from [`ManagementClient::raw`]; there is no other way. It uses the connections of that client. A request to a
/// URL outside of the client's base URL is refused before it is sent, whoever made it. It adds nothing to the API:
/// responses keep their wrapper object and may lack members, and its errors are those of progenitor, whose `Display`
/// can quote a response. Use it for what the other methods do not offer.
pub mod raw {
    pub use crate::generated::{Client, ClientInfo, Error, ResponseValue, types};
}
