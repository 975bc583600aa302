//! `cargo xtask test`: everything that CI checks, in order, stopping at the first failure.

mod programs;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};

use xtask::program::BUILD_TOGETHER;
use xtask::workspace;

/// One check: the cargo command that repeats it, and what it needs in the environment.
struct Step {
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

const fn step(arguments: &'static [&'static str]) -> Step {
    Step { arguments, environment: &[] }
}

/// Run here instead of by cargo, which would run one program after the other.
const TESTS: &[&str] = &["test", "--workspace"];

/// Cheap ones first: most mistakes are caught within seconds.
const STEPS: [Step; 11] = [
    step(&["fmt", "--all", "--check"]),
    step(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]),
    step(&["xtask", "tidy"]),
    step(&["xtask", "spec", "lint"]),
    step(&["xtask", "spec", "changelog"]),
    step(&["xtask", "codegen", "--check"]),
    step(&["xtask", "docs", "--check"]),
    step(TESTS),
    Step {
        arguments: &["doc", "--workspace", "--no-deps"],
        environment: &[("RUSTDOCFLAGS", "--deny warnings")],
    },
    step(&["xtask", "conformance"]),
    step(&["xtask", "peers"]),
];

/// Runs the task.
pub(crate) fn run() -> Result<ExitCode> {
    let start = Instant::now();
    for (done, step) in STEPS.iter().enumerate() {
        let command = describe(step);
        println!("==> {}/{} {command}", done + 1, STEPS.len());
        let begin = Instant::now();
        let passed = match step.arguments {
            TESTS => programs::run()?,
            arguments => workspace::cargo()
                .args(arguments)
                .env(BUILD_TOGETHER, "1")
                .envs(step.environment.iter().copied())
                .status()
                .with_context(|| format!("starting {command}"))?
                .success(),
        };
        let seconds = begin.elapsed().as_secs_f64();
        if !passed {
            eprintln!("==> failed after {seconds:.1} s: {command}\nhint: repeat it with `{command}`");
            println!("steps: {done} passed, 1 failed");
            return Ok(ExitCode::FAILURE);
        }
        println!("==> ok in {seconds:.1} s");
    }
    println!("==> everything that CI checks holds ({:.0} s)", start.elapsed().as_secs_f64());
    println!("steps: {} passed, 0 failed", STEPS.len());
    Ok(ExitCode::SUCCESS)
}

/// The command as a person would type it.
fn describe(step: &Step) -> String {
    let mut text = String::new();
    for (name, value) in step.environment {
        text += &format!("{name}='{value}' ");
    }
    text + "cargo " + &step.arguments.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_can_be_repeated_as_printed() {
        let printed: Vec<_> = STEPS.iter().map(describe).collect();
        assert_eq!(printed[8], "RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps");
        assert!(printed.iter().all(|command| command.contains("cargo ")));
    }
}
