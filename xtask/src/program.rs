//! Building the programs of this workspace, and running them.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace;

/// Package and program of the emulator.
pub const EMULATOR: &str = "descope-mcp-emulator";
/// Package and program of the conformance suite.
pub const SUITE: &str = "descope-mcp-conformance";
/// Package and program of the tasks that need the generator or the document.
pub const MAINTENANCE: &str = "xtask-maintenance";

/// Where this variable is set, a program is built together with the whole workspace and its tests. Cargo builds a dependency
/// anew for every set of features that is asked of it, and a single package asks for fewer than the workspace does.
/// `cargo xtask test` sets it, so that each dependency is built once.
pub const BUILD_TOGETHER: &str = "XTASK_BUILD_TOGETHER";

/// A program, or the exit code of the cargo that could not build it.
enum Built {
    Program(PathBuf),
    Failed(ExitCode),
}

/// Builds the program of a package that bears its name; where it is.
///
/// # Errors
/// When it does not build: cargo has said why.
pub fn build(package: &str) -> Result<PathBuf> {
    match try_build(package)? {
        Built::Program(program) => Ok(program),
        Built::Failed(_) => bail!("{package} does not build"),
    }
}

fn try_build(package: &str) -> Result<Built> {
    let mut cargo = workspace::cargo();
    match env::var_os(BUILD_TOGETHER) {
        Some(_) => cargo.args(["test", "--no-run", "--workspace"]),
        None => cargo.args(["build", "--package", package, "--bin", package]),
    };
    cargo.args(["--quiet", "--message-format", "json-render-diagnostics"]);
    let built = cargo.stderr(Stdio::inherit()).output().context("starting cargo")?;
    if !built.status.success() {
        return Ok(Built::Failed(code(built.status)));
    }
    // Cargo says where it put the program, whatever the target folder is.
    let messages = String::from_utf8_lossy(&built.stdout);
    let program = messages.lines().find_map(|line| executable(line, package));
    program.map(Built::Program).with_context(|| format!("cargo does not say where {package} is"))
}

/// The path in a message of cargo, if the message is about the program with this name.
fn executable(message: &str, program: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let target = message.get("target")?;
    let is_program = target.get("kind")?.as_array()?.iter().any(|kind| kind == "bin");
    // The tests in the source of a program are an executable of the same name.
    let is_test = message.pointer("/profile/test") == Some(&Value::Bool(true));
    let is_it = is_program && !is_test && target.get("name")? == program;
    is_it.then(|| message.get("executable")?.as_str().map(PathBuf::from)).flatten()
}

/// Builds a program and becomes it: its exit code and its signals are those of this process.
///
/// # Errors
/// When it cannot be built or started.
pub fn run(package: &str, configure: impl FnOnce(&mut Command)) -> Result<ExitCode> {
    let program = match try_build(package)? {
        Built::Program(program) => program,
        Built::Failed(code) => return Ok(code),
    };
    let mut command = Command::new(program);
    configure(&mut command);
    become_it(command)
}

#[cfg(unix)]
fn become_it(mut command: Command) -> Result<ExitCode> {
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    Err(error).with_context(|| format!("starting {:?}", command.get_program()))
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Result<ExitCode> {
    let status = command.status().with_context(|| format!("starting {:?}", command.get_program()))?;
    Ok(code(status))
}

fn code(status: ExitStatus) -> ExitCode {
    // Cargo that was ended by a signal has no code.
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_tells_a_program_from_its_tests_and_from_libraries() {
        let message = |kind: &str, name: &str, test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"kind":["{kind}"],"name":"{name}"}},"profile":{{"test":{test}}},"executable":"/a \"b\"/{name}"}}"#
            )
        };
        assert_eq!(executable(&message("bin", "x", false), "x"), Some(PathBuf::from("/a \"b\"/x")));
        assert_eq!(executable(&message("bin", "x", true), "x"), None);
        assert_eq!(executable(&message("lib", "x", false), "x"), None);
        assert_eq!(executable(&message("bin", "y", false), "x"), None);
        assert_eq!(executable("warning: no JSON", "x"), None);
    }
}
