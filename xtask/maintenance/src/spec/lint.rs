//! `cargo xtask spec lint`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use descope_mcp_spec::lint::{Conventions, lint};
use descope_mcp_spec::{Place, parse};
use xtask::workspace::{self, SPEC};

/// The documents, with the conventions that each keeps to.
const DOCUMENTS: [(&str, Conventions); 2] = [
    (SPEC, Conventions::Management),
    ("openapi/authorization-server.yaml", Conventions::AuthorizationServer),
];

/// Checks the documents in openapi/.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Descope's own document; with it, checks that names are spelled in the same way.
    #[arg(long, value_name = "FILE")]
    upstream: Option<PathBuf>,
}

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let read =
        |path: &PathBuf| fs::read_to_string(path).with_context(|| format!("reading {}", path.display()));
    let upstream = match &arguments.upstream {
        Some(path) => Some(parse(&read(path)?, &path.display().to_string())?),
        None => None,
    };
    let upstream = upstream.as_ref().map(Place::root);
    let mut findings = 0;
    for (name, conventions) in DOCUMENTS {
        let text = read(&workspace::root().join(name))?;
        if let Err(errors) = lint(&text, name, conventions, upstream.as_ref()) {
            println!("{errors}");
            findings += errors.findings().len();
        }
    }
    if findings > 0 {
        eprintln!("error: {findings} breaches of the conventions in openapi/README.md");
        return Ok(ExitCode::FAILURE);
    }
    println!("{} documents keep to the conventions", DOCUMENTS.len());
    Ok(ExitCode::SUCCESS)
}
