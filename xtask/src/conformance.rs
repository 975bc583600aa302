//! `cargo xtask conformance`: builds and runs the suite, and returns its exit code.

use std::process::ExitCode;

use anyhow::Result;
use xtask::program;

/// Tells the suite what to call itself where it says how to repeat a run.
const COMMAND: (&str, &str) = ("DESCOPE_CONFORMANCE_COMMAND", "cargo xtask conformance");

/// Arguments of the suite.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// Arguments of the suite; `cargo xtask conformance --help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    suite: Vec<String>,
}

/// Runs the task. The exit code is the one of the suite; cargo's own when it does not build.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    program::run(program::SUITE, |suite| {
        suite.args(&arguments.suite).env(COMMAND.0, COMMAND.1);
    })
}
