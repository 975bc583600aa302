//! How long a request's body may take to arrive. A peer that drips it byte by byte is told 408 and loses its
//! connection; a limit on each byte alone would let it drip for ever.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::problem::{Kind, Problem};

/// Bounds the time from the first wait for the body to its end.
pub(crate) async fn bound_body_time(
    State(longest): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let was_late = Arc::clone(&late);
    let request = request.map(|body| Body::new(Timed { body, longest, timer: None, late }));
    let response = next.run(request).await;
    if !was_late.load(Ordering::Relaxed) {
        return response;
    }
    let message = format!("the body took longer than {} seconds", longest.as_secs());
    let mut response = Problem::new(Kind::TimedOut, message).into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

struct Timed {
    body: Body,
    longest: Duration,
    /// Only once there was something to wait for.
    timer: Option<Pin<Box<Sleep>>>,
    late: Arc<AtomicBool>,
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        let longest = self.longest;
        if frame.is_ready() && self.timer.is_none() {
            return frame;
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(longest)));
        if timer.as_mut().poll(context).is_ready() {
            self.late.store(true, Ordering::Relaxed);
            let late = io::Error::from(io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(axum::Error::new(late))));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test]
    async fn a_body_that_drips_is_answered_408_and_a_quick_one_200() {
        let longest = Duration::from_millis(300);
        let router = Router::new()
            .route("/", post(|body: Bytes| async move { body.len().to_string() }))
            .layer(middleware::from_fn_with_state(longest, bound_body_time));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(crate::serve(listener, router, std::future::pending()));
        let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n";

        let mut slow = TcpStream::connect(address).await.unwrap();
        let (mut reader, mut writer) = slow.split();
        let drip = async {
            writer.write_all(head).await?;
            writer.write_all(b"\r\n").await?;
            loop {
                writer.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            #[allow(unreachable_code, reason = "it says what the block's errors are")]
            io::Result::Ok(())
        };
        let mut answer = [0; 64];
        let read = tokio::select! {
            read = reader.read(&mut answer) => read.unwrap(),
            _ = drip => 0,
        };
        assert!(answer[..read].starts_with(b"HTTP/1.1 408 "), "{:?}", String::from_utf8_lossy(&answer));

        let mut quick = TcpStream::connect(address).await.unwrap();
        quick.write_all(head).await.unwrap();
        quick.write_all(b"Connection: close\r\n\r\n").await.unwrap();
        quick.write_all(&[b'x'; 1000]).await.unwrap();
        let mut answer = String::new();
        quick.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("1000"), "{answer}");
    }
}
