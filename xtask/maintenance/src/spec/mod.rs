//! `cargo xtask spec`: lints the OpenAPI documents, and says what changed.

mod changelog;
mod diff;
mod lint;

use std::process::ExitCode;

use anyhow::Result;

/// Lints and compares OpenAPI documents.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    /// Checks that the OpenAPI documents follow their conventions.
    Lint(lint::Arguments),
    /// Compares openapi/descope-mcp.yaml with another document, or with an earlier version of itself.
    Diff(diff::Arguments),
    /// Fails if the API document changed since an earlier commit, but CHANGELOG.md did not.
    Changelog(changelog::Arguments),
}

/// Runs the task.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.task {
        Task::Lint(arguments) => lint::run(arguments),
        Task::Diff(arguments) => diff::run(arguments),
        Task::Changelog(arguments) => changelog::run(arguments),
    }
}
