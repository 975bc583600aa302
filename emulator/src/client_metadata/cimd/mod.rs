//! Client-ID metadata documents: a client whose id is the HTTPS URL of a JSON document about it.
//!
//! Basis: the Internet draft that the MCP specification names; documented for Descope are `cimdSettings`, its domain
//! patterns, and that a client outside of them is refused. What is checked, in this order: the text of the URL
//! (`url_rules.rs`), the server's settings (`domain_policy.rs`), the address behind the name while fetching
//! (`address.rs`, `fetch.rs`), the document (`document.rs`). A document that is pinned is never fetched, but every other
//! rule holds for it.

mod address;
mod cache;
mod document;
mod domain_policy;
mod fetch;
mod pinned;
#[cfg(test)]
mod tests;
mod url_rules;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use tokio::sync::Semaphore;

pub(crate) use document::ClientDocument;
pub use pinned::PinnedDocument;
pub(crate) use url_rules::DocumentUrl;

use self::cache::Cache;
use self::fetch::{Fetcher, Lookup, SystemLookup};
use crate::records::registration_settings;
use crate::start_error::PinError;
use crate::store::ServerRow;

/// Fetches at a time; whoever comes later waits. It bounds what strangers can make the emulator do elsewhere.
const MAX_FETCHES: usize = 8;

/// Everything about documents that outlives a request.
pub(crate) struct Cimd {
    pinned: HashMap<String, ClientDocument>,
    cache: Cache,
    lookup: Arc<dyn Lookup>,
    /// Made when the first document is fetched: most emulators never need it, and it reads the system's certificates.
    fetcher: OnceLock<Fetcher>,
    fetches: Semaphore,
    allow_loopback: bool,
    private_use_redirects: bool,
}

impl Cimd {
    pub(crate) fn new(
        pinned: Vec<PinnedDocument>,
        allow_loopback: bool,
        private_use_redirects: bool,
    ) -> Result<Self, PinError> {
        let mut documents = HashMap::new();
        for pin in pinned {
            let (url, document) = pin.parse(allow_loopback, private_use_redirects)?;
            documents.insert(url, document);
        }
        Ok(Self {
            pinned: documents,
            cache: Cache::default(),
            lookup: Arc::new(SystemLookup),
            fetcher: OnceLock::new(),
            fetches: Semaphore::new(MAX_FETCHES),
            allow_loopback,
            private_use_redirects,
        })
    }

    /// Whether a client id stands for a document. Ids that are made here never begin like that.
    pub(crate) fn is_document_url(&self, client_id: &str) -> bool {
        client_id.starts_with("https://") || (self.allow_loopback && client_id.starts_with("http://"))
    }

    /// Whether the server trusts documents at this URL.
    pub(crate) fn admits(&self, server: &ServerRow, client_id: &str) -> bool {
        self.check(server, client_id).is_ok()
    }

    /// The URL that the client id is, if the server trusts documents there.
    ///
    /// # Errors
    /// Which rule it breaks.
    pub(crate) fn check(&self, server: &ServerRow, client_id: &str) -> Result<DocumentUrl, String> {
        let url = DocumentUrl::parse(client_id, self.allow_loopback)?;
        if !registration_settings::metadata_documents_enabled(server) {
            return Err(String::from("cimdSettings of the server are not enabled"));
        }
        if !domain_policy::admits(registration_settings::domain_patterns(server), url.host()) {
            return Err(String::from("no enabled domain policy of the server admits its host"));
        }
        Ok(url)
    }

    /// The document at the URL: pinned, remembered or fetched.
    ///
    /// # Errors
    /// Why there is none that keeps the rules.
    pub(crate) async fn document(&self, url: &DocumentUrl) -> Result<ClientDocument, String> {
        if let Some(document) = self.pinned.get(url.as_str()) {
            return Ok(document.clone());
        }
        if let Some(document) = self.cache.get(url.as_str()) {
            return Ok(document);
        }
        let _permit = self.fetches.acquire().await.map_err(|error| error.to_string())?;
        // Somebody else may have fetched it meanwhile.
        if let Some(document) = self.cache.get(url.as_str()) {
            return Ok(document);
        }
        let fetched = self.fetcher()?.fetch(url).await.map_err(|error| error.to_string())?;
        let document = ClientDocument::parse(url, &fetched.bytes, self.private_use_redirects)?;
        self.cache.put(url.as_str(), document.clone(), cache::lifetime(&fetched.headers));
        Ok(document)
    }

    fn fetcher(&self) -> Result<&Fetcher, String> {
        if let Some(fetcher) = self.fetcher.get() {
            return Ok(fetcher);
        }
        let fetcher =
            Fetcher::new(Arc::clone(&self.lookup), self.allow_loopback).map_err(|error| error.to_string())?;
        Ok(self.fetcher.get_or_init(|| fetcher))
    }
}
