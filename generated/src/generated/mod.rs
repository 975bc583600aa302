// Machine-written by `cargo xtask codegen` from openapi/descope-mcp.yaml. Do not edit.

//! The machine-written client: one method per operation, its types, and the table of operations.
#![allow(
    clippy::all,
    clippy::unwrap_used,
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    unreachable_pub,
    unused_imports,
    reason = "written by a generator; descriptions are prose of the document, not Rustdoc"
)]
mod client;
/// Facts about every operation.
pub mod operations;
/// What operations send and answer with.
pub mod types;
pub use client::{Client, ClientInfo, Error, ResponseValue};
pub use operations::OPERATIONS;
