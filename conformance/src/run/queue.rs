//! Which plan comes next.

use std::collections::VecDeque;
use std::time::Instant;

use super::Source;
use super::settings::{Profile, Settings};
use crate::plan::Plan;
use crate::plans::{curated, generated, large, questions, smoke};

/// Most times that a plan written by hand is taken when faults on the way cut it short.
const MAX_ATTEMPTS: u32 = 12;
/// Most generated plans in a row that have nothing to do with the properties asked for.
const MAX_SKIPPED: u32 = 1_000;

/// The plans of a profile that are written by hand.
pub(super) struct ByHand {
    /// Those to begin with.
    pub(super) first: Vec<Plan>,
    /// What is only observed.
    pub(super) observed: Vec<Plan>,
    /// Those after that.
    pub(super) last: Vec<Plan>,
}

impl ByHand {
    pub(super) fn of(Settings { profile, seed, .. }: &Settings) -> Self {
        let smoke = vec![smoke::plan(*seed)];
        match profile {
            Profile::Smoke => Self { first: smoke, observed: Vec::new(), last: Vec::new() },
            Profile::Standard | Profile::Deep => {
                let observed = vec![questions::plan(), large::plan()];
                Self { first: curated::all(*seed), observed, last: smoke }
            }
        }
    }
}

/// The plans of a run, in order: those written by hand, each once, or those of a replay; then, in turns, those again that
/// faults on the way cut short, while a property is untested for it, and, unless it is a replay, generated ones, as long as
/// requests are left. Where only some properties were asked for, plans are cut to those, and taken whole only if something is
/// still untested.
pub(super) struct Plans<'a> {
    settings: &'a Settings,
    source: Source<'a>,
    started: Instant,
    fixed: std::vec::IntoIter<Plan>,
    again: VecDeque<Next>,
    whole: VecDeque<Plan>,
    more: VecDeque<Plan>,
    generated: u64,
    /// Whether the last plan was one that was taken before.
    was_taken_before: bool,
}

/// A plan to take.
pub(super) struct Next {
    pub(super) plan: Plan,
    /// How many more times it may be taken.
    tries_left: u32,
}

impl<'a> Plans<'a> {
    pub(super) fn new(settings: &'a Settings, source: Source<'a>, started: Instant) -> Self {
        let usual = || {
            let ByHand { first, observed, last } = ByHand::of(settings);
            (first, observed.into_iter().chain(last).collect())
        };
        let (fixed, whole, more) = match source {
            Source::Replay(plans) => (plans.to_vec(), Vec::new(), Vec::new()),
            Source::Profile => {
                let (fixed, more) = usual();
                (fixed, Vec::new(), more)
            }
            Source::Narrowed(narrowing) => (narrowing.plans.clone(), usual().0, Vec::new()),
        };
        let (whole, more, fixed) = (whole.into(), more.into(), fixed.into_iter());
        let (again, was_taken_before) = (VecDeque::new(), false);
        Self { settings, source, started, fixed, again, whole, more, generated: 0, was_taken_before }
    }

    pub(super) fn next(
        &mut self,
        something_is_untested: bool,
        affords: impl Fn(&Plan) -> bool,
    ) -> Option<Next> {
        let time_is_up = self.settings.duration.is_some_and(|duration| self.started.elapsed() >= duration);
        let by_hand = |plan| Next { plan, tries_left: MAX_ATTEMPTS - 1 };
        if let Some(plan) = self.fixed.next() {
            return Some(by_hand(plan));
        }
        if time_is_up {
            return None;
        }
        while let Some(plan) = self.more.pop_front() {
            if affords(&plan) {
                return Some(by_hand(plan));
            }
        }
        // What no plan has tested yet may only need to be tried again, or may be for one that has not had its turn.
        let may_repeat = something_is_untested && self.again.front().is_some_and(|next| affords(&next.plan));
        if may_repeat && !self.was_taken_before {
            self.was_taken_before = true;
            return self.again.pop_front();
        }
        self.was_taken_before = false;
        if something_is_untested && let Some(plan) = self.whole.pop_front().filter(&affords) {
            return Some(by_hand(plan));
        }
        let next = self.next_generated().filter(&affords);
        if let Some(plan) = next {
            self.generated += 1;
            return Some(Next { plan, tries_left: 0 });
        }
        if may_repeat { self.again.pop_front() } else { None }
    }

