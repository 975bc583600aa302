//! A connection on which bytes are sent as they are, and what comes back is read as HTTP/1.1.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any of the emulator's own limits on time.
const MAX_WAIT: Duration = Duration::from_secs(40);

/// What became of the bytes.
pub(crate) enum Outcome {
    /// A whole answer: status and body.
    Answered(u16, Vec<u8>),
    /// The connection was closed or reset, without a whole answer.
    Closed,
    /// Nothing for too long.
    Silent,
}

impl Outcome {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Answered(status, _) => status.to_string(),
            Self::Closed => String::from("closed"),
            Self::Silent => String::from("silent"),
        }
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answered(status, body) => {
                write!(f, "{status} {}", body[..body.len().min(500)].escape_ascii())
            }
            _ => f.write_str(&self.name()),
        }
    }
}

/// A connection that is kept while it can be.
#[derive(Default)]
pub(crate) struct Line(Option<TcpStream>);

impl Line {
    pub(crate) fn send(&mut self, to: SocketAddr, bytes: &[u8], framed: bool) -> Outcome {
        let kept = if framed { self.0.take() } else { None };
        let fresh = kept.is_none();
        let stream = kept.unwrap_or_else(|| connect(to));
        let (outcome, open) = exchange(&stream, bytes, framed);
        // A kept connection may have been closed since, which says nothing of this request.
        if matches!(outcome, Outcome::Closed) && !fresh {
            return self.send(to, bytes, framed);
        }
        if open && framed {
            self.0 = Some(stream);
        }
        outcome
    }
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("the emulator takes connections");
    stream.set_read_timeout(Some(MAX_WAIT)).expect("a timeout can be set");
    stream.set_write_timeout(Some(MAX_WAIT)).expect("a timeout can be set");
    stream.set_nodelay(true).expect("the delay can be switched off");
    stream
}

/// What came back, and whether the connection can carry another request.
fn exchange(mut stream: &TcpStream, bytes: &[u8], framed: bool) -> (Outcome, bool) {
    // The emulator may answer and close before it has read everything; the answer is still there to be read.
    let sent = stream.write_all(bytes).is_ok();
    if !framed {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let is_head = bytes.starts_with(b"HEAD ");
    let mut got = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some((status, body, keeps)) = answer(&got, is_head) {
            // To the CONNECT of a proxy, what follows an answer is no longer HTTP.
            let open = sent && keeps && !bytes.starts_with(b"CONNECT ");
            return (Outcome::Answered(status, body), open);
        }
        match stream.read(&mut buffer) {
            Ok(0) => return (Outcome::Closed, false),
            Ok(read) => got.extend_from_slice(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return (Outcome::Silent, false);
            }
            Err(_) => return (Outcome::Closed, false),
        }
    }
}

/// Status, body, and whether the connection stays, once a whole answer is there.
fn answer(got: &[u8], is_head: bool) -> Option<(u16, Vec<u8>, bool)> {
    let end = got.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&got[..end]).to_ascii_lowercase();
    let status: u16 = head.split(' ').nth(1)?.get(..3)?.parse().ok()?;
    if status == 100 {
        return answer(&got[end + 4..], is_head);
    }
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(held, _)| *held == name)
            .map(|(_, value)| value)
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let length = if is_head || status == 204 || status == 304 { 0 } else { length };
    let body = got.get(end + 4..end + 4 + length)?;
    Some((status, body.to_vec(), header("connection") != Some("close")))
}
