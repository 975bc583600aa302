//! `cargo xtask conformance`: builds and runs the suite, and returns its exit code.

use std::process::{ExitCode, ExitStatus};

use anyhow::{Context, Result};

use crate::program::SUITE;
use crate::workspace;

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
    // Built apart, so that a failed build is not taken for an answer of the suite.
    let build = ["build", "--quiet", "--package", SUITE, "--bin", SUITE];
    let built = workspace::cargo().args(build).status().context("starting cargo")?;
    if !built.success() {
        return Ok(code(built));
    }
    let run = ["run", "--quiet", "--package", SUITE, "--bin", SUITE, "--"];
    let mut suite = workspace::cargo();
    let ran = suite.args(run).args(&arguments.suite).env(COMMAND.0, COMMAND.1);
    let ran = ran.status().context("starting cargo")?;
    Ok(code(ran))
}

/// The exit code of a program, in the shell's way when a signal ended it.
fn code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or_else(|| signal.map(|signal| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
