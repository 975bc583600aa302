//! How many requests a run may still send. Every request is taken from here, so that neither faults nor late lists nor
//! retries make a run send more than it was allowed.
//!
//! Some of the requests are reserved: whoever will have to clean up says how many that may take, and tests leave those
//! alone. Shrinking has requests of its own, counted apart from those of the run.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To test. Such a request leaves alone what is reserved.
    Test,
    /// To delete what the run has made, or to see whether it is gone.
    CleanUp,
}

/// How many requests may still be sent.
#[derive(Debug)]
pub struct Allowance(Mutex<State>);

#[derive(Debug)]
struct State {
    run: Budget,
    /// The requests that may shrink the plan of one failure, while that is done.
    shrinking: Option<Budget>,
    taken: u64,
    repeated: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Budget {
    left: u64,
    reserved: u64,
}

/// Requests that only clean-up may use, until this is dropped.
#[derive(Debug)]
pub struct Reservation<'a> {
    allowance: &'a Allowance,
    of_shrinking: bool,
    requests: u64,
}

/// Until this is dropped, requests are taken from those for shrinking.
#[derive(Debug)]
pub struct Shrinking<'a>(&'a Allowance);

impl Allowance {
    /// At most this many requests.
    pub fn of(requests: u64) -> Self {
        let run = Budget { left: requests, reserved: 0 };
        Self(Mutex::new(State { run, shrinking: None, taken: 0, repeated: 0 }))
    }

    /// Takes a request, and says whether there was one left.
    pub(super) fn take(&self, purpose: Purpose) -> bool {
        self.lock().take(purpose)
    }

    /// The same for a request that is sent once more.
    pub(super) fn take_to_repeat(&self, purpose: Purpose) -> bool {
        let mut state = self.lock();
        let taken = state.take(purpose);
        state.repeated += u64::from(taken);
        taken
    }

    /// Whether a request for this purpose is left.
    pub fn permits(&self, purpose: Purpose) -> bool {
        self.lock().permits(purpose, 1)
    }

    /// Whether so many requests that test are left.
    pub fn affords(&self, requests: u64) -> bool {
        self.lock().permits(Purpose::Test, requests)
    }

    /// How many requests are left for this purpose.
    pub fn left_for(&self, purpose: Purpose) -> u64 {
        self.lock().left_for(purpose)
    }

    /// How many of so many further requests, and of those that are reserved, may have to be repeated.
    pub fn repeats_to_come(&self, further: u64) -> u64 {
        let mut state = self.lock();
        let (taken, repeated) = (state.taken, state.repeated);
        max_repeats(further + state.budget().reserved, taken, repeated)
    }

    /// Reserves requests for clean-up, at first none.
    pub fn reserve(&self) -> Reservation<'_> {
        let of_shrinking = self.lock().shrinking.is_some();
        Reservation { allowance: self, of_shrinking, requests: 0 }
    }

    /// Allows so many requests for shrinking, and takes requests from those alone until the result is dropped. Nothing else
    /// may be sent meanwhile.
    pub fn shrink(&self, requests: u64) -> Shrinking<'_> {
        self.lock().shrinking = Some(Budget { left: requests, reserved: 0 });
        Shrinking(self)
    }

    /// Whether requests are taken from those for shrinking.
    pub fn is_shrinking(&self) -> bool {
        self.lock().shrinking.is_some()
    }

    /// Allows more requests, such as to delete what shrinking has left.
    pub fn add(&self, requests: u64) {
        let run = &mut self.lock().run;
        run.left = run.left.saturating_add(requests);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn budget(&mut self) -> &mut Budget {
        self.shrinking.as_mut().unwrap_or(&mut self.run)
    }

    fn permits(&mut self, purpose: Purpose, requests: u64) -> bool {
        self.left_for(purpose) >= requests
    }

    fn left_for(&mut self, purpose: Purpose) -> u64 {
        let (taken, repeated) = (self.taken, self.repeated);
        let Budget { left, reserved } = *self.budget();
        let kept = match purpose {
            Purpose::CleanUp => 0,
            Purpose::Test => reserved + max_repeats(reserved, taken, repeated),
        };
        left.saturating_sub(kept)
    }

    fn take(&mut self, purpose: Purpose) -> bool {
        let permitted = self.permits(purpose, 1);
        if permitted {
            self.budget().left -= 1;
            self.taken += 1;
        }
        permitted
    }
}

/// How many times requests will most likely have to be repeated, if it happens about as often as to those before them:
/// what is to be expected and, since that is up to chance, one and a half standard deviations more.
fn max_repeats(requests: u64, taken: u64, repeated: u64) -> u64 {
    if repeated == 0 {
        return 0;
    }
    let answered = taken.saturating_sub(repeated).max(1);
    let expected = requests as f64 * repeated as f64 / answered as f64;
    (expected + 1.5 * expected.sqrt()).ceil() as u64
}

impl Reservation<'_> {
    /// Reserves this many from now on.
    pub fn set(&mut self, requests: u64) {
        let mut state = self.allowance.lock();
        let budget = if self.of_shrinking { state.shrinking.as_mut() } else { Some(&mut state.run) };
        if let Some(budget) = budget {
            budget.reserved = budget.reserved.saturating_sub(self.requests).saturating_add(requests);
        }
        self.requests = requests;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.set(0);
    }
}

impl Drop for Shrinking<'_> {
    fn drop(&mut self) {
        self.0.lock().shrinking = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_leave_alone_what_is_reserved_for_clean_up() {
        let allowance = Allowance::of(3);
        let mut reserved = allowance.reserve();
        reserved.set(2);
        assert!(allowance.take(Purpose::Test));
        assert!(!allowance.take(Purpose::Test));
        assert!(allowance.take(Purpose::CleanUp));
        drop(reserved);
        assert!(allowance.take(Purpose::Test));
        assert!(!allowance.take(Purpose::CleanUp));
    }

    #[test]
    fn shrinking_has_requests_of_its_own() {
        let allowance = Allowance::of(2);
        let mut of_the_run = allowance.reserve();
        of_the_run.set(1);
        let shrinking = allowance.shrink(3);
        let mut reserved = allowance.reserve();
        reserved.set(1);
        assert!(allowance.affords(2) && !allowance.affords(3));
        assert!(allowance.take(Purpose::Test) && allowance.take(Purpose::Test));
        assert!(!allowance.take(Purpose::Test) && allowance.take(Purpose::CleanUp));
        assert!(!allowance.take(Purpose::CleanUp));
        drop((reserved, shrinking));
        assert!(allowance.affords(1) && !allowance.affords(2), "those of the run are as they were");
    }

    #[test]
    fn where_requests_are_repeated_more_is_reserved() {
        let allowance = Allowance::of(100);
        let mut reserved = allowance.reserve();
        reserved.set(16);
        assert!(allowance.affords(84));
        assert!(allowance.take(Purpose::Test) && allowance.take_to_repeat(Purpose::Test));
        // Each request was sent twice: so may those of clean-up be, and some of them three times.
        assert!(allowance.affords(98 - 16 - 16 - 6) && !allowance.affords(98 - 16 - 16 - 5));
        assert_eq!(max_repeats(4, 90, 1), 1, "what hardly ever happens takes little");
        assert_eq!(max_repeats(0, 90, 30), 0);
    }
}
