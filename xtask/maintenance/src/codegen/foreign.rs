//! `cargo xtask codegen --spec FILE --out DIR --crate NAME [--paths PREFIX]`: a crate that stands alone, from any OpenAPI
//! document.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use descope_mcp_codegen::limits::MAX_BYTES;
use descope_mcp_codegen::{CrateOptions, GeneratedCrate, NOTICE, generate_crate};

/// What is made from which document.
#[derive(Debug, clap::Args)]
#[group(id = "foreign", requires_all = ["spec", "out", "name"])]
pub(super) struct Arguments {
    /// Any OpenAPI 3.0 or 3.1 document, YAML or JSON.
    #[arg(long, value_name = "FILE", required = false)]
    spec: PathBuf,
    /// Folder for the crate; it must not exist, be empty, or contain only files that this command wrote.
    #[arg(long, value_name = "DIR", required = false)]
    out: PathBuf,
    /// Name of the package.
    #[arg(long = "crate", value_name = "NAME", required = false)]
    name: String,
    /// Only operations at this path or below it, such as /v1/mgmt.
    #[arg(long, value_name = "PREFIX", requires = "spec")]
    paths: Option<String>,
}

/// Runs the task.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let made = super::quietly(|| make(arguments))?;
    write(&arguments.out, &made)?;
    print!("{}", summary(&made, &arguments.out));
    Ok(ExitCode::SUCCESS)
}

fn make(arguments: &Arguments) -> Result<GeneratedCrate> {
    let Arguments { spec, name, paths, out } = arguments;
    check_folder(out)?;
    let shown = spec.display();
    let size = fs::metadata(spec).with_context(|| format!("reading {shown}"))?;
    if !size.is_file() {
        bail!("{shown} is not a file; --spec takes an OpenAPI document");
    }
    if size.len() > MAX_BYTES as u64 {
        bail!("{shown} has {} bytes; at most {MAX_BYTES} are read", size.len());
    }
    let bytes = fs::read(spec).with_context(|| format!("reading {shown}"))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{shown} is not UTF-8 text"))?;
    let mut options = CrateOptions::new(name);
    if let Some(prefix) = paths {
        options = options.paths(prefix);
    }
    // The name of the file alone, so that the crate is the same wherever the document lies.
    let file = spec.file_name().map_or_else(|| shown.to_string(), |name| name.to_string_lossy().into_owned());
    Ok(generate_crate(&text, &file, &options)?)
}

/// Refuses a folder with anything in it that this command did not write.
fn check_folder(folder: &Path) -> Result<()> {
    let shown = folder.display();
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("looking into {shown}")),
    };
    if entries.next().is_none() {
        return Ok(());
    }
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    if manifest.starts_with(&NOTICE.replacen("//", "#", 1)) {
        return Ok(());
    }
    bail!("{shown} has files in it that this command did not write; choose another folder for --out")
}

/// Writes all files, and deletes what an earlier run left in the folder of the generated module.
fn write(folder: &Path, made: &GeneratedCrate) -> Result<()> {
    let generated = folder.join("src/generated");
    if generated.exists() {
        fs::remove_dir_all(&generated).with_context(|| format!("deleting {}", generated.display()))?;
    }
    for file in &made.files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        }
        fs::write(&path, &file.contents).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

