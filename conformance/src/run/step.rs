//! Takes one step of a plan to the target and judges it.

use std::sync::PoisonError;
use std::time::Duration;

use descope_mcp_openapi::Document;
use tokio::time::Instant;

use super::execute::Executor;
use super::lacks;
use super::outcome::{Breach, PlanOutcome, Seen};
use crate::call::Call;
use crate::model::effect::Created;
use crate::model::semantics::{ShownRecords, Sighting};
use crate::model::{Age, Model};
use crate::observations;
use crate::plan::dependencies::is_write;
use crate::plan::{Action, Step};
use crate::properties::property::{Moment, Property, Verdict};
use crate::properties::{nearly_deleted, secret};
use crate::run::patience::{Listed, PAUSE_FACTOR, until_next_look};
use crate::wire::activity::Wait;
use crate::wire::allowance::Purpose;
use crate::wire::exchange::Exchange;

/// First pause before a request is sent again because its answer may lag behind.
const FIRST_LAG_PAUSE: Duration = Duration::from_millis(100);
/// How many times a list that may only lag behind is asked for again even where that costs later steps their requests.
const MIN_LOOKS: u64 = 3;

/// Maximum times that a request is sent again because the target failed.
const MAX_REPEATS: u32 = 2;

/// Whether it is known what a step has changed.
#[derive(PartialEq)]
pub(super) enum Certainty {
    /// It is known, or no later step needs it.
    Certain,
    /// It is not known, and later steps need it.
    Uncertain,
}

/// What the properties and observations make of a step.
pub(super) struct Judged {
    verdicts: Vec<Verdict>,
    /// Answers to open questions, by the position of the question.
    answers: Vec<(usize, String)>,
    /// What it shows of how long rotated secrets work.
    old_secret: Option<(bool, Age)>,
    /// Whether the answer may be as it is because a record is gone that was deleted by nearly its id.
    may_be_gone: bool,
}

impl Judged {
    /// Takes back that these properties, by their ids, are broken.
    fn acquit_of(&mut self, ids: &[&'static str], properties: &[&'static Property]) {
        for (verdict, property) in self.verdicts.iter_mut().zip(properties) {
            if matches!(verdict, Verdict::Broken(_)) && ids.contains(&property.id) {
                *verdict = Verdict::DoesNotApply;
            }
        }
    }
}

/// What the request of a step is for. A deletion that a plan asks for cleans up as one at its end does.
pub(super) fn purpose(step: &Step) -> Purpose {
    let deletes = step.fault.is_none() && step.action.semantics().effect.deletes().is_some();
    if deletes { Purpose::CleanUp } else { Purpose::Test }
}

/// The id of the record that a step has created, once it was.
fn created<'a>(step: &Step, after: &'a Model) -> Option<&'a str> {
    let record = match step.action.semantics().effect.creates()? {
        Created::Server(server) => after.servers.get(&server)?,
        Created::Client(client) => &after.clients.get(&client)?.record,
    };
    Some(&record.id)
}

