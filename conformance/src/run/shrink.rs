//! Shrinks a failing plan to the smallest one that still breaks the same property.
//!
//! Requests are scarce on a live target, so what promises most comes first: only the steps that the failing one depends on,
//! which the plan tells; then fewer members of bodies, all at once, then by halves; then fewer of the other steps; then
//! shorter values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::Plan;
use crate::plan::dependencies::Dependencies;
use crate::properties::property::Why;
use crate::run::clean_up_cost;
use crate::run::execute::Executor;
use crate::run::outcome::{Breach, PlanOutcome};

/// Most times that a plan with requests at the same time is taken before it counts as one that breaks nothing: how such
/// requests end is up to chance.
const MAX_TRIES_AT_ONCE: u32 = 3;
/// Longest text, in characters, that is easy to read as it is.
const MAX_SHORT_CHARS: usize = 40;

/// What came of shrinking a plan.
pub(crate) struct Shrunk {
    /// The smallest plan found that breaks the property; `None` if none was found to break it again.
    pub smallest: Option<Smallest>,
    /// How far it got.
    pub cut_down: CutDown,
}

/// How far shrinking of a failing plan got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CutDown {
    /// Finished: every step and member was tried, and no smaller plan that was found breaks the property in the same way.
    Finished,
    /// Unfinished: the requests for shrinking ran out.
    Unfinished,
    /// Not started: no requests are allowed for shrinking.
    TurnedOff,
    /// Not started: there were too few requests left.
    NotTried,
    /// The plan did not break the property again when it was repeated.
    NotReproduced,
    /// Not started: the breach follows from that of another property.
    Follows,
    /// Not started: the property is below the level that fails the run.
    FailsNothing,
}

/// The smallest plan that breaks a property, and what came of it.
pub(crate) struct Smallest {
    /// The plan.
    pub plan: Plan,
    /// What came of it.
    pub outcome: PlanOutcome,
    /// A still smaller plan shows the very same difference as a breach of another property: what this property blames for
    /// it is not needed.
    pub elsewhere: Option<Elsewhere>,
}

/// The same difference, found by another property with less.
pub(crate) struct Elsewhere {
    /// The other property's position.
    pub property: usize,
    /// The plan.
    pub plan: Plan,
    /// What came of it.
    pub outcome: PlanOutcome,
}

/// Takes smaller and smaller versions of a plan, whose step at `failing` broke the property at that position, to the target,
/// sending at most `budget` requests, those that delete what the plans make included.
///
/// `shown` are the properties whose failures are shown already. As soon as one of them is found to show the same with less,
/// the search ends.
pub(crate) async fn shrink(
    plan: &Plan,
    failing: usize,
    Breach { property, why, .. }: &Breach,
    shown: &[usize],
    executor: &Executor<'_>,
    budget: u64,
) -> Shrunk {
    let _shrinking = executor.sender.activity().shrink();
    let _allowed = executor.sender.allowance().shrink(budget);
    let mut search = Search {
        executor,
        property: *property,
        shown,
        last_is_reachable: plan.what_leads_to(failing, Dependencies::Writes).makes_what_its_last_step_needs(),
        left: budget,
        kept: 0,
        why: None,
        elsewhere: None,
        tried: false,
        ran_out: false,
        follows: false,
    };
    let Some((found, outcome)) = search.reproduce(plan, failing).await else {
        let cut_down = match (search.ran_out, search.tried) {
            (true, true) => CutDown::Unfinished,
            (true, false) => CutDown::NotTried,
            (false, _) => CutDown::NotReproduced,
        };
        return Shrunk { smallest: None, cut_down };
    };
    // What one plan could not afford says nothing of smaller ones.
    search.ran_out = false;
    let mut smallest = Reduced { plan: found, outcome };
    // Fewer steps help more than smaller bodies: requests are left for them.
    search.kept = search.left - search.left / 3;
    search.drop_members(&mut smallest, why).await;
    search.kept = 0;
    search.drop_steps(&mut smallest).await;
    search.kept = search.left / 2;
    search.shorten_values(&mut smallest).await;
    let cut_down = match (search.follows, search.ran_out) {
        (true, _) => CutDown::Follows,
        (false, true) => CutDown::Unfinished,
        (false, false) => CutDown::Finished,
    };
    let Reduced { plan, outcome } = smallest;
    Shrunk { smallest: Some(Smallest { plan, outcome, elsewhere: search.elsewhere }), cut_down }
}

/// A plan that breaks the property, and what came of it.
struct Reduced {
    plan: Plan,
    outcome: PlanOutcome,
}

