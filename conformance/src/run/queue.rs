//! Which plan comes next.

use std::collections::VecDeque;
use std::time::Instant;

use super::Source;
use super::settings::{Profile, Settings};
use crate::plan::Plan;
use crate::plans::{curated, generated, questions, smoke};

/// Most times that a plan written by hand is taken when faults on the way cut it short.
const MAX_ATTEMPTS: u32 = 12;

/// The plans of a run, in order: the curated ones, or those of a replay, whatever they cost; those again that faults on
/// the way cut short, while a property is untested for it; then, unless it is a replay, the one that is only observed and
/// generated ones, as long as they are wanted.
pub(super) struct Plans<'a> {
    settings: &'a Settings,
    source: Source<'a>,
    started: Instant,
    fixed: std::vec::IntoIter<Plan>,
    again: VecDeque<Next>,
    observed: Option<Plan>,
    generated: u64,
}

/// A plan to take.
pub(super) struct Next {
    pub(super) plan: Plan,
    /// How many more times it may be taken.
    tries_left: u32,
}

impl<'a> Plans<'a> {
    pub(super) fn new(settings: &'a Settings, source: Source<'a>, started: Instant) -> Self {
        let fixed = match source {
            Source::Replay(plans) => plans.to_vec(),
            Source::Profile if settings.profile == Profile::Smoke => vec![smoke::plan(settings.seed)],
            Source::Profile => curated::all(settings.seed),
        };
        let (fixed, observed) = (fixed.into_iter(), Some(questions::plan()));
        Self { settings, source, started, fixed, again: VecDeque::new(), observed, generated: 0 }
    }

    pub(super) fn next(
        &mut self,
        something_is_untested: bool,
        affords: impl Fn(&Plan) -> bool,
    ) -> Option<Next> {
        let Settings { profile, seed, duration, .. } = self.settings;
        let time_is_up = duration.is_some_and(|duration| self.started.elapsed() >= duration);
        if let Some(plan) = self.fixed.next() {
            return Some(Next { plan, tries_left: MAX_ATTEMPTS - 1 });
        }
        if time_is_up {
            return None;
        }
        if something_is_untested && self.again.front().is_some_and(|next| affords(&next.plan)) {
            return self.again.pop_front();
        }
        if matches!(self.source, Source::Replay(_)) || *profile == Profile::Smoke {
            return None;
        }
        if let Some(plan) = self.observed.take().filter(&affords) {
            return Some(Next { plan, tries_left: 0 });
        }
        let plan = generated::plan(*seed, self.generated);
        affords(&plan).then(|| {
            self.generated += 1;
            Next { plan, tries_left: 0 }
        })
    }

    pub(super) fn keep_for_another_try(&mut self, next: Next) {
        if let Some(tries_left) = next.tries_left.checked_sub(1) {
            self.again.push_back(Next { tries_left, ..next });
        }
    }
}
