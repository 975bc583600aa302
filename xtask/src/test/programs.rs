//! The tests of the workspace, two programs of them at a time.
//!
//! `cargo test` runs one test program after the other. Many of them wait more than they compute, or use one core.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use xtask::artifacts::{self, Artifact, Built};
use xtask::workspace;

use crate::side_by_side::side_by_side;

/// Programs that take longest. Begun last, one of them would run on alone.
const LONG: [&str; 8] = [
    "--test mutants",
    "--test independent",
    "--test command_line",
    "--test spec_loop",
    "--test downstream",
    "--test variants",
    "--test mixtures",
    "--test secrets",
];

/// A program that runs tests.
struct TestProgram {
    /// As a person would ask cargo for it.
    name: String,
    command: Command,
}

/// How a program of tests ended.
struct Outcome {
    passed: bool,
    output: String,
    took: Duration,
}

/// Builds and runs all tests of the workspace; whether all of them pass. Says of each program how it ended, and shows what
/// a program that failed has printed.
pub(super) fn run() -> Result<bool> {
    let Some(programs) = list()? else { return Ok(false) };
    let passed = side_by_side(programs, |program| {
        let name = program.name.clone();
        let outcome = run_one(program).with_context(|| format!("running {name}"))?;
        print!("{}", told(&name, &outcome));
        Ok(outcome.passed)
    })?;
    Ok(passed.into_iter().all(|passed| passed))
}

/// The programs with tests, long ones first; the tests in documentation are one of them. None when they do not build:
/// cargo has said why.
fn list() -> Result<Option<Vec<TestProgram>>> {
    let Built::Artifacts(artifacts) = artifacts::build_workspace()? else { return Ok(None) };
    let tests = artifacts.into_iter().filter(|artifact| artifact.is_test);
    let mut programs: Vec<_> = tests.map(TestProgram::of).collect();
    if programs.is_empty() {
        bail!("cargo names no test program");
    }
    programs.sort_by_key(|program| !LONG.iter().any(|long| program.name.ends_with(long)));
    let mut documentation = workspace::cargo();
    documentation.args(["test", "--workspace", "--quiet", "--doc"]);
    programs.insert(1, TestProgram { name: "documentation".into(), command: documentation });
    Ok(Some(programs))
}

impl TestProgram {
    fn of(artifact: Artifact) -> Self {
        let Artifact { kind, name, executable, package, is_test: _ } = artifact;
        let folder = package.strip_prefix(workspace::root()).unwrap_or(&package).display();
        let name = match kind.as_str() {
            "lib" | "proc-macro" => format!("{folder} --lib"),
            kind => format!("{folder} --{kind} {name}"),
        };
        let mut command = Command::new(executable);
        // What cargo sets for a test besides.
        command.current_dir(&package).env("CARGO_MANIFEST_DIR", &package);
        Self { name, command }
    }
}

fn run_one(mut program: TestProgram) -> Result<Outcome> {
    let begin = Instant::now();
    let output = program.command.stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok(Outcome { passed: output.status.success(), output: text.into_owned(), took: begin.elapsed() })
}

/// What is said of a program: all it printed if it failed, else how many tests passed.
fn told(name: &str, outcome: &Outcome) -> String {
    let seconds = outcome.took.as_secs_f64();
    if !outcome.passed {
        return format!("{}{name}: FAILED after {seconds:.1} s\n", outcome.output);
    }
    let mut counts = BTreeMap::new();
    for line in outcome.output.lines().filter_map(|line| line.strip_prefix("test result: ok. ")) {
        for part in line.split("; ") {
            if let Some((count, what)) = part.split_once(' ') {
                *counts.entry(what.to_owned()).or_insert(0) += count.parse::<u64>().unwrap_or(0);
            }
        }
    }
    let count = |what: &str| counts.get(what).copied().unwrap_or(0);
    let (passed, ignored) = (count("passed"), count("ignored"));
    format!("test result: ok. {passed} passed; 0 failed; {ignored} ignored; {name} in {seconds:.1} s\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_program_is_named_as_cargo_takes_it_and_runs_in_its_package() {
        let package = workspace::root().join("spec");
        let program = |kind: &str| {
            TestProgram::of(Artifact {
                kind: kind.into(),
                name: "lint".into(),
                is_test: true,
                executable: "/somewhere/lint-1".into(),
                package: package.clone(),
            })
        };
        assert_eq!(program("test").name, "spec --test lint");
        assert_eq!(program("test").command.get_current_dir(), Some(package.as_path()));
        assert_eq!(program("lib").name, "spec --lib");
    }

    #[test]
    fn a_failure_shows_what_was_printed_and_a_success_how_many_passed() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored\ntest result: ok. 4 passed; 0 failed\n";
        let mut outcome = Outcome { passed: true, output: output.into(), took: Duration::from_secs(2) };
        assert_eq!(told("x", &outcome), "test result: ok. 7 passed; 0 failed; 1 ignored; x in 2.0 s\n");
        outcome.passed = false;
        assert_eq!(told("x", &outcome), format!("{output}x: FAILED after 2.0 s\n"));
    }
}
