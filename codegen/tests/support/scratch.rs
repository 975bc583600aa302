//! Crates made by tests, checked by the compiler.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use descope_mcp_codegen::{CrateOptions, GeneratedCrate, GeneratedFile, generate_crate};

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

/// Checks several generated modules in one crate of that name, each under a name of its own: their dependencies are
/// looked at once.
pub(crate) fn check_together(
    name: &str,
    modules: impl IntoIterator<Item = (String, Vec<GeneratedFile>)>,
) -> Result<(), String> {
    let mut files = generate_crate(SMALLEST, "smallest.yaml", &CrateOptions::new(name)).unwrap().files;
    let mut declarations = String::new();
    for (module, made) in modules {
        declarations += &format!(
            "pub mod {module};\nimpl progenitor_client::ClientHooks<crate::transport::Inner> for {module}::Client {{}}\n"
        );
        files.extend(made.into_iter().map(|file| GeneratedFile {
            path: format!("src/{module}/{}", file.path),
            contents: file.contents,
        }));
    }
    files.iter_mut().find(|file| file.path == "src/lib.rs").unwrap().contents += &declarations;
    check(&write(name, &files))
}

/// The files of the generated module of a crate, by their path in it.
pub(crate) fn module_of(made: GeneratedCrate) -> Vec<GeneratedFile> {
    let files = made.files.into_iter().filter_map(|file| {
        let path = file.path.strip_prefix("src/generated/")?.to_owned();
        Some(GeneratedFile { path, ..file })
    });
    files.collect()
}

const SMALLEST: &str = "{openapi: 3.0.3, paths: {/a: {get: {operationId: A}}}}";