fn summary(made: &GeneratedCrate, folder: &Path) -> String {
    let mut text =
        format!("{}: {} operations, {} left out\n", folder.display(), made.operations, made.left_out.len());
    for one in &made.left_out {
        let finding = &one.finding;
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        text += &format!(
            "{} {} {}: {} ({}{line} {})\n",
            one.method, one.path, one.operation_id, finding.message, finding.file, finding.pointer
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use tempfile::TempDir;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: super::super::Arguments,
    }

    const SPEC: &str = "openapi: 3.0.3
paths:
  /v1/a: {get: {operationId: A}}
  /v1/b: {get: {operationId: B, responses: {'200': {$ref: '#/components/responses/None'}}}}
";

    /// A folder with that document in it, and the arguments that make a crate of it.
    fn prepared(spec: &str) -> (TempDir, Arguments) {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("spec.yaml");
        fs::write(&file, spec).unwrap();
        let out = folder.path().join("out");
        (folder, Arguments { spec: file, out, name: "made".to_owned(), paths: None })
    }

    #[test]
    fn the_crate_is_written_and_what_it_lacks_is_listed() {
        let (_folder, arguments) = prepared(SPEC);
        let made = make(&arguments).unwrap();
        write(&arguments.out, &made).unwrap();
        let text = summary(&made, &arguments.out);
        assert!(text.contains(": 1 operations, 1 left out\nGET /v1/b B: "), "{text}");
        assert!(text.contains("(spec.yaml:4 /paths/~1v1~1b/get/responses/200/$ref)"), "{text}");
        let manifest = fs::read_to_string(arguments.out.join("Cargo.toml")).unwrap();
        assert!(manifest.contains("name = \"made\""), "{manifest}");
        assert!(arguments.out.join("src/generated/client.rs").exists());
    }

    #[test]
    fn a_second_run_replaces_the_first_and_nothing_else_is_overwritten() {
        let (_folder, arguments) = prepared(SPEC);
        write(&arguments.out, &make(&arguments).unwrap()).unwrap();
        let left_over = arguments.out.join("src/generated/old.rs");
        fs::write(&left_over, "").unwrap();
        write(&arguments.out, &make(&arguments).unwrap()).unwrap();
        assert!(!left_over.exists());

        fs::write(arguments.out.join("Cargo.toml"), "[package]\n").unwrap();
        let error = make(&arguments).unwrap_err().to_string();
        assert!(error.contains("has files in it that this command did not write"), "{error}");
    }

    #[test]
    fn each_bad_argument_gives_one_error_that_names_it() {
        let (folder, arguments) = prepared(SPEC);
        let with = |change: &dyn Fn(&mut Arguments)| {
            let mut arguments = Arguments {
                spec: arguments.spec.clone(),
                out: arguments.out.clone(),
                name: arguments.name.clone(),
                paths: None,
            };
            change(&mut arguments);
            format!("{:#}", make(&arguments).unwrap_err())
        };
        let missing = folder.path().join("missing.yaml");
        let binary = folder.path().join("binary");
        fs::write(&binary, [0xff, 0xfe]).unwrap();
        for (error, expected) in [
            (with(&|arguments| arguments.spec = missing.clone()), "reading "),
            (with(&|arguments| arguments.spec = folder.path().to_owned()), "is not a file"),
            (with(&|arguments| arguments.spec = binary.clone()), "is not UTF-8"),
            (with(&|arguments| arguments.out = arguments.spec.clone()), "looking into "),
            (with(&|arguments| arguments.name = "No Name".to_owned()), "'No Name' cannot be the name"),
            (with(&|arguments| arguments.paths = Some("/v2".to_owned())), "at or below '/v2'"),
        ] {
            assert!(error.contains(expected), "{expected} in {error}");
        }
    }

    #[test]
    fn the_four_arguments_belong_together() {
        let parse = |words: &[&str]| Line::try_parse_from([&["codegen"], words].concat());
        assert!(parse(&[]).unwrap().arguments.foreign.is_none());
        assert!(parse(&["--check"]).unwrap().arguments.foreign.is_none());
        let all = ["--spec", "a", "--out", "b", "--crate", "c", "--paths", "/d"];
        assert!(parse(&all).unwrap().arguments.foreign.is_some());
        for words in [&all[..2], &all[..4], &all[2..6], &all[6..]] {
            assert!(parse(words).is_err(), "{words:?}");
        }
        assert!(parse(&[&["--check"], &all[..6]].concat()).is_err());
    }
}
