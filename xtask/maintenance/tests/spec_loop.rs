//! The way from a change of the document to a program that uses it, walked in a copy of the repository: CI is red until
//! the client is made anew; then everything compiles, and client, emulator and suite know what is new.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SPEC: &str = "openapi/descope-mcp.yaml";
const MEMBER: &str = "        region:
          type: string
          nullable: true
          description: Where the server runs.
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The repository without what is built in it, as the next version of itself: packages of one name, version and place
/// in the workspace are one and the same to cargo, which would replace what it built of the repository itself.
fn copy() -> tempfile::TempDir {
    fn copy_folder(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let name = entry.file_name();
            if ["target", ".git", "node_modules"].iter().any(|left_out| name == *left_out) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                copy_folder(&entry.path(), &to.join(name));
            } else {
                fs::copy(entry.path(), to.join(name)).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&root(), folder.path());
    let manifest = folder.path().join("Cargo.toml");
    let (version, next) =
        (concat!("version = \"", env!("CARGO_PKG_VERSION"), "\""), "version = \"1000.0.0\"");
    let manifest_text = fs::read_to_string(&manifest).unwrap();
    let renamed = manifest_text.lines().map(|line| match line == version || line.contains(" path = ") {
        true => line.replace(version, next) + "\n",
        false => line.to_owned() + "\n",
    });
    fs::write(manifest, renamed.collect::<String>()).unwrap();
    folder
}

/// A task, told that the copy is its repository.
fn xtask(folder: &Path, words: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask-maintenance"))
        .args(words)
        .env("CARGO_MANIFEST_DIR", folder.join("xtask/maintenance"))
        .output()
        .unwrap();
    told(output)
}

fn told(output: Output) -> (bool, String) {
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text.into_owned())
}

#[test]
fn a_new_member_goes_from_the_document_to_client_emulator_and_suite() {
    let folder = copy();
    let folder = folder.path();
    assert!(xtask(folder, &["codegen", "--check"]).0);

    let mut text = fs::read_to_string(folder.join(SPEC)).unwrap();
    for schema in ["McpServer", "CreateMcpServerRequest"] {
        let start = text.find(&format!("\n    {schema}:\n")).unwrap();
        let members =
            start + text[start..].find("      properties:\n").unwrap() + "      properties:\n".len();
        text.insert_str(members, MEMBER);
    }
    fs::write(folder.join(SPEC), text).unwrap();
    let (ok, told_by_lint) = xtask(folder, &["spec", "lint"]);
    assert!(ok, "{told_by_lint}");
    let (ok, red) = xtask(folder, &["codegen", "--check"]);
    assert!(!ok && red.contains("+    pub region: "), "{red}");
    let (ok, made) = xtask(folder, &["codegen"]);
    assert!(ok && made.contains("types.rs"), "{made}");
    assert!(xtask(folder, &["codegen", "--check"]).0);

    let user = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec_loop/new_member.rs");
    fs::copy(user, folder.join("conformance/tests/new_member.rs")).unwrap();
    let cargo = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        // What the repository depends on is built already; programs go to the copy, not over those of the repository.
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        command.args(words).current_dir(folder);
        command.env("CARGO_BUILD_BUILD_DIR", built).env("CARGO_TARGET_DIR", folder.join("target"));
        for (name, _) in std::env::vars_os() {
            // They describe this test to those it starts, for whom they are wrong.
            if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
                command.env_remove(name);
            }
        }
        told(command.output().unwrap())
    };
    let (ok, compiled) = cargo(&["check", "--workspace", "--quiet"]);
    assert!(ok, "{compiled}");
    let (ok, tested) = cargo(&["test", "--package", "descope-mcp-conformance", "--test", "new_member"]);
    assert!(ok && tested.contains("3 passed"), "{tested}");
}

#[test]
fn a_wrong_command_line_is_not_taken_for_a_change_that_breaks() {
    let code = |words: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_xtask-maintenance")).args(words).output().unwrap().status.code()
    };
    assert_eq!(code(&["spec", "diff"]), Some(64));
    assert_eq!(code(&["spec", "diff", "--help"]), Some(0));
    assert_eq!(code(&["spec", "diff", "/nowhere"]), Some(4));
}
