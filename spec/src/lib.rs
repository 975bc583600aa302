//! Looks after the project's OpenAPI documents: checks that they keep to the conventions ([`lint`]), and says what
//! changed from one to another ([`diff`]).
//!
//! A pure library, like the generator whose tree it works on: text in, findings out. It opens no file and starts no
//! program; `cargo xtask spec` does.

pub mod diff;
pub mod lint;
mod page;
mod version;
mod walk;

pub use descope_mcp_codegen::document::{Node, Place, parse};
pub use descope_mcp_codegen::{Errors, Finding};
pub use descope_mcp_openapi::{Document, ParseError, cited_ids};
pub use page::operations_page;
pub use version::next_version;
