//! A clock for tests that take no time.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use descope_mcp_management::{Clock, Wait};
use tokio::sync::Notify;

/// Waits end at once, and the clock moves on as if they had not. A time limit ends when the test says so.
#[derive(Debug, Clone)]
pub(crate) struct TestClock {
    now: Arc<Mutex<Instant>>,
    waits: Arc<Mutex<Vec<Duration>>>,
    limits: Arc<Notify>,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        Self { now: Arc::new(Mutex::new(Instant::now())), waits: Arc::default(), limits: Arc::default() }
    }

    /// Ends all time limits that run now.
    pub(crate) fn end_limits(&self) {
        self.limits.notify_waiters();
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
    }

    /// How long was waited, wait by wait.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        *self.now.lock().unwrap()
    }

    fn wall_clock(&self) -> SystemTime {
        // What the dates in the tests are reckoned from: Sun, 06 Nov 1994 08:49:37 GMT.
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    fn sleep(&self, duration: Duration) -> Wait {
        self.waits.lock().unwrap().push(duration);
        self.advance(duration);
        Box::pin(tokio::task::yield_now())
    }

    fn time_limit(&self, duration: Duration) -> Wait {
        // Made here, not when first polled: the end may be called out before that.
        let ended = Arc::clone(&self.limits).notified_owned();
        let clock = self.clone();
        Box::pin(async move {
            ended.await;
            clock.advance(duration);
        })
    }
}
