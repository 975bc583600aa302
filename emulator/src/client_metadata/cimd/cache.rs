//! Documents that were fetched, for as long as their servers allow and within bounds of our own.
//!
//! Only documents that keep every rule are kept, so a mistake that is mended counts at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::{CACHE_CONTROL, EXPIRES, HeaderMap};
use tokio::time::Instant;

use super::document::ClientDocument;

/// However short a server says: one sign-in asks several times.
const SHORTEST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(24 * 3_600);
/// Without a word from the server.
const DEFAULT: Duration = Duration::from_secs(3_600);
const MAX_DOCUMENTS: usize = 1_000;

/// Documents by URL.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<String, (ClientDocument, Instant)>>);

impl Cache {
    /// The document, unless it has to be fetched again.
    pub(super) fn get(&self, url: &str) -> Option<ClientDocument> {
        let documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (document, fresh_until) = documents.get(url)?;
        (Instant::now() < *fresh_until).then(|| document.clone())
    }

    pub(super) fn put(&self, url: &str, document: ClientDocument, lifetime: Duration) {
        let now = Instant::now();
        let mut documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if documents.len() >= MAX_DOCUMENTS && !documents.contains_key(url) {
            documents.retain(|_, (_, fresh_until)| now < *fresh_until);
        }
        if documents.len() >= MAX_DOCUMENTS && !documents.contains_key(url) {
            let first = documents.iter().min_by_key(|(_, (_, fresh_until))| *fresh_until);
            if let Some(first) = first.map(|(url, _)| url.clone()) {
                documents.remove(&first);
            }
        }
        documents.insert(url.to_owned(), (document, now + lifetime));
    }
}

/// How long an answer with these headers may be kept.
pub(super) fn lifetime(headers: &HeaderMap) -> Duration {
    stated_lifetime(headers).unwrap_or(DEFAULT).clamp(SHORTEST, LONGEST)
}

fn stated_lifetime(headers: &HeaderMap) -> Option<Duration> {
    let control = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<_> =
        control.flat_map(|value| value.split(',')).map(|part| part.trim().to_ascii_lowercase()).collect();
    if directives.iter().any(|directive| directive == "no-store" || directive == "no-cache") {
        return Some(Duration::ZERO);
    }
    let max_age = directives.iter().find_map(|directive| directive.strip_prefix("max-age="));
    if let Some(seconds) = max_age.and_then(|seconds| seconds.trim_matches('"').parse().ok()) {
        return Some(Duration::from_secs(seconds));
    }
    let expires = headers.get(EXPIRES)?.to_str().ok()?;
    // A date that cannot be read lies in the past (RFC 9111 section 5.3).
    let expires = httpdate::parse_http_date(expires).unwrap_or(SystemTime::UNIX_EPOCH);
    Some(expires.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_metadata::{Described, Metadata};

    fn document() -> ClientDocument {
        ClientDocument { metadata: Metadata::default(), described: Described::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_document_is_kept_until_its_time_is_over() {
        let cache = Cache::default();
        cache.put("u", document(), Duration::from_secs(60));
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(cache.get("u").is_some() && cache.get("v").is_none());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(cache.get("u").is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_cache_forgets_what_would_expire_first() {
        let cache = Cache::default();
        for n in 0..MAX_DOCUMENTS {
            cache.put(&n.to_string(), document(), Duration::from_secs(1_000 + n as u64));
        }
        cache.put("new", document(), Duration::from_secs(60));
        assert!(cache.get("0").is_none() && cache.get("1").is_some() && cache.get("new").is_some());
        assert_eq!(cache.0.lock().unwrap().len(), MAX_DOCUMENTS);
    }

    #[test]
    fn headers_decide_within_a_minute_and_a_day() {
        let day = LONGEST.as_secs();
        for (name, value, seconds) in [
            ("cache-control", "max-age=600", 600),
            ("cache-control", "public, Max-Age=\"600\"", 600),
            ("cache-control", "max-age=1", 60),
            ("cache-control", "max-age=99999999", day),
            ("cache-control", "no-store", 60),
            ("cache-control", "no-cache, max-age=600", 60),
            ("cache-control", "max-age=x", 3_600),
            ("expires", "0", 60),
            ("expires", "Fri, 01 Jan 2100 00:00:00 GMT", day),
            ("x-other", "1", 3_600),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(lifetime(&headers).as_secs(), seconds, "{name}: {value}");
        }
    }
}
