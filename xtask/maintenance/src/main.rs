//! The tasks `codegen`, `spec`, `docs` and `tidy` of `cargo xtask`: what maintainers run.
//!
//! The only code that writes into the repository. It depends on the generator but on nothing that depends on the
//! generated client, so that a broken client can always be generated anew.

// This is a program: printing is what it does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod codegen;
mod docs;
mod spec;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use descope_mcp_program::Failure;

/// Tasks that need the generator or the document.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Generates the client code from openapi/descope-mcp.yaml, or with --spec a crate from any OpenAPI document.
    Codegen(codegen::Arguments),
    /// Lints the OpenAPI documents, and compares them with Descope's document or with earlier versions.
    Spec(spec::Arguments),
    /// Checks the rules of the repository: imports between crates and modules, notices in generated files, length of files, ids of facts.
    Tidy,
    /// Writes every generated page and schema, and the files in which tests keep what they expect.
    Docs(docs::Arguments),
}

fn main() -> ExitCode {
    let arguments: Arguments = match descope_mcp_program::arguments() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let outcome = match arguments.task {
        Task::Codegen(arguments) => codegen::run(&arguments),
        Task::Spec(arguments) => spec::run(&arguments),
        Task::Tidy => tidy::run(),
        Task::Docs(arguments) => docs::run(&arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => ExitCode::from(Failure::new(1, format!("{error:#}")).report()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
