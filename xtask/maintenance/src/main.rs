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
use xtask::WRONG_USAGE;

/// Tasks that need the generator or the document.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Rewrites the machine-written part of the client from openapi/descope-mcp.yaml.
    Codegen(codegen::Arguments),
    /// Checks the OpenAPI documents, and compares them with Descope's or with earlier ones.
    Spec(spec::Arguments),
    /// Checks the rules of the house: who imports whom, notices of machine-written files, length of files.
    Tidy,
    /// Rewrites every generated page and schema, and the expected outcomes of tests that are kept in files.
    Docs(docs::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // If it cannot be printed, the code still tells.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(WRONG_USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let outcome = match arguments.task {
        Task::Codegen(arguments) => codegen::run(&arguments),
        Task::Spec(arguments) => spec::run(&arguments),
        Task::Tidy => tidy::run(),
        Task::Docs(arguments) => docs::run(&arguments),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
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
