//! Building the programs of this workspace, and running them.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::artifacts::{self, Artifact, Built};
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

/// Builds the program of a package that bears its name; where it is.
///
/// # Errors
/// When it does not build: cargo has said why.
pub fn build(package: &str) -> Result<PathBuf> {
    match try_build(package)? {
        Ok(program) => Ok(program),
        Err(_) => bail!("{package} does not build"),
    }
}

/// The same, with the exit code of a cargo that could not build it.
fn try_build(package: &str) -> Result<Result<PathBuf, ExitCode>> {
    let built = match env::var_os(BUILD_TOGETHER) {
        Some(_) => artifacts::build_workspace()?,
        None => {
            let mut cargo = workspace::cargo();
            cargo.args(["build", "--package", package, "--bin", package]);
            artifacts::build(cargo)?
        }
    };
    match built {
        Built::Failed(code) => Ok(Err(code)),
        Built::Artifacts(artifacts) => {
            let program = artifacts.into_iter().find(|artifact| is_program(artifact, package));
            let program = program.with_context(|| format!("cargo does not say where {package} is"))?;
            Ok(Ok(program.executable))
        }
    }
}

/// Whether it is the program with this name. The tests in the source of a program have the same name.
fn is_program(artifact: &Artifact, name: &str) -> bool {
    artifact.kind == "bin" && artifact.name == name && !artifact.is_test
}

/// Builds a program and becomes it: its exit code and its signals are those of this process.
///
/// # Errors
/// When it cannot be built or started.
pub fn run(package: &str, configure: impl FnOnce(&mut Command)) -> Result<ExitCode> {
    let program = match try_build(package)? {
        Ok(program) => program,
        Err(code) => return Ok(code),
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
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_told_from_its_tests_and_from_libraries() {
        let artifact = |kind: &str, name: &str, is_test| Artifact {
            kind: kind.into(),
            name: name.into(),
            is_test,
            executable: PathBuf::new(),
            package: PathBuf::new(),
        };
        assert!(is_program(&artifact("bin", "x", false), "x"));
        assert!(!is_program(&artifact("bin", "x", true), "x"));
        assert!(!is_program(&artifact("lib", "x", false), "x"));
        assert!(!is_program(&artifact("bin", "y", false), "x"));
    }
}
