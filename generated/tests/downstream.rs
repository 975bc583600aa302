//! A crate that has nothing but the client compiles, and how many crates it gets with it.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/cargo.rs"]
mod cargo;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Most crates that a user of the client may have to build. More is a decision, not an accident: raise it with a
/// reason.
const MAX_CRATES: usize = 150;

/// A copy of the crate, so that no lock file appears in the repository.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let original = cargo::root().join("tests/downstream");
    let manifest = fs::read_to_string(original.join("Cargo.toml")).unwrap();
    let client = format!("path = {:?}", cargo::root());
    assert_eq!(manifest.matches("path = \"../..\"").count(), 1);
    fs::write(folder.path().join("Cargo.toml"), manifest.replace("path = \"../..\"", &client)).unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::copy(original.join("src/lib.rs"), folder.path().join("src/lib.rs")).unwrap();
    // The versions that the workspace was tested with, which are here already.
    fs::copy(cargo::root().join("../Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    folder
}

fn succeeds(command: &mut Command, folder: &Path) -> String {
    let output = command.current_dir(folder).output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {log}");
    assert!(!log.contains("warning"), "{log}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_crate_with_the_client_as_its_only_dependency_compiles_without_warnings() {
    let folder = copy();
    succeeds(&mut cargo::cargo("build"), folder.path());

    let tree = succeeds(
        cargo::cargo("tree").args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"]),
        folder.path(),
    );
    let crates: BTreeSet<_> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    println!(
        "a crate with the client as its only dependency builds {} crates, itself included",
        crates.len()
    );
    assert!(crates.iter().any(|name| name.starts_with("descope-mcp-management ")));
    assert!(
        !crates.iter().any(|name| name.starts_with("descope-mcp-operations ")),
        "typed calls do without the table of operations"
    );
    assert!(crates.len() <= MAX_CRATES, "{} crates: {crates:#?}", crates.len());
}
