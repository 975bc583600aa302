//! `cargo xtask spec diff`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use descope_mcp_spec::diff::{
    Class, Deviations, Options, Outcome, changes, markdown, operations_in_scope, suggestions, text,
};
use descope_mcp_spec::{Node, Place, next_version, parse};

use crate::workspace::{self, SPEC};

/// Wanted differences between our document and Descope's.
const DEVIATIONS: &str = "openapi/deviations.yaml";

/// Says what changed from openapi/descope-mcp.yaml to another document, and what that breaks.
///
/// Exit codes: 0 nothing but documentation and declared differences, 1 additions, 2 something breaks, 3 a declared
/// difference is none any more, 4 a document cannot be used.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// An OpenAPI 3.0 or 3.1 document, YAML or JSON; operations that ours has no path for are left out of account.
    #[arg(required_unless_present = "base", conflicts_with = "base")]
    file: Option<PathBuf>,
    /// Compares the document of this commit (tag, branch) with the present one.
    #[arg(long, value_name = "GITREF")]
    base: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Prints the YAML that takes over what is new, each piece with the JSON pointer of where it goes.
    #[arg(long)]
    suggest: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Markdown,
}

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match compared(arguments) {
        Ok((outcome, suggestions)) => {
            match arguments.format {
                Format::Text => print!("{}", text(&outcome)),
                Format::Json => println!("{}", serde_json::to_string_pretty(&outcome)?),
                Format::Markdown => print!("{}", markdown(&outcome)),
            }
            if let Some(suggestions) = suggestions {
                print!("\n{suggestions}");
            }
            Ok(ExitCode::from(code(&outcome)))
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            Ok(ExitCode::from(4))
        }
    }
}

fn code(outcome: &Outcome) -> u8 {
    match outcome.class() {
        Some(class) if class.is_breaking() => 2,
        Some(Class::Additive) => 1,
        _ if !outcome.declared.stale.is_empty() => 3,
        _ => 0,
    }
}

fn compared(arguments: &Arguments) -> Result<(Outcome, Option<String>)> {
    let root = workspace::root();
    let ours = read(&root.join(SPEC), SPEC)?;
    let (outcome, after) = match (&arguments.file, &arguments.base) {
        (Some(file), _) => {
            let theirs = read(file, &file.display().to_string())?;
            let deviations = root.join(DEVIATIONS);
            let declared =
                fs::read_to_string(&deviations).with_context(|| format!("reading {DEVIATIONS}"))?;
            let deviations = Deviations::parse(&declared, DEVIATIONS)?;
            let names = [SPEC.to_owned(), file.display().to_string()];
            (compare(names, &ours, &theirs, &deviations, Options::default())?, theirs)
        }
        (None, Some(base)) => (since(base)?, ours.clone()),
        (None, None) => bail!("name a document, or a commit with --base"),
    };
    let suggestions = arguments
        .suggest
        .then(|| suggestions(&Place::root(&after), &outcome.declared.undeclared, &Place::root(&ours)));
    Ok((outcome, suggestions))
}

/// What changed in our document since a commit.
pub(super) fn since(base: &str) -> Result<Outcome> {
    let before = workspace::file_at(base, SPEC)?;
    let before = parse(&before, &format!("{base}:{SPEC}"))?;
    let after = read(&workspace::root().join(SPEC), SPEC)?;
    let names = [format!("{base}:{SPEC}"), SPEC.to_owned()];
    compare(names, &before, &after, &Deviations::default(), Options { texts: true })
}

fn read(path: &Path, name: &str) -> Result<Node> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(parse(&text, name)?)
}

fn compare(
    [before, after]: [String; 2],
    one: &Node,
    other: &Node,
    deviations: &Deviations,
    options: Options,
) -> Result<Outcome> {
    let (one, other) = (Place::root(one), Place::root(other));
    let operations = operations_in_scope(&one, &other);
    if operations == 0 {
        bail!("{after} has no operation whose path begins like those of {before}; is it the right document?");
    }
    let declared = deviations.declare(changes(&one, &other, options));
    let version = semver::Version::parse(env!("CARGO_PKG_VERSION"))?;
    let next = next_version(&version, &declared.undeclared).to_string();
    Ok(Outcome { before, after, operations, declared, version: version.to_string(), next_version: next })
}
