//! `cargo xtask spec`: checks the documents, and says what changed.

mod changelog;
mod diff;
mod lint;

use std::process::ExitCode;

use anyhow::Result;

/// Looks after the OpenAPI documents.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    /// Checks that the documents keep to their conventions.
    Lint(lint::Arguments),
    /// Compares openapi/descope-mcp.yaml with another document, or with an earlier version of itself.
    Diff(diff::Arguments),
    /// Demands a changed CHANGELOG.md where the document differs from that of an earlier commit.
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
