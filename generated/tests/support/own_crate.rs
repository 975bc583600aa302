//! Crates as a user would write them: outside of the workspace, with the client as a dependency.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo;

/// A crate in a folder that goes away.
pub(crate) struct OwnCrate(tempfile::TempDir);

impl OwnCrate {
    /// A crate with this manifest and this source. `{client}` in the manifest stands for the path of the client.
    pub(crate) fn new(manifest: &str, source: (&str, &str)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let client = format!("path = {:?}", cargo::root());
        assert_eq!(manifest.matches("{client}").count(), 1);
        let manifest = format!("{}\n{}", manifest.replace("{client}", &client), profile());
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src").join(source.0), source.1).unwrap();
        // The versions that the workspace was tested with, which are here already.
        fs::copy(cargo::root().join("../Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs cargo here, which must end well and warn of nothing. Answers with its output.
    pub(crate) fn succeeds(&self, command: &mut Command) -> String {
        let output = command.current_dir(self.path()).output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{command:?}: {log}");
        assert!(!log.contains("warning"), "{log}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The crates that someone with the client as the only dependency builds, with their versions.
pub(crate) fn crates_of(tree: &str) -> BTreeSet<&str> {
    tree.lines().map(|line| line.trim_end_matches(" (*)")).collect()
}

/// The profile of the workspace, so that its dependencies are found built. What it says of other crates would be warned of.
fn profile() -> String {
    let tree = cargo::cargo("tree")
        .args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"])
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let known: BTreeSet<_> = crates_of(&tree).into_iter().filter_map(|line| line.split(' ').next()).collect();
    let manifest = fs::read_to_string(cargo::root().join("../Cargo.toml")).unwrap();
    let (_, profile) = manifest.split_once("[profile.dev]").unwrap();
    let is_kept = |line: &&str| match line.split_once(".opt-level") {
        Some((name, _)) => known.contains(name),
        None => true,
    };
    let kept: Vec<_> = profile.lines().filter(is_kept).collect();
    format!("[profile.dev]{}", kept.join("\n"))
}
