//! A property-based conformance suite for Descope's MCP server management API. Unofficial.
//!
//! A run takes *plans* (lists of steps with symbolic references) to a target and judges every step by every *property*
//! that applies to it. A property is a pure function over what was known before, the recorded exchange and what is known
//! after; so each step is worth as much as possible where requests are scarce, and properties are tested without a
//! network.
//!
//! ARCHITECTURE.md lists the modules in the order of their imports, which is also an order to read them in.

mod actions;
mod call;
mod capability;
pub mod cli;
mod documented;
pub mod embedded;
mod invisible;
mod json;
mod labels;
pub mod model;
mod observations;
pub mod plan;
pub mod plans;
pub mod properties;
pub mod report;
pub mod run;
pub mod shard;
mod stored;
#[cfg(test)]
mod story;
mod text;
pub mod wire;

/// Compiles what the README of the repository shows.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
