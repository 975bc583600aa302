//! The emulator as a process of its own, and a connection to it that stays open.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers of tests and benchmarks, of which each file uses some"
)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use descope_mcp_program::export;
use serde_json::Value;

/// A running emulator; it is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: String,
    pub(crate) project: String,
    pub(crate) key: String,
}

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_descope-mcp-emulator"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("DESCOPE_MANAGEMENT_KEY").env_remove("DESCOPE_EMULATOR_LOG");
    command
}

/// What `check --data` says about the directory: exit code, and both outputs.
pub(crate) fn check(data: &Path) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command().arg("check").arg("--data").arg(data).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

/// The value in a line that exports this variable.
fn exported(line: &str, variable: &str) -> String {
    let (name, value) = export::parse(line).unwrap();
    assert_eq!(name, variable);
    value.to_owned()
}

impl Process {
    pub(crate) fn start(flags: &[&str]) -> Self {
        let mut child = command().args(["--listen", "127.0.0.1:0"]).args(flags).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut value = |name: &str| match lines.next() {
            Some(line) => exported(&line.unwrap(), name),
            None => {
                let mut log = String::new();
                child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
                panic!("it did not start: {log}")
            }
        };
        let (url, project, key) =
            (value("DESCOPE_BASE_URL"), value("DESCOPE_PROJECT_ID"), value("DESCOPE_MANAGEMENT_KEY"));
        Self { child, address: url.strip_prefix("http://").unwrap().to_owned(), project, key }
    }

    pub(crate) fn on(data: &Path) -> Self {
        Self::start(&["--data", data.to_str().unwrap()])
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and waits for the end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits for the end.
    pub(crate) fn stop(mut self) {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(&self.address, &self.project, &self.key)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A kept connection with the credentials of a project.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Connection {
    pub(crate) fn open(address: &str, project: &str, key: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = format!("Host: {address}\r\nAuthorization: Bearer {project}:{key}\r\n");
        Self { stream: BufReader::new(stream), head }
    }

    /// Status and body; an error if no whole answer came.
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> io::Result<(u16, Value)> {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.head,
            body.len()
        );
        self.exchange(&request)
    }

    pub(crate) fn get(&mut self, path: &str) -> io::Result<(u16, Value)> {
        let request = format!("GET {path} HTTP/1.1\r\n{}\r\n", self.head);
        self.exchange(&request)
    }

    /// A request that has to work.
    pub(crate) fn must(&mut self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.post(path, body).unwrap();
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    fn exchange(&mut self, request: &str) -> io::Result<(u16, Value)> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }
}

/// Numbers that a seed repeats (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, sides: usize) -> usize {
        (self.next() % sides as u64) as usize
    }
}
