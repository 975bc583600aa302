//! The search over the clients of one server: what to look for, one page of it, or all of it.

mod pager;
mod seen;
mod stream;

use crate::client::ManagementClient;
use crate::error::{Details, Error, ErrorKind};
use crate::generated::operations;
use crate::generated::types::{McpServerClient, SearchMcpServerClientsRequest, SortField};
pub use stream::ClientStream;

/// One page of what a search found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The count that came with the page. Presumably of everything that matches, on all pages (assumed); `None`
    /// when the service did not send one.
    pub total: Option<u64>,
}

/// Which clients of a server to list, and in which order. Get it from [`Clients::search`](crate::Clients::search).
///
/// Filters narrow the result together (assumed); without any, all clients of the server are found. End with
/// [`stream`](Self::stream) for all of them, or with [`page`](Self::page) for one page.
///
/// A client that was made a moment ago may be missing for some seconds (reported by users of the live service); load
/// it by its id instead.
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
/// Every filter is documented by name and type; what exactly it is compared with is documented for none.
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

    /// Only clients that have this text in one of several members; which ones is not documented.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.request = self.request.text(text);
        self
    }

    /// Only clients of this name. A part of the name may be enough (reported by a user of the live service): compare
    /// again where it matters.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.request = self.request.name(name);
        self
    }

    /// Only the client with this OAuth client id, the exact way to look one up.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.request = self.request.client_id(client_id);
        self
    }

    /// Only clients in this state. The values are not documented: the guide filters by `active`, records of the live
    /// service are reported to say `verified`.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.request = self.request.status(status);
        self
    }

    /// Only clients that were registered this way. The values are not documented; presumably those of
    /// [`registration_type`](McpServerClient::registration_type) (assumed).
    pub fn registration_method(mut self, method: impl Into<String>) -> Self {
        self.request = self.request.registration_method(method);
        self
    }

    /// Only clients that carry this tag.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.request = self.request.tag(tag);
        self
    }

    /// Orders by this member, the smallest first. The first call sets the most important member, further ones decide
    /// among clients that are equal in it. Which members can be ordered by is not documented.
    pub fn sort_by(self, field: impl Into<String>) -> Self {
        self.sort(SortField::default().field(field).desc(false))
    }

    /// Orders by this member, the largest first; otherwise like [`sort_by`](Self::sort_by).
    pub fn sort_by_desc(self, field: impl Into<String>) -> Self {
        self.sort(SortField::default().field(field).desc(true))
    }

    fn sort(mut self, field: SortField) -> Self {
        self.request.sort.get_or_insert_default().push(field);
        self
    }

    /// Most clients per request, sent as `limit`. 0 leaves it to the service.
    ///
    /// Unless set, [`stream`](Self::stream) asks for 100, what sibling searches of the API give by default
    /// (documented), and [`page`](Self::page) asks for nothing. The most that the service allows is not documented; a
    /// sibling allows 1000. Larger pages cost fewer requests out of the 100 per minute.
    pub fn page_size(mut self, clients: u32) -> Self {
        self.page_size = Some(clients);
        self
    }

    /// Reads one page. Pages are counted from 0 (documented by an example).
    ///
    /// # Errors
    ///
    /// Of every [`ErrorKind`]; `InvalidRequest` also if the number of the page or its size does not fit into 31 bits,
    /// and then nothing is sent. Nothing is changed by a search, whatever becomes of it.
    ///
    /// # Retries
    ///
    /// Idempotent: sent again as the client's policy has it, and may be repeated by the caller.
    pub async fn page(&self, page: u32) -> Result<Page<McpServerClient>, Error> {
        let mut request = self.request.clone();
        request.page = Some(number("the number of the page", page)?);
        request.limit = self.page_size.map(|size| number("the page size", size)).transpose()?;
        let call = self.client.call(&operations::SEARCH_MCP_SERVER_CLIENTS);
        let answer = call.finish(call.raw().search_mcp_server_clients(&request).await)?;
        Ok(Page {
            items: answer.clients.unwrap_or_default(),
            total: answer.total.and_then(|total| u64::try_from(total).ok()),
        })
    }

    /// Reads all pages, one at a time, each when the one before has been used up.
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
