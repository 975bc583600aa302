//! Crates made by tests, checked by the compiler.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use descope_mcp_codegen::GeneratedFile;

/// Writes the files of a crate into a folder of its own below the target folder.
pub(crate) fn write(name: &str, files: &[GeneratedFile]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(folder.join("src"));
    for file in files {
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.contents).unwrap();
    }
    // The versions that the workspace was tested with, which are here already.
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

/// Whether the crate compiles, without TLS: building that takes longer than everything else. What the compiler said
/// otherwise.
pub(crate) fn check(folder: &Path) -> Result<(), String> {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--no-default-features"])
        .current_dir(folder)
        // One target folder for all of them: they have the same dependencies.
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("codegen-crates"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(said.into_owned()) }
}
