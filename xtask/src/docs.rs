//! `cargo xtask docs`: writes the files that are made from the document and from the conformance suite's own code, or
//! checks that they are current.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use descope_mcp_spec::{Document, Place, operations_page, parse};
use similar::TextDiff;

use crate::program;
use crate::workspace::{self, SPEC};

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

/// Writes the tables of operations and of properties, and the schema of the JSON report.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Writes nothing; prints what would change and fails if anything would.
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
    if stale {
        eprintln!("error: these files are not current\nhint: run `{CURE}` and commit what it writes");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
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
