//! What a run has found so far: counts, answers to open questions, and the first breach of each property.

mod conclusion;
mod first_breaches;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::causes::rank;
use super::execute::Executor;
use super::findings::ObservedAnswer;
use super::latency::{self, Latencies};
use super::outcome::{Breach, PlanOutcome};
use super::rotation::{self, Rotation};
use super::settings::Settings;
use super::shrink::CutDown;
use super::{clean_up_cost, lacks};
use crate::model::effect::{AuthorizationEffect, Effect};
use crate::observations;
use crate::plan::dependencies::Dependencies;
use crate::plan::{Plan, Step};
use crate::plans;
use crate::properties::property::{Capability, Property};
use crate::properties::registry;
use crate::wire::exchange::{Exchange, Outcome};
use crate::wire::no_answer::{Kind, NoAnswer};
use crate::wire::scrub::Scrubber;
use crate::wire::scrubbed::ExchangeReport;

/// Most different answers to one open question that are kept.
const MAX_ANSWERS: usize = 8;

/// The property that a target breaks which fails to answer.
const SERVER_FAILS: &str = "wire/valid-requests-do-not-fail";

/// The first breach of a property.
struct Found {
    breach: Breach,
    plan: Plan,
    outcome: Arc<PlanOutcome>,
    cut_down: CutDown,
}

/// What a run has found so far.
pub(super) struct Tally<'a> {
    settings: &'a Settings,
    executor: &'a Executor<'a>,
    held: Vec<u64>,
    broken: Vec<u64>,
    failures: BTreeMap<usize, Found>,
    /// Broken properties, by position, and the ones from which that follows.
    follows: BTreeMap<usize, usize>,
    /// Broken properties, by position, and the ones broken about the same member of a record that were cut down before, with
    /// the requests that they share.
    shares: BTreeMap<usize, usize>,
    /// Whether the plans come from a file: whoever takes one again asks for each of its failures to be cut down.
    is_replay: bool,
    /// Per observation, by position: the answers seen.
    observed: Vec<BTreeMap<String, ObservedAnswer>>,
    wasted: u64,
    lacks: BTreeMap<Capability, String>,
    latencies: Latencies,
    rotation: Rotation,
    /// The first request without which others cannot be made and that the target did not carry out, in words.
    not_carried_out: Option<String>,
    /// The plan with the first request for each operation that a gateway answered, and the position of that.
    by_a_gateway: BTreeMap<&'static str, (Plan, usize)>,
    plans: u64,
    shrinking_requests: u64,
    /// Whether something was left out because the allowed requests were used up.
    ran_out: bool,
    /// Whether every property was asked for.
    judges_all: bool,
}

impl<'a> Tally<'a> {
    pub(super) fn new(settings: &'a Settings, executor: &'a Executor<'a>, is_replay: bool) -> Self {
        let count = settings.properties.len();
        Self {
            settings,
            executor,
            held: vec![0; count],
            broken: vec![0; count],
            failures: BTreeMap::new(),
            follows: BTreeMap::new(),
            shares: BTreeMap::new(),
            is_replay,
            observed: vec![BTreeMap::new(); observations::ALL.len()],
            wasted: 0,
            lacks: BTreeMap::new(),
            latencies: Latencies::default(),
            rotation: Rotation::new(settings.rotation_grace),
            not_carried_out: None,
            by_a_gateway: BTreeMap::new(),
            plans: 0,
            shrinking_requests: 0,
            ran_out: false,
            judges_all: count == registry::all().count(),
        }
    }

    /// Whether a plan surely fits into what is left of the budget when so many requests are already promised.
    pub(super) fn affords(&self, plan: &Plan, reserved: u64) -> bool {
        self.executor.sender.allowance().affords(reserved + clean_up_cost::max_requests(plan))
    }

    /// Whether there is a property that nothing has exercised yet, though the target has what it takes.
    pub(super) fn wants_more(&self) -> bool {
        self.settings.properties.iter().enumerate().any(|(position, property)| {
            let untested = self.held[position] + self.broken[position] == 0;
            untested && property.needs.is_none_or(|capability| !self.lacks.contains_key(&capability))
        })
    }

