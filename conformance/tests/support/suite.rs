//! The suite as a program, for tests of what it writes.

use std::path::Path;

use descope_mcp_conformance::wire::target::Target;

use super::program::{against, conformance, output};

/// Runs the suite in a folder, which also has its journal; returns the exit code and everything that was printed.
pub(crate) async fn suite(folder: &Path, target: Option<&Target>, words: &[&str]) -> (Option<i32>, String) {
    let mut command = target.map_or_else(conformance, against);
    command.args(words).current_dir(folder).env("XDG_STATE_HOME", folder);
    let output = output(command).await;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code(), said)
}
