//! For unit tests of programs that use this crate: a client whose requests go nowhere, and errors of every kind. Needs the
//! feature `testing`; put it under `[dev-dependencies]`.
//!
//! ```
//! use descope_mcp_management::McpServer;
//! use descope_mcp_management::testing::{Reply, Script};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let script = Script::new();
//! script.answer("LoadMcpServer", Reply::server(&McpServer::default().id("MS1").name("orders")));
//! let client = script.client()?;
//!
//! let server = client.servers().load("MS1").await?;
//! assert_eq!(server.name.as_deref(), Some("orders"));
//! assert_eq!(script.requests()[0].body, serde_json::json!({"id": "MS1"}));
//! # Ok(())
//! # }
//! ```
//!
//! Everything but the network is real: requests are written, retried and logged, and answers are read, as those of the
//! service are. What the service does is in the replies alone; to test against something that behaves like it, use the
//! emulator of the same repository.

mod clock;
mod failure;
mod reply;
mod script;

pub use clock::SkippingClock;
pub use failure::{FailedCall, failed};
pub use reply::Reply;
pub(crate) use reply::ScriptedFailure;
pub use script::{RecordedRequest, Script};

use crate::edit::Edited;
use crate::search::Page;

/// The result of an edit, for a function under test that takes one.
#[must_use]
pub fn edited<T>(record: T, written: bool) -> Edited<T> {
    Edited { record, written }
}

/// A page of a search, for a function under test that takes one.
#[must_use]
pub fn page<T>(items: Vec<T>, total: Option<u64>) -> Page<T> {
    Page { items, total }
}
