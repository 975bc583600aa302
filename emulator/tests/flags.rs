//! The flags about behaviour and logs, on the real program.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use descope_mcp_emulator::Variants;
use serde_json::{Value, json};

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-emulator"));
    command.args(flags).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("DESCOPE_MANAGEMENT_KEY").env_remove("DESCOPE_EMULATOR_LOG");
    command
}

#[test]
fn variants_lists_them_and_ends() {
    let output = command(&["--variants"]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), Variants::listing());
}

#[test]
fn bad_settings_are_refused_with_what_would_do() {
    for (flags, cure) in [
        (&["--variant", "absent"][..], "name=value"),
        (&["--variant", "nothing=1"], "client-update"),
        (&["--variant", "absent=none"], "zero, omit or null"),
        (&["--adversity", "seed=1"], "rate is missing"),
        (&["--rate-limit", "fast"], "100/60"),
        (&["--control", "0.0.0.0:0"], "loopback"),
        (&["--control", "192.0.2.1:0", "--allow-remote"], "loopback"),
        (&["--log-format", "xml"], "json"),
    ] {
        let output = command(flags).output().unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{flags:?}: {log}");
        let lines: Vec<_> = log.lines().collect();
        assert!(lines[0].starts_with("error: ") && lines[0].contains(cure), "{flags:?}: {log}");
        assert!(lines[1..].iter().all(|line| line.starts_with("hint: ")), "{flags:?}: {log}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn logs_can_be_json_say_the_seed_and_hold_no_secret_at_any_level() {
    let flags = [
        "--listen",
        "127.0.0.1:0",
        "--control",
        "127.0.0.1:0",
        "--log-format",
        "json",
        "--rate-limit",
        "--adversity",
        "rate=0",
    ];
    let mut process = command(&flags).env("DESCOPE_EMULATOR_LOG", "trace").spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap().split_once('=').unwrap().1.to_owned();
    let (base_url, project, key) = (next(), next(), next());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let secret = runtime.block_on(async {
        // No proxy of the environment leads to loopback.
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let post = async |path: &str, body: Value| {
            let request = http.post(format!("{base_url}{path}")).bearer_auth(format!("{project}:{key}"));
            let request = request.header("content-type", "application/json").body(body.to_string());
            let text = request.send().await.unwrap().text().await.unwrap();
            serde_json::from_str::<Value>(&text).unwrap()
        };
        let server = post("/v1/mgmt/mcp/server/create", json!({"name": "a"})).await;
        let id = server["server"]["id"].as_str().unwrap();
        let client = post("/v1/mgmt/mcp/server/client/create", json!({"name": "c", "mcpServerId": id})).await;
        let secret = client["cleartext"].as_str().unwrap().to_owned();
        let token = json!({
            "grant_type": "client_credentials", "client_id": client["clientId"], "client_secret": secret,
        });
        let token = post(&format!("/oauth2/v1/apps/agentic/{project}/{id}/token"), token).await;
        assert!(token["access_token"].is_string(), "{token}");
        secret
    });
    let kill = format!("kill -TERM {}", process.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let mut log = String::new();
    process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(process.wait().unwrap().success(), "{log}");
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = |member: &str, part: &str| {
        events.iter().any(|event| event[member].as_str().is_some_and(|text| text.contains(part)))
    };
    assert!(
        said("message", "listening") && said("adversity", "seed=") && said("url", "/_emulator/"),
        "{log}"
    );
    assert!(said("message", "answered") && said("path", "/v1/mgmt/mcp/server/create"));
    assert!(!log.contains(&secret) && !log.contains(&key));
}

#[test]
fn requests_to_an_emulator_on_loopback_go_past_every_proxy_of_the_environment() {
    // Again, where every proxy is a port that nobody listens at.
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "logs_can_be_json_say_the_seed_and_hold_no_secret_at_any_level"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:9");
    }
    let output = child.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
