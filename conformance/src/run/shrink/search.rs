//! The search for the smallest plan: which smaller plans are tried, in which order, and whether they break the property.

use super::Elsewhere;
use super::smaller::{members_of, with_half_of, without_members};
use crate::plan::dependencies::Dependencies;
use crate::plan::{Plan, Step};
use crate::properties::nearly_deleted::NEAR_IDS;
use crate::properties::property::Why;
use crate::run::clean_up_cost;
use crate::run::execute::Executor;
use crate::run::outcome::PlanOutcome;

/// Most times that a plan with requests at the same time is taken before it counts as one that breaks nothing: how such
/// requests end is up to chance.
const MAX_TRIES_AT_ONCE: u32 = 3;

/// A plan that breaks the property, and what came of it.
pub(super) struct Reduced {
    pub(super) plan: Plan,
    pub(super) outcome: PlanOutcome,
}

pub(super) struct Search<'a> {
    pub(super) executor: &'a Executor<'a>,
    pub(super) property: usize,
    pub(super) shown: &'a [usize],
    /// Whether a plan that lacks what its last step needs shows nothing.
    pub(super) last_is_reachable: bool,
    /// Requests left.
    pub(super) left: u64,
    /// How many of them are not for what is done now.
    pub(super) kept: u64,
    /// How the smallest plan so far breaks the property.
    pub(super) why: Option<Why>,
    pub(super) elsewhere: Option<Elsewhere>,
    /// Whether a plan was taken.
    pub(super) tried: bool,
    /// Smaller plans that do not break the property.
    pub(super) refuted: Vec<Plan>,
    /// Whether a plan was not taken to its end because requests had run out.
    pub(super) ran_out: bool,
    /// Whether a property whose failure is shown already shows the same with less.
    pub(super) follows: bool,
}

/// The same plan; what is left alone of steps that were sent at the same time is an ordinary step, and tried once.
fn with_nothing_at_once_alone(mut plan: Plan) -> Plan {
    let groups: Vec<_> = plan.steps.iter().filter_map(|step| step.at_once).collect();
    let is_alone = |group: u8| groups.iter().filter(|other| **other == group).count() == 1;
    for step in &mut plan.steps {
        step.at_once = step.at_once.filter(|group| !is_alone(*group));
    }
    plan
}

