//! Fetching a document from a URL that a stranger chose, without becoming his tool.
//!
//! Names are looked up here and every address is checked; the connection goes to the checked addresses and to no
//! others, so that DNS cannot answer something else in between. One address that is not public refuses the name. No
//! redirects, no proxy, no connection kept, five kilobytes and five seconds for everything together.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::redirect::Policy;
use url::Host;

use super::DocumentUrl;
use super::address::is_public;

const MAX_DOCUMENT_BYTES: usize = 5 * 1024;
const TIMEOUT: Duration = Duration::from_secs(5);

/// The addresses of a name. The system's own in the program; tests put theirs in its place.
pub(super) trait Lookup: Send + Sync + 'static {
    fn addresses(&self, name: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

/// What the system's resolver says.
pub(super) struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, name: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why a document was not fetched. For the log: whoever asked is told nothing of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the address of its host is not public")]
    Address,
    #[error("it answers with status {0}")]
    Status(u16),
    #[error("it is not served as JSON")]
    ContentType,
    #[error("it is longer than 5 KB")]
    TooLong,
    #[error("it could not be fetched: {0}")]
    Network(String),
}

/// A document as it came.
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    pub(super) headers: HeaderMap,
}

/// Fetches documents.
pub(super) struct Fetcher {
    client: Client,
    allow_loopback: bool,
}

impl Fetcher {
    /// # Errors
    /// When the certificates of the system cannot be read.
    pub(super) fn new(lookup: Arc<dyn Lookup>, allow_loopback: bool) -> Result<Self, FetchError> {
        let client = Client::builder()
            .dns_resolver(Arc::new(CheckedResolver { lookup, allow_loopback }))
            .redirect(Policy::none())
            // A proxy of the environment would look the name up and connect by itself, so the address that was checked
            // would not be the one that is used. And none leads to loopback.
            .no_proxy()
            .referer(false)
            .https_only(!allow_loopback)
            .pool_max_idle_per_host(0)
            .timeout(TIMEOUT)
            .user_agent(concat!("descope-mcp-emulator/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(network)?;
        Ok(Self { client, allow_loopback })
    }

    /// # Errors
    /// [`FetchError`].
    pub(super) async fn fetch(&self, url: &DocumentUrl) -> Result<Fetched, FetchError> {
        // An address in the URL itself is never looked up, so the resolver below would not see it.
        let literal = match url.url().host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        if literal.is_some_and(|address| !is_allowed(address, self.allow_loopback)) {
            return Err(FetchError::Address);
        }
        let request = self.client.get(url.url().clone()).header(ACCEPT, "application/json");
        let mut response = request.send().await.map_err(network)?;
        if response.status().as_u16() != 200 {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        if !is_json(response.headers()) {
            return Err(FetchError::ContentType);
        }
        if response.content_length().is_some_and(|length| length > MAX_DOCUMENT_BYTES as u64) {
            return Err(FetchError::TooLong);
        }
        let headers = response.headers().clone();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(network)? {
            if bytes.len() + chunk.len() > MAX_DOCUMENT_BYTES {
                return Err(FetchError::TooLong);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Fetched { bytes, headers })
    }
}

/// `application/json` and `application/*+json`, with whatever parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn is_allowed(address: IpAddr, allow_loopback: bool) -> bool {
    is_public(address) || (allow_loopback && address.is_loopback())
}

fn network(error: reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if inner.downcast_ref::<RefusedAddress>().is_some() {
            return FetchError::Address;
        }
        cause = inner.source();
    }
    FetchError::Network(error.without_url().to_string())
}

/// A name leads to an address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("the address is not public")]
struct RefusedAddress;

/// Looks a name up once, for one connection, and lets through what may be connected to.
struct CheckedResolver {
    lookup: Arc<dyn Lookup>,
    allow_loopback: bool,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let looking_up = self.lookup.addresses(name.as_str().to_owned());
        let allow_loopback = self.allow_loopback;
        Box::pin(async move {
            let addresses = looking_up.await?;
            if addresses.is_empty() || !addresses.iter().all(|address| is_allowed(*address, allow_loopback)) {
                return Err(RefusedAddress.into());
            }
            // The port comes from the URL.
            let addresses: Vec<_> = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
