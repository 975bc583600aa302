//! Every version of every file that the suite writes and reads again: `tests/formats/` has one file of each, named after
//! its kind and version. A file that this version reads works; a newer one is refused with one clear error.

#![cfg(feature = "embedded")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::plan::{Plan, Step};
use descope_mcp_conformance::plans::{curated, generated};
use serde_json::Value;

use support::suite;

/// Writes the file with every kind of step of the current version, if it is set. Needed once for each new version.
const WRITE: &str = "FORMATS_WRITE";

fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats").join(name)
}

fn path(name: &str) -> String {
    stored(name).to_str().unwrap().to_owned()
}

/// The file with its version and the one of the program that wrote it raised.
fn newer(folder: &Path, name: &str) -> String {
    let text = fs::read_to_string(stored(name)).unwrap();
    let text = match name.ends_with("jsonl") {
        true => text.replace("\"format\":1", "\"format\":9"),
        false => text.replacen("\"format\": 1", "\"format\": 9", 1).replace("\"0.1.0\"", "\"7.8.9\""),
    };
    assert!(text.contains("9"), "{text}");
    fs::write(folder.join(name), text).unwrap();
    name.to_owned()
}

fn code(code: u8) -> Option<i32> {
    Some(code.into())
}

#[tokio::test]
async fn reports_and_plans_of_every_version_can_be_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::start().await.unwrap();
    for name in ["report-1.json", "plan-0.json", "plan-1.json"] {
        let replay = ["--replay", &path(name), "--only", "server"];
        let (ended, said) = suite(folder.path(), Some(&embedded.target()), &replay).await;
        assert_eq!(ended, code(exit_code::PASS), "{name}: {said}");
    }
}

#[tokio::test]
async fn a_report_of_every_version_can_be_merged_and_answers_compared() {
    let folder = tempfile::tempdir().unwrap();
    let (ended, said) = suite(folder.path(), None, &["report", "merge", &path("report-1.json")]).await;
    assert_eq!(ended, code(exit_code::BROKEN), "{said}");
    assert!(said.contains("BROKEN server/load/agrees-with-last-answer"), "{said}");
    let (ended, said) =
        suite(folder.path(), None, &["answers", "diff", &path("answers-1.json"), &path("answers-1.json")])
            .await;
    assert_eq!(ended, code(exit_code::SAME_ANSWERS), "{said}");
}

#[tokio::test]
async fn a_journal_of_every_version_is_cleaned_up() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::start().await.unwrap();
    for name in ["journal-0.jsonl", "journal-1.jsonl"] {
        fs::copy(stored(name), folder.path().join(name)).unwrap();
        let words = ["--cleanup", "--journal", name];
        let (ended, said) = suite(folder.path(), Some(&embedded.target()), &words).await;
        assert_eq!(ended, code(exit_code::PASS), "{name}: {said}");
        assert!(
            said.contains("conformance-00000000000000ff: left alone, since it began on"),
            "{name}: {said}"
        );
        assert!(!said.contains("damaged"), "{name}: {said}");
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_with_its_name_its_version_and_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let embedded = Embedded::start().await.unwrap();
    let (report, plan) = (newer(folder, "report-1.json"), newer(folder, "plan-1.json"));
    let (answers, journal) = (newer(folder, "answers-1.json"), newer(folder, "journal-1.jsonl"));
    let cases: [(&[&str], u8, &str, &str); 7] = [
        (&["--replay", &report], exit_code::BAD_FILE, &report, "a JSON report of format 9"),
        (&["report", "merge", &report], exit_code::BAD_FILE, &report, "a JSON report of format 9"),
        (&["--replay", &plan], exit_code::BAD_FILE, &plan, "a plan of format 9"),
        (
            &["answers", "diff", &answers, &answers],
            exit_code::BAD_FILE,
            &answers,
            "an answers file of format 9",
        ),
        (&["--replay", &answers], exit_code::BAD_FILE, &answers, "neither a report"),
        (&["--cleanup", "--journal", &journal], exit_code::BAD_JOURNAL, &journal, "a journal of format 9"),
        (
            &["--profile", "smoke", "--journal", &journal],
            exit_code::BAD_JOURNAL,
            &journal,
            "a journal of format 9",
        ),
    ];
    let before = fs::read(folder.join(&journal)).unwrap();
    for (words, wanted, file, what) in cases {
        let target = Some(embedded.target()).filter(|_| words[0].starts_with("--"));
        let (ended, said) = suite(folder, target.as_ref(), words).await;
        assert_eq!(ended, code(wanted), "{words:?}: {said}");
        assert!(said.starts_with("error: ") && said.lines().count() <= 2, "{words:?}: {said}");
        assert!(said.contains(file) && said.contains(what), "{words:?}: {said}");
        let cure = if what.contains("neither") { "it is" } else { "use the version that wrote it" };
        assert!(said.contains(cure), "{words:?}: {said}");
    }
    assert_eq!(
        fs::read(folder.join(&journal)).unwrap(),
        before,
        "a journal that is not understood is not changed"
    );
}

#[tokio::test]
async fn a_file_that_says_no_version_where_each_must_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("report.json"), r#"{"properties": []}"#).unwrap();
    fs::write(folder.join("answers.json"), r#"{"questions": {}}"#).unwrap();
    for words in [
        &["--replay", "report.json"][..],
        &["report", "merge", "report.json"],
        &["answers", "diff", "answers.json", "answers.json"],
    ] {
        let (ended, said) = suite(folder, None, words).await;
        assert_eq!(ended, code(exit_code::BAD_FILE), "{words:?}: {said}");
        assert!(said.contains("it has no number `format`"), "{words:?}: {said}");
    }
}

/// One step of every kind that plans have today, by its action and its fault.
fn every_kind_of_step() -> Plan {
    let plans = curated::all(1).into_iter().chain((0..300).map(|number| generated::plan(1, number)));
    let mut kinds: BTreeMap<String, Step> = BTreeMap::new();
    for step in plans.flat_map(|plan| plan.steps) {
        let json = serde_json::to_value(&step).unwrap();
        let name = |value: &Value| match value {
            Value::Object(members) => members.keys().next().cloned().unwrap_or_default(),
            other => other.to_string(),
        };
        let kind =
            format!("{} {} {}", json["action"]["do"], name(&json["action"]["ask"]), name(&json["fault"]));
        kinds.entry(kind).or_insert(step);
    }
    Plan { name: "every kind of step".to_owned(), steps: kinds.into_values().collect() }
}

#[test]
fn the_current_version_of_plans_has_a_file_with_every_kind_of_step_that_can_still_be_read() {
    let today = every_kind_of_step();
    let json = serde_json::to_value(&today).unwrap();
    let file = stored(&format!("plan-{}.json", json["format"]));
    if std::env::var_os(WRITE).is_some() {
        fs::write(&file, serde_json::to_string_pretty(&json).unwrap() + "\n").unwrap();
    }
    let text = fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{WRITE}=1 writes {}: {error}", file.display()));
    let plan: Plan = serde_json::from_str(&text).unwrap();
    assert!(plan.steps.len() > 20, "{}", plan.steps.len());
    // What a plan of this version says is what the program says of it when it writes it again.
    let (stored, again): (Value, _) =
        (serde_json::from_str(&text).unwrap(), serde_json::to_value(&plan).unwrap());
    assert_eq!(stored, again);
}
