//! What the tasks of this repository share: where it is, how its programs are built and run, and how a task begins and ends.
//!
//! `cargo xtask` itself builds in seconds, so that a first `cargo xtask conformance` compiles the suite and little else.
//! Tasks that need the generator or the document are in the package `xtask-maintenance`, which `cargo xtask` builds when
//! one of them is asked for.

pub mod about;
pub mod artifacts;
pub mod program;
pub mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use descope_mcp_program::Failure;

/// Reads the command line, runs the task that it names, and returns the exit code. Says why, if the task fails.
pub fn main<A: clap::Parser>(run: impl FnOnce(A) -> Result<ExitCode>) -> ExitCode {
    match descope_mcp_program::arguments().map(run) {
        Ok(Ok(code)) | Err(code) => code,
        Ok(Err(error)) => ExitCode::from(Failure::new(1, format!("{error:#}")).report()),
    }
}
