//! How long a list that may only lag behind a write is given to catch up.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What clean-up waits for, as if it were a property: once it stayed broken, plans wait for it no longer.
pub(crate) const DELETIONS_SHOW: &str = "deletions show";
/// The property that says the same of searches: what it was given, clean-up need not wait for once more.
const SEARCHES_SHOW_DELETIONS: &str = "clients/search/omits-deleted";

/// How many times as long as the pause before it each pause is, between looks at a list that may lag behind: 6 looks fill a
/// window of 20 s.
pub(crate) const PAUSE_FACTOR: u32 = 3;

/// How long to wait before the next look at a list that may lag behind, of so many that are affordable: usually `pause`, but
/// never so short that the last look would be before the end of the time that is `left`.
pub(crate) fn until_next_look(pause: Duration, left: Duration, looks: u64) -> Duration {
    let later_looks = u32::try_from(looks.saturating_sub(1)).unwrap_or(u32::MAX);
    let shortest = match PAUSE_FACTOR.checked_pow(later_looks) {
        Some(parts) => left / parts,
        None => Duration::ZERO,
    };
    pause.max(shortest).min(left)
}

/// How soon after its creation a record has to be listed to show that lists are not late.
const SOON: Duration = Duration::from_secs(1);

/// How long to wait for a list that may only lag behind a write, before what is missing counts as a breach.
///
/// Every property starts with the whole consistency window. A property that stays broken for that long is broken: from
/// then on it is given only a small multiple of the longest lag that did pass, so that finding the smallest failing plan
/// does not take the whole window for every try. The other properties keep the window, since what is wrong for another
/// reason says nothing about how long lists lag.
pub struct Patience {
    window: Duration,
    longest_lag: Mutex<Lag>,
    /// The ids of the records that were created last, the oldest first.
    created: Mutex<VecDeque<(String, Instant)>>,
    /// The kinds of lists that have shown a record soon after its creation, and after how long they did at the soonest.
    prompt: Mutex<BTreeMap<Listed, Duration>>,
    last_write: Mutex<Option<Instant>>,
    /// The ids of the properties that stayed broken.
    lost: Mutex<BTreeSet<&'static str>>,
    /// Requests that asked again for what was late.
    looks: AtomicU64,
}

/// What a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Listed {
    /// All servers.
    Servers,
    /// Clients of a server.
    Clients,
}

/// What is known of how late lists are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lateness {
    /// Late lists count as wrong, and nothing waits for them.
    NotWaitedFor,
    /// No list has been asked for soon after a creation.
    Unknown,
    /// They showed a record soon after its creation.
    NotSeen,
    /// They were late, and it is known by how much.
    Measured,
}

/// How long lists took to show what was written: a list is asked for now and then, so that it is known from two sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lag {
    /// A list was still wrong after so many milliseconds.
    pub more_than_ms: u64,
    /// It was right after so many.
    pub at_most_ms: u64,
}

impl Patience {
    /// Patience for this window.
    pub fn new(window: Duration) -> Self {
        Self {
            window,
            longest_lag: Mutex::default(),
            created: Mutex::default(),
            prompt: Mutex::default(),
            last_write: Mutex::default(),
            lost: Mutex::default(),
            looks: AtomicU64::new(0),
        }
    }

    /// So many requests will ask again for what is late.
    pub(crate) fn looks_again(&self, requests: u64) {
        self.looks.fetch_add(requests, Ordering::Relaxed);
    }

    /// How many requests have asked again for what was late.
    pub(crate) fn looks(&self) -> u64 {
        self.looks.load(Ordering::Relaxed)
    }

    /// How long properties, by their ids, are given together: as long as the one that is given most.
    pub(crate) fn with(&self, properties: impl IntoIterator<Item = &'static str>) -> Duration {
        self.with_minor(properties, [], None)
    }

    /// The same. Properties that fail no run are `minor`: they are given no more than such lists were seen to need, if that
    /// is known, and nothing once they stayed broken.
    pub(crate) fn with_minor(
        &self,
        properties: impl IntoIterator<Item = &'static str>,
        minor: impl IntoIterator<Item = &'static str>,
        list: Option<Listed>,
    ) -> Duration {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        let as_seen = self.window.min(Duration::from_millis(4 * self.longest_lag_ms()));
        let of_property = |id| if lost.contains(id) { as_seen } else { self.window };
        let soonest = list.and_then(|list| self.shown_soonest().get(&list).copied());
        let needed = match self.lateness_of(soonest.is_some()) {
            Lateness::Unknown => self.window,
            // A list that is late by less than that was not seen to be late.
            Lateness::NotSeen => self.window.min(4 * soonest.unwrap_or_default()),
            Lateness::NotWaitedFor | Lateness::Measured => as_seen,
        };
        let of_minor = |id| if lost.contains(id) { Duration::ZERO } else { needed };
        let given = properties.into_iter().map(of_property).chain(minor.into_iter().map(of_minor));
        given.max().unwrap_or_default()
    }

