//! Programs that cargo builds beside the tests.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs};

/// Folder of the crate.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder that cargo builds into.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Cargo, which may not fetch anything.
pub(crate) fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([command, "--offline"]).current_dir(root()).env("CARGO_TARGET_DIR", target());
    cargo
}

/// The program of an example.
///
/// `cargo test` has built it, unless it was asked for one test file only. Asking cargo every time would build all
/// dependencies again with the features of this crate alone when the whole workspace is tested.
pub(crate) fn example(name: &str) -> PathBuf {
    let tests = env::current_exe().unwrap();
    let program = tests.parent().unwrap().parent().unwrap().join("examples").join(name);
    let changed = ["src", "examples"].map(|folder| newest(&root().join(folder))).into_iter().max().unwrap();
    let built = fs::metadata(&program).and_then(|data| data.modified());
    if built.is_ok_and(|built| built > changed) {
        return program;
    }
    let status = cargo("build").args(["--quiet", "--example", name]).status().unwrap();
    assert!(status.success(), "the example {name} does not build");
    program
}

/// When a file below the folder was changed last.
fn newest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let times = entries.map(|entry| match entry.file_type().unwrap().is_dir() {
        true => newest(&entry.path()),
        false => entry.metadata().unwrap().modified().unwrap(),
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}
