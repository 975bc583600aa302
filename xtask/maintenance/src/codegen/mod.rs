//! `cargo xtask codegen`: writes the generated files, or checks that they are current; with `--spec`, generates a crate
//! from any other document.

mod foreign;

use std::collections::BTreeMap;
use std::fs;
use std::panic;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use similar::TextDiff;

use xtask::workspace::{self, GENERATED, MACHINE_WRITTEN, SPEC, TABLES};

/// What a person types to bring the files up to date.
const CURE: &str = "cargo xtask codegen";

/// Contents of files by their path below the root.
type Files = BTreeMap<String, String>;

/// Generates the client code and the tables of operations, or with `--spec` a crate from any OpenAPI document.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Writes nothing; prints what would change, and fails if anything would change.
    #[arg(long, conflicts_with = "spec")]
    check: bool,
    #[command(flatten)]
    foreign: Option<foreign::Arguments>,
}

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if let Some(foreign) = &arguments.foreign {
        return foreign::run(foreign);
    }
    let root = workspace::root();
    let expected = quietly(|| expected(&root));
    let expected = expected?;
    if !arguments.check {
        let changed = write(&root, &expected)?;
        println!("{}", if changed.is_empty() { "nothing to change".to_owned() } else { changed.join("\n") });
        return Ok(ExitCode::SUCCESS);
    }
    let diff = check(&root, &expected)?;
    if diff.is_empty() {
        println!("{} are what the documents ask for", MACHINE_WRITTEN.join(", "));
        return Ok(ExitCode::SUCCESS);
    }
    print!("{diff}");
    eprintln!(
        "error: machine-written files do not fit their documents\nhint: run `{CURE}` and commit what it writes"
    );
    Ok(ExitCode::FAILURE)
}

/// Does the work while panics print nothing: the generator reports those of what it uses as errors of its own. Done
/// here, not where tests come by: the hook belongs to the whole process.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = work();
    panic::set_hook(hook);
    outcome
}

/// Writes what differs, deletes what is left over, and says which files those were.
fn write(root: &Path, expected: &Files) -> Result<Vec<String>> {
    let present = present(root)?;
    let mut changed = Vec::new();
    for (path, contents) in expected {
        if present.get(path) == Some(contents) {
            continue;
        }
        let file = root.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        }
        fs::write(&file, contents).with_context(|| format!("writing {}", file.display()))?;
        changed.push(format!("wrote {path}"));
    }
    for path in present.keys().filter(|path| !expected.contains_key(*path)) {
        let file = root.join(path);
        fs::remove_file(&file).with_context(|| format!("deleting {}", file.display()))?;
        changed.push(format!("deleted {path}"));
    }
    Ok(changed)
}

/// What would change, as a unified diff; empty when nothing would.
fn check(root: &Path, expected: &Files) -> Result<String> {
    let present = present(root)?;
    let mut paths: Vec<_> = expected.keys().chain(present.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut diff = String::new();
    for path in paths {
        let (old, old_name) = side(present.get(path), &format!("a/{path}"));
        let (new, new_name) = side(expected.get(path), &format!("b/{path}"));
        if present.get(path) != expected.get(path) {
            diff += &TextDiff::from_lines(old, new).unified_diff().header(&old_name, &new_name).to_string();
            if old.is_empty() && new.is_empty() {
                diff += &format!("--- {old_name}\n+++ {new_name}\n");
            }
        }
    }
    Ok(diff)
}

fn side<'a>(contents: Option<&'a String>, name: &str) -> (&'a str, String) {
    match contents {
        Some(contents) => (contents, name.to_owned()),
        None => ("", "/dev/null".to_owned()),
    }
}

/// The files that the documents ask for, by path below the root.
fn expected(root: &Path) -> Result<Files> {
    let text = |document: &str| {
        let path = root.join(document);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    };
    let client = descope_mcp_codegen::generate(&text(SPEC)?, SPEC)?;
    let mut files: Files =
        client.into_iter().map(|file| (format!("{GENERATED}/{}", file.path), file.contents)).collect();
    for (document, table) in TABLES {
        let contents = descope_mcp_codegen::generate_table(&text(document)?, document)?;
        files.insert(table.to_owned(), contents);
    }
    Ok(files)
}

