//! Limits on requests: how many, and how long a body may take. Those on connections are in `serve.rs`.

mod body_time;
mod rate_limit;

use std::time::{Duration, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderValue, header};

pub(crate) use body_time::bound_body_time;
pub(crate) use rate_limit::{Limiter, limit_rate};
pub use rate_limit::{RateLimit, RateLimitError};

use crate::clock;

/// Discovery documents and key sets, which neither a rate limit nor adversity touches unless it is asked to: MCP clients
/// give up at the first failure there.
pub(crate) fn is_well_known(path: &str) -> bool {
    path.contains("/.well-known/") || path.starts_with("/v2/keys/")
}

/// Says when to come back, in either form of the header.
pub(crate) fn set_retry_after(headers: &mut HeaderMap, seconds: u64, as_date: bool) {
    let value = if as_date {
        let at = UNIX_EPOCH + Duration::from_secs(clock::now_unix_seconds().saturating_add(seconds));
        HeaderValue::try_from(httpdate::fmt_http_date(at)).ok()
    } else {
        Some(HeaderValue::from(seconds))
    };
    if let Some(value) = value {
        headers.insert(header::RETRY_AFTER, value);
    }
}
