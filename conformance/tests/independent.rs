//! The suite judges a server that was written from the public facts alone, in Python and without a look at the emulator
//! (`independent/`). Its correct profiles answer open questions in different ways; none fails a run. Each faulty one
//! fails by the properties that it breaks. The store of the server is the witness that no run leaves a record behind.
//!
//! Needs `python3`, version 3.9 or later. Without it the tests say so and end, except in CI (`CI=true`), where they fail.
//! The long form, which `cargo xtask campaign independent` starts: 20 seeds of `standard`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use descope_mcp_conformance::cli::exit_code;
use serde_json::Value;
use support::setting;
use tempfile::TempDir;

/// Profiles on which a run of `standard` waits most of a minute: searches and lists are late, or requests are limited.
const SLOW: [&str; 2] = ["lag", "rate-limited"];

/// What the suite still says wrongly of a correct profile: the profile, a property or the path that several ids begin with,
/// and why the server is right.
const OPEN_FINDINGS: [(&str, &str, &str); 0] = [];

/// Profiles that do what no document settles and no client expects. They fail a run, by properties that say so.
const UNSETTLED: [&str; 2] = ["trimmed-names", "tag-set"];

/// The server with one profile, in a process of its own.
struct Independent {
    process: Child,
    base_url: String,
    project_id: String,
    management_key: String,
    folder: TempDir,
}

/// What a run of the suite said.
struct Outcome {
    code: Option<i32>,
    output: String,
    report: Value,
}

impl Independent {
    fn start(profile: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/server.py");
        let errors = File::create(folder.path().join("stderr")).unwrap();
        let mut process = Command::new("python3")
            .arg("-B")
            .arg(script)
            .args(["--port", "0", "--profile", profile])
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut value = |name: &str| {
            let line =
                lines.next().unwrap_or_else(|| panic!("{profile}: the server ended before {name}")).unwrap();
            line.strip_prefix(&format!("{name}=")).unwrap().to_owned()
        };
        let (base_url, project_id) = (value("DESCOPE_BASE_URL"), value("DESCOPE_PROJECT_ID"));
        let management_key = value("DESCOPE_MANAGEMENT_KEY");
        Self { process, base_url, project_id, management_key, folder }
    }

    fn suite(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-conformance"));
        command
            .args(["--target", &self.base_url])
            .arg("--journal")
            .arg(self.file("journal.jsonl"))
            .env("DESCOPE_PROJECT_ID", &self.project_id)
            .env("DESCOPE_MANAGEMENT_KEY", &self.management_key);
        command
    }

    fn run(&self, kind: &str, seed: u64) -> Outcome {
        self.run_with(kind, seed, &[])
    }

    fn run_with(&self, kind: &str, seed: u64, more: &[&str]) -> Outcome {
        let report = self.file("report.json");
        let output = self
            .suite()
            .args(["--profile", kind, "--seed", &seed.to_string()])
            .args(more)
            .args(["--report", &format!("json={}", report.display())])
            .output()
            .unwrap();
        let output_text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        let json = std::fs::read(&report).unwrap_or_else(|_| panic!("no report: {output_text}{errors}"));
        Outcome {
            code: output.status.code(),
            output: output_text,
            report: serde_json::from_slice(&json).unwrap(),
        }
    }

    /// Servers and clients in the store, those of deleted servers too.
    async fn store(&self) -> Vec<Value> {
        let text = reqwest::get(format!("{}/__store", self.base_url)).await.unwrap().text().await.unwrap();
        let store: Value = serde_json::from_str(&text).unwrap();
        ["servers", "clients"].iter().flat_map(|kind| store[kind].as_array().unwrap().clone()).collect()
    }

