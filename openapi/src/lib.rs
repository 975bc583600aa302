//! The OpenAPI documents of Descope's MCP server management API and of its authorization servers, and what can be asked
//! of them at run time.
//!
//! The documents themselves are `descope-mcp.yaml` ([`MANAGEMENT_YAML`]) and `authorization-server.yaml`
//! ([`AUTHORIZATION_SERVER_YAML`]); `README.md` beside them says what their `x-` keys mean. This crate parses each once
//! ([`Document::management`], [`Document::authorization_server`]) and answers three kinds of question:
//!
//! * what operations are there, and what is stated about each ([`Document::operations`]);
//! * does this body, form or query fit, and if not, where and why ([`Document::validate_request`],
//!   [`Document::validate_form`], [`Document::validate_query`], [`Document::validate_response`],
//!   [`Document::unknown_members`]);
//! * which members does a schema have ([`Document::members`]).
//!
//! What is stated rests on facts, which `docs/facts.md` lists; [`cited_ids`], [`is_fact_id`] and [`link_facts`] know
//! their ids.
//!
//! [`Arguments`] checks the arguments of an untyped call, by the table of `descope-mcp-operations` and without a document.
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

/// The text of `descope-mcp.yaml`: OpenAPI 3.0.3, the 14 operations under `/v1/mgmt/mcp/server`.
pub const MANAGEMENT_YAML: &str = include_str!("../descope-mcp.yaml");

/// The text of `authorization-server.yaml`: OpenAPI 3.0.3, what the authorization server of an MCP server answers.
pub const AUTHORIZATION_SERVER_YAML: &str = include_str!("../authorization-server.yaml");
