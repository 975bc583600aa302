//! Tasks of this repository: `cargo xtask --help` lists them.

// This is a program: printing is what it does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod campaign;
mod conformance;
mod maintenance;
mod peers;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use descope_mcp_program::Failure;

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
    Codegen(maintenance::Arguments),
    /// Lints the OpenAPI documents, and compares them with Descope's document or with earlier versions.
    Spec(maintenance::Arguments),
    /// Checks the rules of the repository: imports between crates and modules, notices in generated files, length of files, ids of facts.
    Tidy(maintenance::Arguments),
    /// Builds and runs the conformance suite; without --target against the embedded emulator.
    Conformance(conformance::Arguments),
    /// Writes every generated page and schema, and the files in which tests keep what they expect.
    Docs(maintenance::Arguments),
    /// Runs long tests that find what short ones miss.
    Campaign(campaign::Arguments),
    /// Runs third-party clients against the emulator; installs them in target/peers.
    Peers(peers::Arguments),
    /// Runs everything that CI checks; stops at the first failure.
    Test,
}

fn main() -> ExitCode {
    let arguments: Arguments = match descope_mcp_program::arguments() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let outcome = match arguments.task {
        Task::Codegen(arguments) => maintenance::run("codegen", &arguments),
        Task::Spec(arguments) => maintenance::run("spec", &arguments),
        Task::Tidy(arguments) => maintenance::run("tidy", &arguments),
        Task::Conformance(arguments) => conformance::run(&arguments),
        Task::Docs(arguments) => maintenance::run("docs", &arguments),
        Task::Campaign(arguments) => campaign::run(&arguments),
        Task::Peers(arguments) => peers::run(&arguments),
        Task::Test => test::run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => ExitCode::from(Failure::new(1, format!("{error:#}")).report()),
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
    fn everything_after_a_task_of_another_program_goes_to_that_program() {
        let words = ["xtask", "conformance", "--seed", "1", "--help", "--only", "server"];
        let parsed = super::Arguments::try_parse_from(words).unwrap();
        assert!(
            format!("{parsed:?}").contains(r#"["--seed", "1", "--help", "--only", "server"]"#),
            "{parsed:?}"
        );
        let parsed = super::Arguments::try_parse_from(["xtask", "spec", "diff", "--help"]).unwrap();
        assert!(format!("{parsed:?}").contains(r#"["diff", "--help"]"#), "{parsed:?}");
    }
}
