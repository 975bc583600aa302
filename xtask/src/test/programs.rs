//! The tests of the workspace, two programs of them at a time.
//!
//! `cargo test` runs one test program after the other. Many of them wait more than they compute, or use one core.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use xtask::workspace;

/// Programs that run at the same time.
const AT_ONCE: usize = 2;

/// What cargo calls it where it lists what it has built.
const TEST_RUN: [&str; 3] = ["test", "--workspace", "--quiet"];

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
    let queue = Mutex::new(VecDeque::from(programs));
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let run_some = || -> Result<bool> {
        let mut all_passed = true;
        while let Some(program) = next() {
            let name = program.name.clone();
            let outcome = run_one(program).with_context(|| format!("running {name}"))?;
            print!("{}", told(&name, &outcome));
            all_passed &= outcome.passed;
        }
        Ok(all_passed)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(run_some)).collect();
        let mut all_passed = true;
        for worker in workers {
            all_passed &= worker.join().map_err(|_| anyhow!("a test program could not be run"))??;
        }
        Ok(all_passed)
    })
}

/// The programs with tests, long ones first; the tests in documentation are one of them. None when they do not build:
/// cargo has said why.
fn list() -> Result<Option<Vec<TestProgram>>> {
    let mut cargo = workspace::cargo();
    cargo.args(TEST_RUN).args(["--no-run", "--message-format", "json-render-diagnostics"]);
    let built = cargo.stderr(Stdio::inherit()).output().context("starting cargo")?;
    if !built.status.success() {
        return Ok(None);
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    let mut programs: Vec<_> = messages.lines().filter_map(test_program).collect();
    if programs.is_empty() {
        bail!("cargo names no test program");
    }
    programs.sort_by_key(|program| !LONG.iter().any(|long| program.name.ends_with(long)));
    let mut documentation = workspace::cargo();
    documentation.args(TEST_RUN).arg("--doc");
    programs.insert(1, TestProgram { name: "documentation".into(), command: documentation });
    Ok(Some(programs))
}

/// Programs that take longest. Begun last, one of them would run on alone.
const LONG: [&str; 6] = [
    "--test mutants",
    "--test spec_loop",
    "--test downstream",
    "--test variants",
    "--test variant_pairs",
    "--test secrets",
];

/// The test program that a message of cargo is about.
fn test_program(message: &str) -> Option<TestProgram> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message.pointer("/profile/test") != Some(&Value::Bool(true)) {
        return None;
    }
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str);
    let folder = PathBuf::from(text("/manifest_path")?).parent()?.to_owned();
    let package = folder.strip_prefix(workspace::root()).ok()?.display().to_string();
    let (kind, target) = (text("/target/kind/0")?, text("/target/name")?);
    let name = match kind {
        "lib" | "proc-macro" => format!("{package} --lib"),
        kind => format!("{package} --{kind} {target}"),
    };
    let mut command = Command::new(text("/executable")?);
    // What cargo sets for a test besides.
    command.current_dir(&folder).env("CARGO_MANIFEST_DIR", &folder);
    Some(TestProgram { name, command })
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

    fn message(kind: &str, test: bool) -> String {
        let manifest = workspace::root().join("spec/Cargo.toml");
        serde_json::json!({
            "manifest_path": manifest,
            "target": {"kind": [kind], "name": "lint"},
            "profile": {"test": test},
            "executable": "/somewhere/lint-1",
        })
        .to_string()
    }

    #[test]
    fn a_test_program_is_named_as_cargo_takes_it_and_runs_in_its_package() {
        let program = test_program(&message("test", true)).unwrap();
        assert_eq!(program.name, "spec --test lint");
        assert_eq!(program.command.get_current_dir(), Some(workspace::root().join("spec").as_path()));
        assert_eq!(test_program(&message("lib", true)).unwrap().name, "spec --lib");
        assert!(test_program(&message("bin", false)).is_none());
        assert!(test_program("no JSON").is_none());
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
