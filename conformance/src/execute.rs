//! Takes one plan to the target and judges every step of it.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use descope_mcp_openapi::Document;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{
    call::{Call, RunMark},
    exchange::Exchange,
    model::{Life, Model},
    plan::{Action, Plan, ServerLabel, Step},
    plans::curated::UNKNOWN_MEMBER,
    property::{Capability, Moment, Property, Verdict, Why},
    sender::Sender,
};

/// First pause before a request is sent again because its answer may lag behind; doubled each time.
const FIRST_LAG_PAUSE: Duration = Duration::from_millis(100);

/// Most times that a creation is asked for when its outcome stays unclear.
const MOST_CREATIONS: u32 = 3;

/// How a step was taken.
#[derive(PartialEq)]
enum Taken {
    /// With a clear outcome, or it was none that others build on.
    Clearly,
    /// It was a creation, and nobody knows whether it happened.
    UnclearCreation,
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
    /// Set when the run must end: no step is begun any more, and clean-up follows.
    pub stop: &'a AtomicBool,
}

/// How long to wait for a list that may only lag behind a write, before what is missing counts as a breach.
///
/// It starts as the whole consistency window. A list that stays wrong for that long is wrong: from then on only a small
/// multiple of the longest lag that did pass is waited, so that finding the smallest failing plan does not take the whole
/// window for every try.
pub struct Patience {
    milliseconds: AtomicU64,
    longest_lag: AtomicU64,
}

impl Patience {
    /// Patience for this window.
    pub fn new(window: Duration) -> Self {
        Self { milliseconds: AtomicU64::new(window.as_millis() as u64), longest_lag: AtomicU64::new(0) }
    }

    fn window(&self) -> Duration {
        Duration::from_millis(self.milliseconds.load(Ordering::Relaxed))
    }

    fn passed(&self, lag: Duration) {
        self.longest_lag.fetch_max(lag.as_millis() as u64, Ordering::Relaxed);
    }

    fn lost(&self) {
        let enough = 4 * self.longest_lag.load(Ordering::Relaxed);
        self.milliseconds.fetch_min(enough, Ordering::Relaxed);
    }
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
    /// What the target turned out to lack, with the evidence in words.
    pub lacks: BTreeMap<Capability, String>,
    /// Secrets that the target gave out.
    pub secrets: Vec<String>,
    /// Records that could not be deleted, or that may exist without being known.
    pub left_behind: u32,
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

impl Executor<'_> {
    /// Runs a plan, then deletes what it made.
    pub async fn run(&self, plan: &Plan) -> PlanOutcome {
        let mut model = Model::default();
        let mut outcome = PlanOutcome { held: vec![0; self.properties.len()], ..PlanOutcome::default() };
        for step in &plan.steps {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            // Later steps need what a creation makes. If its outcome is unclear it is asked for anew; what the first try may
            // have made is found by the sweep.
            let mut tries = 1;
            while self.take(step, &mut model, &mut outcome).await == Taken::UnclearCreation
                && tries < MOST_CREATIONS
            {
                tries += 1;
            }
        }
        for step in clean_up(&model) {
            self.take(&step, &mut model, &mut outcome).await;
        }
        outcome.left_behind = model.possible_orphans
            + model.servers.values().filter(|record| record.life != Life::Gone).count() as u32;
        outcome.secrets = model.secrets().map(str::to_owned).collect();
        outcome
    }

