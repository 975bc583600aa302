//! How a request is sent again where something transient got in the way and sending it again is safe.

use std::time::Duration;

use descope_mcp_operations::find;
use tokio::time::{Instant, sleep};

use super::Sender;
use super::once::not_awaited;
use crate::wire::activity::Wait;
use crate::wire::allowance::Purpose;
use crate::wire::exchange::{Exchange, Outcome};
use crate::wire::fault::Fault;
use crate::wire::no_answer::{Kind, NoAnswer};
use crate::wire::prepared::Prepared;
use crate::wire::request::Request;

/// Most times that a request is sent when transient faults get in the way.
const MAX_ATTEMPTS: u32 = 8;
/// The same for the first request of a run: whoever named a wrong target should hear of it soon.
const MAX_FIRST_ATTEMPTS: u32 = 3;
/// First pause after a transient fault; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Why a request was not sent that is one too many.
const NOT_ALLOWED: &str = "the requests that the run may send are used up";

impl Sender {
    /// Sends a request that tests, spoiled if there is a fault; again where something transient got in the way and sending
    /// it again is safe.
    pub async fn send(&self, request: &Request, fault: Option<&Fault>) -> Exchange {
        self.send_for(Purpose::Test, request, fault).await
    }

    /// The same for another purpose. A request that is not allowed any more is never sent, and the exchange says so.
    pub async fn send_for(&self, purpose: Purpose, request: &Request, fault: Option<&Fault>) -> Exchange {
        self.send_at_most(MAX_ATTEMPTS, purpose, request, fault).await
    }

    /// The same without sending it again, whatever gets in the way.
    pub(crate) async fn send_once_for(
        &self,
        purpose: Purpose,
        request: &Request,
        fault: Option<&Fault>,
    ) -> Exchange {
        self.send_at_most(1, purpose, request, fault).await
    }

    /// Sends the first request of a run: the same with few tries, and none after one that nothing came of in time.
    pub(crate) async fn send_first(&self, request: &Request) -> Exchange {
        self.send_at_most(MAX_FIRST_ATTEMPTS, Purpose::Test, request, None).await
    }

    async fn send_at_most(
        &self,
        attempts: u32,
        purpose: Purpose,
        request: &Request,
        fault: Option<&Fault>,
    ) -> Exchange {
        if !self.allowance.take(purpose) {
            return self.not_allowed(request, fault);
        }
        let idempotent = match request {
            Request::Management(operation, _) => {
                find(operation).is_some_and(|operation| operation.idempotent)
            }
            Request::Web(request) => request.is_idempotent(),
        };
        let is_first = attempts == MAX_FIRST_ATTEMPTS;
        let was_to_end = self.stop.is_set();
        let (mut pause, mut after_unclear_try, mut retry_after) = (FIRST_PAUSE, false, None);
        let mut tries = 1;
        loop {
            let mut exchange = self.send_once(request, fault).await;
            exchange.after_unclear_try = after_unclear_try;
            // Whoever fails because of the size does so each time.
            let idempotent = idempotent && !exchange.is_large();
            let wait = match &exchange.outcome {
                Outcome::Answered(answer) if answer.status == 429 => {
                    let (pause, form) = self.rate_limit.pause(answer, retry_after.is_some());
                    retry_after = Some(form);
                    Some(pause)
                }
                Outcome::Answered(answer) if answer.is_transient() && idempotent => Some(pause),
                Outcome::Answered(_) => None,
                Outcome::NeverSent(why) => why.kind.may_pass().then_some(pause),
                Outcome::Unclear(why) => {
                    let again = idempotent && why.kind.may_pass() && !(is_first && why.kind == Kind::Silence);
                    again.then_some(pause)
                }
            };
            let wait = wait.filter(|_| tries < attempts && self.given_up().is_none());
            let Some(wait) = wait else { return Exchange { retry_after, ..exchange } };
            if self.allowance.permits(purpose) {
                let is_rate_limit = exchange.is_rate_limit();
                let _waiting = is_rate_limit.then(|| self.activity.wait(Wait::RateLimit));
                match was_to_end {
                    true => sleep(wait).await,
                    false => self.stop.sleep(wait).await,
                }
            }
            if !was_to_end && self.stop.is_set() {
                return Exchange { retry_after, outcome: not_waited_for(exchange.outcome), ..exchange };
            }
            if !self.allowance.take_to_repeat(purpose) {
                if exchange.is_rate_limit() {
                    // It is no answer of the API, and nobody asks again for one.
                    exchange.outcome = Outcome::NeverSent(not_allowed());
                }
                return Exchange { retry_after, ..exchange };
            }
            after_unclear_try |= exchange.is_unclear();
            pause *= 2;
            tries += 1;
        }
    }

    fn not_allowed(&self, request: &Request, fault: Option<&Fault>) -> Exchange {
        let Prepared { method, path, request: _, authorization, body } =
            Prepared::new(&self.http, &self.target, request, fault);
        Exchange {
            number: self.sent(),
            method,
            path,
            request_headers: Vec::new(),
            authorization,
            request_body: body,
            outcome: Outcome::NeverSent(not_allowed()),
            sent_at: Instant::now().into_std(),
            elapsed: Duration::ZERO,
            after_unclear_try: false,
            failed_before: 0,
            retry_after: None,
        }
    }
}

fn not_allowed() -> NoAnswer {
    NoAnswer { kind: Kind::NotAllowed, reason: NOT_ALLOWED.to_owned() }
}

/// What came of a request that would have been sent again: a refusal that only says when is no answer of the API.
fn not_waited_for(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Answered(answer) if answer.status == 429 => Outcome::NeverSent(not_awaited()),
        outcome => outcome,
    }
}
