//! Takes one plan to the target and judges every step of it.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::join_all;

use super::failing::Failing;
use super::outcome::PlanOutcome;
use super::step::{Certainty, purpose};
use super::{clean_up_cost, plain};
use crate::call::Call;
use crate::model::Model;
use crate::model::semantics::ShownRecords;
use crate::plan::{Plan, Step};
use crate::properties::property::{Level, Property};
use crate::run::journal::Journal;
use crate::run::leftovers::Leftovers;
use crate::run::patience::{Lateness, Patience};
use crate::run::set_up::SetUp;
use crate::wire::allowance::Purpose;
use crate::wire::exchange::Exchange;
use crate::wire::run_mark::RunMark;
use crate::wire::sender::Sender;

/// Maximum attempts at a step that later steps need, while its outcome stays unclear.
const MAX_ATTEMPTS: u32 = 3;

/// Number of later steps that make a record essential to a plan.
const MIN_STEPS_OF_ESSENTIAL: usize = 2;

/// What it takes to run plans.
pub struct Executor<'a> {
    /// Sends the requests.
    pub sender: &'a Sender,
    /// What came of the request that shows whether the run can begin, until a step asks for the same.
    pub start_check: Mutex<Option<Exchange>>,
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
    /// The lowest level at which a broken property fails the run.
    pub fails_from: Level,
    /// Whether the first broken property that fails a run ends it.
    pub until_broken: bool,
}

impl Executor<'_> {
    /// Whether the run must end: no step is begun any more, and clean-up follows.
    pub(super) fn is_to_end(&self) -> bool {
        self.sender.is_to_end() || self.set_up.refused().is_some()
    }

    /// Runs a plan, then deletes what it made.
    pub async fn run(&self, plan: &Plan) -> PlanOutcome {
        let mut model = Model { taken_names: self.leftovers.names(), ..Model::default() };
        let mut outcome = PlanOutcome { held: vec![0; self.properties.len()], ..PlanOutcome::default() };
        let allowance = self.sender.allowance();
        let mut reserved = allowance.reserve();
        let mut later = plan.steps.as_slice();
        let (mut planned, mut left_out) = (0, 0);
        for group in plan.steps.chunk_by(|a, b| a.at_once.is_some() && a.at_once == b.at_once) {
            later = &later[group.len()..];
            let is_kept = |step: &&Step| purpose(step) == Purpose::Test && !step.spare;
            outcome.steps_to_come = later.iter().filter(is_kept).count() as u64;
            if self.is_to_end() {
                break;
            }
            if !self.is_due(group, &model).await {
                continue;
            }
            let size = group.len() as u64;
            let is_short = !allowance.affords(size + later.len() as u64);
            if is_short
                && group[0].spare
                && outcome.requests()
                    + allowance.repeats_to_come(later.len() as u64)
                    + self.held_back(&outcome)
                    > planned + left_out
            {
                left_out += size;
                continue;
            }
            planned += size;
            // What a step makes must be deleted too.
            reserved.set(self.max_clean_up(&model, group));
            let spends_reserved = group.iter().all(|step| purpose(step) == Purpose::CleanUp);
            if !spends_reserved && !allowance.affords(size) {
                outcome.ran_out = true;
                break;
            }
            match group {
                [step] => self.run_with_retry(step, later, &mut model, &mut outcome).await,
                _ => self.run_at_once(group, later, &mut model, &mut outcome).await,
            }
        }
        outcome.steps_to_come = 0;
        self.tear_down(&mut model, &mut outcome).await;
        drop(reserved);
        self.leftovers.note(&model);
        outcome.secrets = model.secrets().map(str::to_owned).collect();
        outcome
    }

    /// Requests that a plan holds back because a list was too slow to show whether lists are late.
    fn held_back(&self, outcome: &PlanOutcome) -> u64 {
        let lateness = self.patience.lateness();
        let is_list = |step: &Step| {
            matches!(step.action.semantics().shows, ShownRecords::Servers | ShownRecords::Clients)
        };
        let has_listed = || outcome.taken.iter().any(|(step, _)| is_list(step));
        let usual = clean_up_cost::of_late_lists(Lateness::NotSeen);
        if has_listed() { clean_up_cost::of_late_lists(lateness).saturating_sub(usual) } else { 0 }
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
        let of_steps =
            steps.iter().map(|step| clean_up_cost::of_step(step, model, is_disturbed)).sum::<u64>();
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
            if let Some(plain) = plain::update_instead_of(outcome.taken.last())
                && self.sender.allowance().affords(1)
            {
                self.run_step(&plain, model, outcome).await;
            }
            if let Some(of_the_others) = plain::deletion_instead_of(outcome.taken.last(), model) {
                self.run_step(&of_the_others, model, outcome).await;
            }
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
            for capability in step.action.semantics().reveals.capabilities() {
                outcome.lacks.remove(&capability);
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
}
