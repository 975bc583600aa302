//! A rate limiter that waits, so that the service does not refuse everything for a minute.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use governor::RateLimiter;
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use tokio::sync::Mutex;

use crate::clock::{Clock, within};
use crate::config::ConfigError;

/// Size of the default burst: one in this many requests may be sent without waiting.
const REQUESTS_PER_BURST_SLOT: u32 = 10;

/// Maximum number of requests in any window of time, for
/// [`ManagementClientBuilder::quota`](crate::ManagementClientBuilder::quota).
///
/// The maximum holds for every window of that length, wherever the window begins, and not only for windows that begin
/// at fixed times: a service may count a burst at the end of one minute together with a burst at the start of the next.
/// For this reason a larger burst lowers the lasting rate: both must fit into one window. With the default burst of a
/// tenth, 100 requests per minute are 10 at once and then 91 per minute.
///
/// A request is counted when it is handed to the connection pool. Descope counts by IP address (documented): if several
/// machines or processes share an address, give each of them a part of the quota. Clients of one process can
/// [share one](crate::ManagementClientBuilder::quota_of).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Quota {
    requests: NonZeroU32,
    per: Duration,
    burst: NonZeroU32,
}

impl Quota {
    /// A quota of that many requests in any window of that length.
    ///
    /// # Errors
    ///
    /// If one of the two is zero.
    pub fn new(requests: u32, per: Duration) -> Result<Self, ConfigError> {
        let requests = NonZeroU32::new(requests).ok_or(ConfigError::Quota { reason: "allows no request" })?;
        if per.is_zero() {
            return Err(ConfigError::Quota { reason: "has no length of time" });
        }
        let tenth = requests.get() / REQUESTS_PER_BURST_SLOT;
        Ok(Self { requests, per, burst: NonZeroU32::new(tenth).unwrap_or(NonZeroU32::MIN) })
    }

    /// 100 requests in any 60 seconds, the general limit of Descope (documented). It is assumed that the limit applies
    /// to the operations of this crate.
    pub fn descope() -> Self {
        let (requests, burst) = (NonZeroU32::MIN.saturating_add(99), NonZeroU32::MIN.saturating_add(9));
        Self { requests, per: Duration::from_secs(60), burst }
    }

    /// How many requests may be sent at once after a pause: at least 1, at most all. A larger burst means a lower
    /// lasting rate, because both must fit into one window.
    pub fn burst(mut self, burst: u32) -> Self {
        self.burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN).min(self.requests);
        self
    }

    /// Time between two requests once the burst is used up.
    ///
    /// A window of length `per` that begins with a burst has room for `requests - burst` more. The spacing is just
    /// too wide for one more than that.
    fn spacing(self) -> Duration {
        let others = u128::from(self.requests.get() - self.burst.get() + 1);
        let nanoseconds = self.per.as_nanos() / others + 1;
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }
}

/// Lets requests out at the rate of a quota, first come first served. Shared by all clones of a client, and by clients that
/// share its quota.
pub(crate) struct Limiter {
    cells: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>,
    ticks: Ticks,
    /// Held by whoever waits for the next place. The others queue here in the order in which they came.
    turn: Mutex<()>,
}

/// The place of a client in the queue of a limiter, which others can share.
pub(crate) struct Queue {
    pub(crate) limiter: Arc<Limiter>,
    /// Longest wait of one call.
    pub(crate) patience: Duration,
}

impl Queue {
    /// Waits for a place and says how long that took. `before` is how long the same call waited before.
    pub(crate) async fn admit(&self, before: Duration) -> Result<Duration, NoRoom> {
        self.limiter.admit(self.patience.saturating_sub(before)).await
    }
}

/// No place before the caller's patience ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoRoom {
    /// How long it would take at least.
    pub(crate) needed: Duration,
}

impl Limiter {
    pub(crate) fn new(quota: Quota, clock: Arc<dyn Clock>) -> Self {
        let ticks = Ticks { origin: clock.now(), clock };
        let spacing = quota.spacing();
        let cells = governor::Quota::with_period(spacing)
            .unwrap_or_else(|| governor::Quota::per_second(NonZeroU32::MIN))
            .allow_burst(quota.burst);
        Self { cells: RateLimiter::direct_with_clock(cells, ticks.clone()), ticks, turn: Mutex::new(()) }
    }

    /// Waits for a place and says how long that took.
    ///
    /// Does not begin a wait that would take longer than `patience`. Dropping the future gives the place in the queue up and
    /// uses nothing.
    pub(crate) async fn admit(&self, patience: Duration) -> Result<Duration, NoRoom> {
        let started = self.ticks.now();
        let _turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => {
                let mut limit = self.ticks.clock.time_limit(patience);
                within(&mut limit, self.turn.lock()).await.ok_or(NoRoom { needed: patience })?
            }
        };
        loop {
            let now = self.ticks.now();
            let waited = now.saturating_sub(started);
            let Err(not_until) = self.cells.check() else { return Ok(waited) };
            let needed = not_until.wait_time_from(now);
            if waited + needed >= patience {
                return Err(NoRoom { needed });
            }
            self.ticks.clock.sleep(needed).await;
        }
    }
}

/// Our clock as governor reads one: time since the limiter was made.
#[derive(Debug, Clone)]
struct Ticks {
    clock: Arc<dyn Clock>,
    origin: Instant,
}

impl GovernorClock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.origin)
    }
}

#[cfg(test)]
mod tests;
