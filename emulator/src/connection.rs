//! One connection: who is at its other end, how to reset it, and that a peer which does not read gives up its place.

use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Sleep, sleep};

/// A handle on the connection that a request came by; among the extensions of every request that came by one.
#[derive(Clone, Debug)]
pub(crate) struct Connection(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    peer: SocketAddr,
    reset: AtomicBool,
    wake: Notify,
}

impl Connection {
    pub(crate) fn new(peer: SocketAddr) -> Self {
        Self(Arc::new(Inner { peer, reset: AtomicBool::new(false), wake: Notify::new() }))
    }

    /// The address at the other end.
    pub(crate) fn peer(&self) -> IpAddr {
        self.0.peer.ip()
    }

    /// Ends the connection with a reset (RST), whatever is under way on it. Never returns: the task that serves the
    /// connection is dropped while this waits.
    pub(crate) async fn reset(&self) -> Infallible {
        self.0.reset.store(true, Ordering::Release);
        self.0.wake.notify_one();
        std::future::pending().await
    }

    /// Waits until somebody wants a reset.
    pub(crate) async fn reset_wanted(&self) {
        self.0.wake.notified().await;
    }
}

/// A stream that is reset instead of closed if its connection asks for it, and whose writes fail if the peer takes
/// nothing for too long.
pub(crate) struct Stream {
    stream: TcpStream,
    connection: Connection,
    longest_stall: Duration,
    /// Only while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    pub(crate) fn new(stream: TcpStream, connection: Connection, longest_stall: Duration) -> Self {
        Self { stream, connection, longest_stall, stalled: None }
    }

    fn watched<T>(&mut self, write: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if write.is_ready() {
            self.stalled = None;
            return write;
        }
        let longest = self.longest_stall;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(longest)));
        if stalled.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::Error::from(io::ErrorKind::TimedOut)));
        }
        Poll::Pending
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.connection.0.reset.load(Ordering::Acquire)
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::warn!(%error, "the connection is closed instead of reset");
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watched(write, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watched(write, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
