//! Shrinks a failing plan to the smallest one that still breaks the same property.
//!
//! Requests are scarce on a live target, so what promises most comes first: only the steps that the failing one depends on,
//! which the plan tells; then fewer members of bodies, all at once, then by halves; then fewer of the other steps; then
//! shorter values.

mod search;
mod smaller;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::search::{Reduced, Search};
use crate::plan::Plan;
use crate::plan::dependencies::Dependencies;
use crate::run::clean_up_cost;
use crate::run::execute::Executor;
use crate::run::outcome::{Breach, PlanOutcome};

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

/// So many plans must be affordable for another round to be worth its requests: one alone hardly makes a plan smaller.
const WORTH_ANOTHER_ROUND: u64 = 2;

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
        refuted: Vec::new(),
        ran_out: false,
        follows: false,
    };
    let Some((found, outcome)) = search.reproduce(plan, failing, why).await else {
        let cut_down = match (search.ran_out, search.tried) {
            (true, true) => CutDown::Unfinished,
            (true, false) => CutDown::NotTried,
            (false, _) => CutDown::NotReproduced,
        };
        return Shrunk { smallest: None, cut_down };
    };
    let mut smallest = Reduced { plan: found, outcome };
    // Fewer steps help more than smaller bodies: requests are left for them.
    search.kept = search.left - search.left / 3;
    loop {
        // What a plan could not afford says nothing of smaller ones.
        search.ran_out = false;
        let before = smallest.plan.clone();
        search.drop_members(&mut smallest, why).await;
        let was_kept = std::mem::take(&mut search.kept) > 0;
        search.drop_steps(&mut smallest).await;
        if !search.ran_out {
            search.shorten_values(&mut smallest).await;
        }
        let affords_more = search.left >= WORTH_ANOTHER_ROUND * clean_up_cost::max_requests(&smallest.plan);
        if !search.ran_out || !affords_more || !(was_kept || smallest.plan != before) {
            break;
        }
    }
    let cut_down = match (search.follows, search.ran_out) {
        (true, _) => CutDown::Follows,
        (false, true) => CutDown::Unfinished,
        (false, false) => CutDown::Finished,
    };
    let Reduced { plan, outcome } = smallest;
    Shrunk { smallest: Some(Smallest { plan, outcome, elsewhere: search.elsewhere }), cut_down }
}
