//! What a run has found so far, and the report that it adds up to.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use crate::{
    execute::{Breach, Executor, PlanOutcome},
    plan::{Action, Plan},
    property::Capability,
    report::{ExchangeReport, Failure, PropertyReport, Report, Verdict},
    runner::Settings,
    scrub::Scrubber,
    shrink::shrink,
};

/// What a run has found so far.
pub(crate) struct Tally<'a> {
    settings: &'a Settings,
    executor: &'a Executor<'a>,
    held: Vec<u64>,
    broken: Vec<u64>,
    failures: BTreeMap<usize, (Breach, Plan, Arc<PlanOutcome>)>,
    lacks: BTreeMap<Capability, String>,
    scrubber: Scrubber,
    plans: u64,
    shrinking_requests: u64,
    left_behind: u32,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(settings: &'a Settings, executor: &'a Executor<'a>) -> Self {
        let count = settings.properties.len();
        let mut scrubber = Scrubber::default();
        scrubber.learn(settings.target.management_key.expose());
        Self {
            settings,
            executor,
            held: vec![0; count],
            broken: vec![0; count],
            failures: BTreeMap::new(),
            lacks: BTreeMap::new(),
            scrubber,
            plans: 0,
            shrinking_requests: 0,
            left_behind: 0,
        }
    }

    fn sent(&self) -> u64 {
        self.executor.sender.sent() - self.shrinking_requests
    }

    /// Whether a plan surely fits into what is left of the budget, clean-up included.
    pub(crate) fn affords(&self, plan: &Plan) -> bool {
        let servers =
            plan.steps.iter().filter(|step| matches!(step.action, Action::CreateServer { .. })).count();
        self.sent() + ((plan.steps.len() + servers + 1) as u64) < self.settings.requests
    }

    pub(crate) async fn take(&mut self, plan: Plan) {
        let outcome = self.executor.run(&plan).await;
        self.plans += 1;
        self.note(&outcome);
        for (sum, held) in self.held.iter_mut().zip(&outcome.held) {
            *sum += held;
        }
        let outcome = Arc::new(outcome);
        for breach in &outcome.breaches {
            self.broken[breach.property] += 1;
            if self.failures.contains_key(&breach.property) {
                continue;
            }
            // A first breach is kept as it was found even if it cannot be reproduced or cut down.
            let (smaller, found) = match self.cut_down(&plan, breach.property).await {
                Some((smaller, found)) => (smaller, Arc::new(found)),
                None => (plan.clone(), outcome.clone()),
            };
            let again = found
                .breaches
                .iter()
                .find(|other| other.property == breach.property)
                .unwrap_or(breach)
                .clone();
            self.failures.insert(breach.property, (again, smaller, found));
        }
    }

    async fn cut_down(&mut self, plan: &Plan, property: usize) -> Option<(Plan, PlanOutcome)> {
        let before = self.executor.sender.sent();
        let smaller = shrink(plan, property, self.executor, self.settings.shrinking).await;
        self.shrinking_requests += self.executor.sender.sent() - before;
        if let Some((_, outcome)) = &smaller {
            self.note(outcome);
        }
        smaller
    }

    fn note(&mut self, outcome: &PlanOutcome) {
        outcome.secrets.iter().for_each(|secret| self.scrubber.learn(secret));
        self.lacks.extend(outcome.lacks.iter().map(|(lack, why)| (*lack, why.clone())));
        self.left_behind += outcome.left_behind;
    }

    /// What it adds up to.
    pub(crate) fn report(self) -> Report {
        let Settings { target, profile, seed, .. } = self.settings;
        let properties = self.settings.properties.iter().enumerate().map(|(position, property)| {
            let (held, broken) = (self.held[position], self.broken[position]);
            let reason = property.needs.and_then(|capability| self.lacks.get(&capability));
            let verdict = match (broken, held, reason) {
                (1.., _, _) => Verdict::Fail,
                (0, 1.., _) => Verdict::Pass,
                (0, 0, Some(_)) => Verdict::NotApplicable,
                (0, 0, None) => Verdict::Untested,
            };
            PropertyReport {
                id: property.id,
                sentence: property.sentence,
                level: property.level,
                source: property.source,
                verdict,
                held,
                broken,
                reason: reason.filter(|_| verdict == Verdict::NotApplicable).cloned(),
                failure: self
                    .failures
                    .get(&position)
                    .map(|(breach, plan, outcome)| self.failure(breach, plan, outcome)),
            }
        });
        Report {
            version: env!("CARGO_PKG_VERSION"),
            target: target.name.clone(),
            project_id: target.project_id.to_string(),
            profile: profile.name(),
            seed: *seed,
            properties: properties.collect(),
            plans: self.plans,
            requests: self.executor.sender.sent(),
            shrinking_requests: self.shrinking_requests,
            rate_limited: self.executor.sender.rate_limited(),
            elapsed_ms: 0,
            left_behind: self.left_behind,
            interrupted: self.executor.stop.load(Ordering::Relaxed),
        }
    }

    fn failure(&self, breach: &Breach, plan: &Plan, outcome: &PlanOutcome) -> Failure {
        let taken = &outcome.taken[..=breach.taken];
        Failure {
            expected: self.scrubber.text(&breach.why.expected),
            actual: self.scrubber.text(&breach.why.actual),
            steps: taken.iter().map(|(step, _)| self.scrubber.text(&step.to_string())).collect(),
            exchanges: taken
                .iter()
                .map(|(_, exchange)| ExchangeReport::new(exchange, &self.scrubber))
                .collect(),
            plan: plan.clone(),
        }
    }
}
