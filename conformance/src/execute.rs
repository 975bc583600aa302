//! Takes one plan to the target and judges every step of it.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use descope_mcp_openapi::Document;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{
    authorization_server::{Ask, CodeRequest, MetadataPlace, Redemption, RefreshToken, given_code},
    call::{Call, RunMark},
    exchange::Exchange,
    journal::Journal,
    model::{Life, Model},
    observations,
    patience::Patience,
    plan::{Action, Plan, ServerLabel, Step},
    plans::curated::UNKNOWN_MEMBER,
    property::{Capability, Moment, Property, Verdict, Why},
    sender::Sender,
};

/// First pause before a request is sent again because its answer may lag behind; doubled each time.
const FIRST_LAG_PAUSE: Duration = Duration::from_millis(100);

/// Most times that something is asked for that later steps need, when its outcome stays unclear.
const MOST_TRIES: u32 = 3;

/// How a step was taken.
#[derive(PartialEq)]
enum Taken {
    /// With a clear outcome, or it was none that others build on.
    Clearly,
    /// Nobody knows what came of it, and later steps need it.
    Unclearly,
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
    /// Whether the target has refused to delete clients of a server that is gone: then they went with it.
    pub clients_go_with_servers: AtomicBool,
    /// Set when the run must end: no step is begun any more, and clean-up follows.
    pub stop: &'a AtomicBool,
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
    /// Records that could not be deleted, or that may exist without being known.
    pub left_behind: u32,
}

impl PlanOutcome {
    /// Whether the outcome of a request was unclear, if only at first: what it should have shown may not have been judged.
    pub fn was_disturbed(&self) -> bool {
        self.taken.iter().any(|(_, exchange)| exchange.after_unclear_try || exchange.answer().is_none())
    }
}

