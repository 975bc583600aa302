//! Tasks that a program of their own does: `cargo xtask` builds it and becomes it.

use std::process::ExitCode;

use anyhow::Result;
use xtask::program;

/// Tells the suite what to call itself where it says how to repeat a run.
const SUITE_COMMAND: (&str, &str) = ("DESCOPE_CONFORMANCE_COMMAND", "cargo xtask conformance");

/// Arguments of such a task.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// Passed on as they are; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    words: Vec<String>,
}

/// Runs the conformance suite. The exit code is the one of the suite; cargo's own when it does not build.
pub(crate) fn conformance(arguments: &Arguments) -> Result<ExitCode> {
    program::run(program::SUITE, |suite| {
        suite.args(&arguments.words).env(SUITE_COMMAND.0, SUITE_COMMAND.1);
    })
}

/// Runs the maintenance task with this name.
pub(crate) fn maintenance(task: &str, arguments: &Arguments) -> Result<ExitCode> {
    program::run(program::MAINTENANCE, |maintenance| {
        maintenance.arg(task).args(&arguments.words);
    })
}
