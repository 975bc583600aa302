//! The files by which others run the suite: the GitHub Action, the workflow and the Jobs. Every flag in them is one of the
//! program, and their scripts do what they say.

#![cfg(all(feature = "embedded", unix))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use descope_mcp_conformance::cli::exit_code;
use serde_json::Value;

const SUITE: &str = env!("CARGO_BIN_EXE_descope-mcp-conformance");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every flag in the help of the program and of its commands.
fn flags() -> BTreeSet<String> {
    let commands: [&[&str]; 3] = [&[], &["report", "merge"], &["answers", "diff"]];
    let help = commands.iter().map(|words| {
        let output = Command::new(SUITE).args(*words).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    });
    help.flat_map(|text| flags_in(&text)).collect()
}

fn flags_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
    let is_flag = |word: &&str| {
        word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic()))
    };
    words.filter(is_flag).map(str::to_owned).collect()
}

#[track_caller]
fn assert_flags_exist(text: &str) {
    let unknown: Vec<_> = flags_in(text).difference(&flags()).cloned().collect();
    assert_eq!(unknown, [""; 0], "no such flag in --help");
    assert!(!flags_in(text).is_empty(), "no flag in {text}");
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} is no text: {value}"))
}

/// A step of the action by its name.
fn step<'a>(action: &'a Value, name: &str) -> &'a Value {
    let steps = action["runs"]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap()
}

/// What one call of the action did.
struct Called {
    output: Output,
    summary: String,
    outputs: String,
    folder: tempfile::TempDir,
}

