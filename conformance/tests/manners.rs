//! Good manners on a real project, with the program as people run it: however a run ends, the target holds afterwards
//! what it held before, byte for byte.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests only, and these helpers are part of them"
)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::wire::target::Target;
use support::Bystanders;
use tempfile::TempDir;

/// A target with records of others, and a place for the journal.
struct Place {
    embedded: Embedded,
    bystanders: Bystanders,
    before: Vec<String>,
    folder: TempDir,
}

impl Place {
    async fn new() -> Self {
        Self::on(Embedded::start().await.unwrap()).await
    }

    async fn on(embedded: Embedded) -> Self {
        let bystanders = Bystanders::settle(&embedded.target()).await;
        let before = bystanders.everything().await;
        Self { embedded, bystanders, before, folder: tempfile::tempdir().unwrap() }
    }

    fn target(&self) -> Target {
        self.embedded.target()
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal.jsonl")
    }

    /// The program against this target with this journal.
    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-conformance"));
        let target = self.target();
        command
            .args(["--target", target.base_url.as_str(), "--journal"])
            .arg(self.journal())
            .args(arguments)
            .env("DESCOPE_PROJECT_ID", target.project_id.as_str())
            .env("DESCOPE_MANAGEMENT_KEY", target.management_key.expose())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    async fn output(&self, arguments: &[&str]) -> Finished {
        let mut program = self.program(arguments);
        let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        self.check_for_secrets(output).await
    }

    /// A run without an end that has made something.
    async fn endless_run(&self) -> Child {
        let child =
            self.program(&["--profile", "deep", "--requests", "1000000000", "--seed", "3"]).spawn().unwrap();
        let has_made_something =
            || fs::read_to_string(self.journal()).is_ok_and(|text| text.matches("\"server\"").count() > 10);
        while !has_made_something() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        child
    }

    async fn after_signals(&self, child: Child, signals: &[&str]) -> Finished {
        let id = child.id().to_string();
        for signal in signals {
            let status = Command::new("kill").args(["-s", signal, &id]).status().unwrap();
            assert!(status.success(), "kill -s {signal} {id}");
        }
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
        self.check_for_secrets(output).await
    }

    /// `kill -9` in the middle of a run, as if long ago.
    async fn killed_run(&self) {
        let mut child = self.endless_run().await;
        child.kill().unwrap();
        child.wait().unwrap();
        self.let_time_pass();
    }

    /// A clean-up waits until lists of the target cannot lag behind any more.
    fn let_time_pass(&self) {
        let file = fs::OpenOptions::new().append(true).open(self.journal()).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }

