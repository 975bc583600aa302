//! The time of one call, which can be several requests: a wait for a record, a load, an update.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::clock::Clock;

/// When a call began, and how much of its time does not count against its time limit.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) began: Instant,
    /// Nanoseconds that its requests waited for the quota, which has a limit of its own.
    queued: AtomicU64,
}

impl Budget {
    /// The time of a call that begins now.
    pub(crate) fn starting(clock: &dyn Clock) -> Self {
        Self { began: clock.now(), queued: AtomicU64::new(0) }
    }

    /// Notes a wait for the quota.
    pub(crate) fn add_queued(&self, waited: Duration) {
        let nanoseconds = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        self.queued.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// How long its requests waited for the quota so far.
    pub(crate) fn queued(&self) -> Duration {
        Duration::from_nanos(self.queued.load(Ordering::Relaxed))
    }
}
