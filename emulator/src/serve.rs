//! The router on a socket, within limits: how many connections, how large a head, how long to wait for one.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::connection::{Connection, Stream};

/// What one peer, or all of them together, may ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at a time; further ones wait in the listener's queue.
    connections: usize,
    /// Header lines of a request; more are answered 431.
    headers: usize,
    /// Bytes of a request line and its headers; more are answered 431. Authorization requests have long lines.
    head_bytes: usize,
    /// From the first wait for a request to the end of its headers. Idle connections end so too.
    head_time: Duration,
    /// How long a peer may take nothing of an answer.
    longest_stall: Duration,
    /// How long requests that are under way when the end comes may still take.
    grace: Duration,
}

impl Limits {
    const USUAL: Self = Self {
        connections: 1024,
        headers: 100,
        head_bytes: 64 * 1024,
        head_time: Duration::from_secs(20),
        longest_stall: Duration::from_secs(20),
        grace: Duration::from_secs(10),
    };
}

/// Serves HTTP/1.1 until `shutdown` is ready, then finishes the requests under way, for ten seconds at most.
///
/// At most 1024 connections are served at a time, and the head of a request has to arrive within 20 seconds and
/// 64 KiB.
///
/// # Errors
/// What the listener reports when it cannot go on.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_within(Limits::USUAL, listener, router, shutdown).await
}

async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place.map_err(io::Error::other)?,
            () = &mut shutdown => break,
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    wait_after(&error).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        let (router, watcher) = (router.clone(), graceful.watcher());
        tokio::spawn(async move {
            connection(limits, stream, Connection::new(peer), router, watcher).await;
            drop(place);
        });
    }
    // From here on connections are refused instead of left waiting.
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(limits.grace) => {
            tracing::warn!("requests were still under way after {} seconds; they are cut off", limits.grace.as_secs());
        }
    }
    Ok(())
}

/// A failed accept is the peer's doing, or the machine is out of files or memory: then some have to be given back.
async fn wait_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn connection(
    limits: Limits,
    stream: TcpStream,
    connection: Connection,
    router: Router,
    watcher: Watcher,
) {
    // Answers are small and written at once; waiting to fill a packet would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let handle = connection.clone();
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(handle.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let stream = TokioIo::new(Stream::new(stream, connection.clone(), limits.longest_stall));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(limits.headers)
        .max_header_size(limits.head_bytes)
        .max_buf_size(limits.head_bytes.max(8 * 1024) + 8 * 1024)
        .serve_connection(stream, service);
    tokio::select! {
        biased;
        () = connection.reset_wanted() => {}
        served = watcher.watch(serving) => {
            if let Err(error) = served {
                tracing::debug!(%error, "a connection ended early");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    use super::*;

    /// A server of this router; dropping the sender stops it.
    async fn start(limits: Limits, router: Router) -> (std::net::SocketAddr, oneshot::Sender<()>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(serve_within(limits, listener, router, async {
            let _ = stopped.await;
        }));
        (address, stop)
    }

    fn quick() -> Limits {
        Limits { head_time: Duration::from_millis(200), ..Limits::USUAL }
    }

    async fn exchange(address: std::net::SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        // A reset after the answer is as good an end as any.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    #[tokio::test]
    async fn a_head_that_never_ends_loses_its_connection() {
        let (address, _stop) = start(quick(), Router::new()).await;
        let started = Instant::now();
        let mut slow = TcpStream::connect(address).await.unwrap();
        let (mut reader, mut writer) = slow.split();
        let drip = async {
            writer.write_all(b"GET / HTTP/1.1\r\n").await?;
            for n in 0.. {
                writer.write_all(format!("X-{n}: a\r\n").as_bytes()).await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok::<_, io::Error>(())
        };
        let mut answer = Vec::new();
        tokio::select! {
            _ = reader.read_to_end(&mut answer) => {}
            _ = drip => {}
        }
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn heads_with_too_many_or_too_long_headers_are_answered_431() {
        let (address, _stop) = start(Limits::USUAL, Router::new().route("/", get(|| async { "here" }))).await;
        let many: String = (0..200).map(|n| format!("X-{n}: a\r\n")).collect();
        let long = format!("X-Long: {}\r\n", "a".repeat(100_000));
        for headers in [many, long] {
            let request = format!("GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
            let answer = exchange(address, request.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        }
        assert!(exchange(address, REQUEST).await.ends_with("here"));
    }

    #[tokio::test]
    async fn connections_over_the_limit_wait_until_there_is_a_place() {
        let limits = Limits { connections: 2, ..quick() };
        let (address, _stop) = start(limits, Router::new().route("/", get(|| async { "here" }))).await;
        let idle = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
        // The idle ones lose their places when their time for a head is over.
        let answer = tokio::time::timeout(Duration::from_secs(10), exchange(address, REQUEST)).await.unwrap();
        assert!(answer.ends_with("here"), "{answer}");
        drop(idle);
    }

    #[tokio::test]
    async fn a_peer_that_does_not_read_its_answer_loses_its_connection() {
        let limits = Limits { longest_stall: Duration::from_millis(200), connections: 1, ..Limits::USUAL };
        let large = || async { vec![b'x'; 64 * 1024 * 1024] };
        let router = Router::new().route("/large", get(large)).route("/", get(|| async { "here" }));
        let (address, _stop) = start(limits, router).await;
        let mut lazy = TcpStream::connect(address).await.unwrap();
        lazy.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(15), exchange(address, REQUEST)).await.unwrap();
        assert!(answer.ends_with("here"), "{answer}");
        drop(lazy);
    }

    #[tokio::test]
    async fn a_stop_finishes_what_is_under_way_and_takes_nothing_new() {
        let (entered, has_entered) = oneshot::channel();
        let entered = std::sync::Mutex::new(Some(entered));
        let slow = move || {
            if let Some(entered) = entered.lock().unwrap().take() {
                let _ = entered.send(());
            }
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                "finished"
            }
        };
        let slow = Arc::new(slow);
        let (address, stop) = start(Limits::USUAL, Router::new().route("/", post(move || slow()))).await;
        let under_way = tokio::spawn(async move {
            exchange(address, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await
        });
        has_entered.await.unwrap();
        drop(stop);
        let answer = under_way.await.unwrap();
        assert!(answer.ends_with("finished"), "{answer}");
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_reset_is_one() {
        async fn reset(request: axum::extract::Request) -> &'static str {
            let connection = request.extensions().get::<Connection>().unwrap().clone();
            match connection.reset().await {}
        }
        let (address, _stop) = start(Limits::USUAL, Router::new().route("/", get(reset))).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
