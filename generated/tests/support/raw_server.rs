//! A server that does to a connection what no HTTP library would do, and counts what it received.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::clock::TestClock;

const JSON: &str = "content-type: application/json\r\n";

/// What to do with the next request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Answers with a status, more header lines (each ended by CRLF), and a body.
    Answer(u16, String, String),
    /// Answers with a success and closes the connection in good order, without having announced it.
    AnswerAndClose(String),
    /// Answers with a success and resets the connection.
    AnswerAndReset(String),
    /// Drops the connection with a reset before a byte of the request is read.
    ResetUnread,
    /// Drops the connection with a reset when the request has begun to arrive.
    ResetBegun,
    /// Drops the connection with a reset when the whole request was received.
    ResetReceived,
    /// Closes the connection in good order when the whole request was received.
    CloseReceived,
    /// Announces more than it sends, and closes.
    BreakOff(u16, String),
    /// Receives the request and lets the client's time limit end.
    Stall,
    /// Receives the request and answers with a success when it is told to.
    AnswerLater(Arc<Notify>, String),
    /// Sends the head of a success, and lets the client's time limit end before the body.
    StallInBody,
}

impl Act {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Answer(status, JSON.to_owned(), body.to_owned())
    }
}

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) struct RawServer {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    /// One for each request; the last one for all that follow.
    acts: Vec<Act>,
    next: AtomicUsize,
    connections: AtomicUsize,
    received: Mutex<Vec<Received>>,
    clock: TestClock,
}

impl RawServer {
    pub(crate) async fn start(acts: Vec<Act>, clock: TestClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            acts,
            next: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            received: Mutex::default(),
            clock,
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let state = Arc::clone(&shared);
                // A connection that the client drops ends in an error here, and that is all.
                tokio::spawn(async move { state.serve(stream).await.ok() });
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests that arrived completely.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

impl State {
    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        loop {
            // What happens to a request is settled when the connection is ready for it: a connection that waits
            // for another request in vain must not use up an act, so only acts without a request do so at once.
            let act = self.acts[self.next.load(Ordering::SeqCst).min(self.acts.len() - 1)].clone();
            if matches!(act, Act::ResetUnread) {
                self.next.fetch_add(1, Ordering::SeqCst);
                return reset(stream);
            }
            let mut first = [0];
            stream.read_exact(&mut first).await?;
            let index = self.next.fetch_add(1, Ordering::SeqCst);
            let act = self.acts[index.min(self.acts.len() - 1)].clone();
            if matches!(act, Act::ResetBegun) {
                return reset(stream);
            }
            let request = read_request(&mut stream, first[0]).await?;
            self.received.lock().unwrap().push(request);
            match act {
                Act::ResetUnread | Act::ResetBegun | Act::ResetReceived => return reset(stream),
                Act::CloseReceived => return Ok(()),
                Act::Answer(status, headers, body) => answer(&mut stream, status, &headers, &body).await?,
                Act::AnswerAndClose(body) => return answer(&mut stream, 200, JSON, &body).await,
                Act::AnswerAndReset(body) => {
                    answer(&mut stream, 200, JSON, &body).await?;
                    return reset(stream);
                }
                Act::BreakOff(status, body) => {
                    let length = body.len() + 1000;
                    let answer =
                        format!("HTTP/1.1 {status} X\r\n{JSON}content-length: {length}\r\n\r\n{body}");
                    return stream.write_all(answer.as_bytes()).await;
                }
                Act::Stall => {
                    self.clock.end_limits();
                    // Until the client gives the connection up.
                    stream.read_to_end(&mut Vec::new()).await?;
                    return Ok(());
                }
                Act::AnswerLater(told, body) => {
                    told.notified().await;
                    answer(&mut stream, 200, JSON, &body).await?;
                }
                Act::StallInBody => {
                    let head =
                        "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{";
                    stream.write_all(head.as_bytes()).await?;
                    // Rounds of the runtime that the client shares, so that it gets to read the head.
                    for _ in 0..5 {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                    self.clock.end_limits();
                    stream.read_to_end(&mut Vec::new()).await?;
                    return Ok(());
                }
            }
        }
    }
}

async fn answer(stream: &mut TcpStream, status: u16, headers: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let answer = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await
}

/// Closes with RST instead of FIN.
fn reset(stream: TcpStream) -> std::io::Result<()> {
    stream.set_zero_linger()
}

async fn read_request(stream: &mut TcpStream, first: u8) -> std::io::Result<Received> {
    let mut bytes = vec![first];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        read_more(stream, &mut bytes).await?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let length: usize = length.parse().unwrap();
    while bytes.len() < end + length {
        read_more(stream, &mut bytes).await?;
    }
    assert_eq!(bytes.len(), end + length, "nothing follows a request before its answer");
    Ok(Received { head, body: String::from_utf8(bytes[end..].to_vec()).unwrap() })
}

async fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    match stream.read_buf(bytes).await? {
        0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}
