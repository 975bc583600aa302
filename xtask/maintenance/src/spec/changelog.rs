//! `cargo xtask spec changelog`: a change of the API document needs an entry in the changelog.

use std::process::ExitCode;

use anyhow::Result;
use xtask::workspace;

use super::diff;

const CHANGELOG: &str = "CHANGELOG.md";

/// Fails if the API document changed since an earlier commit, but CHANGELOG.md did not.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The commit [default: the one where this branch left the remote's main branch, or else the previous commit].
    #[arg(long, value_name = "GITREF")]
    base: Option<String>,
}

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Some(base) = arguments.base.clone().or_else(usual_base) else {
        println!(
            "skipped: there is no earlier commit to compare with; fetch more of the history, or name one with --base"
        );
        return Ok(ExitCode::SUCCESS);
    };
    let outcome = diff::since(&base)?;
    if outcome.declared.undeclared.is_empty() {
        println!("the document says what it said at {base}");
        return Ok(ExitCode::SUCCESS);
    }
    let now = std::fs::read_to_string(workspace::root().join(CHANGELOG)).unwrap_or_default();
    if workspace::file_at(&base, CHANGELOG).unwrap_or_default().trim() != now.replace("\r\n", "\n").trim() {
        println!("the document changed since {base}, and so did {CHANGELOG}");
        return Ok(ExitCode::SUCCESS);
    }
    print!("{}", descope_mcp_spec::diff::text(&outcome));
    eprintln!(
        "error: the document changed since {base}, and {CHANGELOG} did not\nhint: say there what users will notice"
    );
    Ok(ExitCode::FAILURE)
}

fn usual_base() -> Option<String> {
    let commit = |words: &[&str]| workspace::git(words).ok().map(|line| line.trim_end().to_owned());
    let head = commit(&["rev-parse", "HEAD"])?;
    let fork = ["origin/HEAD", "origin/main"]
        .iter()
        .find_map(|branch| commit(&["merge-base", "HEAD", branch]).filter(|fork| *fork != head));
    fork.or_else(|| commit(&["rev-parse", "--verify", "HEAD^"]))
}