    /// Neither the program nor the journal says what must not be said.
    async fn check_for_secrets(&self, output: Output) -> Finished {
        let finished = Finished {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        let journal = fs::read_to_string(self.journal()).unwrap_or_default();
        let said = format!("{}{}{journal}", finished.stdout, finished.stderr);
        assert!(!said.contains(self.target().management_key.expose()), "{said}");
        for secret in &self.bystanders.secrets {
            assert!(!said.contains(secret), "{said}");
        }
        assert!(!said.contains("cleartext"), "{said}");
        finished
    }

    async fn assert_untouched(&self) {
        assert_eq!(self.bystanders.everything().await, self.before);
    }
}

struct Finished {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Finished {
    #[track_caller]
    fn assert_code(&self, code: u8) -> &Self {
        assert_eq!(self.code, Some(code.into()), "{}{}", self.stdout, self.stderr);
        self
    }
}

fn lines(path: &Path) -> Vec<serde_json::Value> {
    let lines = BufReader::new(fs::File::open(path).unwrap()).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn after_a_normal_end_nothing_is_left_and_the_journal_says_so() {
    let place = Place::new().await;
    place.output(&["--seed", "1"]).await.assert_code(exit_code::PASS);
    place.assert_untouched().await;
    let lines = lines(&place.journal());
    assert_eq!(lines[0]["event"], "begin");
    assert_eq!(lines[0]["target"], place.target().base_url.as_str());
    assert!(lines.iter().any(|line| line["event"] == "server"));
    assert_eq!(lines.last().unwrap()["event"], "end");
    let nothing = place.output(&["--cleanup"]).await;
    assert!(nothing.assert_code(exit_code::PASS).stdout.contains("nothing to delete"), "{}", nothing.stdout);
}

#[tokio::test]
async fn a_signal_ends_a_run_which_then_deletes_what_it_made() {
    for (signal, code) in [("INT", exit_code::INTERRUPTED), ("TERM", exit_code::TERMINATED)] {
        let place = Place::new().await;
        let run = place.endless_run().await;
        place.after_signals(run, &[signal]).await.assert_code(code);
        place.assert_untouched().await;
        assert_eq!(lines(&place.journal()).last().unwrap()["event"], "end");
    }
}

#[tokio::test]
async fn a_second_signal_ends_at_once_and_leaves_the_rest_to_a_clean_up() {
    // Every answer is late, so that the run is still deleting when the second signal comes.
    let late = |router: axum::Router| {
        router.layer(axum::middleware::from_fn(
            |request: axum::extract::Request, next: axum::middleware::Next| async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                next.run(request).await
            },
        ))
    };
    // Signals that come while the program is stopped reach it both at once.
    for signals in [&["INT", "TERM"][..], &["STOP", "INT", "TERM", "CONT"]] {
        let place = Place::on(Embedded::start_wrapped(late).await.unwrap()).await;
        let child = place.program(&["--profile", "smoke", "--seed", "1"]).spawn().unwrap();
        let made_one = || fs::read_to_string(place.journal()).is_ok_and(|text| text.contains("\"server\""));
        while !made_one() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let ended = place.after_signals(child, signals).await;
        // In which order two come that come together is for the kernel to say.
        let together = signals[0] == "STOP" && ended.code == Some(exit_code::INTERRUPTED.into());
        let second = if together { exit_code::INTERRUPTED } else { exit_code::TERMINATED };
        assert!(ended.assert_code(second).stderr.contains("--cleanup"), "{}", ended.stderr);
        assert_eq!(lines(&place.journal()).last().unwrap()["event"], "server", "{signals:?}");
        place.let_time_pass();
        place.output(&["--cleanup"]).await.assert_code(exit_code::PASS);
        place.assert_untouched().await;
    }
}

#[tokio::test]
async fn after_kill_9_a_clean_up_deletes_exactly_what_the_run_made() {
    let place = Place::new().await;
    place.killed_run().await;
    let cleaned = place.output(&["--cleanup"]).await;
    assert!(cleaned.assert_code(exit_code::PASS).stdout.contains(": deleted "), "{}", cleaned.stdout);
    place.assert_untouched().await;
    let again = place.output(&["--cleanup"]).await;
    assert!(again.assert_code(exit_code::PASS).stdout.contains("nothing to delete"), "{}", again.stdout);
}

#[tokio::test]
async fn a_lost_journal_is_made_up_for_by_the_prefix_of_the_run() {
    let place = Place::new().await;
    place.killed_run().await;
    let prefix = lines(&place.journal())[0]["run"].as_str().unwrap().to_owned();
    fs::remove_file(place.journal()).unwrap();
    let nothing = place.output(&["--cleanup"]).await;
    assert!(
        nothing.assert_code(exit_code::PASS).stdout.contains("there is no journal"),
        "{}",
        nothing.stdout
    );
    for not_one in
        ["conformance", "conformance-", "conformance-1234", "bystander", "", "conformance-0123456789ABCDEF"]
    {
        place.output(&["--cleanup", not_one]).await.assert_code(exit_code::USAGE);
    }
    place.output(&["--cleanup", &prefix]).await.assert_code(exit_code::PASS);
    place.assert_untouched().await;
}

#[tokio::test]
async fn a_damaged_line_is_named_and_the_others_are_used() {
    let place = Place::new().await;
    place.killed_run().await;
    let text = fs::read_to_string(place.journal()).unwrap();
    fs::write(place.journal(), format!("{{\"event\":\"beg\n{text}")).unwrap();
    place.let_time_pass();
    let cleaned = place.output(&["--cleanup"]).await;
    cleaned.assert_code(exit_code::BAD_JOURNAL);
    assert!(cleaned.stderr.starts_with("error: line 1 of the journal is damaged"), "{}", cleaned.stderr);
    place.assert_untouched().await;
    let kept = fs::read_to_string(place.journal()).unwrap();
    assert!(kept.starts_with("{\"event\":\"beg\n") && kept.contains(&text), "{kept}");
}

#[tokio::test]
async fn a_clean_up_leaves_runs_on_other_targets_and_in_other_projects_alone() {
    let place = Place::new().await;
    place.killed_run().await;
    let text = fs::read_to_string(place.journal()).unwrap();
    let elsewhere = text.replace(place.target().project_id.as_str(), "P2another");
    fs::write(place.journal(), &elsewhere).unwrap();
    place.let_time_pass();
    let dirty = place.bystanders.everything().await;
    let cleaned = place.output(&["--cleanup"]).await;
    assert!(cleaned.assert_code(exit_code::PASS).stdout.contains("left alone"), "{}", cleaned.stdout);
    assert_eq!(place.bystanders.everything().await, dirty);
    assert_eq!(fs::read_to_string(place.journal()).unwrap(), elsewhere);
}

#[tokio::test]
async fn a_clean_up_waits_for_no_run_and_disturbs_none() {
    let place = Place::new().await;
    let run = place.endless_run().await;
    let refused = place.output(&["--cleanup"]).await;
    assert!(
        refused.assert_code(exit_code::BAD_JOURNAL).stderr.contains("in use by a run"),
        "{}",
        refused.stderr
    );
    place.after_signals(run, &["INT"]).await.assert_code(exit_code::INTERRUPTED);
    place.assert_untouched().await;
}

#[tokio::test]
async fn a_run_begins_only_if_its_journal_can_be_written() {
    let place = Place::new().await;
    fs::create_dir(place.journal()).unwrap();
    let refused = place.output(&["--seed", "1"]).await;
    assert!(
        refused.assert_code(exit_code::BAD_JOURNAL).stderr.contains("journal.jsonl"),
        "{}",
        refused.stderr
    );
    assert_eq!(refused.stdout, "");
    place.assert_untouched().await;
}

#[tokio::test]
async fn clients_that_outlive_their_server_are_deleted_too() {
    let keep = [("server-delete-clients", "keep")];
    let place = Place::on(Embedded::start_varied(&keep).await.unwrap()).await;
    place.killed_run().await;
    place.output(&["--cleanup"]).await.assert_code(exit_code::PASS);
    place.assert_untouched().await;
    let made = lines(&place.journal());
    let made: Vec<_> = made.iter().filter_map(|line| line["id"].as_str()).collect();
    assert!(!made.is_empty());
    for server in made {
        assert_eq!(place.bystanders.clients_of(server).await, 0, "of {server}");
    }
}
