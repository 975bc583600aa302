//! The program of the suite as people start it.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use descope_mcp_conformance::wire::target::Target;

pub(crate) const KEY: &str = "K2not-the-right-key-of-any-project";
pub(crate) const PROJECT: &str = "P2abcdefghijklmnopqrstuvwxyz";

/// Variables of the environment that name a proxy.
pub(crate) const PROXY_VARIABLES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The program with credentials that no target accepts.
pub(crate) fn conformance() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-conformance"));
    command.env("DESCOPE_PROJECT_ID", PROJECT).env("DESCOPE_MANAGEMENT_KEY", KEY).env("RUST_BACKTRACE", "1");
    // The journal of a test belongs among the files of tests.
    command.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    for name in PROXY_VARIABLES.iter().chain(&["NO_PROXY", "no_proxy"]) {
        command.env_remove(name);
    }
    command
}

/// The program with the credentials of a target, against it.
pub(crate) fn against(target: &Target) -> Command {
    let mut command = conformance();
    command
        .env("DESCOPE_PROJECT_ID", target.project_id.as_str())
        .env("DESCOPE_MANAGEMENT_KEY", target.management_key.expose())
        .args(["--target", target.base_url.as_str()]);
    command
}

/// Runs a program to its end.
pub(crate) async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// How a program ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Ended {
    /// Asserts that it failed with this code, one line that holds `says`, and one that holds the cure.
    #[track_caller]
    pub(crate) fn assert_refused(&self, code: u8, says: &[&str], cure: &str) {
        let Self { stderr, stdout, took, .. } = self;
        assert_eq!(self.code, Some(code.into()), "{stdout}{stderr}after {took:?}");
        // A run that takes long says every ten seconds how far it is.
        let is_progress =
            |line: &&str| line.contains(" requests") && line.starts_with(|c: char| c.is_ascii_digit());
        let lines: Vec<_> = stderr.lines().filter(|line| !is_progress(line)).collect();
        let [error, hint] = lines[..] else { panic!("an error and a hint: {stderr}") };
        assert!(error.starts_with("error: ") && hint.starts_with("hint: "), "{stderr}");
        for says in says {
            assert!(error.contains(says), "{says:?}: {stderr}");
        }
        assert!(hint.contains(cure), "{cure:?}: {stderr}");
        // Nothing is said of properties, nor of open questions.
        assert_eq!(stdout, "");
    }
}

/// Runs a program to its end.
pub(crate) async fn ended(command: Command) -> Ended {
    ended_after(command, |_| std::future::ready(())).await
}

/// Starts a program, does something meanwhile, and waits for its end; measures from when `meanwhile` is done.
pub(crate) async fn ended_after<F: Future<Output = ()>>(
    mut command: Command,
    meanwhile: impl FnOnce(u32) -> F,
) -> Ended {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child: Child = command.spawn().unwrap();
    meanwhile(child.id()).await;
    let since = Instant::now();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: since.elapsed(),
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap();
    assert!(status.success(), "kill -s {name} {process}");
}
