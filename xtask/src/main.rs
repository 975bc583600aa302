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

/// Tasks of this repository.
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
    /// Builds the conformance suite and runs it; without arguments against the embedded emulator.
    Conformance(conformance::Arguments),
    /// Rewrites docs/properties.md and the schema of the JSON report from the conformance suite.
    Docs(docs::Arguments),
    /// Long tests that look for what short ones miss.
    Campaign(campaign::Arguments),
    /// Runs third-party clients against the emulator; installs them below target/peers.
    Peers(peers::Arguments),
    /// Runs everything that CI checks, and stops at the first failure.
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
