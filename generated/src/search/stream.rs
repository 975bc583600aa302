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

/// A stream of all clients that a search finds. Get it from [`ClientSearch::stream`].
///
/// It implements [`Stream`] for combinators, and has its own [`next`](Self::next) for loops. It sends no request before
/// the first client is asked for, and at most one request at a time. Dropping the stream stops it.
///
/// # When it ends
///
/// The stream ends after a page that is empty or has nothing new, after a page that is not full if the service's count
/// agrees, and after an error. On an error, it has yielded all clients before the error, and does not read the rest.
///
/// # When clients come and go meanwhile
///
/// The API numbers its pages. A deleted client therefore moves those after it to earlier positions, and a new client
/// moves them to later positions.
///
/// * No client is yielded twice. This is exact for the last 458,752 clients; after more, a client that moves back and
///   forth could be yielded twice.
/// * A client that exists during the whole search is yielded if other clients are only deleted, or only created. This
///   requires that the service sends `total`, that `total` counts all pages (assumed), and that the service keeps the
///   order of clients that stay. When `total` falls, the stream goes back and reads again what may have moved.
/// * Such a client can be missed if as many clients are created as deleted between two requests, if the service sends
///   no `total`, or if the order changes (for example, the order by a member that changes). To delete many clients,
///   collect their ids first.
/// * A client that is created or deleted meanwhile may or may not be yielded. After the stream went back, clients are
///   not in order.
///
/// # Memory
///
/// One page of clients, and 10 to 30 bytes for each yielded client, at most 12 MB. The stream stores no ids, but
/// fingerprints of 64 bits with a key of the process. With a million clients, the probability that one is taken for
/// another and left out is 3 in 10^8.
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

    /// Returns the next client, or `None` at the end. It is cancellation-safe: the next call continues the pending
    /// request.
    ///
    /// # Errors
    ///
    /// As for [`ClientSearch::page`], once; after that, it returns `None`. The search can be repeated from the start.
    pub async fn next(&mut self) -> Option<Result<McpServerClient, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The latest count of matching clients that the service sent, presumably on all pages (assumed). `None` before the
    /// first page was read, and if the service sends no count.
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
