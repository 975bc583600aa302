//! What a run has found so far.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::causes::{cause_among, cause_within, is_seldom_a_cause, root};
use super::execute::Executor;
use super::findings::{Facts, Failure, Findings, ObservationFinding, ObservedAnswer, PropertyFinding};
use super::latency::{self, Latencies};
use super::outcome::{Breach, PlanOutcome};
use super::rotation::{self, Rotation};
use super::settings::{Profile, Settings};
use super::shrink::{CutDown, Elsewhere, Shrunk, Smallest, shrink};
use super::{clean_up_cost, lacks};
use crate::model::effect::{AuthorizationEffect, Effect};
use crate::observations;
use crate::plan::dependencies::Dependencies;
use crate::plan::{Plan, Step};
use crate::plans;
use crate::properties::property::{Capability, Property};
use crate::properties::registry;
use crate::text::shorten_around_difference;
use crate::wire::exchange::{Exchange, Outcome};
use crate::wire::no_answer::{Kind, NoAnswer};
use crate::wire::scrub::Scrubber;
use crate::wire::scrubbed::ExchangeReport;

/// Longest text, in characters, that says what a property expects or what the target did; of a longer one, the part that
/// differs is left.
const MAX_WHY_CHARS: usize = 4_000;
/// Most causes for which the allowed requests are spent on shrinking: on a target that breaks more properties than that, the
/// others are shown as they were found.
const MAX_SHRUNK: u64 = 10;