struct Search<'a> {
    executor: &'a Executor<'a>,
    property: usize,
    shown: &'a [usize],
    /// Whether a plan that lacks what its last step needs shows nothing.
    last_is_reachable: bool,
    /// Requests left.
    left: u64,
    /// How many of them are not for what is done now.
    kept: u64,
    /// How the smallest plan so far breaks the property.
    why: Option<Why>,
    elsewhere: Option<Elsewhere>,
    /// Whether a plan was taken.
    tried: bool,
    /// Whether a plan was not taken to its end because requests had run out.
    ran_out: bool,
    /// Whether a property whose failure is shown already shows the same with less.
    follows: bool,
}

impl Search<'_> {
    /// Finds a part of the plan that breaks the property again, the smallest that is likely to first.
    async fn reproduce(&mut self, plan: &Plan, failing: usize) -> Option<(Plan, PlanOutcome)> {
        let part = |dependencies| plan.what_leads_to(failing, dependencies);
        let mut tried: Vec<Plan> = Vec::new();
        for attempt in 0.. {
            let candidate = match attempt {
                0 => part(Dependencies::Writes),
                1 => part(Dependencies::SinceTheLastLook),
                // Half of the requests, so that some are left to make it smaller.
                2 => self.latest_steps(plan, failing, self.left / 2),
                3 => part(Dependencies::AllAboutItsSubjects),
                4 => self.latest_steps(plan, failing, self.left),
                5 => Plan { steps: plan.steps.iter().take(failing + 1).cloned().collect(), ..plan.clone() },
                6 => plan.clone(),
                _ => break,
            };
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
    async fn drop_members(&mut self, smallest: &mut Reduced, why: &Why) {
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
    async fn drop_steps(&mut self, smallest: &mut Reduced) {
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
    async fn shorten_values(&mut self, smallest: &mut Reduced) {
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
        match self.fails(&smaller).await {
            Some(outcome) => {
                *smallest = Reduced { plan: smaller, outcome };
                true
            }
            None => false,
        }
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

/// The members that the steps of a plan send, each with the position of its step.
fn members_of(plan: &mut Plan) -> Vec<(usize, String)> {
    let steps = plan.steps.iter_mut().enumerate();
    let names = steps.flat_map(|(step, planned)| {
        let members = planned.action.parts().members;
        members
            .into_iter()
            .flat_map(|members| members.keys())
            .map(move |name| (step, name.clone()))
            .collect::<Vec<_>>()
    });
    names.collect()
}

/// The plan without these members of its bodies.
fn without_members(plan: &Plan, members: &[(usize, String)]) -> Plan {
    let mut plan = plan.clone();
    for (step, name) in members {
        if let Some(body) = plan.steps[*step].action.parts().members {
            body.remove(name);
        }
    }
    plan
}

/// The plan with half of the value of a member, if there is less of it.
fn with_half_of(plan: &Plan, step: usize, name: &str) -> Option<Plan> {
    let mut plan = plan.clone();
    let value = plan.steps.get_mut(step)?.action.parts().members?.get_mut(name)?;
    halve(value).then_some(plan)
}

/// Halves a value and says whether that made it smaller.
fn halve(value: &mut Value) -> bool {
    match value {
        Value::Array(items) if items.len() > 1 => items.truncate(items.len() / 2),
        Value::String(text) if text.chars().count() > MAX_SHORT_CHARS => {
            *text = text.chars().take(text.chars().count() / 2).collect()
        }
        Value::Object(members) if members.len() > 1 => {
            let half = members.len() / 2;
            *members = std::mem::take(members).into_iter().take(half).collect();
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::{Action, ServerLabel};

    #[test]
    fn members_are_left_out_and_values_get_shorter_until_nothing_is_left() {
        let long = "x".repeat(MAX_SHORT_CHARS + 2);
        let body = json!({"name": long, "tags": ["a", "b"]}).as_object().unwrap().clone();
        let mut plan = Plan::named("a").then(Action::CreateServer { server: ServerLabel(1), body });
        let body = |plan: &mut Plan| Value::Object(plan.steps[0].action.parts().members.unwrap().clone());
        let members = members_of(&mut plan);
        assert_eq!(members, [(0, "name".to_owned()), (0, "tags".to_owned())]);
        assert_eq!(body(&mut without_members(&plan, &members)), json!({}));
        assert_eq!(body(&mut without_members(&plan, &members[..1])), json!({"tags": ["a", "b"]}));
        let half = "x".repeat(MAX_SHORT_CHARS / 2 + 1);
        let lengths = [("name", json!([half])), ("tags", json!([["a"]]))];
        for (name, expected) in lengths {
            let mut smaller = plan.clone();
            let mut seen = Vec::new();
            while let Some(half) = with_half_of(&smaller, 0, name) {
                smaller = half;
                seen.push(body(&mut smaller)[name].clone());
            }
            assert_eq!(Value::Array(seen), expected);
        }
    }
}
