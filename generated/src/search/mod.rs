//! The search for clients of one server: filters, single pages, and a stream of all pages.

mod pager;
mod seen;
mod stream;

use crate::client::ManagementClient;
use crate::error::{Details, Error, ErrorKind};
use crate::generated::operations;
use crate::generated::types::{McpServerClient, SearchMcpServerClientsRequest, SortField};
use crate::readable::{Readable, count};
pub use stream::ClientStream;

/// One page of the result of a search.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The count that the service sent with the page, presumably the number of matches on all pages (assumed). `None`
    /// if the service sent no count.
    pub total: Option<u64>,
}

/// A search for clients of a server. Get it from [`Clients::search`](crate::Clients::search).
///
/// A client must match all filters (assumed). Without filters, the search finds all clients of the server. Call
/// [`stream`](Self::stream) for all results, or [`page`](Self::page) for one page.
///
/// A new client may be missing for some seconds (reported by users of the live service); load it by its id instead.
///
/// ```no_run
/// # async fn example(client: descope_mcp_management::ManagementClient) -> Result<(), descope_mcp_management::Error> {
/// let mut agents = client.clients("MS35d1Xw1Yo6zozsW7n8BU6xLmnAs").search().tag("agent").sort_by("name").stream();
/// while let Some(agent) = agents.next().await {
///     let agent = agent?;
///     println!("{} {}", agent.id, agent.name.unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Source
///
/// The name and type of every filter are documented; how a filter matches is not documented.
#[derive(Debug, Clone)]
#[must_use = "a search does nothing until its stream or a page is read"]
pub struct ClientSearch {
    client: ManagementClient,
    request: SearchMcpServerClientsRequest,
    page_size: Option<u32>,
}

impl ClientSearch {
    pub(crate) fn new(client: ManagementClient, server_id: &str) -> Self {
        let request = SearchMcpServerClientsRequest::default().mcp_server_id(server_id);
        Self { client, request, page_size: None }
    }

    /// Only clients that have this text in one of several members; which members is not documented.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.request = self.request.text(text);
        self
    }

    /// Only clients with this name. A part of the name may match too (reported by a user of the live service): compare
    /// the names of the results if that matters.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.request = self.request.name(name);
        self
    }

    /// Only the client with this OAuth client id: the exact way to find one client.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.request = self.request.client_id(client_id);
        self
    }

    /// Only clients with this status. The values are not documented: the guide filters by `active`, and records of the
    /// live service are reported to have `verified`.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.request = self.request.status(status);
        self
    }

    /// Only clients that were registered in this way. The values are not documented; presumably they are those of
    /// [`registration_type`](McpServerClient::registration_type) (assumed).
    pub fn registration_method(mut self, method: impl Into<String>) -> Self {
        self.request = self.request.registration_method(method);
        self
    }

    /// Only clients that have this tag.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.request = self.request.tag(tag);
        self
    }

    /// Sorts by this member, in ascending order. The first call sets the most important member; further calls decide
    /// among clients that are equal in it. Which members clients can be sorted by is not documented.
    pub fn sort_by(self, field: impl Into<String>) -> Self {
        self.sort(SortField::default().field(field).desc(false))
    }

    /// Sorts by this member, in descending order; otherwise like [`sort_by`](Self::sort_by).
    pub fn sort_by_desc(self, field: impl Into<String>) -> Self {
        self.sort(SortField::default().field(field).desc(true))
    }

    fn sort(mut self, field: SortField) -> Self {
        self.request.sort.get_or_insert_default().push(field);
        self
    }

    /// Maximum number of clients per request, sent as `limit`. With 0, the service chooses.
    ///
    /// By default, [`stream`](Self::stream) asks for 100, the default of sibling searches of the API (documented), and
    /// [`page`](Self::page) sends no limit. The maximum of the service is not documented; a sibling search allows 1000.
    /// Larger pages need fewer of the 100 requests per minute.
    pub fn page_size(mut self, clients: u32) -> Self {
        self.page_size = Some(clients);
        self
    }

    /// Reads one page. Pages are counted from 0 (documented by an example).
    ///
    /// # Errors
    ///
    /// Of every [`ErrorKind`]. `InvalidRequest` also if the index or the size of the page does not fit into 31 bits;
    /// then nothing is sent. A search never changes anything.
    ///
    /// # Retries
    ///
    /// Idempotent: retried according to the client's policy; the caller may repeat it.
    pub async fn page(&self, page: u32) -> Result<Page<McpServerClient>, Error> {
        let request = self.request_of(page)?;
        let call = self.client.call(&operations::SEARCH_MCP_SERVER_CLIENTS);
        let answer = call.finish(call.raw().search_mcp_server_clients(&request).await)?;
        Ok(Page { items: answer.clients.unwrap_or_default(), total: count(answer.total) })
    }

    /// Like [`page`](Self::page), but a client that does not fit its type does not make the others unreadable: it is reported
    /// with its index, its id and the member that does not fit.
    ///
    /// # Errors
    ///
    /// As for [`page`](Self::page); `UnexpectedBody` only if the response is no list of clients.
    ///
    /// # Retries
    ///
    /// Idempotent.
    pub async fn page_readable(&self, page: u32) -> Result<Readable<McpServerClient>, Error> {
        let request = self.request_of(page)?;
        let call = self.client.call(&operations::SEARCH_MCP_SERVER_CLIENTS);
        let answer = call.raw().search_mcp_server_clients(&request).await;
        call.finish_readable(answer, "clients", |answer| (answer.clients, answer.total))
    }

    fn request_of(&self, page: u32) -> Result<SearchMcpServerClientsRequest, Error> {
        let mut request = self.request.clone();
        request.page = Some(number("the number of the page", page)?);
        request.limit = self.page_size.map(|size| number("the page size", size)).transpose()?;
        Ok(request)
    }

    /// Reads all pages, one at a time; each page is read when the previous one has been used up.
    pub fn stream(self) -> ClientStream {
        ClientStream::new(self)
    }
}

/// A number as the API takes it.
fn number(what: &str, value: u32) -> Result<i32, Error> {
    i32::try_from(value).map_err(|_| {
        let detail = Some(format!("{what} is {value}, more than {}", i32::MAX));
        let facts = &operations::SEARCH_MCP_SERVER_CLIENTS;
        Error::new(facts, ErrorKind::InvalidRequest, Details { detail, ..Details::default() })
    })
}
