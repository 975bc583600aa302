//! Waiting for lists that show deletions late, in few requests: how late they are is measured once, and later ones are
//! asked for when they are due.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use super::patience::{DELETIONS_SHOW, Patience};
use crate::wire::activity::{Activity, Wait};

/// First pause before a list is asked for again that still shows what was deleted.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// How many times as long each later pause is: 5 requests fill a window of 20 s.
const PAUSE_FACTOR: u32 = 3;

/// Waits for lists until they show that records are gone.
pub(crate) struct LateLists<'a> {
    patience: &'a Patience,
    activity: &'a Activity,
    limit: Duration,
    waited_ms: AtomicU64,
    waits: AtomicU32,
    /// How long after the last write a list was still wrong.
    last_wrong_ms: AtomicU64,
}

impl<'a> LateLists<'a> {
    /// Waits for at most `limit` in all, besides the time that lists were seen to take before.
    pub(crate) fn new(patience: &'a Patience, activity: &'a Activity, limit: Duration) -> Self {
        let (waited_ms, waits) = (AtomicU64::new(0), AtomicU32::new(0));
        Self { patience, activity, limit, waited_ms, waits, last_wrong_ms: AtomicU64::new(0) }
    }

    /// Waits until lists show what was written last, as far as they have been seen to lag behind, and a little longer.
    pub(crate) async fn until_due(&self) {
        let _waiting = self.activity.wait(Wait::Lists);
        let left = self.patience.until_lists_show();
        sleep(left + left / 8).await;
    }

    /// Something was deleted just now.
    pub(crate) fn deleted(&self) {
        self.patience.wrote();
    }

    /// A list shows that all is gone. If it was waited for, that is how late lists are.
    pub(crate) fn showed(&self) {
        if self.waits.swap(0, Ordering::Relaxed) > 0 {
            let last_wrong = Duration::from_millis(self.last_wrong_ms.load(Ordering::Relaxed));
            self.patience.passed(last_wrong, self.patience.since_last_write());
        }
    }

    /// Waits because a list still shows what was deleted. Says whether to ask for it again: not after the last wait.
    pub(crate) async fn wait_longer(&self) -> bool {
        let last_wrong = self.patience.since_last_write();
        self.last_wrong_ms.store(last_wrong.as_millis() as u64, Ordering::Relaxed);
        let waited = Duration::from_millis(self.waited_ms.load(Ordering::Relaxed));
        let left = self.limit.saturating_sub(waited);
        if left.is_zero() {
            self.patience.lost(&[DELETIONS_SHOW]);
            return false;
        }
        let pause =
            FIRST_PAUSE.saturating_mul(PAUSE_FACTOR.saturating_pow(self.waits.load(Ordering::Relaxed)));
        let pause = pause.min(left);
        self.waits.fetch_add(1, Ordering::Relaxed);
        self.waited_ms.fetch_add(pause.as_millis().max(1) as u64, Ordering::Relaxed);
        let _waiting = self.activity.wait(Wait::Lists);
        sleep(pause).await;
        true
    }

    /// Whether the next wait would not be the first one.
    pub(crate) fn has_waited(&self) -> bool {
        self.waits.load(Ordering::Relaxed) > 0
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_window_is_waited_for_in_few_requests_and_the_next_list_is_asked_for_when_it_is_due() {
        let (patience, activity) = (Patience::new(Duration::from_secs(20)), Activity::default());
        let lists = LateLists::new(&patience, &activity, Duration::from_secs(20));
        lists.deleted();
        let begun = Instant::now();
        let mut requests = 0;
        while lists.wait_longer().await {
            requests += 1;
        }
        assert_eq!((requests, begun.elapsed()), (5, Duration::from_secs(20)));

        let lists = LateLists::new(&patience, &activity, Duration::from_secs(20));
        lists.deleted();
        assert!(lists.wait_longer().await && lists.wait_longer().await);
        lists.showed();
        lists.deleted();
        let begun = Instant::now();
        lists.until_due().await;
        assert!(begun.elapsed() >= Duration::from_millis(1_200));
    }
}