    /// Whether an outcome breaks a property that was not broken before.
    pub(super) fn is_news(&self, outcome: &PlanOutcome) -> bool {
        outcome.breaches.iter().any(|breach| !self.failures.contains_key(&breach.property))
    }

    /// The plan that measures how long rotated secrets work, if one was seen to work and somebody asks for the length.
    pub(super) fn rotation_to_watch(&self) -> Option<Plan> {
        let judges = |property: &&Property| rotation::JUDGED_BY.contains(&property.id);
        let asked = self.settings.properties.iter().any(judges);
        let grace = self.settings.rotation_grace;
        // What fails a run is only looked at more closely where failures are.
        let wanted = asked && (!grace.is_zero() || self.settings.shrinking > 0);
        (wanted && self.rotation.old_secrets_worked()).then(|| plans::rotation::plan(grace))
    }

    /// Takes in what came of that plan, which is never shrunk: it would take its time again and again.
    pub(super) fn take_watched(&mut self, plan: &Plan, outcome: PlanOutcome, requests: u64) {
        self.rotation.watched(&outcome.old_secrets, requests);
        self.keep(plan, outcome);
    }

    /// The operations that only a gateway has answered, each with a plan that asks for it and the position at which it does.
    pub(super) fn only_by_a_gateway(&self) -> Vec<(&'static str, (Plan, usize))> {
        let is_judged = self.settings.properties.iter().any(|property| property.id == SERVER_FAILS);
        if self.settings.shrinking == 0 || !is_judged {
            return Vec::new();
        }
        let operations = self.executor.failing.only_by_a_gateway().into_iter();
        operations
            .filter_map(|operation| Some((operation, self.by_a_gateway.get(operation)?.clone())))
            .collect()
    }

    /// Takes in what came of taking such an operation to the target once more.
    pub(super) fn take_settled(&mut self, plan: &Plan, outcome: PlanOutcome, requests: u64) {
        self.shrinking_requests += requests;
        self.keep(plan, outcome);
    }

    /// Takes in what came of a plan that is not cut down.
    fn keep(&mut self, plan: &Plan, outcome: PlanOutcome) {
        self.count(plan, &outcome);
        let outcome = Arc::new(outcome);
        for breach in &outcome.breaches {
            self.broken[breach.property] += 1;
            self.failures.entry(breach.property).or_insert_with(|| Found {
                breach: breach.clone(),
                plan: plan.clone(),
                outcome: Arc::clone(&outcome),
                cut_down: CutDown::Finished,
            });
        }
    }

    pub(super) async fn take(&mut self, plan: Plan, outcome: PlanOutcome) {
        self.count(&plan, &outcome);
        let outcome = Arc::new(outcome);
        let mut news: Vec<&Breach> = Vec::new();
        for breach in &outcome.breaches {
            self.broken[breach.property] += 1;
            if !news.iter().any(|first| first.property == breach.property) {
                news.push(breach);
            }
        }
        news.sort_by_cached_key(|breach| {
            let step = outcome.step_in(&plan, breach.taken).unwrap_or(plan.steps.len());
            let cost = clean_up_cost::max_requests(&plan.what_leads_to(step, Dependencies::Writes));
            (rank(breach.property, &self.settings.properties), cost)
        });
        for breach in news {
            if !self.failures.contains_key(&breach.property) {
                self.take_first(breach, &plan, &outcome).await;
            }
        }
    }

