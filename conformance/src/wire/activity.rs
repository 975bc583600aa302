//! What a run is doing at the moment, for those who watch it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Lists of the target that do not show yet what was written.
    Lists,
    /// The end of the time for which the target asked the suite to slow down.
    RateLimit,
    /// The time of the next request by the pace of the run.
    Pace,
}

impl Wait {
    /// Every one, the one that says most first.
    const ALL: [Self; 3] = [Self::Lists, Self::RateLimit, Self::Pace];
}

/// What a run is doing.
#[derive(Debug, Default)]
pub struct Activity {
    sent: AtomicU64,
    waiting: [AtomicU32; Wait::ALL.len()],
    shrinking: AtomicU32,
}

/// Something that lasts until this is dropped.
#[derive(Debug)]
pub struct Doing<'a>(&'a AtomicU32);

impl Activity {
    /// Requests sent so far, retries included.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Counts a request, and returns its number.
    pub(super) fn count_request(&self) -> u64 {
        self.sent.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Begins to wait.
    pub fn wait(&self, what: Wait) -> Doing<'_> {
        Doing::begin(&self.waiting[what as usize])
    }

    /// What the run waits for, if it waits.
    pub fn waits_for(&self) -> Option<Wait> {
        Wait::ALL.into_iter().find(|wait| self.waiting[*wait as usize].load(Ordering::Relaxed) > 0)
    }

    /// Begins to shrink a failing plan.
    pub fn shrink(&self) -> Doing<'_> {
        Doing::begin(&self.shrinking)
    }

    /// Whether the run shrinks a failing plan.
    pub fn is_shrinking(&self) -> bool {
        self.shrinking.load(Ordering::Relaxed) > 0
    }
}

impl<'a> Doing<'a> {
    fn begin(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Doing<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_waits_the_one_is_told_that_says_most() {
        let activity = Activity::default();
        assert_eq!(activity.waits_for(), None);
        let pace = activity.wait(Wait::Pace);
        let lists = activity.wait(Wait::Lists);
        assert_eq!(activity.waits_for(), Some(Wait::Lists));
        drop(lists);
        assert_eq!(activity.waits_for(), Some(Wait::Pace));
        drop(pace);
        assert_eq!(activity.waits_for(), None);
    }
}
