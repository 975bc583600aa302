//! A property-based conformance suite for Descope's MCP server management API. Unofficial.
//!
//! A run takes *plans* (lists of steps with symbolic references) to a target and judges every step by every *property*
//! that applies to it. A property is a pure function over what was known before, the recorded exchange and what is known
//! after; so each step is worth as much as possible where requests are scarce, and properties are tested without a
//! network.
//!
//! Reading order: [`plan`], [`call`], [`exchange`], [`model`], [`property`], [`properties`], [`execute`], [`runner`].

pub mod authorization_server;
pub mod baseline;
pub mod call;
mod causes;
pub mod cleanup;
pub mod cli;
pub mod curl;
mod documents;
pub mod embedded;
pub mod exchange;
pub mod execute;
pub mod exit_code;
pub mod journal;
pub mod json;
pub mod leftovers;
pub mod model;
pub mod observations;
pub mod pace;
pub mod patience;
pub mod plan;
pub mod plans;
pub mod probe;
mod progress;
pub mod properties;
pub mod property;
pub mod registry;
pub mod replay;
pub mod report;
pub mod runner;
pub mod scrub;
pub mod sender;
pub mod set_up;
pub mod shrink;
pub mod spec;
#[cfg(test)]
mod story;
mod subjects;
pub mod sweep;
mod tally;
pub mod target;
pub mod typed_client;

/// Compiles what the README of the repository shows.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
