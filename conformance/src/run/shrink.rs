//! Cuts a failing plan down to the smallest one that still breaks the same property.
//!
//! Plans are cut here rather than by proptest's own trees, because curated and replayed plans have none, and because
//! dropping runs of steps first finds a small plan in few requests, which is what counts against a live target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::Plan;
use crate::plan::dependencies::Dependencies;
use crate::properties::property::Why;
use crate::run::execute::{Executor, PlanOutcome};

/// What came of cutting a plan down.
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
/// sending at most about `budget` requests. First come only the steps that the failing one depends on, then all steps up to
/// it, then fewer of them, then smaller bodies.
pub(crate) async fn shrink(
    plan: &Plan,
    failing: usize,
    property: usize,
    executor: &Executor<'_>,
    budget: u64,
) -> Shrunk {
    let last = executor.sender.sent() + budget;
    let mut search =
        Search { executor, property, last, why: None, elsewhere: None, tried: false, ran_out: false };
    let until = Plan { steps: plan.steps.iter().take(failing + 1).cloned().collect(), ..plan.clone() };
    let mut found = None;
    let writes = plan.what_leads_to(failing, Dependencies::Writes);
    let all = plan.what_leads_to(failing, Dependencies::AllAboutItsSubjects);
    for plan in [writes, all, until, plan.clone()] {
        if let Some(outcome) = search.fails(&plan).await {
            found = Some((plan, outcome));
            break;
        }
    }
    let Some((mut plan, mut smallest)) = found else {
        let cut_down = match (search.ran_out, search.tried) {
            (true, true) => CutDown::Unfinished,
            (true, false) => CutDown::NotTried,
            (false, _) => CutDown::NotReproduced,
        };
        return Shrunk { smallest: None, cut_down };
    };
    // What one plan could not afford says nothing of smaller ones.
    search.ran_out = false;
    let mut run = plan.steps.len().div_ceil(2);
    while run > 0 {
        let mut start = 0;
        while start < plan.steps.len() {
            let mut smaller = plan.clone();
            smaller.steps.drain(start..(start + run).min(plan.steps.len()));
            match search.fails(&smaller).await {
                Some(outcome) => (plan, smallest) = (smaller, outcome),
                None => start += run,
            }
        }
        run /= 2;
    }
    for step in 0..plan.steps.len() {
        let mut tried = 0;
        while let Some(smaller) = smaller_body(&plan, step, tried) {
            match search.fails(&smaller).await {
                Some(outcome) => (plan, smallest) = (smaller, outcome),
                None => tried += 1,
            }
        }
    }
    let cut_down = if search.ran_out { CutDown::Unfinished } else { CutDown::Finished };
    Shrunk { smallest: Some(Smallest { plan, outcome: smallest, elsewhere: search.elsewhere }), cut_down }
}

struct Search<'a> {
    executor: &'a Executor<'a>,
    property: usize,
    last: u64,
    /// How the smallest plan so far breaks the property.
    why: Option<Why>,
    elsewhere: Option<Elsewhere>,
    /// Whether a plan was taken.
    tried: bool,
    /// Whether a plan was not taken because requests had run out.
    ran_out: bool,
}

impl Search<'_> {
    async fn fails(&mut self, plan: &Plan) -> Option<PlanOutcome> {
        if plan.steps.is_empty() {
            return None;
        }
        if self.executor.sender.sent() + plan.max_requests() > self.last {
            self.ran_out = true;
            return None;
        }
        self.tried = true;
        let outcome = self.executor.run(plan).await;
        if let Some(breach) = outcome.breaches.iter().find(|breach| breach.property == self.property) {
            self.why = Some(breach.why.clone());
            // What another property found before was found with more than this.
            self.elsewhere = None;
            return Some(outcome);
        }
        let same = outcome.breaches.iter().find(|breach| Some(&breach.why) == self.why.as_ref());
        if let Some(property) = same.map(|breach| breach.property) {
            self.elsewhere = Some(Elsewhere { property, plan: plan.clone(), outcome });
        }
        None
    }
}

/// The plan with the n-th simplification of a step's body, counted over members: first each member dropped, then each
/// list halved.
fn smaller_body(original: &Plan, step: usize, nth: usize) -> Option<Plan> {
    let mut plan = original.clone();
    let body = plan.steps[step].action.parts().members?;
    let names: Vec<_> = body.keys().cloned().collect();
    match names.get(nth) {
        Some(name) => {
            body.remove(name);
        }
        None => {
            let value = body.get_mut(names.get(nth - names.len())?)?;
            if !halve(value) {
                // Already as small as it gets: look at the next one.
                return smaller_body(original, step, nth + 1);
            }
        }
    }
    Some(plan)
}

/// Halves a value and says whether that made it smaller.
fn halve(value: &mut Value) -> bool {
    match value {
        Value::Array(items) if !items.is_empty() => items.truncate(items.len() / 2),
        Value::String(text) if !text.is_empty() => {
            *text = text.chars().take(text.chars().count() / 2).collect()
        }
        Value::Object(members) if !members.is_empty() => {
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
    fn a_body_gets_smaller_until_nothing_is_left_to_drop() {
        let body = json!({"name": "abcd", "tags": ["a", "b"]}).as_object().unwrap().clone();
        let plan = Plan::named("a").then(Action::CreateServer { server: ServerLabel(1), body });
        let bodies: Vec<_> = (0..)
            .map_while(|nth| smaller_body(&plan, 0, nth))
            .map(|plan| match &plan.steps[0].action {
                Action::CreateServer { body, .. } => Value::Object(body.clone()),
                other => panic!("{other}"),
            })
            .collect();
        let expected = [
            json!({"tags": ["a", "b"]}),
            json!({"name": "abcd"}),
            json!({"name": "ab", "tags": ["a", "b"]}),
            json!({"name": "abcd", "tags": ["a"]}),
        ];
        assert_eq!(bodies, expected);
    }
}