    /// The next generated plan, as far as it has to do with the properties asked for.
    fn next_generated(&mut self) -> Option<Plan> {
        let Settings { profile, seed, .. } = self.settings;
        if matches!(self.source, Source::Replay(_)) || *profile == Profile::Smoke {
            return None;
        }
        for _ in 0..MAX_SKIPPED {
            let plan = generated::plan(*seed, self.generated);
            let plan = match self.source {
                Source::Narrowed(narrowing) => narrowing.part_of(&plan),
                Source::Profile | Source::Replay(_) => Some(plan),
            };
            if plan.is_some() {
                return plan;
            }
            self.generated += 1;
        }
        None
    }

    pub(super) fn keep_for_another_try(&mut self, next: Next) {
        if let Some(tries_left) = next.tries_left.checked_sub(1) {
            self.again.push_back(Next { tries_left, ..next });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::super::clean_up_cost;
    use super::*;
    use crate::properties::registry;
    use crate::wire::target::{Target, parse_url};

    fn settings(profile: Profile, seed: u64) -> Settings {
        let target = Target {
            name: "nobody".to_owned(),
            base_url: parse_url("http://127.0.0.1:9").unwrap(),
            project_id: "P2abcdefghijklmnopqrstuvwxyz".parse().unwrap(),
            authorities: Vec::new(),
            management_key: descope_mcp_management::ManagementKey::new("K2").unwrap(),
        };
        Settings {
            target,
            profile,
            seed,
            properties: registry::all().collect(),
            requests: profile.requests(),
            duration: None,
            pace: 0,
            penalty: std::time::Duration::ZERO,
            consistency_window: std::time::Duration::ZERO,
            jobs: NonZeroUsize::MIN,
            journal: None,
            rotation_grace: std::time::Duration::ZERO,
            fails_from: crate::properties::property::Level::Should,
            until_broken: false,
            shrinking: 0,
        }
    }

    #[test]
    fn no_plan_gives_a_label_to_two_records() {
        for seed in 0..5 {
            let ByHand { first, observed, last } = ByHand::of(&settings(Profile::Standard, seed));
            let generated = (0..20).map(|number| generated::plan(seed, number));
            for plan in first.into_iter().chain(observed).chain(last).chain(generated) {
                let rightly = plan.steps.iter().filter(|step| step.fault.is_none());
                let semantics: Vec<_> = rightly.map(|step| step.action.semantics()).collect();
                let mut labels: Vec<_> = semantics
                    .iter()
                    .filter_map(|of| of.effect.creates_server())
                    .map(|of| (true, of.0))
                    .collect();
                let with_client = semantics.iter().filter(|of| of.effect.gives_a_client_to().is_some());
                labels.extend(with_client.flat_map(|of| of.clients).map(|of| (false, of.0)));
                let distinct: std::collections::BTreeSet<_> = labels.iter().collect();
                assert_eq!(distinct.len(), labels.len(), "{}, seed {seed}", plan.name);
            }
        }
    }

    #[test]
    fn standard_contains_the_plan_of_smoke() {
        for seed in 0..20 {
            let [smoke, standard] = [Profile::Smoke, Profile::Standard].map(|profile| {
                let settings = settings(profile, seed);
                let mut plans = Plans::new(&settings, Source::Profile, Instant::now());
                let mut left = settings.requests;
                let mut taken = Vec::new();
                while let Some(Next { plan, .. }) =
                    plans.next(false, |plan| clean_up_cost::max_requests(plan) < left)
                {
                    left = left.saturating_sub(clean_up_cost::max_requests(&plan));
                    taken.push(plan);
                }
                taken
            });
            assert!(!smoke.is_empty() && smoke.iter().all(|plan| standard.contains(plan)), "seed {seed}");
            assert!(standard.iter().any(|plan| plan.name == "generated"), "seed {seed}");
        }
    }

    #[test]
    fn every_plan_written_by_hand_has_its_turn_before_one_is_taken_again_and_generated_ones_come_in_between()
    {
        let settings = settings(Profile::Standard, 1);
        let ByHand { first, observed, last } = ByHand::of(&settings);
        let by_hand = [first, observed, last].concat();
        let mut plans = Plans::new(&settings, Source::Profile, Instant::now());
        let mut taken = Vec::new();
        for _ in 0..by_hand.len() + 4 {
            let next = plans.next(true, |_| true).unwrap();
            taken.push(next.plan.clone());
            plans.keep_for_another_try(next);
        }
        let (once, then) = taken.split_at(by_hand.len());
        assert_eq!(once, by_hand);
        let is_again = |plan: &Plan| by_hand.contains(plan);
        assert_eq!(then.iter().map(is_again).collect::<Vec<_>>(), [true, false, true, false]);
        let plan = plans.next(true, |plan| by_hand.contains(plan)).unwrap().plan;
        assert!(is_again(&plan), "{}", plan.name);
    }
}