    /// The longest time until a list that was wrong at first became right.
    pub fn longest_lag(&self) -> Lag {
        *self.longest_lag.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At most so many milliseconds passed until a list that was wrong at first became right.
    pub fn longest_lag_ms(&self) -> u64 {
        self.longest_lag().at_most_ms
    }

    /// How long a list may lag behind a write.
    pub(crate) fn window(&self) -> Duration {
        self.window
    }

    /// What is known of how late lists are.
    pub(crate) fn lateness(&self) -> Lateness {
        let is_prompt = !self.shown_soonest().is_empty();
        self.lateness_of(is_prompt)
    }

    fn shown_soonest(&self) -> MutexGuard<'_, BTreeMap<Listed, Duration>> {
        self.prompt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lateness_of(&self, is_prompt: bool) -> Lateness {
        match (self.window.is_zero(), self.longest_lag_ms(), is_prompt) {
            (true, ..) => Lateness::NotWaitedFor,
            (false, 1.., _) => Lateness::Measured,
            (false, 0, true) => Lateness::NotSeen,
            (false, 0, false) => Lateness::Unknown,
        }
    }

    /// Something was written just now.
    pub fn wrote(&self) {
        *self.last_write.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// How long ago something was written last; no time if nothing was.
    pub(crate) fn since_last_write(&self) -> Duration {
        let last_write = *self.last_write.lock().unwrap_or_else(PoisonError::into_inner);
        last_write.map_or(Duration::ZERO, |at| at.elapsed())
    }

    /// A record with this id was created just now.
    pub(crate) fn created(&self, id: &str) {
        self.created_lately().push_back((id.to_owned(), Instant::now()));
    }

    /// A list was asked for, for the first time, and shows the records with these ids.
    pub(crate) fn listed<'a>(&self, list: Listed, ids: impl IntoIterator<Item = &'a str>) {
        let created = self.created_lately();
        let age = |id| created.iter().find(|(created, _)| created == id).map(|(_, at)| at.elapsed());
        if let Some(age) = ids.into_iter().filter_map(age).min() {
            self.shown_soonest()
                .entry(list)
                .and_modify(|soonest| *soonest = age.min(*soonest))
                .or_insert(age);
        }
    }

    fn created_lately(&self) -> MutexGuard<'_, VecDeque<(String, Instant)>> {
        let mut created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        created.retain(|(_, at)| at.elapsed() < SOON);
        created
    }

    /// How long to wait until lists show what was written last, as far as they have been seen to lag behind. To ask earlier
    /// would most often be to ask twice.
    pub fn until_lists_show(&self) -> Duration {
        let last_write = *self.last_write.lock().unwrap_or_else(PoisonError::into_inner);
        let lag = Duration::from_millis(self.longest_lag_ms());
        last_write.map_or(Duration::ZERO, |at| lag.saturating_sub(at.elapsed()))
    }

    /// A list was right at most this time after a write, and had still been wrong after the other.
    pub fn passed(&self, more_than: Duration, at_most: Duration) {
        let lag =
            Lag { more_than_ms: more_than.as_millis() as u64, at_most_ms: at_most.as_millis().max(1) as u64 };
        let mut longest = self.longest_lag.lock().unwrap_or_else(PoisonError::into_inner);
        if lag.at_most_ms > longest.at_most_ms {
            *longest = lag;
        }
    }

