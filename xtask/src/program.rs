//! Building a program of this workspace, and where it is then.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Package and program of the emulator.
pub(crate) const EMULATOR: &str = "descope-mcp-emulator";
/// Package and program of the conformance suite.
pub(crate) const SUITE: &str = "descope-mcp-conformance";

/// Builds the program of a package that bears its name; where it is.
pub(crate) fn build(package: &str) -> Result<PathBuf> {
    let flags = ["build", "--quiet", "--package", package, "--bin", package, "--message-format", "json"];
    let built = workspace::cargo().args(flags).stderr(Stdio::inherit()).output().context("starting cargo")?;
    if !built.status.success() {
        bail!("{package} does not build");
    }
    // Cargo says where it put the program, whatever the target folder is.
    let said = String::from_utf8_lossy(&built.stdout);
    let program = said.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once("\"executable\":\"")?;
        Some(PathBuf::from(rest.split('"').next()?))
    });
    program.with_context(|| format!("cargo does not say where {package} is"))
}
