//! Where the repository is, and running cargo in it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The document that everything is made from, relative to the root.
pub const SPEC: &str = "openapi/descope-mcp.yaml";
/// The folder with the generated client, relative to the root.
pub const GENERATED: &str = "generated/src/generated";
/// The tables of operations: the document of each, and the file that is made from it, both relative to the root.
pub const TABLES: [(&str, &str); 3] = [
    (SPEC, "operations/src/generated/descope_mcp.rs"),
    ("openapi/authorization-server.yaml", "operations/src/generated/authorization_server.rs"),
    ("codegen/tests/fixtures/every_method.yaml", "generated/tests/generated/every_method.rs"),
];
/// The folders that the generator owns, relative to the root.
pub const MACHINE_WRITTEN: [&str; 3] = [GENERATED, "operations/src/generated", "generated/tests/generated"];

/// Root of the repository: the nearest folder above the package that runs which has the lock file.
pub fn root() -> PathBuf {
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
    let package = Path::new(&manifest);
    let root = package.ancestors().skip(1).find(|folder| folder.join("Cargo.lock").is_file());
    root.unwrap_or(package).to_owned()
}

/// What git prints in the root.
///
/// # Errors
/// When git cannot be started, or fails: with what it says.
pub fn git(words: &[&str]) -> Result<String> {
    let answer = Command::new("git").args(words).current_dir(root()).output().context("starting git")?;
    if !answer.status.success() {
        bail!("git {}: {}", words.join(" "), String::from_utf8_lossy(&answer.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// A file as it was at a commit.
///
/// # Errors
/// When there is no such commit, or no such file in it.
pub fn file_at(commit: &str, path: &str) -> Result<String> {
    if commit.starts_with('-') {
        bail!("{commit} is no commit");
    }
    git(&["show", &format!("{commit}:{path}")])
}

/// The cargo that runs this task, started in the root.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root());
    // They describe this package to programs that cargo starts; to the cargo below they would describe a wrong one.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}
