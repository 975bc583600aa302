//! Loopback never goes through a proxy, and everything else does if the environment says so.
//!
//! The environment belongs to the whole process, so each case is this program once more.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/emulator.rs"]
mod emulator;
#[path = "support/listener.rs"]
mod listener;

use std::env;
use std::process::Command;
use std::time::Duration;

use descope_mcp_management::{BaseUrl, ManagementClient, ManagementKey, ProjectId, RetryPolicy};
use emulator::Emulator;
use listener::Listener;

const PROXY_VARIABLES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Started again by the tests below: makes one call and prints what became of it.
#[tokio::test]
async fn child_that_makes_a_call() {
    let Ok(url) = env::var("CHILD_BASE_URL") else { return };
    let variable = |name| env::var(name).unwrap();
    let project = ProjectId::new(variable("CHILD_PROJECT")).unwrap();
    let key = ManagementKey::new(variable("CHILD_KEY")).unwrap();
    let client = ManagementClient::builder(project, key)
        .base_url(BaseUrl::allow_plain_http(&url).unwrap())
        .retry(RetryPolicy::never())
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap();
    match client.servers().load_all().await {
        Ok(servers) => println!("loaded {}", servers.len()),
        Err(error) => println!("failed: {error}"),
    }
}

/// What the child printed, and what a proxy saw that these variables name.
fn call(emulator: &Emulator, base_url: &str, variables: &[&str]) -> (String, (usize, String)) {
    let proxy = Listener::start("127.0.0.1");
    let mut child = Command::new(env::current_exe().unwrap());
    for name in PROXY_VARIABLES.iter().chain(&["NO_PROXY", "no_proxy", "REQUEST_METHOD"]) {
        child.env_remove(name);
    }
    for name in variables {
        child.env(name, format!("http://127.0.0.1:{}", proxy.port()));
    }
    child.env("CHILD_BASE_URL", base_url).env("CHILD_PROJECT", &emulator.project);
    child.env("CHILD_KEY", &emulator.key);
    let output = child.args(["--exact", "child_that_makes_a_call", "--nocapture"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    (String::from_utf8(output.stdout).unwrap(), proxy.received())
}

#[test]
fn a_call_over_loopback_reaches_the_server_and_no_proxy() {
    let emulator = Emulator::start();
    let port = emulator.url.rsplit(':').next().unwrap();
    let all = &PROXY_VARIABLES[..];
    for base_url in [emulator.url.clone(), format!("http://localhost:{port}"), format!("http://127.1:{port}")]
    {
        for variables in [&["HTTP_PROXY"][..], &["http_proxy"], &["ALL_PROXY"], &["all_proxy"], all] {
            let (printed, seen) = call(&emulator, &base_url, variables);
            assert_eq!(seen, (0, String::new()), "{base_url} {variables:?}");
            assert!(printed.contains("loaded 0"), "{base_url} {variables:?}: {printed}");
        }
    }
}

#[test]
fn https_over_loopback_reaches_the_server_and_no_proxy() {
    let emulator = Emulator::start();
    for (address, host) in
        [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("127.8.9.10", "127.8.9.10")]
    {
        // It does not speak TLS: that it was asked is enough.
        let server = Listener::start(address);
        let (_, seen) = call(&emulator, &format!("https://{host}:{}", server.port()), &PROXY_VARIABLES);
        assert_eq!(seen, (0, String::new()), "{host}");
        assert_eq!(server.received().0, 1, "{host}");
    }
}

#[test]
fn a_call_in_clear_that_was_allowed_reaches_the_server_and_no_proxy() {
    let emulator = Emulator::start();
    let port = emulator.url.rsplit(':').next().unwrap();
    // No loopback address, and yet this machine answers.
    let base_url = format!("http://0.0.0.0:{port}");
    let (printed, seen) = call(&emulator, &base_url, &PROXY_VARIABLES);
    assert_eq!(seen, (0, String::new()), "a proxy would read the management key");
    assert!(printed.contains("loaded 0"), "{printed}");
}

#[test]
fn a_call_to_another_host_goes_through_the_proxy_of_the_environment() {
    let emulator = Emulator::start();
    for variables in [&["HTTPS_PROXY"][..], &["ALL_PROXY"]] {
        let (printed, (connections, said)) = call(&emulator, "https://api.example.com", variables);
        assert_eq!(connections, 1, "{printed}");
        assert!(said.starts_with("CONNECT api.example.com:443 HTTP/1.1\r\n"), "{said}");
        assert!(!said.contains(&emulator.key), "only the tunnel is asked for");
    }
}
