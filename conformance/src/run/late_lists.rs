//! Waiting for lists that show deletions late, in few requests: how late they are is measured once, and later ones are
//! asked for when they are due.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use super::patience::{DELETIONS_SHOW, PAUSE_FACTOR, Patience, until_next_look};
use crate::wire::activity::{Activity, Wait};

/// First pause before a list is asked for again that still shows what was deleted.
const FIRST_PAUSE: Duration = Duration::from_millis(300);

/// Waits for lists until they show that records are gone.
pub(crate) struct LateLists<'a> {
    patience: &'a Patience,
    activity: &'a Activity,
    limit: Duration,
    waited_ms: AtomicU64,
    waits: AtomicU32,
    /// How long after the last write a list was still wrong; 0 once it was right.
    last_wrong_ms: AtomicU64,
    /// What a list still showed was deleted once more, and no list has shown it since.
    deleted_again: AtomicBool,
}

impl<'a> LateLists<'a> {
    /// Waits for at most `limit` in all, besides the time that lists were seen to take before.
    pub(crate) fn new(patience: &'a Patience, activity: &'a Activity, limit: Duration) -> Self {
        let (waited_ms, waits) = (AtomicU64::new(0), AtomicU32::new(0));
        let (last_wrong_ms, deleted_again) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { patience, activity, limit, waited_ms, waits, last_wrong_ms, deleted_again }
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

    /// What a list still shows although its deletion was acknowledged was deleted once more: waits before the next look at
    /// it. If that look shows it gone, the first deletion may have done nothing, and the list need not be late.
    pub(crate) async fn wait_after_deleting_again(&self, looks: u64) {
        self.wait_longer(looks).await;
        self.deleted_again.store(true, Ordering::Relaxed);
    }

    /// A list shows that all is gone. If it was waited for, that is how late lists are.
    pub(crate) fn showed(&self) {
        let last_wrong = Duration::from_millis(self.last_wrong_ms.swap(0, Ordering::Relaxed));
        let has_waited = self.waits.swap(0, Ordering::Relaxed) > 0;
        if has_waited && !self.deleted_again.swap(false, Ordering::Relaxed) {
            self.patience.passed(last_wrong, self.patience.since_last_write());
        }
    }

    /// How long after the last deletion a list still showed what was deleted, if the last one did.
    pub(crate) fn still_wrong(&self) -> Option<Duration> {
        let last_wrong = self.last_wrong_ms.load(Ordering::Relaxed);
        (last_wrong > 0).then(|| Duration::from_millis(last_wrong))
    }

    /// Requests that were sent to ask again for what was late, those of tests included.
    pub(crate) fn looks(&self) -> u64 {
        self.patience.looks()
    }

    /// Waits because a list still shows what was deleted, which can be asked for as many times more as there are `looks`.
    /// Says whether to ask for it again: not after the last wait.
    pub(crate) async fn wait_longer(&self, looks: u64) -> bool {
        self.deleted_again.store(false, Ordering::Relaxed);
        let last_wrong = self.patience.since_last_write();
        self.last_wrong_ms.store(last_wrong.as_millis().max(1) as u64, Ordering::Relaxed);
        if looks == 0 {
            return false;
        }
        let waited = Duration::from_millis(self.waited_ms.load(Ordering::Relaxed));
        let left = self.limit.saturating_sub(waited);
        if left.is_zero() {
            self.patience.lost(&[DELETIONS_SHOW]);
            return false;
        }
        let pause =
            FIRST_PAUSE.saturating_mul(PAUSE_FACTOR.saturating_pow(self.waits.load(Ordering::Relaxed)));
        let pause = until_next_look(pause, left, looks);
        self.patience.looks_again(1);
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
        while lists.wait_longer(u64::MAX).await {
            requests += 1;
        }
        assert_eq!((requests, begun.elapsed()), (5, Duration::from_secs(20)));

        let lists = LateLists::new(&patience, &activity, Duration::from_secs(20));
        lists.deleted();
        assert!(lists.wait_longer(9).await && lists.wait_longer(9).await);
        assert!(lists.still_wrong().is_some());
        lists.showed();
        assert_eq!(lists.still_wrong(), None);
        lists.deleted();
        let begun = Instant::now();
        lists.until_due().await;
        assert!(begun.elapsed() >= Duration::from_millis(1_200));
    }

    #[tokio::test(start_paused = true)]
    async fn a_deletion_that_helps_when_it_is_repeated_says_nothing_of_how_late_lists_are() {
        let (patience, activity) = (Patience::new(Duration::from_secs(20)), Activity::default());
        let lists = LateLists::new(&patience, &activity, Duration::from_secs(20));
        lists.deleted();
        assert!(lists.wait_longer(9).await);
        lists.deleted();
        lists.wait_after_deleting_again(9).await;
        lists.showed();
        assert_eq!(patience.longest_lag_ms(), 0);

        lists.deleted();
        assert!(lists.wait_longer(9).await);
        lists.deleted();
        lists.wait_after_deleting_again(9).await;
        assert!(lists.wait_longer(9).await, "it is shown although it was deleted once more");
        lists.showed();
        assert!(patience.longest_lag_ms() > 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_look_that_is_affordable_is_at_the_end_of_the_time_and_none_is_waited_for_without() {
        let (patience, activity) = (Patience::new(Duration::from_secs(20)), Activity::default());
        let lists = LateLists::new(&patience, &activity, Duration::from_secs(20));
        let begun = Instant::now();
        assert!(!lists.wait_longer(0).await);
        assert_eq!((begun.elapsed(), patience.looks()), (Duration::ZERO, 0));
        assert!(lists.wait_longer(2).await && lists.wait_longer(1).await && !lists.wait_longer(1).await);
        assert_eq!((begun.elapsed().as_secs(), patience.looks()), (20, 2));
    }
}
