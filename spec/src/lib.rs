//! Looks after the project's OpenAPI documents: checks that they keep to the conventions ([`lint`]), and says what
//! changed from one to another ([`diff`]).
//!
//! A pure library, like the generator whose tree it works on: text in, findings out. It opens no file and starts no
//! program; `cargo xtask spec` does.

pub mod diff;
pub mod lint;
mod version;

pub use descope_mcp_codegen::document::{Node, Place, parse};
pub use descope_mcp_codegen::{Errors, Finding};
pub use version::next_version;
