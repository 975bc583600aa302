//! Finds out at the end of a run whether a gateway answers an operation each time that it is asked for, while other
//! requests are answered. A target that is overloaded, or that is started anew, is not blamed: it answers the operation
//! once in a run, or does not answer the others either.

use std::time::Duration;

use super::clean_up_cost;
use super::execute::Executor;
use super::tally::Tally;
use crate::call::Call;
use crate::model::Model;
use crate::plan::dependencies::Dependencies;
use crate::plan::{Action, Plan};
use crate::wire::allowance::Purpose;
use crate::wire::exchange::{Exchange, Outcome};

/// How often a request is sent in turns with another one.
const TURNS: u32 = 5;
/// The pause before the second turn; doubled each time, so that all turns together take longer than a short overload.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Requests that the turns take.
const MAX_REQUESTS: u64 = 2 * TURNS as u64 + 1;
/// How often requests of a clean-up may have to be sent.
const REPEATS: u64 = 4;
/// Operations of which it is found out: behind a gateway that answers more, it is hardly the operations that fail.
const MAX_OPERATIONS: usize = 3;

/// Takes the operations that only a gateway has answered to the target once more.
pub(super) async fn settle(executor: &Executor<'_>, tally: &mut Tally<'_>) {
    let sender = executor.sender;
    for (operation, (plan, position)) in tally.only_by_a_gateway().into_iter().take(MAX_OPERATIONS) {
        let part = |dependencies| plan.what_leads_to(position, dependencies);
        // A request that needs what is left out of the first plan is not sent there.
        let parts = [without_members(&part(Dependencies::Writes)), part(Dependencies::AllAboutItsSubjects)];
        for plan in parts {
            if executor.is_to_end() {
                return;
            }
            // Counted apart, as for shrinking. What others have left is reserved too, and requests may have to be repeated.
            let of_sweep = clean_up_cost::of_sweep(executor.leftovers.remains());
            let requests = clean_up_cost::max_requests(&plan) + MAX_REQUESTS + REPEATS * of_sweep;
            let _allowed = sender.allowance().shrink(requests);
            let before = sender.sent();
            if !executor.another_is_answered(operation).await {
                return;
            }
            executor.failing.settle(Some(operation));
            let outcome = executor.run(&plan).await;
            executor.failing.settle(None);
            let was_sent = outcome.taken.iter().any(|(step, _)| step.action.operation() == Some(operation));
            tally.take_settled(&plan, outcome, sender.sent() - before);
            if was_sent {
                break;
            }
        }
    }
}

impl Executor<'_> {
    /// Sends a request for the operation that is to be settled, in turns with another one. If only a gateway answers it,
    /// and has whenever the run asked for it, the exchange says how often. `None` if the operation is not to be settled.
    pub(super) async fn send_in_turns(&self, call: &Call) -> Option<Exchange> {
        let operation =
            call.step.action.operation().filter(|operation| self.failing.is_settled(operation))?;
        let mut pause = FIRST_PAUSE;
        let mut exchange = self.send_once(call).await;
        for turn in 1..=TURNS {
            if exchange.is_rate_limit() {
                return None;
            }
            if !is_of_a_gateway(&exchange) || !self.another_is_answered(operation).await {
                return Some(exchange);
            }
            if turn < TURNS {
                self.sender.stop().sleep(pause).await;
                pause *= 2;
                exchange = self.send_once(call).await;
            }
        }
        exchange.failed_before = self.failing.times_by_a_gateway(operation).map_or(0, |times| times - 1);
        Some(exchange)
    }

    /// Whether the target itself answers a request for another operation at once.
    async fn another_is_answered(&self, operation: &str) -> bool {
        let mut others = [Action::LoadUnmadeServer, Action::LoadAllServers].into_iter();
        let other = others.find(|other| other.operation() != Some(operation));
        let Some(request) = other.and_then(|other| other.request(&Model::default(), self.mark)) else {
            return false;
        };
        let exchange = self.sender.send_once_for(Purpose::Test, &request, None).await;
        exchange.answer().is_some() && !exchange.is_rate_limit()
    }
}

fn is_of_a_gateway(exchange: &Exchange) -> bool {
    matches!(&exchange.outcome, Outcome::Answered(answer) if answer.is_transient())
}

/// The plan with nothing in its bodies that can be left out.
fn without_members(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    for step in &mut plan.steps {
        if let Some(members) = step.action.parts().members {
            members.clear();
        }
    }
    plan
}
