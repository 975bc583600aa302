//! The first breach of each property: whether it follows from another, and how far its plan is cut down.

use std::sync::Arc;

use super::{Found, Tally};
use crate::plan::Plan;
use crate::run::causes::{cause_among, cause_within, likely_faults, root, share_a_member};
use crate::run::outcome::{Breach, PlanOutcome};
use crate::run::shrink::{CutDown, Elsewhere, Shrunk, Smallest, shrink};

/// Most faults for which the allowed requests are spent on shrinking: on a target with more of them than that, the others are
/// shown as they were found.
const MAX_SHRUNK: u64 = 10;

impl Tally<'_> {
    /// Takes the first breach of a property: cuts its plan down, and finds out whether it follows from another.
    pub(super) async fn take_first(&mut self, breach: &Breach, plan: &Plan, outcome: &Arc<PlanOutcome>) {
        let property = breach.property;
        let cause = self.cause_among_found(breach, outcome);
        let Shrunk { smallest, cut_down } = match cause {
            Some(_) => Shrunk { smallest: None, cut_down: CutDown::Follows },
            None if !self.fails_a_run(property) => Shrunk { smallest: None, cut_down: CutDown::FailsNothing },
            None => self.cut_down(plan, breach, outcome).await,
        };
        self.follows.extend(cause.map(|cause| (property, cause)));
        let (plan, found) = match smallest {
            Some(Smallest { plan, outcome, elsewhere }) => {
                if let Some(Elsewhere { property: other, plan, outcome }) = elsewhere {
                    self.follows.insert(property, other);
                    let outcome = Arc::new(outcome);
                    if let Some(breach) = outcome.breaches.iter().find(|breach| breach.property == other) {
                        let breach = breach.clone();
                        let found = Found { breach, plan, outcome: Arc::clone(&outcome), cut_down };
                        self.failures.entry(other).or_insert(found);
                        self.broken[other] = self.broken[other].max(1);
                    }
                }
                (plan, Arc::new(outcome))
            }
            // A first breach is kept as it was found even if it cannot be reproduced or shrunk.
            None => (plan.clone(), Arc::clone(outcome)),
        };
        let breach = found.breaches.iter().find(|other| other.property == property).unwrap_or(breach).clone();
        if let Some(cause) = cause_within(&breach, &found.breaches, &self.settings.properties) {
            self.follows.insert(property, cause);
        }
        self.show_others_by(&plan, &found, cut_down, outcome);
        self.failures.insert(property, Found { breach, plan, outcome: found, cut_down });
    }

    /// Other properties that the first plan broke and the smaller one breaks too are shown by that.
    fn show_others_by(
        &mut self,
        smaller: &Plan,
        outcome: &Arc<PlanOutcome>,
        cut_down: CutDown,
        first: &Arc<PlanOutcome>,
    ) {
        if Arc::ptr_eq(outcome, first) {
            return;
        }
        let in_first =
            |breach: &&Breach| first.breaches.iter().any(|other| other.property == breach.property);
        for breach in outcome.breaches.iter().filter(in_first) {
            let found = || Found {
                breach: breach.clone(),
                plan: smaller.clone(),
                outcome: Arc::clone(outcome),
                cut_down,
            };
            self.failures.entry(breach.property).or_insert_with(found);
            if let Some(cause) = cause_within(breach, &outcome.breaches, &self.settings.properties) {
                self.follows.insert(breach.property, cause);
            }
        }
    }

    /// The property from which a breach follows, as far as is known when it is found.
    fn cause_among_found(&self, breach: &Breach, outcome: &PlanOutcome) -> Option<usize> {
        let properties = &self.settings.properties;
        cause_within(breach, &outcome.breaches, properties).or_else(|| {
            let in_this_plan = outcome.breaches.iter().map(|other| other.property);
            let found = self.failures.keys().copied().chain(in_this_plan);
            cause_among(breach.property, found.filter(|other| *other != breach.property), properties)
        })
    }

    async fn cut_down(&mut self, plan: &Plan, breach: &Breach, outcome: &PlanOutcome) -> Shrunk {
        let before = self.executor.sender.sent();
        let last = plan.steps.len().saturating_sub(1);
        // The last step stands for those that came after it.
        let failing = outcome.step_in(plan, breach.taken).unwrap_or(last);
        let each = self.settings.shrinking;
        if each == 0 {
            return Shrunk { smallest: None, cut_down: CutDown::TurnedOff };
        }
        let budget = each.min(self.left_for_shrinking(Some(breach)));
        self.shares.extend(self.cut_down_about_the_same(breach).map(|other| (breach.property, other)));
        let shown: Vec<_> = self.failures.keys().copied().collect();
        let shrunk = shrink(plan, failing, breach, &shown, self.executor, budget).await;
        self.shrinking_requests += self.executor.sender.sent() - before;
        if let Some(smallest) = &shrunk.smallest {
            self.note(&smallest.outcome);
            if let Some(elsewhere) = &smallest.elsewhere {
                self.note(&elsewhere.outcome);
            }
        }
        shrunk
    }

    fn fails_a_run(&self, property: usize) -> bool {
        self.settings.properties[property].level <= self.settings.fails_from
    }

    /// Requests of those for shrinking that are left when it is over, if it has begun.
    pub(in crate::run) fn left_of_shrinking(&self) -> u64 {
        if self.shrinking_requests > 0 { self.left_for_shrinking(None) } else { 0 }
    }

    /// Requests that may still be spent on shrinking if this breach is found too: as many for each fault that the breaches
    /// most likely show.
    fn left_for_shrinking(&self, found: Option<&Breach>) -> u64 {
        let causes = self.causes(found);
        let faults = match self.is_replay {
            true => causes.len(),
            false => likely_faults(&causes, &self.settings.properties),
        };
        let all = self.settings.shrinking.saturating_mul(MAX_SHRUNK.min(faults as u64));
        all.saturating_sub(self.shrinking_requests)
    }

    /// The breaches found so far, and this one, that fail the run and follow from no other.
    fn causes<'b>(&'b self, found: Option<&'b Breach>) -> Vec<&'b Breach> {
        let broken = self.failures.values().map(|found| &found.breach).chain(found);
        let broken: Vec<_> = broken.filter(|breach| self.fails_a_run(breach.property)).collect();
        let follows_from_another = |property: usize| {
            let others = broken.iter().map(|breach| breach.property).filter(|other| *other != property);
            root(property, &self.follows) != property
                || cause_among(property, others, &self.settings.properties).is_some()
        };
        broken.iter().copied().filter(|breach| !follows_from_another(breach.property)).collect()
    }

    /// A property broken about the same member of a record that was cut down before, with the requests that both share.
    fn cut_down_about_the_same(&self, breach: &Breach) -> Option<usize> {
        let causes = if self.is_replay { Vec::new() } else { self.causes(None) };
        causes.into_iter().find(|other| share_a_member(other, breach)).map(|other| other.property)
    }
}
