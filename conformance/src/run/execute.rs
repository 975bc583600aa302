//! Takes one plan to the target and judges every step of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use descope_mcp_openapi::Document;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{clean_up_cost, lacks, plain};
use crate::call::Call;
use crate::model::semantics::Sighting;
use crate::model::{Age, Model};
use crate::observations;
use crate::plan::dependencies::is_write;
use crate::plan::{Plan, Step};
use crate::properties::property::{Capability, Level, Moment, Property, Verdict, Why};
use crate::properties::secret;
use crate::run::journal::Journal;
use crate::run::leftovers::Leftovers;
use crate::run::patience::Patience;
use crate::run::set_up::SetUp;
use crate::wire::activity::Wait;
use crate::wire::allowance::Purpose;
use crate::wire::exchange::Exchange;
use crate::wire::run_mark::RunMark;
use crate::wire::sender::Sender;

/// First pause before a request is sent again because its answer may lag behind.
const FIRST_LAG_PAUSE: Duration = Duration::from_millis(100);
/// How many times as long each later pause is: 6 requests fill a window of 20 s.
const LAG_PAUSE_FACTOR: u32 = 3;

/// Maximum attempts at a step that later steps need, while its outcome stays unclear.
const MAX_ATTEMPTS: u32 = 3;

/// Maximum times that a request is sent again because the target failed.
const MAX_REPEATS: u32 = 2;

/// Number of later steps that make a record essential to a plan.
const MIN_STEPS_OF_ESSENTIAL: usize = 3;

/// The operations that failed each time that a request was repeated: to repeat another would tell nothing new.
#[derive(Default)]
pub struct Failing(Mutex<BTreeSet<&'static str>>);

impl Failing {
    fn contains(&self, operation: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(operation)
    }

    fn insert(&self, operation: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(operation);
    }
}

/// Whether it is known what a step has changed.
#[derive(PartialEq)]
pub(super) enum Certainty {
    /// It is known, or no later step needs it.
    Certain,
    /// It is not known, and later steps need it.
    Uncertain,
}

/// What it takes to run plans.
pub struct Executor<'a> {
    /// Sends the requests.
    pub sender: &'a Sender,
    /// What to judge by.
    pub properties: &'a [&'static Property],
    /// How the run marks what it makes.
    pub mark: &'a RunMark,
    /// How long to wait for a list that may only lag behind a write.
    pub patience: &'a Patience,
    /// Where the servers that are made are noted.
    pub journal: Option<&'a Journal>,
    /// Where it is noted what plans may have left.
    pub leftovers: &'a Leftovers,
    /// What came of the first creation of a server. If it was refused, no step is begun any more.
    pub set_up: SetUp,
    /// How long a secret may work after its rotation.
    pub rotation_grace: Duration,
    /// The operations that fail whenever they are asked for.
    pub failing: Failing,
    /// Whether the first broken property that fails a run ends it.
    pub until_broken: bool,
}

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
    /// Whether steps were left out, or answers not asked for again, because the allowed requests were used up.
    pub ran_out: bool,
}

impl PlanOutcome {
    /// Whether the outcome of a request was unclear, if only at first: what it should have shown may not have been judged.
    pub fn was_disturbed(&self) -> bool {
        self.taken.iter().any(|(_, exchange)| exchange.after_unclear_try || exchange.answer().is_none())
    }