impl Search<'_> {
    /// Finds a part of the plan that breaks the property again, the smallest that is likely to first.
    pub(super) async fn reproduce(
        &mut self,
        plan: &Plan,
        failing: usize,
        why: &Why,
    ) -> Option<(Plan, PlanOutcome)> {
        let end = plan.steps.get(failing);
        let writes = if end.is_some_and(|step| leaves_out(step, why)) {
            Dependencies::WritesAndLeftOut
        } else if end.is_some_and(|step| step.fault.is_none()) && self.is_about_ids_nearly_right() {
            Dependencies::WritesAndNearDeletions
        } else {
            Dependencies::Writes
        };
        let part = |dependencies| plan.what_leads_to(failing, dependencies);
        let mut tried: Vec<Plan> = Vec::new();
        for attempt in 0.. {
            let candidate = match attempt {
                0 => part(writes),
                1 => part(Dependencies::SinceTheLastLook),
                // Half of the requests, so that some are left to make it smaller.
                2 => self.latest_steps(plan, failing, self.left / 2),
                3 => part(Dependencies::AllAboutItsSubjects),
                4 => self.latest_steps(plan, failing, self.left),
                5 => Plan { steps: plan.steps.iter().take(failing + 1).cloned().collect(), ..plan.clone() },
                6 => plan.clone(),
                _ => break,
            };
            let candidate = with_nothing_at_once_alone(candidate);
            if tried.contains(&candidate) {
                continue;
            }
            let at_once = candidate.steps.iter().any(|step| step.at_once.is_some());
            for _ in 0..if at_once { MAX_TRIES_AT_ONCE } else { 1 } {
                if let Some(outcome) = self.fails(&candidate).await {
                    return Some((candidate, outcome));
                }
            }
            tried.push(candidate);
        }
        None
    }

    /// Whether the property is broken by what takes a nearly right id for the right one.
    fn is_about_ids_nearly_right(&self) -> bool {
        let property = self.executor.properties.get(self.property);
        property.is_some_and(|property| NEAR_IDS.contains(&property.id))
    }

    /// As many of the steps up to the failing one as so many requests allow, with what those need.
    fn latest_steps(&self, plan: &Plan, failing: usize, requests: u64) -> Plan {
        let mut latest = plan.what_leads_to(failing, Dependencies::Writes);
        for first in (0..failing).rev() {
            let more = plan.steps_since(first, failing);
            if clean_up_cost::max_requests(&more) > requests {
                break;
            }
            latest = more;
        }
        latest
    }

    /// Leaves out members of bodies. Those that the breach does not name are most likely not needed.
    pub(super) async fn drop_members(&mut self, smallest: &mut Reduced, why: &Why) {
        let members = members_of(&mut smallest.plan);
        let is_named = |name: &str| why.expected.contains(name) || why.actual.contains(name);
        let (named, unnamed): (Vec<_>, Vec<_>) = members.into_iter().partition(|(_, name)| is_named(name));
        let only_named_are_left = !named.is_empty()
            && !unnamed.is_empty()
            && self.keep_if_it_fails(without_members(&smallest.plan, &unnamed), smallest).await;
        // All of those that the breach names are hardly too many.
        let mut run = if only_named_are_left { named.len() / 2 } else { usize::MAX };
        while run > 0 {
            let mut start = 0;
            loop {
                let members = members_of(&mut smallest.plan);
                run = run.min(members.len());
                let some = members.get(start..(start + run).min(members.len())).unwrap_or_default();
                if some.is_empty() {
                    break;
                }
                if !self.keep_if_it_fails(without_members(&smallest.plan, some), smallest).await {
                    start += run;
                }
            }
            run /= 2;
        }
    }

    /// Leaves out steps, all but the last: that one shows the breach.
    pub(super) async fn drop_steps(&mut self, smallest: &mut Reduced) {
        let mut run = smallest.plan.steps.len().saturating_sub(1).div_ceil(2);
        while run > 0 {
            let mut start = 0;
            while start + 1 < smallest.plan.steps.len() {
                let mut smaller = smallest.plan.clone();
                smaller.steps.drain(start..(start + run).min(smallest.plan.steps.len() - 1));
                if !self.keep_if_it_fails(smaller, smallest).await {
                    start += run;
                }
            }
            run /= 2;
        }
    }

    /// Halves lists and long texts of bodies.
    pub(super) async fn shorten_values(&mut self, smallest: &mut Reduced) {
        for (step, name) in members_of(&mut smallest.plan) {
            while let Some(smaller) = with_half_of(&smallest.plan, step, &name) {
                if !self.keep_if_it_fails(smaller, smallest).await {
                    break;
                }
            }
        }
    }

    /// Takes a smaller plan, keeps it if it breaks the property, and says whether it does.
    async fn keep_if_it_fails(&mut self, smaller: Plan, smallest: &mut Reduced) -> bool {
        if self.refuted.contains(&smaller) {
            return false;
        }
        // A plan that is too dear beside what is kept may be taken later.
        let ran_out = std::mem::take(&mut self.ran_out);
        let outcome = self.fails(&smaller).await;
        let is_refuted = outcome.is_none() && !self.ran_out;
        self.ran_out |= ran_out;
        match outcome {
            Some(outcome) => *smallest = Reduced { plan: smaller, outcome },
            None if is_refuted => self.refuted.push(smaller),
            None => return false,
        }
        !is_refuted
    }

    async fn fails(&mut self, plan: &Plan) -> Option<PlanOutcome> {
        let shows_nothing =
            plan.steps.is_empty() || self.last_is_reachable && !plan.makes_what_its_last_step_needs();
        if shows_nothing || self.follows {
            return None;
        }
        if !self.executor.sender.allowance().affords(self.kept + clean_up_cost::max_requests(plan)) {
            self.ran_out = true;
            return None;
        }
        self.tried = true;
        let before = self.executor.sender.sent();
        let outcome = self.executor.run(plan).await;
        self.left = self.left.saturating_sub(self.executor.sender.sent() - before);
        if let Some(breach) = outcome.breaches.iter().find(|breach| breach.property == self.property) {
            self.why = Some(breach.why.clone());
            // What another property found before was found with more than this.
            self.elsewhere = None;
            return Some(outcome);
        }
        self.ran_out |= outcome.ran_out;
        let same = outcome.breaches.iter().find(|breach| Some(&breach.why) == self.why.as_ref());
        if let Some(property) = same.map(|breach| breach.property) {
            self.follows = self.shown.contains(&property);
            self.elsewhere = Some(Elsewhere { property, plan: plan.clone(), outcome });
        }
        None
    }
}

/// Whether a breach is about members that this update leaves out.
fn leaves_out(update: &Step, why: &Why) -> bool {
    let omit = update.action.left_out();
    why.members.iter().any(|member| omit.iter().any(|name| member.strip_prefix('/') == Some(name)))
}
