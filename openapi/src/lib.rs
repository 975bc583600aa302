//! The OpenAPI documents of Descope's MCP server management API and of its authorization servers, for use at run time.
//!
//! The documents are `descope-mcp.yaml` ([`MANAGEMENT_YAML`]) and `authorization-server.yaml`
//! ([`AUTHORIZATION_SERVER_YAML`]); `README.md` in the same folder explains their `x-` keys. This crate parses each
//! document once ([`Document::management`], [`Document::authorization_server`]) and answers three kinds of questions:
//!
//! * which operations exist, and what the document says about each ([`Document::operations`]);
//! * whether a body, form or query is valid, and if not, where and why ([`Document::validate_request`],
//!   [`Document::validate_form`], [`Document::validate_query`], [`Document::validate_response`],
//!   [`Document::unknown_members`]);
//! * which members a schema has ([`Document::members`]).
//!
//! The statements of the documents rest on facts, which `docs/facts.md` lists. [`cited_ids`], [`is_fact_id`] and
//! [`link_facts`] work with the ids of facts.
//!
//! [`Arguments`] validates the arguments of an untyped call against the table of `descope-mcp-operations`; it needs no
//! document.
//!
//! The emulator and the conformance suite use this crate, on both sides of the connection. It does no I/O. A report
//! never contains a value from a body, because a body may contain a client secret.
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

mod arguments;
mod compile;
mod document;
mod error;
mod fact;
mod form;
mod member;
mod operation;
mod pointer;
mod reference;
mod translate;
mod unknown;
mod violation;

pub use arguments::Arguments;
pub use document::Document;
pub use error::ParseError;
pub use fact::{cited_ids, is_fact_id, link_facts};
pub use member::{Kind, Member};
pub use operation::{Operation, Parameter};
pub use violation::{Violation, ViolationKind};

/// The text of `descope-mcp.yaml`: OpenAPI 3.0.3, the operations under `/v1/mgmt/mcp/server`.
pub const MANAGEMENT_YAML: &str = include_str!("../descope-mcp.yaml");

/// The text of `authorization-server.yaml`: OpenAPI 3.0.3, the authorization server of an MCP server.
pub const AUTHORIZATION_SERVER_YAML: &str = include_str!("../authorization-server.yaml");
