//! All pages of a search as one stream.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use super::pager::Pager;
use super::{ClientSearch, Page};
use crate::error::Error;
use crate::generated::types::McpServerClient;

/// Clients per page if the caller has no opinion: the default of sibling searches, so no service should refuse it.
const DEFAULT_PAGE_SIZE: u32 = 100;

/// All clients that a search finds, page by page. Get it from [`ClientSearch::stream`].
///
/// A [`Stream`] for combinators, with a [`next`](Self::next) of its own for loops. Dropping it stops it; no request is
/// made before it is asked for a client, and never more than one at a time.
///
/// # When it ends
///
/// After a page that is empty or has nothing new, after one that is not full if the service's count agrees, and after
/// an error: then everything before the error has been given out, and the rest is not read.
///
/// # When clients come and go meanwhile
///
/// The API pages by number, so a client that goes away moves those after it to earlier positions, and one that comes
/// moves them to later ones.
///
/// * No client is given out twice (exactly, for the last 458,752 given out; beyond that a client that moves back and
///   forth could be).
/// * A client that is there from beginning to end is given out if others only go away or others only come, provided
///   that the service sends `total`, that it counts all pages (assumed), and that it keeps the order of clients that
///   stay: when `total` falls, the stream goes back and reads again what may have moved.
/// * It can be passed over if as many come as go between two requests, if the service sends no `total`, or if it
///   orders anew (by a member that changes, for example). To delete many clients, collect their ids first.
/// * One that comes or goes meanwhile may or may not be given out. After going back, clients come out of their order.
///
/// # Memory
///
/// One page of clients, and 10 to 30 bytes for each client given out so far, up to 12 MB at most: not ids but
/// fingerprints of 64 bits with a key of the process. The chance that any one of a million clients is taken for another
/// and left out is 3 in 10^8.
pub struct ClientStream {
    search: ClientSearch,
    pager: Pager,
    ready: vec::IntoIter<McpServerClient>,
    request: Option<Request>,
    total: Option<u64>,
    failed: bool,
}

type Request = Pin<Box<dyn Future<Output = Result<Page<McpServerClient>, Error>> + Send>>;

impl ClientStream {
    pub(super) fn new(mut search: ClientSearch) -> Self {
        let page_size = *search.page_size.get_or_insert(DEFAULT_PAGE_SIZE);
        Self {
            search,
            pager: Pager::new(page_size),
            ready: Vec::new().into_iter(),
            request: None,
            total: None,
            failed: false,
        }
    }

    /// The next client, `None` at the end. Can be cancelled: the next call goes on with the request that was under way.
    ///
    /// # Errors
    ///
    /// As for [`ClientSearch::page`], once: `None` follows. The search may be made anew from the start.
    pub async fn next(&mut self) -> Option<Result<McpServerClient, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The service's latest count of the clients that match, on all pages (assumed). `None` before the first page was
    /// read, and where the service does not say.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

impl Stream for ClientStream {
    type Item = Result<McpServerClient, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(client) = this.ready.next() {
                return Poll::Ready(Some(Ok(client)));
            }
            if this.request.is_none() {
                let next = if this.failed { None } else { this.pager.next() };
                let Some(page) = next else { return Poll::Ready(None) };
                let search = this.search.clone();
                this.request = Some(Box::pin(async move { search.page(page).await }));
            }
            let Some(request) = this.request.as_mut() else { continue };
            let answer = ready!(request.as_mut().poll(context));
            this.request = None;
            match answer {
                Ok(Page { mut items, total }) => {
                    this.total = total.or(this.total);
                    this.pager.take(&mut items, total, identity);
                    this.ready = items.into_iter();
                }
                Err(error) => {
                    this.failed = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.ready.len(), None)
    }
}

/// What makes a client the same one on two pages: its id or, if a service leaves that out, whatever there is.
fn identity(client: &McpServerClient) -> Cow<'_, str> {
    match client.client_id.as_deref() {
        _ if !client.id.is_empty() => Cow::Borrowed(&client.id),
        Some(client_id) if !client_id.is_empty() => Cow::Borrowed(client_id),
        _ => Cow::Owned(serde_json::to_string(client).unwrap_or_default()),
    }
}

impl fmt::Debug for ClientStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientStream")
            .field("search", &self.search)
            .field("next_page", &self.pager.next())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}