    async fn take(&self, step: &Step, model: &mut Model, outcome: &mut PlanOutcome) -> Taken {
        let Some(call) = Call::resolve(step, model, self.mark) else { return Taken::Clearly };
        let started = Instant::now();
        let deadline = started + self.patience.window();
        let mut pause = FIRST_LAG_PAUSE;
        let (exchange, after, verdicts) = loop {
            let exchange = self.sender.send(&call).await;
            let mut after = model.clone();
            after.apply(&call, &exchange);
            let moment = Moment {
                before: model,
                call: &call,
                exchange: &exchange,
                after: &after,
                document: Document::management(),
            };
            let verdicts: Vec<_> = self.properties.iter().map(|property| (property.judge)(&moment)).collect();
            let lags = verdicts
                .iter()
                .zip(self.properties)
                .any(|(v, p)| p.eventually && matches!(v, Verdict::Broken(_)));
            if lags && Instant::now() + pause <= deadline {
                sleep(pause).await;
                pause *= 2;
                continue;
            }
            match lags {
                true => self.patience.lost(),
                false => self.patience.passed(started.elapsed()),
            }
            break (exchange, after, verdicts);
        };
        note_lacks(&call, &exchange, &mut outcome.lacks);
        for (property, verdict) in verdicts.into_iter().enumerate() {
            match verdict {
                Verdict::Holds => outcome.held[property] += 1,
                Verdict::Broken(why) => {
                    outcome.breaches.push(Breach { property, taken: outcome.taken.len(), why })
                }
                Verdict::DoesNotApply => {}
            }
        }
        let taken = if step.action.is_creation() && exchange.is_unclear() {
            Taken::UnclearCreation
        } else {
            Taken::Clearly
        };
        outcome.taken.push((step.clone(), exchange));
        *model = after;
        taken
    }
}

/// The steps that delete whatever a plan has left. Clients go before their servers, since whether they go with them is
/// an open question; for the same reason a server that may have unknown clients is left to the sweep, which looks for
/// them.
fn clean_up(model: &Model) -> Vec<Step> {
    let left = |life| life != Life::Gone;
    let servers: Vec<ServerLabel> = model
        .servers
        .iter()
        .filter(|(label, record)| left(record.life) && !model.servers_with_possible_orphans.contains(label))
        .map(|(label, _)| *label)
        .collect();
    let mut steps = Vec::new();
    for server in &servers {
        let clients: Vec<_> = model
            .clients_of(*server)
            .filter(|(_, client)| left(client.record.life))
            .map(|(label, _)| label)
            .collect();
        if !clients.is_empty() {
            steps.push(Step { action: Action::DeleteClients { server: *server, clients }, fault: None });
        }
    }
    if !servers.is_empty() {
        steps.push(Step { action: Action::DeleteServers { servers }, fault: None });
    }
    steps
}

fn note_lacks(call: &Call, exchange: &Exchange, lacks: &mut BTreeMap<Capability, String>) {
    if call.step.fault.is_some() {
        return;
    }
    let refusal = exchange.refusal();
    let refused = |what: &str| refusal.map(|answer| format!("it {what} with status {}", answer.status));
    let lack = match &call.step.action {
        Action::RequestToken { .. } => refusal
            .filter(|answer| answer.status == 404)
            .map(|_| (Capability::TokenEndpoint, "its token endpoint answers 404".to_owned())),
        Action::CreateServer { body, .. } if body.contains_key(UNKNOWN_MEMBER) => {
            let dropped = || {
                let shown = exchange.success()?["server"].get(UNKNOWN_MEMBER);
                shown.is_none().then(|| "it drops members beyond the document".to_owned())
            };
            refused("refuses members beyond the document")
                .or_else(dropped)
                .map(|why| (Capability::UnknownMembers, why))
        }
        Action::CreateServer { body, .. } if body.get("approvedScopes").is_some_and(Value::is_array) => {
            refused("refuses scopes that are sent as a flat list").map(|why| (Capability::FlatScopes, why))
        }
        Action::GetSecret { .. } => {
            refused("refuses to show a secret").map(|why| (Capability::ReadableSecrets, why))
        }
        Action::SearchClients { filter, .. } if filter.sort.is_some() => {
            refused("refuses to sort by name").map(|why| (Capability::SortByName, why))
        }
        _ => None,
    };
    lacks.extend(lack);
}