/// Runs the steps of the action as GitHub does, with these inputs. `cargo` is a stand-in that puts the program where the
/// real one would.
fn call_action(inputs: &[(&str, &str)]) -> Called {
    let action = yaml("action.yml");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("bin")).unwrap();
    let stand_in = format!(
        "#!/bin/sh\nmkdir -p \"$CARGO_TARGET_DIR/release\"\ncp {SUITE} \"$CARGO_TARGET_DIR/release/\"\necho \"$@\" > {}\n",
        at("cargo.txt").display()
    );
    fs::write(at("bin/cargo"), stand_in).unwrap();
    fs::set_permissions(at("bin/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut last = None;
    for step in action["runs"]["steps"].as_array().unwrap() {
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", text(step, "/run")])
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", at("bin").display()))
            .env("XDG_STATE_HOME", at("state"))
            .env("GITHUB_ACTION_PATH", "/action")
            .env("GITHUB_OUTPUT", at("outputs.txt"))
            .env("GITHUB_STEP_SUMMARY", at("summary.md"));
        for (name, value) in step["env"].as_object().unwrap() {
            bash.env(name, expression(value.as_str().unwrap(), &action, inputs, folder.path()));
        }
        let output = bash.output().unwrap();
        let went_on = output.status.success();
        last = Some(output);
        if !went_on {
            break;
        }
    }
    assert!(fs::read_to_string(at("cargo.txt")).unwrap().contains("--manifest-path /action/Cargo.toml"));
    let read = |name: &str| fs::read_to_string(at(name)).unwrap_or_default();
    Called { output: last.unwrap(), summary: read("summary.md"), outputs: read("outputs.txt"), folder }
}

/// The value of a text with expressions of GitHub Actions.
fn expression(text: &str, action: &Value, inputs: &[(&str, &str)], temp: &Path) -> String {
    let mut value = text.replace("${{ runner.temp }}", temp.to_str().unwrap());
    for (name, input) in action["inputs"].as_object().unwrap() {
        let given = inputs.iter().find(|(given, _)| given == name).map(|(_, value)| *value);
        let value_of_input = given.or(input["default"].as_str()).unwrap_or_default();
        value = value.replace(&format!("${{{{ inputs.{name} }}}}"), value_of_input);
    }
    assert!(!value.contains("${{"), "{value} has an unknown expression");
    value
}

#[test]
fn the_action_knows_the_flags_and_runs_no_input_as_a_command() {
    let action = yaml("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let run = text(step(&action, "Run the suite"), "/run");
    assert_flags_exist(run);
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert!(!text(step, "/run").contains("${{"), "an input in a script would be run as a command");
        assert_eq!(step["shell"], "bash");
    }
    let used = serde_json::to_string(&action["runs"]).unwrap();
    for name in action["inputs"].as_object().unwrap().keys() {
        assert!(used.contains(&format!("${{{{ inputs.{name} }}}}")), "{name} is not used");
    }
}

#[test]
fn the_action_shows_the_report_on_the_page_of_the_job_and_ends_with_the_code_of_the_suite() {
    let called = call_action(&[("profile", "smoke"), ("seed", "3"), ("reports", "a folder")]);
    let stderr = String::from_utf8_lossy(&called.output.stderr);
    assert_eq!(called.output.status.code(), Some(exit_code::PASS.into()), "{stderr}");
    assert!(called.summary.contains("MCP conformance: PASS"), "{}", called.summary);
    assert_eq!(called.outputs, "exit-code=0\n");
    for name in ["report.json", "report.xml", "report.html", "report.md", "answers.json"] {
        let written = fs::metadata(called.folder.path().join("a folder").join(name)).unwrap();
        assert!(written.len() > 0, "{name} is empty");
    }
}

#[test]
fn a_run_that_cannot_begin_is_on_the_page_of_the_job_too() {
    let called = call_action(&[
        ("target", "http://127.0.0.1:9"),
        ("project-id", "P2abcdefghijklmnopqrstuvwxyz"),
        ("management-key", "K2a-key-that-nobody-shows"),
    ]);
    assert_eq!(called.output.status.code(), Some(exit_code::UNREACHABLE.into()));
    assert!(
        called.summary.contains("not run") && called.summary.contains("cannot reach"),
        "{}",
        called.summary
    );
    assert_eq!(called.outputs, "exit-code=5\n");
    assert!(!called.summary.contains("K2a-key"));
}

#[test]
fn the_workflow_runs_every_shard_once_and_merges_what_they_wrote() {
    let workflow = yaml("docs/shards/github-actions.yml");
    let action = yaml("action.yml");
    let (shard, verdict) = (&workflow["jobs"]["shard"], &workflow["jobs"]["verdict"]);
    let shards: Vec<u64> = shard["strategy"]["matrix"]["shard"]
        .as_array()
        .unwrap()
        .iter()
        .map(|shard| shard.as_u64().unwrap())
        .collect();
    let with = &shard["steps"][0]["with"];
    let of = text(with, "/shard").strip_prefix("${{ matrix.shard }}/").unwrap();
    assert_eq!(shards, (1..=of.parse::<u64>().unwrap()).collect::<Vec<_>>());
    assert_eq!(shard["strategy"]["fail-fast"], false);
    assert_eq!((text(verdict, "/needs"), text(verdict, "/if")), ("shard", "always()"));
    let known = action["inputs"].as_object().unwrap();
    let mut calls = 0;
    for job in [shard, verdict] {
        for step in job["steps"].as_array().unwrap() {
            if text(step, "/uses").starts_with("descope-mcp/descope-mcp@") {
                calls += 1;
                for (input, _) in step["with"].as_object().unwrap() {
                    assert!(known.contains_key(input), "action.yml has no input {input}");
                }
            }
        }
    }
    assert_eq!(calls, 2);
}

#[test]
fn what_the_shards_of_a_workflow_wrote_becomes_one_verdict() {
    let folder = tempfile::tempdir().unwrap();
    for shard in ["1", "2"] {
        let reports = folder.path().join(format!("shards/shard-{shard}"));
        let reports = reports.to_str().unwrap();
        let shard_of_two = format!("{shard}/2");
        // Two shards of a small run, of what costs few requests.
        let called = call_action(&[
            ("profile", "deep"),
            ("seed", "5"),
            ("shard", &shard_of_two),
            ("only", "wire"),
            ("reports", reports),
        ]);
        assert!(called.outputs.starts_with("exit-code="), "{}", called.outputs);
    }
    let workflow = yaml("docs/shards/github-actions.yml");
    let merge = text(&workflow["jobs"]["verdict"]["steps"][1], "/with/merge");
    let files = folder.path().join(merge);
    let called = call_action(&[("merge", files.to_str().unwrap())]);
    let stderr = String::from_utf8_lossy(&called.output.stderr);
    assert_eq!(called.output.status.code(), Some(exit_code::PASS.into()), "{stderr}");
    assert!(called.summary.contains("profile deep, 2 shards"), "{}", called.summary);
}

#[test]
fn the_jobs_for_kubernetes_run_every_shard_once_and_know_the_exit_codes() {
    let job = yaml("docs/shards/kubernetes.yaml");
    let spec = &job["spec"];
    assert_eq!((text(&job, "/kind"), text(spec, "/completionMode")), ("Job", "Indexed"));
    let container = &spec["template"]["spec"]["containers"][0];
    let variables = container["env"].as_array().unwrap();
    let value = |name: &str| {
        variables
            .iter()
            .find(|variable| variable["name"] == name)
            .map(|variable| text(variable, "/value"))
            .unwrap()
    };
    assert_eq!(spec["completions"].as_u64(), value("SHARDS").parse().ok());
    assert_eq!(spec["parallelism"], spec["completions"]);
    let rule = &spec["podFailurePolicy"]["rules"][0];
    assert_eq!(
        (text(rule, "/action"), &rule["onExitCodes"]["containerName"]),
        ("FailIndex", &container["name"])
    );
    // Kubernetes has this action only for Jobs that count failures of each index.
    assert!(spec["backoffLimitPerIndex"].is_u64());
    let known: BTreeSet<u64> = exit_code::ALL.iter().map(|(code, _)| u64::from(*code)).collect();
    let final_codes: BTreeSet<u64> =
        rule["onExitCodes"]["values"].as_array().unwrap().iter().map(|code| code.as_u64().unwrap()).collect();
    assert!(final_codes.is_subset(&known), "{final_codes:?}");
    assert!(
        final_codes.contains(&exit_code::BROKEN.into()) && !final_codes.contains(&exit_code::PASS.into())
    );

    let said =
        script(container, &[("JOB_COMPLETION_INDEX", "1"), ("SHARDS", "4"), ("SEED", "7"), ("TARGET", "T")]);
    assert!(said.contains("--shard 2/4") && said.contains("json=/reports/shard-2.json"), "{said}");
    let verdict = yaml("docs/shards/kubernetes-verdict.yaml");
    let said = script(&verdict["spec"]["template"]["spec"]["containers"][0], &[]);
    assert!(said.starts_with("report merge /reports/shard-*.json"), "{said}");
    assert_eq!(job["spec"]["template"]["spec"]["volumes"], verdict["spec"]["template"]["spec"]["volumes"]);
}

/// The words that the script of a container passes to the suite. A stand-in for the suite prints them.
fn script(container: &Value, variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let stand_in = folder.path().join("descope-mcp-conformance");
    fs::write(&stand_in, "#!/bin/sh\necho \"$@\"\n").unwrap();
    fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
    let words: Vec<_> =
        container["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let script = text(container, "/args/0");
    assert_flags_exist(&script.replace(char::from(10), " "));
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(script).env_clear();
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()));
    command.env("DESCOPE_PROJECT_ID", "P1").envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
