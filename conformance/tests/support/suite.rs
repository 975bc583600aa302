//! The suite as a program, for tests of what it writes.

use std::path::Path;
use std::process::Command;

use descope_mcp_conformance::wire::target::Target;

/// Runs the suite in a folder, which also has its journal; returns the exit code and everything that was printed.
pub(crate) async fn suite(folder: &Path, target: Option<&Target>, words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-conformance"));
    command.args(words).current_dir(folder).env("XDG_STATE_HOME", folder);
    if let Some(target) = target {
        command
            .args(["--target", target.base_url.as_str()])
            .env("DESCOPE_PROJECT_ID", target.project_id.as_str())
            .env("DESCOPE_MANAGEMENT_KEY", target.management_key.expose());
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code(), said)
}
