//! The real program over a real socket: what it prints, how it serves, how it ends.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests only, and these helpers are part of them"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use descope_mcp_program::export;

/// A running emulator; it is killed if a test fails before it stops it.
struct Emulator {
    process: Child,
    base_url: String,
    project: String,
    key: String,
}

impl Emulator {
    fn start(flags: &[&str], key: Option<&str>) -> Self {
        let mut command = command(flags);
        if let Some(key) = key {
            command.env("DESCOPE_MANAGEMENT_KEY", key);
        }
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut value = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            assert_eq!(export::parse(&line).map(|(name, _)| name), Some(name), "{line}");
            export::parse(&line).unwrap().1.to_owned()
        };
        let (base_url, project, key) =
            (value("DESCOPE_BASE_URL"), value("DESCOPE_PROJECT_ID"), value("DESCOPE_MANAGEMENT_KEY"));
        Self { process, base_url, project, key }
    }

    fn exchange(&self, address: &str, request: &str) -> String {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    fn post(&self, address: &str, path: &str, body: &str) -> String {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\nAuthorization: Bearer {}:{}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.project,
            self.key,
            body.len()
        );
        self.exchange(address, &request)
    }

    /// Sends a signal and waits for the end.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = format!("kill -{signal} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(15);
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not stop");
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut log = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (status.code(), log)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-emulator"));
    command.args(flags).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("DESCOPE_MANAGEMENT_KEY").env_remove("DESCOPE_EMULATOR_LOG");
    command
}

fn refused(flags: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command(flags).output().unwrap();
    assert!(stdout.is_empty());
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn prints_how_to_reach_it_serves_and_stops_on_sigterm() {
    let emulator = Emulator::start(&["--listen", "127.0.0.1:0"], None);
    assert!(emulator.project.starts_with('P') && emulator.project.len() == 28);
    assert!(emulator.key.starts_with("K2"));
    let address = emulator.base_url.strip_prefix("http://").unwrap().to_owned();
    let made = emulator.post(&address, "/v1/mgmt/mcp/server/create", r#"{"name":"orders"}"#);
    assert!(made.starts_with("HTTP/1.1 200 OK\r\n"), "{made}");
    let id = made.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap();
    let discovery = format!("/v1/apps/agentic/{}/{id}/.well-known/openid-configuration", emulator.project);
    let request = format!("GET {discovery} HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n");
    let document = emulator.exchange(&address, &request);
    let issuer = format!("\"issuer\":\"{}/v1/apps/agentic/{}/{id}\"", emulator.base_url, emulator.project);
    assert!(document.contains(&issuer), "{document}");
    assert!(!document.contains("elsewhere"));
    let key = emulator.key.clone();
    let (code, log) = emulator.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains(&key));
}

#[test]
fn takes_project_key_and_public_url_as_given_and_stops_on_sigint() {
    let flags =
        ["--listen", "127.0.0.1:0", "--project-id", "Pmine", "--public-url", "https://emulator.example.com/"];
    let emulator = Emulator::start(&flags, Some("K2mine"));
    assert_eq!(emulator.base_url, "https://emulator.example.com");
    assert_eq!((emulator.project.as_str(), emulator.key.as_str()), ("Pmine", "K2mine"));
    assert_eq!(emulator.stop("INT").0, Some(0));
}

#[test]
fn an_idle_connection_does_not_keep_it_from_stopping() {
    let emulator = Emulator::start(&["--listen", "127.0.0.1:0"], None);
    let address = emulator.base_url.strip_prefix("http://").unwrap().to_owned();
    let idle = TcpStream::connect(&address).unwrap();
    let asked = Instant::now();
    assert_eq!(emulator.stop("TERM").0, Some(0));
    assert!(asked.elapsed() < Duration::from_secs(14));
    drop(idle);
}

/// Whether it is one line, or one line and a hint.
fn is_one_error(log: &str) -> bool {
    let lines: Vec<_> = log.lines().collect();
    lines[0].starts_with("error: ")
        && lines[1..].len() <= 1
        && lines[1..].iter().all(|line| line.starts_with("hint: "))
}

#[test]
fn bad_settings_are_one_line_and_exit_code_64_and_show_no_key() {
    for flags in [
        &["--listen", "nowhere"][..],
        &["--listen", "0.0.0.0:0"],
        &["--listen", "0.0.0.0:0", "--allow-remote"],
        &["--public-url", "emulator"],
        &["--project-id", "a:b"],
        &["--management-key", "K2 hunter2"],
        &["--cimd-pin", "https://a.example/client.json"],
        &["--cimd-pin", "https://a.example/client.json=/no/such/file"],
        &["--cimd-pin", "https://a.example/client.json=/dev/null"],
        &["--cimd-allow-loopback", "--listen", "0.0.0.0:0", "--allow-remote"],
        &["--cimd-allow-loopback", "--public-url", "https://emulator.example.com"],
        &["--nothing"],
        &["extra"],
    ] {
        let (code, log) = refused(flags);
        assert_eq!(code, Some(64), "{flags:?}: {log}");
        assert!(is_one_error(&log), "{flags:?}: {log}");
        assert!(!log.contains("hunter2"));
    }
    let help = Command::new(env!("CARGO_BIN_EXE_descope-mcp-emulator"))
        .arg("--help")
        .env("DESCOPE_MANAGEMENT_KEY", "K2hunter2")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("Exit codes") && !help.contains("hunter2"));
}

#[test]
fn the_page_lists_the_exit_codes_that_help_lists() {
    let help = Command::new(env!("CARGO_BIN_EXE_descope-mcp-emulator")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let page = include_str!("../../docs/exit-codes.md");
    let table = page.split("| exit code of `descope-mcp-emulator` | meaning |").nth(1).unwrap();
    let rows = table.trim_start().lines().skip(1).take_while(|line| line.starts_with('|'));
    let of_page: Vec<_> = rows
        .map(|row| {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            format!("  {:>2}  {}", cells[1], cells[2])
        })
        .collect();
    let of_help: Vec<_> = help.split("Exit codes:\n").nth(1).unwrap().lines().collect();
    assert_eq!(of_page, of_help);
}

#[test]
fn an_address_in_use_is_one_line_and_exit_code_3() {
    let emulator = Emulator::start(&["--listen", "127.0.0.1:0"], None);
    let address = emulator.base_url.strip_prefix("http://").unwrap().to_owned();
    let (code, log) = refused(&["--listen", &address]);
    assert_eq!(code, Some(3), "{log}");
    assert!(log.contains(&address) && log.lines().count() == 1, "{log}");
}
