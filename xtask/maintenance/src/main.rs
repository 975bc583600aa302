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

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::about;

/// Tasks that need the generator or the document.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    #[command(about = about::CODEGEN)]
    Codegen(codegen::Arguments),
    #[command(about = about::SPEC)]
    Spec(spec::Arguments),
    #[command(about = about::TIDY)]
    Tidy,
    #[command(about = about::DOCS)]
    Docs(docs::Arguments),
}

fn main() -> ExitCode {
    xtask::main(run)
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.task {
        Task::Codegen(arguments) => codegen::run(&arguments),
        Task::Spec(arguments) => spec::run(&arguments),
        Task::Tidy => tidy::run(),
        Task::Docs(arguments) => docs::run(&arguments),
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
