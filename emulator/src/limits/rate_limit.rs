//! `--rate-limit`: so many requests in so many seconds, then silence for as long.
//!
//! Basis: documented for the REST API in general (`fact/rate-limit`), 100 in 60 seconds with 60 seconds of penalty,
//! counted per address; that it holds for these paths is assumed. Discovery and key sets are not counted: MCP clients
//! give up on a 429 there.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use crate::connection::Connection;
use crate::problem::{Kind, Problem};
use crate::variants::{RateLimitBucket, RetryAfter, Variants};

/// Buckets that are kept at a time; what comes beyond shares one.
const MAX_BUCKETS: usize = 10_000;

/// How many requests are answered in how long, and how long none is after one too many.
///
/// As text `100/60`: 100 requests in 60 seconds, then a penalty of 60 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    requests: u32,
    seconds: u32,
}

/// A rate limit that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rate limit {0:?} must be REQUESTS/SECONDS, each from 1 to 1000000, such as 100/60")]
pub struct RateLimitError(String);

impl FromStr for RateLimit {
    type Err = RateLimitError;

    /// # Errors
    /// [`RateLimitError`] unless the text is two numbers from 1 to 1,000,000 with a slash between them.
    fn from_str(text: &str) -> Result<Self, RateLimitError> {
        let number = |text: &str| text.parse().ok().filter(|number| (1..=1_000_000).contains(number));
        let parsed = text.split_once('/').and_then(|(requests, seconds)| {
            Some(Self { requests: number(requests)?, seconds: number(seconds)? })
        });
        parsed.ok_or_else(|| RateLimitError(text.chars().take(80).collect()))
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.seconds)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Bucket {
    Address(IpAddr),
    Project(String),
    /// Requests that come by no connection, and those for which there is no more room.
    Shared,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Instant,
    requests: u32,
    silent_until: Option<Instant>,
}

/// The limit at work.
#[derive(Debug)]
pub(crate) struct Limiter {
    limit: RateLimit,
    variants: Variants,
    /// The ids of those that are served; others have no bucket of their own.
    projects: HashSet<String>,
    counts: Mutex<HashMap<Bucket, Count>>,
}

impl Limiter {
    pub(crate) fn new(limit: RateLimit, variants: Variants, projects: HashSet<String>) -> Self {
        Self { limit, variants, projects, counts: Mutex::default() }
    }

    pub(crate) fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Counts a request; `Err` with the time to wait if it is one too many.
    fn admit(&self, bucket: Bucket, now: Instant) -> Result<(), Duration> {
        let time = Duration::from_secs(self.limit.seconds.into());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MAX_BUCKETS && !counts.contains_key(&bucket) {
            counts.retain(|_, count| count.silent_until.unwrap_or(count.since + time) > now);
        }
        let bucket =
            if counts.len() < MAX_BUCKETS || counts.contains_key(&bucket) { bucket } else { Bucket::Shared };
        let fresh = Count { since: now, requests: 0, silent_until: None };
        let count = counts.entry(bucket).or_insert(fresh);
        match count.silent_until {
            Some(until) if now < until => return Err(until - now),
            Some(_) => *count = fresh,
            None if now >= count.since + time => *count = fresh,
            None => {}
        }
        count.requests += 1;
        if count.requests > self.limit.requests {
            count.silent_until = Some(now + time);
            return Err(time);
        }
        Ok(())
    }
}

/// Answers 429 to requests over the limit.
pub(crate) async fn limit_rate(
    State(limiter): State<Arc<Limiter>>,
    request: Request,
    next: Next,
) -> Response {
    if super::is_well_known(request.uri().path()) {
        return next.run(request).await;
    }
    let Err(wait) = limiter.admit(limiter.bucket(&request), Instant::now()) else {
        return next.run(request).await;
    };
    let message = format!(
        "the rate limit of {} requests in {} seconds is exceeded",
        limiter.limit.requests, limiter.limit.seconds
    );
    let mut response = Problem::new(Kind::RateLimited, message).into_response();
    // Whole seconds, and never too few.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    match limiter.variants.retry_after() {
        RetryAfter::Seconds => super::set_retry_after(response.headers_mut(), seconds, false),
        RetryAfter::Date => super::set_retry_after(response.headers_mut(), seconds, true),
        RetryAfter::Absent => {}
    }
    response
}

impl Limiter {
    fn bucket(&self, request: &Request) -> Bucket {
        if self.variants.rate_limit_bucket() == RateLimitBucket::Project
            && let Some(project) = self.project(request)
        {
            return Bucket::Project(project);
        }
        request.extensions().get::<Connection>().map_or(Bucket::Shared, |from| Bucket::Address(from.peer()))
    }

    /// The project that the request claims to be for, if it is served here: in the bearer token or in the path.
    fn project(&self, request: &Request) -> Option<String> {
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let claimed = header.and_then(|value| value.split_once(' ')).map(|(_, token)| token);
        let claimed = claimed.map(|token| token.split_once(':').map_or(token, |(project, _)| project));
        let mut candidates = claimed.into_iter().chain(request.uri().path().split('/'));
        candidates.find_map(|id| self.projects.get(id)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(limit: &str) -> Limiter {
        Limiter::new(limit.parse().unwrap(), Variants::default(), HashSet::new())
    }

    fn after(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_request_over_the_limit_starts_a_penalty_that_further_ones_do_not_extend() {
        let (limiter, start) = (limiter("100/60"), Instant::now());
        for _ in 0..100 {
            assert_eq!(limiter.admit(Bucket::Shared, start), Ok(()));
        }
        assert_eq!(limiter.admit(Bucket::Shared, start + after(10)), Err(after(60)));
        assert_eq!(limiter.admit(Bucket::Shared, start + after(69)), Err(after(1)));
        for _ in 0..100 {
            assert_eq!(limiter.admit(Bucket::Shared, start + after(70)), Ok(()));
        }
        assert!(limiter.admit(Bucket::Shared, start + after(70)).is_err());
    }

    #[test]
    fn who_stays_below_the_limit_is_never_refused_and_buckets_are_counted_apart() {
        let (limiter, start) = (limiter("2/10"), Instant::now());
        for n in 0..10 {
            let at = start + after(10 * n);
            let one = Bucket::Address([127, 0, 0, 1].into());
            assert_eq!(limiter.admit(one.clone(), at), Ok(()));
            assert_eq!(limiter.admit(one, at), Ok(()));
            assert_eq!(limiter.admit(Bucket::Project(String::from("P")), at), Ok(()));
        }
    }

    #[test]
    fn memory_is_bounded_whoever_calls() {
        let (limiter, start) = (limiter("1/10"), Instant::now());
        for n in 0..20_000_u32 {
            let _ = limiter.admit(Bucket::Address(IpAddr::V4(n.into())), start);
        }
        assert!(limiter.counts.lock().unwrap().len() <= MAX_BUCKETS + 1);
        assert_eq!(limiter.admit(Bucket::Address(IpAddr::V4(99_999.into())), start + after(30)), Ok(()));
        assert!(limiter.counts.lock().unwrap().len() < 10);
    }

    #[test]
    fn refuses_limits_that_are_none() {
        for text in ["", "100", "0/60", "100/0", "/", "a/b", "100/60/1", "1000001/1", "-1/60"] {
            assert!(text.parse::<RateLimit>().is_err(), "{text}");
        }
        assert_eq!("100/60".parse::<RateLimit>().unwrap().to_string(), "100/60");
    }
}
