//! Tasks of this repository: `cargo xtask --help` lists them.

// This is a program: printing is what it does.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod campaign;
mod handed_on;
mod peers;
mod side_by_side;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::about;

/// The tasks of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    #[command(about = about::CODEGEN)]
    Codegen(handed_on::Arguments),
    #[command(about = about::SPEC)]
    Spec(handed_on::Arguments),
    #[command(about = about::TIDY)]
    Tidy(handed_on::Arguments),
    /// Builds and runs the conformance suite; without --target against the embedded emulator.
    Conformance(handed_on::Arguments),
    #[command(about = about::DOCS)]
    Docs(handed_on::Arguments),
    /// Runs long tests that find what short ones miss.
    Campaign(campaign::Arguments),
    /// Runs third-party clients against the emulator; installs them in target/peers.
    Peers(peers::Arguments),
    /// Runs everything that CI checks; stops at the first failure.
    Test,
}

fn main() -> ExitCode {
    xtask::main(run)
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.task {
        Task::Codegen(arguments) => handed_on::maintenance("codegen", &arguments),
        Task::Spec(arguments) => handed_on::maintenance("spec", &arguments),
        Task::Tidy(arguments) => handed_on::maintenance("tidy", &arguments),
        Task::Conformance(arguments) => handed_on::conformance(&arguments),
        Task::Docs(arguments) => handed_on::maintenance("docs", &arguments),
        Task::Campaign(arguments) => campaign::run(&arguments),
        Task::Peers(arguments) => peers::run(&arguments),
        Task::Test => test::run(),
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
