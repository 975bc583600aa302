//! What cargo has built, as its messages tell.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace;

/// A program that cargo has built.
#[derive(Debug, PartialEq, Eq)]
pub struct Artifact {
    /// What it is made from: `bin`, `test`, `lib`, ….
    pub kind: String,
    /// Name of the target.
    pub name: String,
    /// Whether it runs the tests of the target.
    pub is_test: bool,
    /// Where the program is, whatever the target folder is.
    pub executable: PathBuf,
    /// Folder of its package.
    pub package: PathBuf,
}

/// What came of a build.
pub enum Built {
    /// The programs.
    Artifacts(Vec<Artifact>),
    /// It failed; cargo has said why.
    Failed(ExitCode),
}

/// Builds the workspace with all of its tests.
///
/// # Errors
/// When cargo cannot be started.
pub fn build_workspace() -> Result<Built> {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--no-run", "--workspace"]);
    build(cargo)
}

/// Runs a cargo command that builds.
///
/// # Errors
/// When cargo cannot be started.
pub fn build(mut cargo: Command) -> Result<Built> {
    cargo.args(["--quiet", "--message-format", "json-render-diagnostics"]);
    let built = cargo.stderr(Stdio::inherit()).output().context("starting cargo")?;
    if !built.status.success() {
        // Cargo that was ended by a signal has no code.
        let code = built.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        return Ok(Built::Failed(ExitCode::from(code)));
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    Ok(Built::Artifacts(messages.lines().filter_map(artifact).collect()))
}

/// The program that a message of cargo is about.
fn artifact(message: &str) -> Option<Artifact> {
    let message: Value = serde_json::from_str(message).ok()?;
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str);
    Some(Artifact {
        kind: text("/target/kind/0")?.to_owned(),
        name: text("/target/name")?.to_owned(),
        is_test: message.pointer("/profile/test") == Some(&Value::Bool(true)),
        executable: PathBuf::from(text("/executable")?),
        package: PathBuf::from(text("/manifest_path")?).parent()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_about_a_program_says_what_it_is_and_where() {
        let message = r#"{"reason":"compiler-artifact","manifest_path":"/r/spec/Cargo.toml","target":{"kind":["test"],
            "name":"lint"},"profile":{"test":true},"executable":"/a \"b\"/lint-1"}"#;
        let expected = Artifact {
            kind: "test".into(),
            name: "lint".into(),
            is_test: true,
            executable: PathBuf::from("/a \"b\"/lint-1"),
            package: PathBuf::from("/r/spec"),
        };
        assert_eq!(artifact(message), Some(expected));
        let library = message.replace(r#""/a \"b\"/lint-1""#, "null");
        assert_eq!(artifact(&library), None);
        assert_eq!(artifact("warning: no JSON"), None);
    }
}
