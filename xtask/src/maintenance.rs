//! `cargo xtask codegen`, `spec`, `docs` and `tidy`: built when one of them is asked for.

use std::process::ExitCode;

use anyhow::Result;
use xtask::program;

/// Arguments of the task.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// Passed on as they are; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    words: Vec<String>,
}

/// Runs the task with this name.
pub(crate) fn run(task: &str, arguments: &Arguments) -> Result<ExitCode> {
    program::run(program::MAINTENANCE, |maintenance| {
        maintenance.arg(task).args(&arguments.words);
    })
}
