//! What a client takes from the environment. The environment belongs to the whole process, so each case is this program once
//! more.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/emulator.rs"]
mod emulator;

use std::env;
use std::process::Command;
use std::time::Duration;

use descope_mcp_emulator::environment as printed;
use descope_mcp_management::environment::{BASE_URL, MANAGEMENT_KEY, PROJECT_ID};
use descope_mcp_management::{ErrorKind, ManagementClientBuilder, Quota};
use emulator::Emulator;

#[test]
fn the_variables_are_those_that_the_emulator_prints() {
    assert_eq!(
        [BASE_URL, PROJECT_ID, MANAGEMENT_KEY],
        [printed::BASE_URL, printed::PROJECT_ID, printed::MANAGEMENT_KEY]
    );
    // Programs and pages outside of this repository have them, too.
    assert_eq!(
        [BASE_URL, PROJECT_ID, MANAGEMENT_KEY],
        ["DESCOPE_BASE_URL", "DESCOPE_PROJECT_ID", "DESCOPE_MANAGEMENT_KEY"]
    );
}

/// Started again by the tests below: makes a client with a quota that has room for one request, and calls twice.
#[tokio::test]
async fn child_that_adds_a_quota() {
    if env::var_os("CHILD").is_none() {
        return;
    }
    let quota = Quota::new(1, Duration::from_secs(3600)).unwrap();
    let builder = match ManagementClientBuilder::from_env() {
        Ok(builder) => builder.quota(quota).timeout(Duration::from_secs(5)),
        Err(error) => return println!("said: {error}"),
    };
    let client = builder.build().unwrap();
    client.servers().load_all().await.unwrap();
    let error = client.servers().load_all().await.unwrap_err();
    println!("said: {} after {} requests", error.kind() == ErrorKind::RateLimited, error.attempts());
}

fn child(emulator: &Emulator) -> Command {
    let mut child = Command::new(env::current_exe().unwrap());
    child.env("CHILD", "1").env(BASE_URL, &emulator.url).env(PROJECT_ID, &emulator.project);
    child.env(MANAGEMENT_KEY, &emulator.key).args(["--exact", "child_that_adds_a_quota", "--nocapture"]);
    child
}

fn said(child: &mut Command) -> String {
    let output = child.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.split_once("said: "));
    line.unwrap_or_else(|| panic!("{text}")).1.to_owned()
}

#[test]
fn a_client_of_the_environment_can_be_given_a_quota() {
    assert_eq!(said(&mut child(&Emulator::start())), "true after 0 requests");
}

#[test]
#[cfg(unix)]
fn a_variable_that_is_no_text_is_not_taken_for_a_missing_one() {
    use std::os::unix::ffi::OsStrExt;
    let emulator = Emulator::start();
    for name in [BASE_URL, PROJECT_ID, MANAGEMENT_KEY] {
        let said = said(child(&emulator).env(name, std::ffi::OsStr::from_bytes(b"http://\xff")));
        assert_eq!(said, format!("{name} is not UTF-8 text; set it again"));
    }
}

#[test]
fn a_base_url_that_sends_the_key_in_clear_is_refused() {
    let said = said(child(&Emulator::start()).env(BASE_URL, "http://10.0.0.7:8080"));
    assert!(
        said.starts_with("base URL \"http://10.0.0.7:8080\" would send the management key unencrypted"),
        "{said}"
    );
}
