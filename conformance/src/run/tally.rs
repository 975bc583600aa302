//! What a run has found so far.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::causes::{cause_among, cause_within, root};
use super::execute::{Breach, Executor, PlanOutcome};
use super::findings::{Facts, Failure, Findings, ObservationFinding, ObservedAnswer, PropertyFinding};
use super::latency::Latencies;
use super::rotation::{self, Rotation};
use super::settings::{Profile, Settings};
use super::shrink::{CutDown, Elsewhere, Shrunk, Smallest, shrink};
use crate::observations;
use crate::plan::{Plan, Step};
use crate::plans;
use crate::properties::property::{Capability, Property};
use crate::wire::scrub::Scrubber;
use crate::wire::scrubbed::ExchangeReport;

/// Maximum number of requests to cut down the plan that broke one property. One takes at most half of what is left for all.
const MAX_SHRINKING_OF_ONE: u64 = 2_000;

/// Most requests that a run leaves unused because none of its plans would fit.
const MAX_LEFT: u64 = 60;

/// Most different answers to one open question that are kept.
const MAX_ANSWERS: usize = 8;

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
    /// Per observation, by position: the answers seen, how often, and the first exchange that shows each.
    observed: Vec<BTreeMap<String, (u64, ExchangeReport)>>,
    wasted: u64,
    lacks: BTreeMap<Capability, String>,
    latencies: Latencies,
    rotation: Rotation,
    /// The first request without which others cannot be made and that the target did not carry out, in words.
    not_carried_out: Option<String>,
    plans: u64,
    shrinking_requests: u64,
}

impl<'a> Tally<'a> {
    pub(super) fn new(settings: &'a Settings, executor: &'a Executor<'a>) -> Self {
        let count = settings.properties.len();
        Self {
            settings,
            executor,
            held: vec![0; count],
            broken: vec![0; count],
            failures: BTreeMap::new(),
            follows: BTreeMap::new(),
            observed: vec![BTreeMap::new(); observations::ALL.len()],
            wasted: 0,
            lacks: BTreeMap::new(),
            latencies: Latencies::default(),
            rotation: Rotation::new(settings.rotation_grace),
            not_carried_out: None,
            plans: 0,
            shrinking_requests: 0,
        }
    }

    fn sent(&self) -> u64 {
        self.executor.sender.sent() - self.shrinking_requests
    }