fn ids(properties: &[&'static Property]) -> Vec<&'static str> {
    properties.iter().map(|property| property.id).collect()
}

impl Executor<'_> {
    pub(super) async fn send(&self, call: &Call) -> Exchange {
        if let Some(exchange) = self.sent_at_the_start(call) {
            return exchange;
        }
        if self.failing.is_hopeless(call.step.action.operation().unwrap_or_default()) {
            let exchange = self.send_once(call).await;
            if !exchange.is_rate_limit() {
                return exchange;
            }
        }
        let exchange =
            self.sender.send_for(purpose(&call.step), &call.request, call.step.fault.as_ref()).await;
        self.took(call, &exchange);
        exchange
    }

    /// What came of the request that the run began with, if that is this one and no step has asked for it yet.
    fn sent_at_the_start(&self, call: &Call) -> Option<Exchange> {
        let is_the_same = call.step == Step::from(Action::LoadUnmadeServer);
        let mut start_check = self.start_check.lock().unwrap_or_else(PoisonError::into_inner);
        if is_the_same { start_check.take() } else { None }
    }

    /// The same without sending it again, whatever gets in the way.
    pub(super) async fn send_once(&self, call: &Call) -> Exchange {
        let fault = call.step.fault.as_ref();
        let exchange = self.sender.send_once_for(purpose(&call.step), &call.request, fault).await;
        self.took(call, &exchange);
        exchange
    }

    fn took(&self, call: &Call, exchange: &Exchange) {
        if is_write(&call.step) {
            self.patience.wrote();
        }
        if let Some(operation) = call.step.action.operation().filter(|_| call.step.fault.is_none()) {
            self.failing.note(operation, exchange);
        }
    }

    pub(super) fn judge(&self, before: &Model, call: &Call, exchange: &Exchange, after: &Model) -> Judged {
        let (document, rotation_grace) = (Document::management(), self.rotation_grace);
        let moment = Moment { before, call, exchange, after, document, rotation_grace };
        let answers = observations::ALL.iter().enumerate();
        let verdicts = self.properties.iter().map(|property| nearly_deleted::verdict(property, &moment));
        Judged {
            verdicts: verdicts.collect(),
            answers: answers.filter_map(|(question, open)| Some((question, (open.see)(&moment)?))).collect(),
            old_secret: secret::old_secret(&moment),
            may_be_gone: nearly_deleted::may_be_gone(&moment),
        }
    }

    /// The broken properties that may hold in a while.
    fn may_only_lag(&self, judged: &Judged) -> Vec<&'static Property> {
        self.broken(judged, false).collect()
    }

    /// The broken properties of lists: those that no delay explains, or the others.
    fn broken(&self, judged: &Judged, outright: bool) -> impl Iterator<Item = &'static Property> {
        let judged = judged.verdicts.iter().zip(self.properties);
        let broken = judged.filter(move |(verdict, property)| match verdict {
            Verdict::Broken(why) => property.eventually && why.outright == outright,
            Verdict::Holds | Verdict::DoesNotApply => false,
        });
        broken.map(|(_, property)| *property)
    }

    /// How long these properties are given together, which a list of this kind has broken.
    fn patience_with(&self, lagging: &[&'static Property], list: Option<Listed>) -> Duration {
        let (fails, minor): (Vec<_>, Vec<_>) =
            lagging.iter().partition(|property| property.level <= self.fails_from);
        self.patience.with_minor(ids(&fails), ids(&minor), list)
    }

    /// How many more times a list can be asked for that takes so many requests. The steps that are to come keep theirs, unless
    /// that leaves too few to tell whether the list only lags: all of its time would be waited for at once.
    fn affordable_looks(&self, requests: u64, steps_to_come: u64) -> u64 {
        let left = self.sender.allowance().left_for(Purpose::Test);
        (left.saturating_sub(steps_to_come) / requests).max((left / requests).min(MIN_LOOKS))
    }

    /// Whether one of these properties, by their ids, holds now. An answer that tells nothing does not say so.
    fn holds_one_of(&self, judged: &Judged, ids: &[&'static str]) -> bool {
        let judged = judged.verdicts.iter().zip(self.properties);
        judged.into_iter().any(|(verdict, property)| *verdict == Verdict::Holds && ids.contains(&property.id))
    }

    /// Notes what came of a step.
    pub(super) fn note(&self, call: Call, exchange: Exchange, judged: Judged, outcome: &mut PlanOutcome) {
        self.set_up.note(&call, &exchange);
        if !judged.may_be_gone {
            lacks::note(&call, &exchange, &mut outcome.lacks);
        }
        self.note_server(&call, &exchange);
        let taken = outcome.taken.len();
        let mut wasted = true;
        for (property, verdict) in judged.verdicts.into_iter().enumerate() {
            wasted &= verdict == Verdict::DoesNotApply;
            match verdict {
                Verdict::Holds => outcome.held[property] += 1,
                Verdict::Broken(why) => {
                    self.leftovers.note_breach(self.properties[property].id);
                    if self.until_broken && self.properties[property].level <= self.fails_from {
                        self.sender.stop().set();
                    }
                    outcome.breaches.push(Breach { property, taken, why });
                }
                Verdict::DoesNotApply => {}
            }
        }
        outcome.wasted += u64::from(wasted);
        outcome.judged.push(!wasted);
        let answers = judged.answers.into_iter();
        outcome.seen.extend(answers.map(|(observation, answer)| Seen { observation, taken, answer }));
        outcome.old_secrets.extend(judged.old_secret);
        outcome.taken.push((call.step, exchange));
    }

    /// Notes a server that was made.
    fn note_server(&self, call: &Call, exchange: &Exchange) {
        if let Some(journal) = self.journal
            && call.step.action.semantics().effect.creates_server().is_some()
            && let Some(Sighting::Server(id, _)) = call.sightings(exchange).first()
        {
            journal.made(&self.mark.prefix, id);
        }
    }

    /// Whether a request that the target failed to answer is sent again, which shows whether it fails each time.
    fn is_worth_repeating(&self, call: &Call, failures: u32) -> bool {
        let Some(operation) = call.step.action.operation().filter(|_| call.step.fault.is_none()) else {
            return false;
        };
        if self.failing.is_known(operation) {
            // A smaller plan has to show it again: twice in a row is enough.
            return failures == 0 && self.sender.allowance().is_shrinking();
        }
        if failures == MAX_REPEATS {
            self.failing.insert(operation);
        }
        failures < MAX_REPEATS
    }

    /// Runs a step once. Its request is sent again only while the response may lag behind a write.
    pub(super) async fn run_step(
        &self,
        step: &Step,
        model: &mut Model,
        outcome: &mut PlanOutcome,
    ) -> Certainty {
        let Some(mut call) = Call::resolve(step, model, self.mark) else { return Certainty::Certain };
        let list = match step.action.semantics().shows {
            ShownRecords::Servers => Some(Listed::Servers),
            ShownRecords::Clients => Some(Listed::Clients),
            ShownRecords::Nothing | ShownRecords::Server(..) | ShownRecords::Client(..) => None,
        };
        let lag = self.patience.until_lists_show();
        if list.is_some() && !lag.is_zero() {
            let _waiting = self.sender.activity().wait(Wait::Lists);
            self.sender.stop().sleep(lag).await;
        }
        let started = Instant::now();
        let mut pause = FIRST_LAG_PAUSE;
        let (mut lagged, mut last_wrong) = (Vec::new(), Duration::ZERO);
        let mut failures = 0;
        let (exchange, after, judged) = loop {
            let mut exchange = match self.send_in_turns(&call).await {
                Some(exchange) => exchange,
                None => self.send(&call).await,
            };
            if exchange.answer().is_some() {
                exchange.failed_before = failures;
            }
            if exchange.server_error().is_some()
                && !exchange.is_large()
                && self.is_worth_repeating(&call, failures)
            {
                failures += 1;
                // It may have been carried out all the same.
                model.apply(&call.asked(), &exchange);
                if step.action.semantics().effect.creates().is_some() {
                    // Another record of the same name may rightly be refused.
                    call = Call::resolve(step, model, self.mark).unwrap_or(call);
                }
                continue;
            }
            exchange.after_unclear_try |= failures > 0;
            let mut after = model.clone();
            after.apply(&call.asked(), &exchange);
            let mut judged = self.judge(model, &call, &exchange, &after);
            if let Some(list) = list.filter(|_| lagged.is_empty()) {
                let sightings = call.sightings(&exchange);
                self.patience.listed(list, sightings.iter().map(Sighting::id));
            }
            // What is broken for another reason than a delay is not waited for when it may be one.
            self.patience.lost(&self.broken(&judged, true).map(|property| property.id).collect::<Vec<_>>());
            let lagging = self.may_only_lag(&judged);
            let left = self.patience_with(&lagging, list).saturating_sub(started.elapsed());
            let lagging = ids(&lagging);
            if !lagging.is_empty() && !left.is_zero() && self.sender.is_to_end() {
                // What was not given its time is not broken.
                judged.acquit_of(&lagging, self.properties);
                break (exchange, after, judged);
            }
            if !lagging.is_empty() && !left.is_zero() {
                // A list that changed while its pages were read repeats or lacks what moved.
                let pages = model.pages_before(&call.request);
                let looks = self.affordable_looks(pages.len() as u64 + 1, outcome.steps_to_come);
                if looks == 0 {
                    // Nobody can tell any more whether it only lags.
                    outcome.ran_out = true;
                    judged.acquit_of(&lagging, self.properties);
                    break (exchange, after, judged);
                }
                self.patience.looks_again(pages.len() as u64 + 1);
                lagged.extend(lagging);
                last_wrong = started.elapsed().max(self.patience.since_last_write());
                {
                    let _waiting = self.sender.activity().wait(Wait::Lists);
                    // The last look is at the end of the time, not before.
                    self.sender.stop().sleep(until_next_look(pause, left, looks)).await;
                }
                pause *= PAUSE_FACTOR;
                for request in pages {
                    let page = Call { step: call.step.clone(), request };
                    let exchange = self.send(&page).await;
                    model.apply(&page.asked(), &exchange);
                }
                continue;
            }
            if !lagging.is_empty() {
                self.patience.lost(&lagging);
            } else if self.holds_one_of(&judged, &lagged) {
                let at_most = started.elapsed().max(self.patience.since_last_write());
                self.patience.passed(last_wrong, at_most);
            }
            break (exchange, after, judged);
        };
        let effect = step.action.semantics().effect;
        // What fails each time is not tried once more.
        let is_unclear = exchange.is_unclear() && exchange.failed_before == 0;
        let is_untold = is_unclear || model.refuses_an_old_code(effect, &exchange);
        let unclear = effect.is_needed_later() && is_untold;
        let certainty = if unclear { Certainty::Uncertain } else { Certainty::Certain };
        if let Some(id) = created(step, &after).filter(|_| exchange.success().is_some()) {
            self.patience.created(id);
        }
        self.note(call, exchange, judged, outcome);
        *model = after;
        certainty
    }
}