    /// Takes in what a plan has shown, except for breaches.
    fn count(&mut self, plan: &Plan, outcome: &PlanOutcome) {
        self.plans += 1;
        self.note_gateways(plan, outcome);
        self.note(outcome);
        for (sum, held) in self.held.iter_mut().zip(&outcome.held) {
            *sum += held;
        }
        self.wasted += outcome.wasted;
        if self.not_carried_out.is_none() {
            let mut failed = outcome.taken.iter().enumerate().filter_map(|(position, (step, exchange))| {
                // What was made with plain values was carried out in the end.
                if outcome.made_plain.contains(&position) {
                    return None;
                }
                Some(format!("{step} ({})", why_not_carried_out(step, exchange)?))
            });
            self.not_carried_out = failed.next().map(|what| self.scrubber(outcome).text(&what));
        }
        self.ran_out |= outcome.ran_out;
        let mut scrubber = None;
        // Where only some properties were asked for, answers count that were seen on the way to judging those.
        let belongs = |taken: usize| self.judges_all || outcome.judged.get(taken) == Some(&true);
        for seen in outcome.seen.iter().filter(|seen| belongs(seen.taken)) {
            let (step, exchange) = &outcome.taken[seen.taken];
            let operation = latency::operation(&step.action, exchange);
            let answers = &mut self.observed[seen.observation];
            if let Some(known) = answers.get_mut(&seen.answer) {
                known.times += 1;
                known.operations.insert(operation.into());
            } else if answers.len() < MAX_ANSWERS {
                let scrubber = scrubber.get_or_insert_with(|| self.scrubber(outcome));
                let answer = scrubber.text(&seen.answer);
                let evidence = ExchangeReport::new(exchange, scrubber);
                let operations = [operation.into()].into();
                let observed = ObservedAnswer { answer: answer.clone(), times: 1, operations, evidence };
                self.observed[seen.observation].insert(answer, observed);
            }
        }
    }

    fn note_gateways(&mut self, plan: &Plan, outcome: &PlanOutcome) {
        for (taken, (step, exchange)) in outcome.taken.iter().enumerate() {
            let is_gateway = matches!(&exchange.outcome, Outcome::Answered(answer) if answer.is_transient());
            let Some(operation) = step.action.operation().filter(|_| is_gateway && step.fault.is_none())
            else {
                continue;
            };
            if !self.by_a_gateway.contains_key(operation)
                && let Some(position) = outcome.step_in(plan, taken)
            {
                self.by_a_gateway.insert(operation, (plan.clone(), position));
            }
        }
    }

    /// Knows the secrets of a plan and those that the run was given last, for the case that one comes back where it does
    /// not belong.
    fn scrubber(&self, outcome: &PlanOutcome) -> Scrubber {
        let mut scrubber = Scrubber::for_target(&self.settings.target);
        outcome.secrets.iter().for_each(|secret| scrubber.learn(secret));
        self.executor.sender.last_secrets().iter().for_each(|secret| scrubber.learn(secret));
        outcome.taken.iter().for_each(|(_, exchange)| scrubber.learn_from(exchange));
        scrubber
    }

    fn note(&mut self, outcome: &PlanOutcome) {
        outcome.taken.iter().for_each(|(step, exchange)| self.latencies.note(&step.action, exchange));
        self.rotation.note(&outcome.old_secrets);
        self.lacks.extend(outcome.lacks.iter().map(|(lack, why)| (*lack, why.clone())));
        lacks::conclude(&mut self.lacks);
    }
}

/// What kept a request from being carried out that others may need, as far as the response tells.
fn why_not_carried_out(step: &Step, exchange: &Exchange) -> Option<String> {
    let semantics = step.action.semantics();
    // A refresh token may be refused because it was revoked, and nothing needs what it gives.
    let refreshes =
        matches!(semantics.effect, Effect::Authorization(AuthorizationEffect::RefreshTokens { .. }));
    let is_needed = semantics.effect.is_needed_later() && !refreshes;
    if step.fault.is_some() {
        return None;
    }
    match &exchange.outcome {
        Outcome::Answered(answer) if answer.is_unreadable() && semantics.operation.is_some() => {
            Some(format!("status {} with a body that is no JSON", answer.status))
        }
        Outcome::Answered(answer) if answer.is_transient() => Some(format!("status {}", answer.status)),
        // A redirect can be how something is given.
        Outcome::Answered(answer) => {
            (is_needed && answer.status >= 400).then(|| format!("status {}", answer.status))
        }
        // That the run did not send it is no failure of the target.
        Outcome::NeverSent(NoAnswer { kind: Kind::NotAllowed | Kind::NotAwaited, .. }) => None,
        Outcome::NeverSent(_) | Outcome::Unclear(_) => is_needed.then(|| "no complete response".to_owned()),
    }
}
