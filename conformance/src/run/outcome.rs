//! What came of a plan. No I/O here.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Age;
use crate::plan::{Plan, Step};
use crate::properties::property::{Capability, Why};
use crate::wire::exchange::Exchange;

/// What came of one plan.
#[derive(Default)]
pub struct PlanOutcome {
    /// The steps that were taken, clean-up included, with what came of them.
    pub taken: Vec<(Step, Exchange)>,
    /// Per property, by position: how often it applied and held.
    pub held: Vec<u64>,
    /// Every breach, in order.
    pub breaches: Vec<Breach>,
    /// What was seen about open questions, in order.
    pub seen: Vec<Seen>,
    /// How many steps no property judged.
    pub wasted: u64,
    /// What the target turned out to lack, with the evidence in words.
    pub lacks: BTreeMap<Capability, String>,
    /// Secrets that the target gave out.
    pub secrets: Vec<String>,
    /// Whether each secret from before a rotation that was tried was accepted, and how long before it had been replaced.
    pub old_secrets: Vec<(bool, Age)>,
    /// For each step in `taken`, whether a property judged it.
    pub judged: Vec<bool>,
    /// Positions in `taken` of creations that were refused for their values, after which the record was made with plain ones.
    pub made_plain: BTreeSet<usize>,
    /// How many steps of the plan that test are to come after the present one, without those that may be left out. Those that
    /// clean up are paid for otherwise.
    pub steps_to_come: u64,
    /// Whether steps were left out, or answers not asked for again, because the allowed requests were used up.
    pub ran_out: bool,
}

impl PlanOutcome {
    /// Whether the outcome of a request was unclear, if only at first: what it should have shown may not have been judged.
    pub fn was_disturbed(&self) -> bool {
        self.taken.iter().any(|(_, exchange)| exchange.after_unclear_try || exchange.answer().is_none())
    }

    /// Requests from the first to the last that was taken, those that were sent again included, and those of other plans that
    /// ran at the same time.
    pub(super) fn requests(&self) -> u64 {
        let number = |taken: Option<&(Step, Exchange)>| taken.map(|(_, exchange)| exchange.number);
        match (number(self.taken.first()), number(self.taken.last())) {
            (Some(first), Some(last)) => last.saturating_sub(first) + 1,
            _ => 0,
        }
    }

    /// The position in the plan of the step that was taken as the `taken`-th. A plan's steps are taken in order, some more
    /// than once, with others in between that the plan does not have.
    pub(super) fn step_in(&self, plan: &Plan, taken: usize) -> Option<usize> {
        let (mut next, mut found) = (0, None);
        for (step, _) in self.taken.iter().take(taken + 1) {
            let same = |planned: &Step| planned.action == step.action && planned.fault == step.fault;
            let ahead = plan.steps[next..].iter().position(same).map(|ahead| next + ahead);
            next = ahead.map_or(next, |position| position + 1);
            // One that was sent at the same time as others may be taken again after them.
            found = ahead.or_else(|| plan.steps[..next].iter().rposition(same));
        }
        found
    }
}

/// An answer to an open question.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The question's position in `observations::ALL`.
    pub observation: usize,
    /// The step's position in [`PlanOutcome::taken`].
    pub taken: usize,
    /// The answer.
    pub answer: String,
}

/// A property broken at a step.
#[derive(Debug, Clone)]
pub struct Breach {
    /// The property's position in [`properties`](super::execute::Executor::properties).
    pub property: usize,
    /// The step's position in [`PlanOutcome::taken`].
    pub taken: usize,
    /// How.
    pub why: Why,
}
