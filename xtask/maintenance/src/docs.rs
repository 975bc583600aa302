//! `cargo xtask docs`: writes every file that is made from the document, from the conformance suite's own code, or by a test
//! that keeps what it found in a file; or checks that they are current.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use descope_mcp_spec::{Document, Place, operations_page, parse};
use similar::TextDiff;

use xtask::program;
use xtask::workspace::{self, SPEC};

/// What a person types to bring the files up to date.
const CURE: &str = "cargo xtask docs";

/// What a file is made from.
enum Source {
    /// The suite, which knows it by this name.
    Suite(&'static str),
    /// The document.
    Document,
}

/// The files, relative to the root.
const FILES: [(&str, Source); 3] = [
    ("docs/operations.md", Source::Document),
    ("docs/properties.md", Source::Suite("properties")),
    ("conformance/report.schema.json", Source::Suite("report-schema")),
];

/// A file that a test writes where a variable is set, and compares otherwise.
struct Kept {
    file: &'static str,
    package: &'static str,
    test: &'static str,
    variable: &'static str,
}

/// The files that tests keep.
const KEPT: [Kept; 2] = [
    Kept { file: "docs/mutants.md", package: program::SUITE, test: "mutants", variable: "MUTANTS_WRITE" },
    Kept {
        file: "codegen/tests/hostile/expected.txt",
        package: "descope-mcp-codegen",
        test: "hostile",
        variable: "HOSTILE_WRITE",
    },
];

/// Writes the tables of operations, properties and mutants, the schema of the JSON report, and what is expected of hostile
/// documents.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Writes nothing; prints what would change, and fails if anything would change. Leaves out what `cargo test` checks.
    #[arg(long)]
    check: bool,
}

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let suite = program::build(program::SUITE)?;
    let mut stale = false;
    for (path, name) in FILES {
        let wanted = match name {
            Source::Suite(name) => printed(&suite, name)?,
            Source::Document => operations()?,
        };
        let file = workspace::root().join(path);
        // Line ends of a checkout on Windows are git's business; a missing file differs from every text.
        let found = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
        if found == wanted {
            println!("{path} is current");
        } else if arguments.check {
            let (old, new) = (format!("a/{path}"), format!("b/{path}"));
            print!("{}", TextDiff::from_lines(&found, &wanted).unified_diff().header(&old, &new));
            stale = true;
        } else {
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
            }
            fs::write(&file, wanted).with_context(|| format!("writing {path}"))?;
            println!("wrote {path}");
        }
    }
    for kept in KEPT {
        let Kept { file, package, test, .. } = kept;
        if arguments.check {
            println!("{file} is checked by `cargo test --package {package} --test {test}`");
        } else {
            keep(&kept)?;
            println!("{file} is current");
        }
    }
    if stale {
        eprintln!("error: these files are not current\nhint: run `{CURE}` and commit what it writes");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets a test write its file.
fn keep(Kept { file, package, test, variable }: &Kept) -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--quiet", "--package", package, "--test", test]).env(variable, "1");
    let tested = cargo.output().context("starting cargo")?;
    if !tested.status.success() {
        let told = [tested.stdout, tested.stderr].concat();
        bail!(
            "the test {test} of {package}, which writes {file}, fails:\n{}",
            String::from_utf8_lossy(&told)
        );
    }
    Ok(())
}

/// What the suite prints under this name.
fn printed(suite: &Path, name: &str) -> Result<String> {
    let made = Command::new(suite)
        .args(["--print", name])
        .output()
        .with_context(|| format!("starting {}", suite.display()))?;
    if !made.status.success() {
        bail!("the suite does not print {name}: {}", String::from_utf8_lossy(&made.stderr));
    }
    String::from_utf8(made.stdout).with_context(|| format!("reading {name}"))
}

fn operations() -> Result<String> {
    let text = fs::read_to_string(workspace::root().join(SPEC)).with_context(|| format!("reading {SPEC}"))?;
    let document = Document::parse(&text).with_context(|| format!("reading {SPEC}"))?;
    Ok(operations_page(&document, &Place::root(&parse(&text, SPEC)?)))
}