    /// These properties stayed broken for as long as they were given.
    pub fn lost(&self, properties: &[&'static str]) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.extend(properties);
        if properties.contains(&SEARCHES_SHOW_DELETIONS) {
            lost.insert(DELETIONS_SHOW);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::registry;

    const WINDOW: Duration = Duration::from_secs(10);

    #[test]
    fn a_property_that_stayed_broken_is_not_given_the_window_again_and_the_others_are() {
        let patience = Patience::new(WINDOW);
        assert_eq!(patience.with(["a"]), WINDOW);
        patience.lost(&["a"]);
        assert_eq!(patience.with(["a"]), Duration::ZERO);
        assert_eq!(patience.with(["b"]), WINDOW);
        assert_eq!(patience.with(["a", "b"]), WINDOW);
    }

    #[test]
    fn a_property_that_stayed_broken_is_given_a_multiple_of_the_longest_lag_and_never_more_than_the_window() {
        let patience = Patience::new(WINDOW);
        patience.lost(&["a"]);
        patience.passed(Duration::from_millis(100), Duration::from_millis(300));
        patience.passed(Duration::ZERO, Duration::from_millis(200));
        assert_eq!(patience.longest_lag(), Lag { more_than_ms: 100, at_most_ms: 300 });
        assert_eq!(patience.with(["a"]), Duration::from_millis(1200));
        patience.passed(Duration::ZERO, Duration::from_secs(9));
        assert_eq!(patience.with(["a"]), WINDOW);
    }

    #[test]
    fn clean_up_does_not_wait_once_more_for_a_deletion_that_searches_did_not_show_for_the_whole_window() {
        let patience = Patience::new(WINDOW);
        assert!(registry::all().any(|property| property.id == SEARCHES_SHOW_DELETIONS));
        patience.lost(&[SEARCHES_SHOW_DELETIONS]);
        assert_eq!(patience.with([DELETIONS_SHOW]), Duration::ZERO);
    }

    #[test]
    fn however_few_looks_are_affordable_the_last_one_is_at_the_end_of_the_time() {
        for affordable in 1..12 {
            let (mut pause, mut left, mut looks) = (Duration::from_millis(100), WINDOW, 0);
            while !left.is_zero() {
                left -= until_next_look(pause, left, affordable - looks);
                pause *= PAUSE_FACTOR;
                looks += 1;
            }
            assert!(looks <= affordable, "{looks} of {affordable}");
            assert_eq!(looks, affordable.min(5), "as many as are of use");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_property_that_fails_no_run_is_given_what_lists_were_seen_to_need_once_that_is_known() {
        let patience = Patience::new(WINDOW);
        let with = |id| patience.with_minor([], [id], Some(Listed::Clients));
        assert_eq!(with("a"), WINDOW, "whether lists are late is not known");
        patience.created("MS1");
        patience.listed(Listed::Servers, ["MS1"]);
        assert_eq!(with("a"), WINDOW, "that was another kind of list");
        patience.created("TPA1");
        patience.listed(Listed::Clients, ["TPA1"]);
        assert_eq!(with("a"), Duration::ZERO, "they are not late");
        let other = Patience::new(WINDOW);
        other.created("TPA1");
        tokio::time::advance(Duration::from_millis(200)).await;
        other.listed(Listed::Clients, ["TPA1"]);
        let given = other.with_minor([], ["a"], Some(Listed::Clients));
        assert_eq!(given, Duration::from_millis(800), "they may be late by as much as the record was old");
        patience.passed(Duration::ZERO, Duration::from_millis(300));
        assert_eq!(with("a"), Duration::from_millis(1200));
        assert_eq!(patience.with_minor(["b"], ["a"], None), WINDOW);
        patience.lost(&["a"]);
        assert_eq!(with("a"), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn how_late_lists_are_is_known_from_lists_that_show_new_records() {
        assert_eq!(Patience::new(Duration::ZERO).lateness(), Lateness::NotWaitedFor);
        let patience = Patience::new(WINDOW);
        patience.created("TPA1");
        patience.listed(Listed::Clients, ["TPA0"]);
        assert_eq!(patience.lateness(), Lateness::Unknown, "it shows an old record");
        tokio::time::advance(Duration::from_secs(5)).await;
        patience.listed(Listed::Clients, ["TPA1"]);
        assert_eq!(patience.lateness(), Lateness::Unknown, "that was long ago");
        patience.created("TPA2");
        tokio::time::advance(Duration::from_millis(5)).await;
        patience.listed(Listed::Clients, ["TPA2"]);
        assert_eq!(patience.lateness(), Lateness::NotSeen);
        patience.passed(Duration::ZERO, Duration::from_secs(3));
        assert_eq!(patience.lateness(), Lateness::Measured);
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_is_asked_for_when_it_may_show_what_was_written() {
        let patience = Patience::new(WINDOW);
        patience.wrote();
        assert_eq!(patience.until_lists_show(), Duration::ZERO, "no list was late so far");
        patience.passed(Duration::ZERO, Duration::from_secs(3));
        assert_eq!(patience.until_lists_show(), Duration::from_secs(3));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(patience.until_lists_show(), Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(patience.until_lists_show(), Duration::ZERO);
    }
}