/// The files that are there, by path below the root.
fn present(root: &Path) -> Result<Files> {
    fn collect(folder: &Path, prefix: &str, files: &mut Files) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                collect(&entry.path(), &format!("{name}/"), files)?;
            } else {
                let bytes =
                    fs::read(entry.path()).with_context(|| format!("reading {}", entry.path().display()))?;
                // Line ends of a checkout on Windows are git's business, not a difference.
                files.insert(name, String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
            }
        }
        Ok(())
    }
    let mut files = BTreeMap::new();
    for name in MACHINE_WRITTEN {
        let folder = root.join(name);
        if folder.exists() {
            collect(&folder, &format!("{name}/"), &mut files)?;
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::{CURE, GENERATED, Result, SPEC, TABLES, expected, fs, workspace};

    /// A copy of the documents and of nothing else.
    fn copy() -> TempDir {
        let folder = TempDir::new().unwrap();
        for (document, _) in TABLES {
            let copied = folder.path().join(document);
            fs::create_dir_all(copied.parent().unwrap()).unwrap();
            fs::copy(workspace::root().join(document), copied).unwrap();
        }
        folder
    }

    fn write(folder: &TempDir) -> Result<Vec<String>> {
        super::write(folder.path(), &expected(folder.path())?)
    }

    fn check(folder: &TempDir) -> Result<String> {
        super::check(folder.path(), &expected(folder.path())?)
    }

    fn edit(folder: &TempDir, before: &str, after: &str) {
        let path = folder.path().join(SPEC);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "the document has no {before:?} any more");
        fs::write(path, text.replacen(before, after, 1)).unwrap();
    }

    fn file(folder: &TempDir, name: &str) -> String {
        fs::read_to_string(folder.path().join(GENERATED).join(name)).unwrap()
    }

    /// Edits the document, and checks that `--check` is red before `codegen` and green after.
    fn red_then_green(folder: &TempDir, before: &str, after: &str) -> String {
        write(folder).unwrap();
        assert_eq!(check(folder).unwrap(), "");
        edit(folder, before, after);
        let diff = check(folder).unwrap();
        assert!(diff.contains("@@"), "{diff}");
        write(folder).unwrap();
        assert_eq!(check(folder).unwrap(), "");
        diff
    }

    #[test]
    fn the_repository_is_up_to_date() {
        let diff = super::check(&workspace::root(), &expected(&workspace::root()).unwrap()).unwrap();
        assert!(diff.is_empty(), "{diff}\nrun `{CURE}` and commit what it writes");
    }

    #[test]
    fn a_new_optional_member_becomes_a_field_with_a_setter() {
        let folder = copy();
        let after = "    McpServer:\n      type: object\n      properties:\n        region:\n          type: string\n          nullable: true\n";
        let text = fs::read_to_string(folder.path().join(SPEC)).unwrap();
        let start = text.find("    McpServer:\n").expect("schema McpServer");
        let members = start + text[start..].find("      properties:\n").expect("its members");
        let diff = red_then_green(&folder, &text[start..members + "      properties:\n".len()], after);
        for expected in
            ["+    pub region: ::std::option::Option<::std::string::String>,", "+    pub fn region("]
        {
            assert!(diff.contains(expected), "{expected} in {diff}");
        }
    }

    #[test]
    fn a_new_operation_becomes_a_method_and_a_row_of_the_table() {
        let folder = copy();
        let text = fs::read_to_string(folder.path().join(SPEC)).unwrap();
        let load = text.find("  /v1/mgmt/mcp/server/load:\n").expect("path of LoadMcpServer");
        let end = load + 2 + text[load + 2..].find("\n  /v1/").expect("the path after it") + 1;
        let twin = text[load..end]
            .replace("/v1/mgmt/mcp/server/load:", "/v1/mgmt/mcp/server/load/twin:")
            .replace("operationId: LoadMcpServer", "operationId: LoadTwin");
        let diff = red_then_green(&folder, &text[load..end], &format!("{}{twin}", &text[load..end]));
        for expected in [
            "+    pub async fn load_twin<'a>(",
            "+    LOAD_TWIN,",
            "+            id: \"LoadTwin\",",
            "+            path: \"/v1/mgmt/mcp/server/load/twin\",",
        ] {
            assert!(diff.contains(expected), "{expected} in {diff}");
        }
    }

    #[test]
    fn a_member_marked_as_password_becomes_a_secret() {
        let folder = copy();
        // A member of both requests and answers: the harder case.
        let text = fs::read_to_string(folder.path().join(SPEC)).unwrap();
        let record = text.find("    McpServer:\n").expect("schema McpServer");
        let member =
            record + text[record..].find("        logo:\n          type: string\n").expect("its logo");
        let before = &text[record..member + "        logo:\n          type: string\n".len()];
        let diff = red_then_green(&folder, before, &format!("{before}          format: password\n"));
        assert!(diff.contains("+    pub logo: ::std::option::Option<crate::Secret>,"), "{diff}");
        assert!(diff.contains("serialize_with = \"crate::secret::serialize_for_request\""), "{diff}");
    }

    #[test]
    fn leftovers_and_missing_files_are_noticed() {
        let folder = copy();
        write(&folder).unwrap();
        let generated = folder.path().join(GENERATED);
        fs::write(generated.join("old.rs"), "// left over\n").unwrap();
        fs::write(generated.join("empty.rs"), "").unwrap();
        fs::remove_file(generated.join("types.rs")).unwrap();
        let diff = check(&folder).unwrap();
        for expected in ["-// left over", "empty.rs", "+++ b/generated/src/generated/types.rs"] {
            assert!(diff.contains(expected), "{expected} in {}", &diff[..500.min(diff.len())]);
        }
        let changed = write(&folder).unwrap();
        let names: Vec<_> = changed.iter().map(|line| line.replace(&format!("{GENERATED}/"), "")).collect();
        assert_eq!(names, ["wrote types.rs", "deleted empty.rs", "deleted old.rs"]);
        assert_eq!(check(&folder).unwrap(), "");
    }

    #[test]
    fn a_broken_document_changes_nothing_and_says_where() {
        let folder = copy();
        write(&folder).unwrap();
        let before = file(&folder, "types.rs");
        edit(&folder, "openapi: 3.0.3", "openapi: 3.1.0");
        let error = super::expected(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("openapi/descope-mcp.yaml:3:1: /openapi: "), "{error}");
        assert_eq!(file(&folder, "types.rs"), before);
    }
}