    async fn assert_nothing_is_left(&self, what: &str) {
        assert_eq!(self.store().await, Vec::<Value>::new(), "{what}: left behind");
        // A failure of the server itself would be the server's fault, not the suite's.
        assert_eq!(std::fs::read_to_string(self.file("stderr")).unwrap(), "", "{what}: the server failed");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Independent {
    fn drop(&mut self) {
        // The process may have ended already.
        let _killed = self.process.kill();
        let _status = self.process.wait();
    }
}

impl Outcome {
    /// Ids of properties that have a verdict, and their levels.
    fn with_verdict(&self, verdict: &str) -> BTreeSet<(&str, &str)> {
        let properties = self.report["properties"].as_array().unwrap().iter();
        properties
            .filter(|property| property["verdict"] == verdict)
            .map(|property| (property["id"].as_str().unwrap(), property["level"].as_str().unwrap()))
            .collect()
    }

    /// Properties that keep a run from passing: broken above level `info`, or never exercised.
    fn failing_or_untested(&self) -> BTreeSet<String> {
        let broken = self.with_verdict("fail").into_iter().filter(|(_, level)| *level != "info");
        broken.chain(self.with_verdict("untested")).map(|(id, _)| id.to_owned()).collect()
    }

    fn broken(&self) -> BTreeSet<&str> {
        self.with_verdict("fail").into_iter().map(|(id, _)| id).collect()
    }
}

/// Whether there is a Python. A machine that lacks it skips these tests, and CI has it.
#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn python_is_there() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(there || std::env::var_os("CI").is_none(), "python3 is missing, which CI must have");
    if !there {
        eprintln!("skipped: python3 is missing");
    }
    there
}

/// The kinds of runs and the seeds of one profile: the long form if a campaign asks for it.
fn runs(short: &[&'static str]) -> Vec<(&'static str, u64)> {
    let (seeds, first): (u64, u64) =
        (setting("CONFORMANCE_INDEPENDENT_SEEDS", 0), setting("CONFORMANCE_SEED", 0));
    let kinds = if seeds == 0 { short } else { &["standard"] };
    kinds.iter().flat_map(|kind| (first..first + seeds.max(1)).map(|seed| (*kind, seed))).collect()
}

/// Asserts that runs against a profile that no document contradicts end with exit code 0: no property is broken, and each
/// is judged or does not apply. Open findings are the exception.
async fn assert_passes(profile: &str) {
    if !python_is_there() {
        return;
    }
    let open: BTreeSet<_> =
        OPEN_FINDINGS.iter().filter(|(of, ..)| *of == profile).map(|(_, path, _)| *path).collect();
    let server = Independent::start(profile);
    let short: &[_] = if SLOW.contains(&profile) { &["smoke"] } else { &["smoke", "standard"] };
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for (kind, seed) in runs(short) {
        let outcome = server.run(kind, seed);
        let what = format!("{profile}, {kind}, seed {seed}");
        let accused = outcome.failing_or_untested();
        let shown: Vec<_> =
            accused.iter().map(|id| open.iter().find(|path| id.starts_with(**path))).collect();
        if accused.is_empty() != (outcome.code == Some(exit_code::PASS.into())) || shown.contains(&None) {
            wrong.push(format!("{what}: exit {:?}, {accused:?}", outcome.code));
        }
        seen.extend(shown.into_iter().flatten().copied());
        server.assert_nothing_is_left(&what).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen, open, "{profile}: an open finding that no run shows any more is no longer open");
}

/// One test for each profile of `independent/choices.py` that no document contradicts.
macro_rules! passes {
    ($($test:ident: $profile:literal,)*) => {
        $(#[tokio::test]
        async fn $test() {
            assert_passes($profile).await;
        })*
    };
}

passes! {
    a_plain_server_passes: "plain",
    a_server_that_leaves_out_zero_values_passes: "proto3",
    a_server_with_members_of_its_own_passes: "own-members",
    a_server_that_answers_404_with_problem_json_passes: "problem-json",
    a_server_that_checks_every_value_passes: "strict",
    a_server_without_an_authorization_server_passes: "management-only",
    a_server_that_needs_a_user_for_codes_and_a_token_for_registrations_passes: "users-only",
    a_server_that_shows_secrets_once_passes: "secret-once",
    a_server_that_keeps_refresh_tokens_and_sends_neither_issuer_nor_total_passes: "kept-refresh-tokens",
    a_server_that_accepts_replaced_refresh_tokens_for_a_while_passes: "leeway",
    a_server_with_late_searches_and_lists_passes: "lag",
    a_server_that_keeps_the_clients_of_deleted_servers_passes: "orphans",
    a_server_that_limits_requests_passes: "rate-limited",
}

/// Asserts that runs against a faulty profile end with exit code 1, by all of the given properties.
async fn assert_caught(profile: &str, expected: &[&str]) {
    if !python_is_there() {
        return;
    }
    let server = Independent::start(profile);
    for (kind, seed) in runs(&["smoke"]) {
        let outcome = server.run(kind, seed);
        let what = format!("{profile}, {kind}, seed {seed}");
        assert_eq!(outcome.code, Some(exit_code::BROKEN.into()), "{what}: {}", outcome.output);
        let broken = outcome.broken();
        assert!(expected.iter().all(|id| broken.contains(id)), "{what}: {broken:?}");
        server.assert_nothing_is_left(&what).await;
    }
}

/// One test for each faulty profile, with the properties that must catch it.
macro_rules! caught {
    ($($test:ident: $profile:literal by $($property:literal),+;)*) => {
        $(#[tokio::test]
        async fn $test() {
            assert_caught($profile, &[$($property),+]).await;
        })*
    };
}

caught! {
    a_secret_that_works_after_its_rotation_is_caught: "rotation-grace" by "client/rotate/invalidates-old-secret";
    an_update_that_loses_a_member_is_caught: "lost-member" by "server/update/keeps-sent-fields";
    an_update_of_a_client_that_loses_a_member_is_caught: "lost-client-member" by "client/update/keeps-sent-fields";
    names_that_cannot_be_stored_are_caught: "fails-on-non-ascii" by "wire/valid-requests-do-not-fail";
    a_page_in_place_of_a_response_is_caught: "html-from-a-gateway" by
        "wire/answer-matches-the-document", "wire/content-type-is-json";
    a_record_with_a_secret_is_caught: "secret-in-record" by "wire/responses-repeat-no-secret";
    a_refusal_that_quotes_the_key_is_caught: "key-in-refusal" by "wire/responses-repeat-no-secret";
    an_expiry_in_milliseconds_is_caught: "expiry-in-milliseconds" by "authorization/token/lives-as-long-as-it-says";
    a_token_of_an_unpublished_key_is_caught: "unpublished-key" by "authorization/token/verifies-with-published-keys";
}

#[tokio::test]
async fn what_the_suite_was_made_for_is_cut_down_with_the_requests_of_one_cause() {
    if !python_is_there() {
        return;
    }
    // Where a secret outlives its rotation, a run waits to see for how long.
    for (profile, seeds) in [("rotation-grace", 1), ("lost-member", 3)] {
        let server = Independent::start(profile);
        for seed in 0..seeds {
            let remote = ["--as-remote", "--project", &server.project_id, "--pace", "0"];
            let outcome = server.run_with("smoke", seed, &remote);
            assert_eq!(outcome.code, Some(exit_code::BROKEN.into()), "{profile}: {}", outcome.output);
            let shrinking = outcome.report["shrinkingRequests"].as_u64().unwrap();
            assert!((1..=30).contains(&shrinking), "{profile}, seed {seed}: {shrinking}");
        }
    }
}

#[tokio::test]
async fn what_no_document_settles_fails_by_properties_of_level_should_only() {
    if !python_is_there() {
        return;
    }
    for profile in UNSETTLED {
        let server = Independent::start(profile);
        for (kind, seed) in runs(&["standard"]) {
            let outcome = server.run(kind, seed);
            let what = format!("{profile}, {kind}, seed {seed}");
            assert_eq!(outcome.code, Some(exit_code::BROKEN.into()), "{what}: {}", outcome.output);
            let broken = outcome.with_verdict("fail");
            assert!(broken.iter().all(|(_, level)| *level != "must"), "{what}: {broken:?}");
            server.assert_nothing_is_left(&what).await;
        }
    }
}

#[tokio::test]
async fn what_a_killed_run_leaves_is_deleted_by_cleanup() {
    if !python_is_there() {
        return;
    }
    for profile in ["lag", "orphans", "lost-member"] {
        let server = Independent::start(profile);
        let mut run = server.suite();
        let mut run =
            run.args(["--profile", "standard", "--seed", "1"]).stdout(Stdio::null()).spawn().unwrap();
        while server.store().await.is_empty() {
            assert!(run.try_wait().unwrap().is_none(), "{profile}: the run ended without a record");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        run.kill().unwrap();
        run.wait().unwrap();
        assert_ne!(server.store().await, Vec::<Value>::new(), "{profile}: nothing was left to clean up");
        let cleaned = server.suite().arg("--cleanup").output().unwrap();
        let said =
            String::from_utf8_lossy(&cleaned.stdout).into_owned() + &String::from_utf8_lossy(&cleaned.stderr);
        assert_eq!(cleaned.status.code(), Some(exit_code::PASS.into()), "{profile}: {said}");
        server.assert_nothing_is_left(profile).await;
    }
}