/// An answer to an open question.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The question's position in [`observations::ALL`].
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
        for group in plan.steps.chunk_by(|a, b| a.at_once.is_some() && a.at_once == b.at_once) {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            match group {
                [step] => self.take_surely(step, &mut model, &mut outcome).await,
                _ => self.take_at_once(group, &mut model, &mut outcome).await,
            }
        }
        for step in clean_up(&model) {
            self.take(&step, &mut model, &mut outcome).await;
        }
        self.delete_survivors(&mut model, &mut outcome).await;
        outcome.left_behind = model.possible_orphans
            + model.servers.values().filter(|record| record.life != Life::Gone).count() as u32;
        outcome.secrets = model.secrets().map(str::to_owned).collect();
        outcome
    }

    /// Deletes the clients that may have outlived their servers, until the target shows that they do not.
    async fn delete_survivors(&self, model: &mut Model, outcome: &mut PlanOutcome) {
        for step in survivors(model) {
            if self.clients_go_with_servers.load(Ordering::Relaxed) {
                return;
            }
            let before = outcome.taken.len();
            self.take(&step, model, outcome).await;
            if outcome.taken[before..].iter().any(|(_, exchange)| exchange.refusal().is_some()) {
                self.clients_go_with_servers.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Takes a step. What later ones need is asked for anew if the outcome is unclear; what the first try may have made is
    /// found by the sweep.
    async fn take_surely(&self, step: &Step, model: &mut Model, outcome: &mut PlanOutcome) {
        // What is left of a group is an ordinary step.
        let step = Step { at_once: None, ..step.clone() };
        let mut tries = 1;
        while self.take(&step, model, outcome).await == Taken::Unclearly && tries < MOST_TRIES {
            for step in way_back_to(&step.action) {
                self.take(&step.into(), model, outcome).await;
            }
            tries += 1;
        }
    }

    /// Sends the requests of these steps at the same time.
    async fn take_at_once(&self, steps: &[Step], model: &mut Model, outcome: &mut PlanOutcome) {
        let calls: Vec<_> = steps.iter().filter_map(|step| Call::resolve(step, model, self.mark)).collect();
        if let [only] = calls.as_slice() {
            return self.take_surely(&only.step, model, outcome).await;
        }
        let calls_sent = calls.len();
        let exchanges = join_all(calls.iter().map(|call| self.sender.send(call))).await;
        let group: Vec<_> = calls.into_iter().zip(exchanges).collect();
        let mut after = model.clone();
        after.apply_at_once(&group);
        for (call, exchange) in group {
            let judged = self.judge(model, &call, &exchange, &after);
            self.note(call, exchange, judged, outcome);
        }
        *model = after;
        // Later steps need what was to be made.
        for index in outcome.taken.len() - calls_sent..outcome.taken.len() {
            let (step, exchange) = &outcome.taken[index];
            if step.action.is_creation() && exchange.is_unclear() {
                let step = step.clone();
                self.take_surely(&step, model, outcome).await;
            }
        }
    }

    fn judge(&self, before: &Model, call: &Call, exchange: &Exchange, after: &Model) -> Judged {
        let moment = Moment { before, call, exchange, after, document: Document::management() };
        let answers = observations::ALL.iter().enumerate();
        Judged {
            verdicts: self.properties.iter().map(|property| (property.judge)(&moment)).collect(),
            answers: answers.filter_map(|(question, open)| Some((question, (open.see)(&moment)?))).collect(),
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

    /// Notes what came of a step.
    fn note(&self, call: Call, exchange: Exchange, judged: Judged, outcome: &mut PlanOutcome) {
        note_lacks(&call, &exchange, &mut outcome.lacks);
        self.note_server(&call, &exchange);
        let taken = outcome.taken.len();
        let mut wasted = true;
        for (property, verdict) in judged.verdicts.into_iter().enumerate() {
            wasted &= verdict == Verdict::DoesNotApply;
            match verdict {
                Verdict::Holds => outcome.held[property] += 1,
                Verdict::Broken(why) => outcome.breaches.push(Breach { property, taken, why }),
                Verdict::DoesNotApply => {}
            }
        }
        outcome.wasted += u64::from(wasted);
        let answers = judged.answers.into_iter();
        outcome.seen.extend(answers.map(|(observation, answer)| Seen { observation, taken, answer }));
        outcome.taken.push((call.step, exchange));
    }

    /// Notes a server that was made.
    fn note_server(&self, call: &Call, exchange: &Exchange) {
        if let (Some(journal), Action::CreateServer { .. }) = (self.journal, &call.step.action)
            && let Some(id) = exchange.success().and_then(|body| body["server"]["id"].as_str())
        {
            journal.made(&self.mark.prefix, id);
        }
    }

    async fn take(&self, step: &Step, model: &mut Model, outcome: &mut PlanOutcome) -> Taken {
        let Some(call) = Call::resolve(step, model, self.mark) else { return Taken::Clearly };
        let started = Instant::now();
        let mut pause = FIRST_LAG_PAUSE;
        let mut lagged = Vec::new();
        let (exchange, after, judged) = loop {
            let exchange = self.sender.send(&call).await;
            let mut after = model.clone();
            after.apply(&call, &exchange);
            let judged = self.judge(model, &call, &exchange, &after);
            let lagging = self.may_only_lag(&judged);
            let left = self.patience.with(&lagging).saturating_sub(started.elapsed());
            if !lagging.is_empty() && !left.is_zero() {
                lagged.extend(lagging);
                // The last look is at the end of the time, not before.
                sleep(pause.min(left)).await;
                pause *= 2;
                // A list that changed while its pages were read repeats or lacks what moved.
                for page in model.pages_before(&call) {
                    let exchange = self.sender.send(&page).await;
                    model.apply(&page, &exchange);
                }
                continue;
            }
            if !lagging.is_empty() {
                self.patience.lost(&lagging);
            } else if self.holds_one_of(&judged, &lagged) {
                self.patience.passed(started.elapsed());
            }
            break (exchange, after, judged);
        };
        let unclear = is_needed_later(&step.action) && exchange.is_unclear();
        let taken = if unclear { Taken::Unclearly } else { Taken::Clearly };
        self.note(call, exchange, judged, outcome);
        *model = after;
        taken
    }
}

/// Whether later steps can do nothing without the outcome, and asking once more does no harm: a creation, a secret that
/// is known, a code, tokens.
fn is_needed_later(action: &Action) -> bool {
    let gives_what_is_needed = matches!(
        action,
        Action::RotateSecret { .. }
            | Action::Ask(
                Ask::Code { how: CodeRequest::Rightly, .. }
                    | Ask::Redeem { how: Redemption::Rightly, .. }
                    | Ask::Refresh { token: RefreshToken::Newest, .. }
            )
    );
    action.is_creation() || gives_what_is_needed
}

/// What must be asked for first, so that something can be asked for anew whose outcome is unclear: a code or a refresh
/// token may be used up.
fn way_back_to(action: &Action) -> Vec<Action> {
    let code = |client| Action::Ask(Ask::Code { client, how: CodeRequest::Rightly });
    let redeem = |client| Action::Ask(Ask::Redeem { client, how: Redemption::Rightly });
    match action {
        Action::Ask(Ask::Redeem { client, .. }) => vec![code(*client)],
        Action::Ask(Ask::Refresh { client, .. }) => vec![code(*client), redeem(*client)],
        _ => Vec::new(),
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
        .filter(|(label, record)| left(record.life) && !model.may_have_orphans(**label))
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
            steps.push(Step::from(Action::DeleteClients { server: *server, clients }));
        }
    }
    if !servers.is_empty() {
        steps.push(Step::from(Action::DeleteServers { servers }));
    }
    steps
}

/// The steps that delete the clients of servers that are gone, unless these are known to be gone too.
fn survivors(model: &Model) -> Vec<Step> {
    let gone = model.servers.iter().filter(|(_, record)| record.life == Life::Gone);
    let left = gone.map(|(server, _)| {
        let clients = model.clients_of(*server).filter(|(_, client)| client.record.life != Life::Gone);
        (*server, clients.map(|(label, _)| label).collect::<Vec<_>>())
    });
    left.filter(|(_, clients)| !clients.is_empty())
        .map(|(server, clients)| Step::from(Action::DeleteClients { server, clients }))
        .collect()
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
        Action::Ask(ask) => lack_of_authorization(ask, exchange),
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

/// What an authorization server turns out to be unable to do when it is asked rightly.
fn lack_of_authorization(ask: &Ask, exchange: &Exchange) -> Option<(Capability, String)> {
    let status = exchange.answer()?.status;
    match ask {
        Ask::Metadata { at: MetadataPlace::AfterOpenid | MetadataPlace::AfterOauth, .. } if status == 404 => {
            Some((Capability::Metadata, "there is none after the issuer (status 404)".to_owned()))
        }
        Ask::Code { how: CodeRequest::Rightly, .. } if given_code(exchange).is_none() => {
            Some((Capability::CodesWithoutUser, format!("it gives none (status {status})")))
        }
        Ask::Redeem { how: Redemption::Rightly, .. }
            if exchange.success().is_some_and(|body| body["refresh_token"].is_null()) =>
        {
            Some((Capability::RefreshTokens, "it gives none with the code".to_owned()))
        }
        Ask::Register { .. } if status == 404 => {
            Some((Capability::DynamicRegistration, "its endpoint answers 404".to_owned()))
        }
        _ => None,
    }
}
