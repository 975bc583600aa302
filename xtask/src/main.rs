//! Tasks of this repository: `cargo xtask --help` lists them.
//!
//! The only code that writes into the repository. It depends on the generator but on nothing that depends on the
//! generated client, so that a broken client can always be generated anew.

// This is a program: printing is what it does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod campaign;
mod codegen;
mod conformance;
mod docs;
mod peers;
mod program;
mod spec;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The exit code for a wrong command line. clap's own, 2, means something else where documents are compared.
const WRONG_USAGE: u8 = 64;

/// The tasks of this repository.
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
    /// Checks the rules of the repository: imports between crates, notices in generated files, length of files, ids of facts.
    Tidy,
    /// Builds and runs the conformance suite; without --target against the embedded emulator.
    Conformance(conformance::Arguments),
    /// Writes docs/operations.md, docs/properties.md and the schema of the JSON report.
    Docs(docs::Arguments),
    /// Runs long tests that find what short ones miss.
    Campaign(campaign::Arguments),
    /// Runs third-party clients against the emulator; installs them in target/peers.
    Peers(peers::Arguments),
    /// Runs everything that CI checks; stops at the first failure.
    Test,
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
        Task::Conformance(arguments) => conformance::run(&arguments),
        Task::Docs(arguments) => docs::run(&arguments),
        Task::Campaign(arguments) => campaign::run(&arguments),
        Task::Peers(arguments) => peers::run(&arguments),
        Task::Test => test::run(),
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
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }

    #[test]
    fn everything_after_conformance_goes_to_the_suite() {
        let words = ["xtask", "conformance", "--seed", "1", "--help", "--only", "server"];
        let parsed = super::Arguments::try_parse_from(words).unwrap();
        assert!(
            format!("{parsed:?}").contains(r#"["--seed", "1", "--help", "--only", "server"]"#),
            "{parsed:?}"
        );
    }
}