    /// Whether a plan surely fits into what is left of the budget when so many requests are already promised.
    pub(super) fn affords(&self, plan: &Plan, reserved: u64) -> bool {
        // One more is for the list of all servers, which must show at the end that nothing is left.
        self.sent() + reserved + plan.max_requests() < self.settings.requests
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

    /// Takes in what came of that plan, which is never cut down: it would take its time again and again.
    pub(super) fn take_watched(&mut self, plan: &Plan, outcome: PlanOutcome, requests: u64) {
        self.rotation.watched(&outcome.old_secrets, requests);
        self.count(&outcome);
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
        self.count(&outcome);
        let outcome = Arc::new(outcome);
        for breach in &outcome.breaches {
            self.broken[breach.property] += 1;
            if !self.failures.contains_key(&breach.property) {
                self.take_first(breach, &plan, &outcome).await;
            }
        }
    }

    /// Takes in what a plan has shown, except for breaches.
    fn count(&mut self, outcome: &PlanOutcome) {
        self.plans += 1;
        self.note(outcome);
        for (sum, held) in self.held.iter_mut().zip(&outcome.held) {
            *sum += held;
        }
        self.wasted += outcome.wasted;
        if self.not_carried_out.is_none() {
            let scrubber = || self.scrubber(outcome);
            self.not_carried_out = outcome.taken.iter().find_map(|(step, exchange)| {
                let needed = step.fault.is_none() && step.action.semantics().effect.is_needed_later();
                let failed = needed && exchange.success().is_none();
                let status = exchange.answer().map(|answer| format!("status {}", answer.status));
                let what = status.unwrap_or_else(|| "no complete response".to_owned());
                failed.then(|| scrubber().text(&format!("{step} ({what})")))
            });
        }
        let mut scrubber = None;
        for seen in &outcome.seen {
            let answers = &mut self.observed[seen.observation];
            if let Some((times, _)) = answers.get_mut(&seen.answer) {
                *times += 1;
            } else if answers.len() < MAX_ANSWERS {
                let scrubber = scrubber.get_or_insert_with(|| self.scrubber(outcome));
                let evidence = ExchangeReport::new(&outcome.taken[seen.taken].1, scrubber);
                self.observed[seen.observation].insert(scrubber.text(&seen.answer), (1, evidence));
            }
        }
    }

    /// Takes the first breach of a property: cuts its plan down, and finds out whether it follows from another.
    async fn take_first(&mut self, breach: &Breach, plan: &Plan, outcome: &Arc<PlanOutcome>) {
        let property = breach.property;
        let Shrunk { smallest, cut_down } = self.cut_down(plan, breach, outcome).await;
        let (plan, found) = match smallest {
            Some(Smallest { plan, outcome, elsewhere }) => {
                if let Some(Elsewhere { property: other, plan, outcome }) = elsewhere {
                    self.follows.insert(property, other);
                    let outcome = Arc::new(outcome);
                    if let Some(breach) = outcome.breaches.iter().find(|breach| breach.property == other) {
                        let breach = breach.clone();
                        let found = Found { breach, plan, outcome: Arc::clone(&outcome), cut_down };
                        self.failures.entry(other).or_insert(found);
                        self.broken[other] = self.broken[other].max(1);
                    }
                }
                (plan, Arc::new(outcome))
            }
            // A first breach is kept as it was found even if it cannot be reproduced or cut down.
            None => (plan.clone(), Arc::clone(outcome)),
        };
        let breach = found.breaches.iter().find(|other| other.property == property).unwrap_or(breach).clone();
        if let Some(cause) = cause_within(&breach, &found.breaches, &self.settings.properties) {
            self.follows.insert(property, cause);
        }
        self.failures.insert(property, Found { breach, plan, outcome: found, cut_down });
    }

    async fn cut_down(&mut self, plan: &Plan, breach: &Breach, outcome: &PlanOutcome) -> Shrunk {
        let before = self.executor.sender.sent();
        let failing = plan_step(plan, outcome, breach.taken);
        let left = self.settings.shrinking.saturating_sub(self.shrinking_requests);
        let budget = left.div_ceil(2).min(MAX_SHRINKING_OF_ONE);
        if self.settings.shrinking == 0 {
            return Shrunk { smallest: None, cut_down: CutDown::TurnedOff };
        }
        let shrunk = shrink(plan, failing, breach.property, self.executor, budget).await;
        self.shrinking_requests += self.executor.sender.sent() - before;
        if let Some(smallest) = &shrunk.smallest {
            self.note(&smallest.outcome);
            if let Some(elsewhere) = &smallest.elsewhere {
                self.note(&elsewhere.outcome);
            }
        }
        shrunk
    }

    fn note(&mut self, outcome: &PlanOutcome) {
        outcome.taken.iter().for_each(|(step, exchange)| self.latencies.note(&step.action, exchange));
        self.rotation.note(&outcome.old_secrets);
        self.lacks.extend(outcome.lacks.iter().map(|(lack, why)| (*lack, why.clone())));
    }

    /// What was found, once the run is over.
    pub(super) fn findings(self, run: Facts) -> Findings {
        let properties =
            self.settings.properties.iter().enumerate().map(|(position, property)| PropertyFinding {
                property,
                held: self.held[position],
                broken: self.broken[position],
                lack: property.needs.and_then(|capability| self.lacks.get(&capability)).cloned(),
                unexercised: (self.held[position] + self.broken[position] == 0)
                    .then(|| self.why_unexercised(run.interrupted)),
                follows_from: self.cause_of(position),
                failure: self.failures.get(&position).map(|found| self.failure(found)),
            });
        Findings {
            properties: properties.collect(),
            observations: self.observations(),
            latencies: self.latencies.rows(),
            rotation: self.rotation,
            plans: self.plans,
            shrinking_requests: self.shrinking_requests,
            wasted_requests: self.wasted,
            run,
        }
    }

    /// Why nothing exercised a property, as far as that can be told.
    fn why_unexercised(&self, interrupted: bool) -> String {
        if interrupted {
            return "the run was interrupted".to_owned();
        }
        if let Some(what) = &self.not_carried_out {
            return format!("the target did not carry out what it may need first: {what}");
        }
        let short =
            self.executor.sender.sent() - self.shrinking_requests + MAX_LEFT >= self.settings.requests;
        if short && self.settings.profile != Profile::Smoke {
            return format!("all {} requests were used up before", self.settings.requests);
        }
        "no response of the target led to it".to_owned()
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

    /// The property from which this one's breach follows, if that one is broken itself.
    fn cause_of(&self, position: usize) -> Option<&'static str> {
        if self.broken[position] == 0 {
            return None;
        }
        let mut cause = root(position, &self.follows);
        if cause == position {
            let is_root = |other: &usize| self.broken[*other] > 0 && !self.follows.contains_key(other);
            let broken = (0..self.broken.len()).filter(is_root);
            cause = cause_among(position, broken, &self.settings.properties).unwrap_or(position);
        }
        let broken = cause != position && self.broken[cause] > 0;
        broken.then(|| self.settings.properties[cause].id)
    }

    fn observations(&self) -> Vec<ObservationFinding> {
        let seen = observations::ALL.iter().zip(&self.observed);
        seen.map(|(observation, answers)| {
            let answers = answers.iter().map(|(answer, (times, evidence))| ObservedAnswer {
                answer: answer.clone(),
                times: *times,
                evidence: evidence.clone(),
            });
            let mut answers: Vec<_> = answers.collect();
            answers.sort_by_key(|answer| Reverse(answer.times));
            ObservationFinding { observation, answers }
        })
        .collect()
    }

    fn failure(&self, Found { breach, plan, outcome, cut_down }: &Found) -> Failure {
        let scrubber = self.scrubber(outcome);
        let taken = &outcome.taken[..=breach.taken];
        Failure {
            expected: scrubber.text(&breach.why.expected),
            actual: scrubber.text(&breach.why.actual),
            steps: taken.iter().map(|(step, _)| scrubber.text(&step.to_string())).collect(),
            exchanges: taken.iter().map(|(_, exchange)| ExchangeReport::new(exchange, &scrubber)).collect(),
            cut_down: *cut_down,
            plan: plan.clone(),
        }
    }
}

/// The position in a plan of the step that was taken as the `taken`-th: a plan's steps are taken in order, some more than
/// once, with others in between that the plan does not have. The last step stands for those that came after it.
fn plan_step(plan: &Plan, outcome: &PlanOutcome, taken: usize) -> usize {
    let mut next = 0;
    let mut found = plan.steps.len().saturating_sub(1);
    for (index, (step, _)) in outcome.taken.iter().enumerate().take(taken + 1) {
        let same = |planned: &Step| planned.action == step.action && planned.fault == step.fault;
        if let Some(ahead) = plan.steps[next..].iter().position(same) {
            next += ahead + 1;
            if index == taken {
                found = next - 1;
            }
        }
    }
    found
}