/// Most requests that a run leaves unused because none of its plans would fit.
const MAX_LEFT: u64 = 60;

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
        for breach in &outcome.breaches {
            self.broken[breach.property] += 1;
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

    /// Takes the first breach of a property: cuts its plan down, and finds out whether it follows from another.
    async fn take_first(&mut self, breach: &Breach, plan: &Plan, outcome: &Arc<PlanOutcome>) {
        let property = breach.property;
        let cause = self.cause_among_found(breach, outcome);
        let Shrunk { smallest, cut_down } = match cause {
            Some(_) => Shrunk { smallest: None, cut_down: CutDown::Follows },
            None if !self.fails_a_run(property) => Shrunk { smallest: None, cut_down: CutDown::FailsNothing },
            None => self.cut_down(plan, breach, outcome).await,
        };
        self.follows.extend(cause.map(|cause| (property, cause)));
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
            // A first breach is kept as it was found even if it cannot be reproduced or shrunk.
            None => (plan.clone(), Arc::clone(outcome)),
        };
        let breach = found.breaches.iter().find(|other| other.property == property).unwrap_or(breach).clone();
        if let Some(cause) = cause_within(&breach, &found.breaches, &self.settings.properties) {
            self.follows.insert(property, cause);
        }
        self.show_others_by(&plan, &found, cut_down, outcome);
        self.failures.insert(property, Found { breach, plan, outcome: found, cut_down });
    }

    /// Other properties that the first plan broke and the smaller one breaks too are shown by that.
    fn show_others_by(
        &mut self,
        smaller: &Plan,
        outcome: &Arc<PlanOutcome>,
        cut_down: CutDown,
        first: &Arc<PlanOutcome>,
    ) {
        if Arc::ptr_eq(outcome, first) {
            return;
        }
        let in_first =
            |breach: &&Breach| first.breaches.iter().any(|other| other.property == breach.property);
        for breach in outcome.breaches.iter().filter(in_first) {
            let found = || Found {
                breach: breach.clone(),
                plan: smaller.clone(),
                outcome: Arc::clone(outcome),
                cut_down,
            };
            self.failures.entry(breach.property).or_insert_with(found);
            if let Some(cause) = cause_within(breach, &outcome.breaches, &self.settings.properties) {
                self.follows.insert(breach.property, cause);
            }
        }
    }

    /// The property from which a breach follows, as far as is known when it is found.
    fn cause_among_found(&self, breach: &Breach, outcome: &PlanOutcome) -> Option<usize> {
        let properties = &self.settings.properties;
        cause_within(breach, &outcome.breaches, properties).or_else(|| {
            let in_this_plan = outcome.breaches.iter().map(|other| other.property);
            let found = self.failures.keys().copied().chain(in_this_plan);
            cause_among(breach.property, found.filter(|other| *other != breach.property), properties)
        })
    }

    async fn cut_down(&mut self, plan: &Plan, breach: &Breach, outcome: &PlanOutcome) -> Shrunk {
        let before = self.executor.sender.sent();
        let last = plan.steps.len().saturating_sub(1);
        // The last step stands for those that came after it.
        let failing = outcome.step_in(plan, breach.taken).unwrap_or(last);
        let each = self.settings.shrinking;
        if each == 0 {
            return Shrunk { smallest: None, cut_down: CutDown::TurnedOff };
        }
        let budget = each.min(self.left_for_shrinking(Some(breach.property)));
        let shown: Vec<_> = self.failures.keys().copied().collect();
        let shrunk = shrink(plan, failing, breach, &shown, self.executor, budget).await;
        self.shrinking_requests += self.executor.sender.sent() - before;
        if let Some(smallest) = &shrunk.smallest {
            self.note(&smallest.outcome);
            if let Some(elsewhere) = &smallest.elsewhere {
                self.note(&elsewhere.outcome);
            }
        }
        shrunk
    }

    fn fails_a_run(&self, property: usize) -> bool {
        self.settings.properties[property].level <= self.settings.fails_from
    }

    /// Requests of those for shrinking that are left when it is over, if it has begun.
    pub(super) fn left_of_shrinking(&self) -> u64 {
        if self.shrinking_requests > 0 { self.left_for_shrinking(None) } else { 0 }
    }

    /// Requests that may still be spent on shrinking if this property is found to be broken too: as many for each property
    /// that follows from no other.
    fn left_for_shrinking(&self, found: Option<usize>) -> u64 {
        let broken = self.failures.keys().copied().chain(found);
        let broken: Vec<_> = broken.filter(|property| self.fails_a_run(*property)).collect();
        let follows_from_another = |property: usize| {
            let others = broken.iter().copied().filter(|other| *other != property);
            root(property, &self.follows) != property
                || cause_among(property, others, &self.settings.properties).is_some()
        };
        let causes: Vec<_> = broken.iter().filter(|property| !follows_from_another(**property)).collect();
        let seldom =
            causes.iter().filter(|property| is_seldom_a_cause(***property, &self.settings.properties));
        let likely = (causes.len() - seldom.count()).max(causes.len().min(1));
        let all = self.settings.shrinking.saturating_mul(MAX_SHRUNK.min(likely as u64));
        all.saturating_sub(self.shrinking_requests)
    }

    fn note(&mut self, outcome: &PlanOutcome) {
        outcome.taken.iter().for_each(|(step, exchange)| self.latencies.note(&step.action, exchange));
        self.rotation.note(&outcome.old_secrets);
        self.lacks.extend(outcome.lacks.iter().map(|(lack, why)| (*lack, why.clone())));
        lacks::conclude(&mut self.lacks);
    }

    /// What was found, once the run is over.
    pub(super) fn findings(self, run: Facts) -> Findings {
        // What clean-up took beyond the requests of the run was allowed for what shrinking left.
        let beyond = match run.profile {
            Some(_) => {
                run.requests.saturating_sub(run.allowed_requests.saturating_add(self.rotation.requests))
            }
            None => 0,
        };
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
            shrinking_requests: self.shrinking_requests.max(beyond),
            wasted_requests: self.wasted,
            ran_out: self.ran_out,
            run,
        }
    }

    /// Why nothing exercised a property, as far as that can be told.
    fn why_unexercised(&self, interrupted: bool) -> String {
        if interrupted {
            return "the run was interrupted".to_owned();
        }
        let used_up = || format!("all {} requests were used up before", self.settings.requests);
        if self.ran_out && self.settings.profile == Profile::Smoke {
            return used_up();
        }
        if let Some(what) = &self.not_carried_out {
            return format!("the target did not carry out what it may need first: {what}");
        }
        let short =
            self.executor.sender.sent() - self.shrinking_requests + MAX_LEFT >= self.settings.requests;
        if short && self.settings.profile != Profile::Smoke {
            return used_up();
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
            let mut answers: Vec<_> = answers.values().cloned().collect();
            answers.sort_by_key(|answer| Reverse(answer.times));
            ObservationFinding { observation, answers }
        })
        .collect()
    }

    fn failure(&self, Found { breach, plan, outcome, cut_down }: &Found) -> Failure {
        let scrubber = self.scrubber(outcome);
        // What is not cut down is shown without what it cannot depend on.
        let position = outcome.step_in(plan, breach.taken).filter(|_| *cut_down == CutDown::FailsNothing);
        let leads_to_it =
            position.map(|position| plan.positions_leading_to(position, Dependencies::AllAboutItsSubjects));
        let is_shown = |taken: usize| match &leads_to_it {
            Some(positions) => outcome.step_in(plan, taken).is_some_and(|step| positions.contains(&step)),
            None => true,
        };
        let at_once: Vec<_> = outcome.taken.iter().map(|(step, _)| step.at_once).collect();
        let shown = up_to(&at_once, breach.taken).filter(|taken| is_shown(*taken));
        let shown = shown.map(|taken| &outcome.taken[taken]);
        // Cut only after secrets were found: half a secret would not be.
        let [expected, actual] = [&breach.why.expected, &breach.why.actual].map(|text| scrubber.text(text));
        let (expected, actual) = shorten_around_difference(&expected, &actual, MAX_WHY_CHARS);
        Failure {
            expected,
            actual,
            steps: shown.clone().map(|(step, _)| scrubber.text(&step.to_string())).collect(),
            exchanges: shown.map(|(_, exchange)| ExchangeReport::new(exchange, &scrubber)).collect(),
            cut_down: *cut_down,
            plan: match position {
                Some(position) => plan.what_leads_to(position, Dependencies::AllAboutItsSubjects),
                None => plan.clone(),
            },
        }
    }
}

/// The positions of the steps that lead to the one at this position, and that one at last. Those that were taken at the same
/// time, by their numbers in `at_once`, belong to them wherever they stand.
fn up_to(at_once: &[Option<u8>], position: usize) -> impl Iterator<Item = usize> + Clone {
    let after = at_once.get(position + 1..).unwrap_or_default();
    let own = at_once.get(position).copied().flatten();
    let partners = after.iter().take_while(|other| own.is_some() && **other == own).count();
    (0..position).chain(position + 1..position + 1 + partners).chain([position])
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

#[cfg(test)]
mod tests {
    use super::up_to;

    #[test]
    fn the_steps_of_a_failure_are_those_up_to_the_one_that_shows_it_and_all_that_were_sent_at_the_same_time()
    {
        let at_once = [None, Some(1), Some(1), Some(2), Some(2), Some(2), None];
        let shown = |position| up_to(&at_once, position).collect::<Vec<_>>();
        assert_eq!(shown(0), [0]);
        assert_eq!(shown(1), [0, 2, 1]);
        assert_eq!(shown(2), [0, 1, 2]);
        assert_eq!(shown(4), [0, 1, 2, 3, 5, 4]);
        assert_eq!(shown(6), [0, 1, 2, 3, 4, 5, 6]);
    }
}
