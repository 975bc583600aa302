//! The tables that `cargo xtask codegen` writes: one file for each document.

#![allow(
    unreachable_pub,
    reason = "a table is written for any crate, and does not know how far it is to be seen"
)]

// What the tables take their types from.
use crate as operations;

// Formatted by the generator, with rules of its own.
#[rustfmt::skip]
pub(crate) mod authorization_server;
#[rustfmt::skip]
pub(crate) mod descope_mcp;
