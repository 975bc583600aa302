//! Where faults happen: around the routes, inside of whatever watches exchanges.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::dice::Meeting;
use super::{Switch, answers};
use crate::connection::Connection;
use crate::mask;
use crate::problem::Problem;

/// Time for the first half of a body to leave before the connection ends.
const BETWEEN_HALVES: Duration = Duration::from_millis(20);

/// On a response: the peer gets a reset in its place.
#[derive(Clone, Copy)]
struct ResetInstead;

/// On a response: the name of the fault that it met.
#[derive(Clone, Copy)]
pub(crate) struct Met(pub(crate) &'static str);

/// Lets the request meet what the dice say.
pub(crate) async fn interfere(State(switch): State<Arc<Switch>>, request: Request, next: Next) -> Response {
    let Some(meeting) = switch.next(request.uri().path()) else {
        return next.run(request).await;
    };
    let name = meeting.kind().name();
    tracing::debug!(fault = name, path = mask::path(request.uri().path()), "adversity");
    let mut response = match meeting {
        Meeting::Delay(time) => {
            sleep(time).await;
            next.run(request).await
        }
        Meeting::TooManyRequests(seconds, as_date) => answers::too_many_requests(seconds, as_date),
        Meeting::Unavailable => answers::unavailable(),
        Meeting::UnknownOriginError => answers::unknown_origin_error(),
        Meeting::ResetBefore => reset_instead(Response::default()),
        Meeting::ResetAfter => reset_instead(next.run(request).await),
        Meeting::Truncate => truncated(next.run(request).await).await,
    };
    response.extensions_mut().insert(Met(name));
    response
}

/// Resets the connections that faults want reset. The outermost layer, so that every other has seen the response.
pub(crate) async fn perform_resets(request: Request, next: Next) -> Response {
    let connection = request.extensions().get::<Connection>().cloned();
    let response = next.run(request).await;
    if !is_reset(response.extensions()) {
        return response;
    }
    match connection {
        Some(connection) => match connection.reset().await {},
        // Called in memory there is nothing to reset; a body that fails is as near as it gets.
        None => Response::new(Body::new(HalfBody::new(Bytes::new()))),
    }
}

/// Whether the peer of this response gets a reset in its place.
pub(crate) fn is_reset(extensions: &Extensions) -> bool {
    extensions.get::<ResetInstead>().is_some()
}

fn reset_instead(mut response: Response) -> Response {
    response.extensions_mut().insert(ResetInstead);
    response
}

/// The response with half of its body; without a body worth halving, a reset.
async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // Bodies are made here and in memory already.
    let bytes = match to_bytes(body, usize::MAX).await {
        Ok(bytes) if bytes.len() >= 2 => bytes,
        Ok(_) => return reset_instead(Response::from_parts(parts, Body::empty())),
        Err(error) => return axum::response::IntoResponse::into_response(Problem::internal(&error)),
    };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let half = bytes.slice(..bytes.len() / 2);
    Response::from_parts(parts, Body::new(HalfBody::new(half)))
}

/// A body that fails after its first half.
struct HalfBody {
    half: Option<Bytes>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl HalfBody {
    fn new(half: Bytes) -> Self {
        Self { half: Some(half).filter(|half| !half.is_empty()), pause: None }
    }
}

impl http_body::Body for HalfBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(BETWEEN_HALVES)));
        match pause.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(Some(Err(io::Error::other("cut short by --adversity")))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
