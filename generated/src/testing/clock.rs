//! A clock for tests that do not want to wait.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::clock::{Clock, Wait};

/// A clock on which pauses end at once, and count as if they had taken their time. No answer is ever too late: a timeout is
/// a reply of its own ([`Reply::timeout`](super::Reply::timeout)).
#[derive(Debug)]
pub struct SkippingClock {
    start: (Instant, SystemTime),
    skipped: Mutex<Duration>,
}

impl SkippingClock {
    /// All the time that was skipped so far.
    #[must_use]
    pub fn skipped(&self) -> Duration {
        *self.skipped.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for SkippingClock {
    fn default() -> Self {
        Self { start: (Instant::now(), SystemTime::now()), skipped: Mutex::default() }
    }
}

impl Clock for SkippingClock {
    fn now(&self) -> Instant {
        let start = self.start.0;
        start.checked_add(self.skipped()).unwrap_or(start)
    }

    fn wall_clock(&self) -> SystemTime {
        let start = self.start.1;
        start.checked_add(self.skipped()).unwrap_or(start)
    }

    fn sleep(&self, duration: Duration) -> Wait {
        let mut skipped = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        *skipped = skipped.saturating_add(duration);
        Box::pin(std::future::ready(()))
    }

    fn time_limit(&self, _: Duration) -> Wait {
        Box::pin(std::future::pending())
    }
}
