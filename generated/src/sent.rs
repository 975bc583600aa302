//! Whether a request was sent. An error of the HTTP client alone does not say so.

use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Nobody has asked for the body.
const WAITING: u8 = 0;
/// The body was given out.
const GIVEN: u8 = 1;
/// The body is not to be had any more.
const WITHDRAWN: u8 = 2;

/// Tells afterwards whether the body of a request was asked for.
///
/// The connection asks for a body when it is about to write it. No operation with a body can be carried out on a head
/// alone, because it reads a JSON body whose length the head announces: a body that nobody asked for means that nothing
/// was done. Of a request without a body nothing is known once there is a connection for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(Arc<AtomicU8>);

impl Sent {
    /// Watches the body of a request.
    pub(crate) fn watching(request: &mut reqwest::Request) -> Self {
        let sent = Self::default();
        match request.body_mut().take() {
            Some(body) => *request.body_mut() = Some(sent.watch(body)),
            // The head is all there is, and nobody asks.
            None => sent.0.store(GIVEN, Ordering::SeqCst),
        }
        sent
    }

    /// The body, watched.
    fn watch(&self, body: reqwest::Body) -> reqwest::Body {
        if body.is_end_stream() {
            // Without a body the head is all there is, and nobody asks.
            self.0.store(GIVEN, Ordering::SeqCst);
        }
        reqwest::Body::wrap(Watched { body, sent: self.clone() })
    }

    /// Whether the server may have got, or may yet get, something to act on. `error` is what the attempt ended with,
    /// if it did.
    ///
    /// The connection is another task: a request that was given up can be on its way to it. Asking here withdraws a
    /// body that was not given out, so that "no" stays true.
    pub(crate) fn may_have_arrived(&self, error: Option<&reqwest::Error>) -> bool {
        let was = self.0.compare_exchange(WAITING, WITHDRAWN, Ordering::SeqCst, Ordering::SeqCst);
        was == Err(GIVEN) && !error.is_some_and(|error| error.is_connect() || was_refused_unseen(error))
    }
}

struct Watched {
    body: reqwest::Body,
    sent: Sent,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let state = self.sent.0.compare_exchange(WAITING, GIVEN, Ordering::SeqCst, Ordering::SeqCst);
        if state == Err(WITHDRAWN) {
            return Poll::Ready(Some(Err("the request was given up".into())));
        }
        Pin::new(&mut self.body).poll_frame(context).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Whether an HTTP/2 server promised that it did not look at the request (RFC 9113, section 8.7): it was about to
/// close the connection, or refused the stream.
fn was_refused_unseen(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            return error.is_remote()
                && (error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR)
                    || error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM));
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(body: &mut reqwest::Body) -> Option<Result<Frame<Bytes>, reqwest::Error>> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        match Pin::new(body).poll_frame(&mut context) {
            Poll::Ready(frame) => frame,
            Poll::Pending => panic!("the body is in memory"),
        }
    }

    #[test]
    fn a_body_that_was_given_out_may_have_arrived() {
        let sent = Sent::default();
        let mut body = sent.watch("{}".into());
        assert_eq!(poll(&mut body).unwrap().unwrap().into_data().unwrap(), "{}");
        assert!(sent.may_have_arrived(None));
    }

    #[test]
    fn a_body_that_nobody_asked_for_has_not_arrived_and_never_will() {
        let sent = Sent::default();
        let mut body = sent.watch("{}".into());
        assert_eq!(body.size_hint().exact(), Some(2));
        assert!(!sent.may_have_arrived(None));
        assert!(poll(&mut body).unwrap().is_err());
        assert!(poll(&mut body).unwrap().is_err());
        assert!(!sent.may_have_arrived(None));
    }

    #[test]
    fn a_request_without_a_body_may_always_have_arrived() {
        let sent = Sent::default();
        let _body = sent.watch(String::new().into());
        assert!(sent.may_have_arrived(None));
    }

    #[test]
    fn giving_out_and_withdrawing_exclude_each_other() {
        for _ in 0..2000 {
            let sent = Sent::default();
            let mut body = sent.watch("{}".into());
            let asker = std::thread::spawn(move || poll(&mut body).unwrap().is_ok());
            let may_have_arrived = sent.may_have_arrived(None);
            assert_eq!(asker.join().unwrap(), may_have_arrived);
        }
    }
}
