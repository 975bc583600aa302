//! A typed client, generated from an OpenAPI document.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let token = String::new();
//! // The crate's own name stands for `self` here.
//! # /*
//! let inner = Inner::bearer(&Secret::from(token))?;
//! let client = Client::new_with_client("https://api.example.com", reqwest::Client::new(), inner);
//! # */
//! # Ok(()) }
//! ```

// Futures of deeply nested records.
#![recursion_limit = "512"]

#[rustfmt::skip]
mod generated;
mod secret;
mod transport;
mod unknown;
#[allow(dead_code, reason = "which of it the generated types use depends on the document")]
mod wire;

pub use generated::{Client, ClientInfo, Error, OPERATIONS, ResponseValue, operations, types};
pub use generated::operations::OperationFacts;
pub use secret::Secret;
pub use transport::Inner;
pub use unknown::UnknownMembers;
