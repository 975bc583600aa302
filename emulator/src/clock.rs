//! The only reader of the clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970-01-01T00:00:00Z; 0 on a machine whose clock stands before that.
pub(crate) fn now_unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The time that grants and tokens live by: the machine's, unless a test moved it ahead.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_seconds: AtomicU64,
}

impl Clock {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub(crate) fn now_unix_seconds(&self) -> u64 {
        now_unix_seconds().saturating_add(self.ahead_seconds.load(Ordering::Relaxed))
    }

    /// Moves the time ahead.
    #[cfg(test)]
    pub(crate) fn advance(&self, seconds: u64) {
        self.ahead_seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}