    /// The position in the plan of the step that was taken as the `taken`-th. A plan's steps are taken in order, some more
    /// than once, with others in between that the plan does not have.
    pub(super) fn step_in(&self, plan: &Plan, taken: usize) -> Option<usize> {
        let (mut next, mut found) = (0, None);
        for (step, _) in self.taken.iter().take(taken + 1) {
            let same = |planned: &Step| planned.action == step.action && planned.fault == step.fault;
            found = plan.steps[next..].iter().position(same).map(|ahead| next + ahead);
            next = found.map_or(next, |position| position + 1);
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

/// What the properties and observations make of a step.
struct Judged {
    verdicts: Vec<Verdict>,
    /// Answers to open questions, by the position of the question.
    answers: Vec<(usize, String)>,
    /// What it shows of how long rotated secrets work.
    old_secret: Option<(bool, Age)>,
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

/// A property broken at a step.
#[derive(Debug, Clone)]
pub struct Breach {
    /// The property's position in [`Executor::properties`].
    pub property: usize,
    /// The step's position in [`PlanOutcome::taken`].
    pub taken: usize,
    /// How.
    pub why: Why,
}

/// What the request of a step is for. A deletion that a plan asks for cleans up as one at its end does.
fn purpose(step: &Step) -> Purpose {
    let deletes = step.fault.is_none() && step.action.semantics().effect.deletes().is_some();
    if deletes { Purpose::CleanUp } else { Purpose::Test }
}

impl Executor<'_> {
    /// Whether the run must end: no step is begun any more, and clean-up follows.
    pub(super) fn is_to_end(&self) -> bool {
        self.sender.is_to_end() || self.set_up.refused().is_some()
    }

    /// Runs a plan, then deletes what it made.
    pub async fn run(&self, plan: &Plan) -> PlanOutcome {
        let mut model = Model::default();
        let mut outcome = PlanOutcome { held: vec![0; self.properties.len()], ..PlanOutcome::default() };
        let allowance = self.sender.allowance();
        let mut reserved = allowance.reserve();
        let mut later = plan.steps.as_slice();
        for group in plan.steps.chunk_by(|a, b| a.at_once.is_some() && a.at_once == b.at_once) {
            later = &later[group.len()..];
            if self.is_to_end() {
                break;
            }
            if !self.is_due(group, &model).await {
                continue;
            }
            // What a step makes must be deleted too.
            reserved.set(self.max_clean_up(&model, group));
            let spends_reserved = group.iter().all(|step| purpose(step) == Purpose::CleanUp);
            if !spends_reserved && !allowance.affords(group.len() as u64) {
                outcome.ran_out = true;
                break;
            }
            match group {
                [step] => self.run_with_retry(step, later, &mut model, &mut outcome).await,
                _ => self.run_at_once(group, later, &mut model, &mut outcome).await,
            }
        }
        self.tear_down(&mut model, &mut outcome).await;
        drop(reserved);
        self.leftovers.note(&model);
        outcome.secrets = model.secrets().map(str::to_owned).collect();
        outcome
    }

    /// Waits until a step of this group is to be sent, and says whether it still is.
    async fn is_due(&self, group: &[Step], model: &Model) -> bool {
        let Some(wait) = group.iter().filter_map(|step| step.wait_ms).max() else { return true };
        if model.rotated_secrets_die {
            return false;
        }
        self.sender.stop().sleep(Duration::from_millis(wait)).await;
        !self.is_to_end()
    }

    /// Most requests that it takes to delete what a plan has made so far and what these steps make, beyond those that the
    /// run has reserved for its sweep.
    fn max_clean_up(&self, model: &Model, steps: &[Step]) -> u64 {
        let (before, after) = (self.leftovers.remains(), self.leftovers.remains_with(model));
        let is_disturbed = after.without_id > 0;
        let of_steps = steps.iter().map(|step| clean_up_cost::of_step(step, is_disturbed)).sum::<u64>();
        let of_sweep = clean_up_cost::of_sweep(after) - clean_up_cost::of_sweep(before);
        let of_late_lists = clean_up_cost::of_late_lists(self.patience.lateness());
        clean_up_cost::of_teardown(model) + of_steps + of_sweep + of_late_lists
    }

    /// Runs a step. If later steps need it and its outcome is unclear, it is run again; the final sweep finds what the first
    /// attempt may have made. If a creation is refused that steps `later` in the plan need, plain values are tried.
    async fn run_with_retry(
        &self,
        step: &Step,
        later: &[Step],
        model: &mut Model,
        outcome: &mut PlanOutcome,
    ) {
        // What is left of a group is an ordinary step.
        let step = Step { at_once: None, ..step.clone() };
        if !self.empty_before(&step, model, outcome).await {
            return;
        }
        let before = outcome.taken.len();
        self.run_until_clear(&step, model, outcome).await;
        if outcome.taken.len() > before {
            self.make_plain_instead_of(outcome.taken.len() - 1, later, model, outcome).await;
        }
    }

    async fn run_until_clear(&self, step: &Step, model: &mut Model, outcome: &mut PlanOutcome) {
        let mut attempts = 1;
        let may_repeat = || self.sender.allowance().permits(purpose(step));
        while self.run_step(step, model, outcome).await == Certainty::Uncertain
            && attempts < MAX_ATTEMPTS
            && may_repeat()
        {
            for step in step.action.prerequisites() {
                self.run_step(&step.into(), model, outcome).await;
            }
            attempts += 1;
        }
    }

    /// If the step that was taken as the `taken`-th is a creation which the target refused for its values, and steps `later`
    /// in the plan need the record, makes it with plain values.
    async fn make_plain_instead_of(
        &self,
        taken: usize,
        later: &[Step],
        model: &mut Model,
        outcome: &mut PlanOutcome,
    ) {
        let (step, exchange) = &outcome.taken[taken];
        if !plain::is_refused_for_its_values(exchange) {
            return;
        }
        // Where few steps need it, they must not cost others their requests.
        let rest = plain::possible_steps(step, later, model);
        let is_essential = plain::steps_about_it(step, later) >= MIN_STEPS_OF_ESSENTIAL;
        let requests = if is_essential { 1 } else { 1 + rest };
        for step in plain::instead_of(step, later, model, exchange.number) {
            if self.is_to_end() {
                return;
            }
            if !self.sender.allowance().affords(requests) {
                outcome.ran_out = true;
                return;
            }
            // Whether the target refuses such members shows now.
            for capability in step.action.semantics().reveals {
                outcome.lacks.remove(capability);
            }
            self.run_until_clear(&step, model, outcome).await;
            let Some((_, exchange)) = outcome.taken.last() else { return };
            if exchange.success().is_some() {
                outcome.made_plain.insert(taken);
            }
            if !plain::is_refused_for_its_values(exchange) {
                return;
            }
        }
    }

    /// Sends the requests of these steps at the same time.
    async fn run_at_once(
        &self,
        steps: &[Step],
        later: &[Step],
        model: &mut Model,
        outcome: &mut PlanOutcome,
    ) {
        let mut possible = Vec::new();
        for step in steps {
            if self.empty_before(step, model, outcome).await {
                possible.push(step);
            }
        }
        let calls = possible.into_iter().filter_map(|step| Call::resolve(step, model, self.mark));
        let calls: Vec<_> = calls.collect();
        if let [only] = calls.as_slice() {
            return self.run_with_retry(&only.step, later, model, outcome).await;
        }
        let calls_sent = calls.len();
        let exchanges = join_all(calls.iter().map(|call| self.send(call))).await;
        let mut after = model.clone();
        let asked: Vec<_> = calls.iter().map(Call::asked).zip(&exchanges).collect();
        after.apply_at_once(&asked);
        for (call, exchange) in calls.into_iter().zip(exchanges) {
            let judged = self.judge(model, &call, &exchange, &after);
            self.note(call, exchange, judged, outcome);
        }
        *model = after;
        // Later steps need what was to be made.
        for index in outcome.taken.len() - calls_sent..outcome.taken.len() {
            let (step, exchange) = &outcome.taken[index];
            if step.action.semantics().effect.creates().is_some() && exchange.is_unclear() {
                let step = step.clone();
                self.run_with_retry(&step, later, model, outcome).await;
            } else {
                self.make_plain_instead_of(index, later, model, outcome).await;
            }
        }
    }

    async fn send(&self, call: &Call) -> Exchange {
        let exchange =
            self.sender.send_for(purpose(&call.step), &call.request, call.step.fault.as_ref()).await;
        if is_write(&call.step) {
            self.patience.wrote();
        }
        exchange
    }

    fn judge(&self, before: &Model, call: &Call, exchange: &Exchange, after: &Model) -> Judged {
        let (document, rotation_grace) = (Document::management(), self.rotation_grace);
        let moment = Moment { before, call, exchange, after, document, rotation_grace };
        let answers = observations::ALL.iter().enumerate();
        Judged {
            verdicts: self.properties.iter().map(|property| (property.judge)(&moment)).collect(),
            answers: answers.filter_map(|(question, open)| Some((question, (open.see)(&moment)?))).collect(),
            old_secret: secret::old_secret(&moment),
        }
    }

    /// The broken properties that may hold in a while, by their ids.
    fn may_only_lag(&self, judged: &Judged) -> Vec<&'static str> {
        let judged = judged.verdicts.iter().zip(self.properties);
        let lagging =
            judged.filter(|(verdict, property)| property.eventually && matches!(verdict, Verdict::Broken(_)));
        lagging.map(|(_, property)| property.id).collect()
    }

    /// Whether one of these properties, by their ids, holds now. An answer that tells nothing does not say so.
    fn holds_one_of(&self, judged: &Judged, ids: &[&'static str]) -> bool {
        let judged = judged.verdicts.iter().zip(self.properties);
        judged.into_iter().any(|(verdict, property)| *verdict == Verdict::Holds && ids.contains(&property.id))
    }

    /// Whether a property holds that may have taken a while to.
    fn holds_eventually(&self, judged: &Judged) -> bool {
        let judged = judged.verdicts.iter().zip(self.properties);
        judged.into_iter().any(|(verdict, property)| *verdict == Verdict::Holds && property.eventually)
    }

    /// Notes what came of a step.
    fn note(&self, call: Call, exchange: Exchange, judged: Judged, outcome: &mut PlanOutcome) {
        self.set_up.note(&call, &exchange);
        lacks::note(&call, &exchange, &mut outcome.lacks);
        self.note_server(&call, &exchange);
        let taken = outcome.taken.len();
        let mut wasted = true;
        for (property, verdict) in judged.verdicts.into_iter().enumerate() {
            wasted &= verdict == Verdict::DoesNotApply;
            match verdict {
                Verdict::Holds => outcome.held[property] += 1,
                Verdict::Broken(why) => {
                    self.leftovers.note_breach(self.properties[property].id);
                    if self.until_broken && self.properties[property].level != Level::Info {
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
        if failures == MAX_REPEATS {
            self.failing.insert(operation);
        }
        failures < MAX_REPEATS && !self.failing.contains(operation)
    }

    /// Runs a step once. Its request is sent again only while the response may lag behind a write.
    pub(super) async fn run_step(
        &self,
        step: &Step,
        model: &mut Model,
        outcome: &mut PlanOutcome,
    ) -> Certainty {
        let Some(call) = Call::resolve(step, model, self.mark) else { return Certainty::Certain };
        let shows_a_list = step.action.semantics().shows.is_list();
        let lag = self.patience.until_lists_show();
        if shows_a_list && !lag.is_zero() {
            let _waiting = self.sender.activity().wait(Wait::Lists);
            self.sender.stop().sleep(lag).await;
        }
        let started = Instant::now();
        let mut pause = FIRST_LAG_PAUSE;
        let mut lagged = Vec::new();
        let mut failures = 0;
        let (exchange, after, judged) = loop {
            let mut exchange = self.send(&call).await;
            exchange.failed_before = failures;
            if exchange.server_error().is_some() && self.is_worth_repeating(&call, failures) {
                failures += 1;
                // It may have been carried out all the same.
                model.apply(&call.asked(), &exchange);
                continue;
            }
            exchange.after_unclear_try |= failures > 0;
            let mut after = model.clone();
            after.apply(&call.asked(), &exchange);
            let mut judged = self.judge(model, &call, &exchange, &after);
            let lagging = self.may_only_lag(&judged);
            let left = self.patience.with(&lagging).saturating_sub(started.elapsed());
            if !lagging.is_empty() && !left.is_zero() && self.sender.is_to_end() {
                // What was not given its time is not broken.
                judged.acquit_of(&lagging, self.properties);
                break (exchange, after, judged);
            }
            if !lagging.is_empty() && !left.is_zero() {
                // A list that changed while its pages were read repeats or lacks what moved.
                let pages = model.pages_before(&call.request);
                if !self.sender.allowance().affords(pages.len() as u64 + 1) {
                    // Nobody can tell any more whether it only lags.
                    outcome.ran_out = true;
                    judged.acquit_of(&lagging, self.properties);
                    break (exchange, after, judged);
                }
                lagged.extend(lagging);
                {
                    let _waiting = self.sender.activity().wait(Wait::Lists);
                    // The last look is at the end of the time, not before.
                    self.sender.stop().sleep(pause.min(left)).await;
                }
                pause *= LAG_PAUSE_FACTOR;
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
                self.patience.passed(started.elapsed().max(self.patience.since_last_write()));
            } else if shows_a_list && lagged.is_empty() && self.holds_eventually(&judged) {
                self.patience.was_right();
            }
            break (exchange, after, judged);
        };
        let is_needed_later = step.action.semantics().effect.is_needed_later();
        let unclear = is_needed_later && exchange.is_unclear();
        let certainty = if unclear { Certainty::Uncertain } else { Certainty::Certain };
        self.note(call, exchange, judged, outcome);
        *model = after;
        certainty
    }
}
