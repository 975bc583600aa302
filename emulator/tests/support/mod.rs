//! An emulator in this process, on real sockets, and raw exchanges with it.

#![allow(clippy::unwrap_used, dead_code, reason = "helpers of tests, of which each test file uses some")]

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use descope_mcp_emulator::{Config, Project, PublicUrl, app_with_control, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A running emulator with its control listener; it ends with the test's runtime.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) control: SocketAddr,
    pub(crate) project: String,
    pub(crate) key: String,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}{}", self.head, self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

impl Running {
    pub(crate) async fn start(change: impl FnOnce(Config) -> Config) -> Self {
        let bind = async || TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (listener, control_listener) = (bind().await, bind().await);
        let (address, control) = (listener.local_addr().unwrap(), control_listener.local_addr().unwrap());
        let project = Project::generate().unwrap();
        let (id, key) = (project.id().to_owned(), project.expose_management_key().to_owned());
        let config = Config::new(PublicUrl::of_listener(address).unwrap(), vec![project]);
        let (router, control_router) = app_with_control(change(config)).unwrap();
        tokio::spawn(serve(listener, router, std::future::pending()));
        tokio::spawn(serve(control_listener, control_router, std::future::pending()));
        Self { address, control, project: id, key }
    }

    /// A management request; `Err` if no whole answer came.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> io::Result<Answer> {
        let credentials = format!("Authorization: Bearer {}:{}\r\n", self.project, self.key);
        self.send(self.address, "POST", path, &credentials, &body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str) -> io::Result<Answer> {
        self.send(self.address, "GET", path, "", "").await
    }

    /// A request to the control listener, as a program on this machine makes it.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        self.send(self.control, method, path, "", &body).await.unwrap()
    }

    pub(crate) async fn adversity(&self, settings: Option<&str>) {
        let answer = self.control("PUT", "/_emulator/adversity", &json!({"adversity": settings})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    pub(crate) async fn send(
        &self,
        to: SocketAddr,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> io::Result<Answer> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        tokio::task::spawn_blocking(move || exchange(to, request.as_bytes())).await.unwrap()
    }
}

/// Sends these bytes and reads a whole answer.
pub(crate) fn exchange(to: SocketAddr, request: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let answer = Answer {
        status: status.ok_or(io::ErrorKind::InvalidData)?,
        head: head.to_owned(),
        body: body.to_owned(),
    };
    match answer.header("content-length").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) if length != body.len() => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(answer),
    }
}
