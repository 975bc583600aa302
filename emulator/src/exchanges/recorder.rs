//! Where exchanges are written down: around everything that answers.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Instant;

use super::{Exchange, ExchangeLog, Message};
use crate::adversity::{Met, is_reset};
use crate::{body, clock, mask};

/// Lets the exchange happen and writes it down.
pub(crate) async fn record(State(log): State<Arc<ExchangeLog>>, request: Request, next: Next) -> Response {
    let seconds = clock::now_unix_seconds() % 86_400;
    let mut exchange = Exchange {
        time: format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60),
        method: request.method().as_str().chars().take(20).collect(),
        target: mask::target(request.uri().path(), request.uri().query()),
        request: Message { headers: mask::headers(request.headers()), body: String::new() },
        ..Exchange::default()
    };
    let media_type = body::media_type(request.headers()).map(str::to_owned);
    let read = Arc::new(Mutex::new(Read::default()));
    let copy = Arc::clone(&read);
    let request = request.map(|body| Body::new(Copied { body, copy }));

    let started = Instant::now();
    let response = next.run(request).await;
    exchange.elapsed_us = started.elapsed().as_micros() as u64;
    exchange.request.body = read.lock().unwrap_or_else(PoisonError::into_inner).shown(media_type.as_deref());
    exchange.fault = response.extensions().get::<Met>().map(|met| met.0);

    let (parts, response_body) = response.into_parts();
    let response = if is_reset(&parts.extensions) {
        Response::from_parts(parts, response_body)
    } else {
        exchange.status = Some(parts.status.as_u16());
        exchange.response.headers = mask::headers(&parts.headers);
        let (shown, response_body) = copied(&parts.headers, response_body).await;
        exchange.response.body = shown;
        Response::from_parts(parts, response_body)
    };
    log.add(exchange);
    response
}

/// What is shown of an answer's body, and the body.
async fn copied(headers: &HeaderMap, body: Body) -> (String, Body) {
    let media_type = body::media_type(headers);
    // Answers are made in memory and know their size; one that does not was cut short on purpose.
    match body.size_hint().exact().and_then(|size| usize::try_from(size).ok()) {
        Some(size) if size <= mask::MAX_BODY_BYTES => match to_bytes(body, size).await {
            Ok(bytes) => (mask::body(media_type, &bytes), Body::from(bytes)),
            Err(_) => (String::from("(unreadable)"), Body::empty()),
        },
        Some(size) => (format!("({size} bytes, too many to show)"), body),
        None => (String::from("(cut short)"), body),
    }
}

/// What has passed of a request's body.
#[derive(Default)]
struct Read {
    bytes: Vec<u8>,
    passed: usize,
}

impl Read {
    fn shown(&self, media_type: Option<&str>) -> String {
        if self.passed > self.bytes.len() {
            return format!("({} bytes, too many to show)", self.passed);
        }
        mask::body(media_type, &self.bytes)
    }
}

/// A body of which the beginning is copied as it passes. Nothing is read ahead, so limits work as without it.
struct Copied {
    body: Body,
    copy: Arc<Mutex<Read>>,
}

impl HttpBody for Copied {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            let mut copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
            let room = mask::MAX_BODY_BYTES.saturating_sub(copy.passed);
            copy.bytes.extend_from_slice(&data[..data.len().min(room)]);
            copy.passed += data.len();
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
