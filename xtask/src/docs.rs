//! `cargo xtask docs`: writes the files that the conformance suite makes of its own code, or checks that they are current.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use similar::TextDiff;

use crate::{program, workspace};

/// What a person types to bring the files up to date.
const CURE: &str = "cargo xtask docs";

/// The files, relative to the root, each with the name that the suite knows it by.
const FILES: [(&str, &str); 2] =
    [("docs/properties.md", "properties"), ("conformance/report.schema.json", "report-schema")];

/// Writes the list of properties and the schema of the JSON report.
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
        let made = std::process::Command::new(&suite)
            .args(["--print", name])
            .output()
            .with_context(|| format!("starting {}", suite.display()))?;
        if !made.status.success() {
            bail!("the suite does not print {name}: {}", String::from_utf8_lossy(&made.stderr));
        }
        let wanted = String::from_utf8(made.stdout).with_context(|| format!("reading {name}"))?;
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
        eprintln!(
            "error: files made from the conformance suite are not current\nhint: run `{CURE}` and commit what it writes"
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
