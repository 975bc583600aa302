//! The OpenAPI document of Descope's MCP server management API, and what can be asked of it at run time.
//!
//! The document itself is `descope-mcp.yaml` ([`MANAGEMENT_YAML`]); `README.md` beside it says what its
//! `x-` keys mean. This crate parses it once ([`Document::management`]) and answers three kinds of question:
//!
//! * what operations are there, and what is stated about each ([`Document::operations`]);
//! * does this body fit its schema, and if not, where and why ([`Document::validate_request`],
//!   [`Document::validate_response`], [`Document::unknown_members`]);
//! * which members does a schema have ([`Document::members`]).
//!
//! It is used by the emulator and by the conformance suite, on both sides of the wire. It does no I/O, and
//! nothing it reports ever holds a value out of a body: a body may hold a client secret.
//!
//! ```
//! use descope_mcp_openapi::Document;
//!
//! let document = Document::management();
//! let body = serde_json::json!({"name": 7});
//! let violations = document.validate_request("CreateMcpServer", &body);
//! assert_eq!(violations[0].pointer, "/name");
//! assert_eq!(violations[0].message, "name must be a string, but it is a number");
//! ```

mod compile;
mod document;
mod error;
mod member;
mod operation;
mod pointer;
mod reference;
mod translate;
mod unknown;
mod violation;

pub use document::Document;
pub use error::ParseError;
pub use member::{Kind, Member};
pub use operation::{Access, Basis, Operation, Paginated};
pub use violation::{Violation, ViolationKind};

/// The text of `descope-mcp.yaml`: OpenAPI 3.0.3, the 14 operations under `/v1/mgmt/mcp/server`.
pub const MANAGEMENT_YAML: &str = include_str!("../descope-mcp.yaml");
