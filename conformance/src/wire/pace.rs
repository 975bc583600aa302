//! Staying below a rate limit that is counted over a window.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// The window that the API counts requests over.
pub const WINDOW: Duration = Duration::from_secs(60);

/// Lets through at most so many requests in any window of 60 s, as early as possible: a run that needs no more than the
/// limit never waits. A token bucket would either wait earlier or let through up to twice the limit.
#[derive(Clone)]
pub struct Pace(Option<Arc<Mutex<Log>>>);

struct Log {
    limit: usize,
    sent: VecDeque<Instant>,
}

impl Pace {
    /// At most `limit` requests in any 60 s; 0 for no limit.
    pub fn new(limit: usize) -> Self {
        Self((limit > 0).then(|| Arc::new(Mutex::new(Log { limit, sent: VecDeque::with_capacity(limit) }))))
    }

    /// Waits until one more request may be sent, and counts it.
    pub async fn wait(&self) {
        let Some(log) = &self.0 else { return };
        // Held while waiting, so that those behind queue up in order.
        let mut log = log.lock().await;
        if log.sent.len() >= log.limit
            && let Some(oldest) = log.sent.front().copied()
        {
            tokio::time::sleep_until(oldest + WINDOW).await;
            // Only now: whoever stops waiting has sent nothing.
            log.sent.pop_front();
        }
        log.sent.push_back(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_window_ever_holds_more_than_the_limit() {
        let pace = Pace::new(3);
        let mut sent = Vec::new();
        for _ in 0..10 {
            pace.wait().await;
            sent.push(Instant::now());
        }
        assert!(sent[2] - sent[0] < Duration::from_secs(1), "the first three go at once");
        for three_apart in sent.windows(4) {
            assert!(three_apart[3] - three_apart[0] >= WINDOW);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nothing_waits() {
        let start = Instant::now();
        let pace = Pace::new(0);
        for _ in 0..1000 {
            pace.wait().await;
        }
        assert_eq!(Instant::now(), start);
    }
}
