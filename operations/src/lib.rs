#![doc = include_str!("../README.md")]

mod facts;
mod generated;
mod operation;
mod schema;

pub use facts::{Access, Basis, Pagination};
pub use operation::{Argument, Body, Document, Operation, Place, SecretMember};
pub use schema::{Definition, Schema};

/// The documents of the management API: what [`all`] and [`find`] look at. Operation ids are unique among them.
pub static MANAGEMENT: &[&Document] = &[&generated::descope_mcp::DOCUMENT];

/// The document of the authorization servers. No management key opens them, so [`all`] and [`find`] do not see it.
pub static AUTHORIZATION_SERVER: &Document = &generated::authorization_server::DOCUMENT;

/// Every operation of the management API, document after document, each in its own order.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    MANAGEMENT.iter().flat_map(|document| document.operations)
}

/// The operation of the management API with this id, such as `LoadMcpServer`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Operation> {
    MANAGEMENT.iter().find_map(|document| document.find(id))
}
