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
    model::{Life, Model},
    observations,
    plan::{
        Action, Plan, ServerLabel, Step,
        ask::{Ask, CodeRequest, MetadataPlace, Redemption, RefreshToken},
    },
    plans::curated::UNKNOWN_MEMBER,
    properties::property::{Capability, Moment, Property, Verdict, Why},
    run::{
        journal::Journal,
        leftovers::Leftovers,
        patience::Patience,
        set_up::SetUp,
        sweep::{NotDeleted, Sweep},
    },
    wire::{
        call::{Call, RunMark},
        exchange::{Exchange, given_code},
        sender::Sender,
    },
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
    /// Where it is noted what plans may have left.
    pub leftovers: &'a Leftovers,
    /// What came of the first creation of a server. If it was refused, no step is begun any more.
    pub set_up: SetUp,
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
            if self.stop.load(Ordering::Relaxed) || self.set_up.refused().is_some() {
                break;
            }
            match group {
                [step] => self.take_surely(step, &mut model, &mut outcome).await,
                _ => self.take_at_once(group, &mut model, &mut outcome).await,
            }
        }
        self.clean_up(&mut model, &mut outcome).await;
        self.leftovers.note(&model);
        outcome.secrets = model.secrets().map(str::to_owned).collect();
        outcome
    }

    /// Deletes what the plan has left. A server that may have clients which nobody has the ids of is left to the sweep at
    /// the end of the run, which looks for them.
    async fn clean_up(&self, model: &mut Model, outcome: &mut PlanOutcome) {
        let left = model.servers.iter().filter(|(_, record)| record.life != Life::Gone);
        let mut servers = Vec::new();
        for server in left.map(|(label, _)| *label).collect::<Vec<_>>() {
            if self.empty(server, model, outcome).await {
                servers.push(server);
            }
        }
        if !servers.is_empty() {
            self.take(&Action::DeleteServers { servers }.into(), model, outcome).await;
        }
        for server in deleted_with_clients(model) {
            self.empty(server, model, outcome).await;
        }
    }

    /// Empties the servers that a step deletes, unless their clients stay in reach. Says whether the step can be taken.
    async fn empty_before(&self, step: &Step, model: &mut Model, outcome: &mut PlanOutcome) -> bool {
        if step.fault.is_some() || model.clients_of_deleted_are_in_reach() {
            return true;
        }
        for server in step.action.deletes_servers() {
            let exists = model.servers.get(server).is_some_and(|record| record.life != Life::Gone);
            if exists && !self.empty(*server, model, outcome).await {
                return false;
            }
        }
        true
    }

    /// Deletes the clients of a server, which may be out of reach once the server is gone, until a search shows that it
    /// has none. Says whether the server can be deleted without leaving a client behind.
    async fn empty(&self, server: ServerLabel, model: &mut Model, outcome: &mut PlanOutcome) -> bool {
        if model.servers_with_possible_orphans.contains(&server) {
            return false;
        }
        if model.clients_of(server).next().is_none() {
            return true;
        }
        let left = model.clients_of(server).filter(|(_, client)| client.record.life != Life::Gone);
        let (awaiting, left): (Vec<_>, Vec<_>) = left.partition(|(_, client)| client.awaits_its_id());
        let (awaiting, clients) = (awaiting.len(), left.iter().map(|(label, _)| *label).collect::<Vec<_>>());
        if !clients.is_empty() {
            self.take(&Action::DeleteClients { server, clients }.into(), model, outcome).await;
        }
        if awaiting == 0 && model.shown_without_clients.contains(&server) {
            return true;
        }
        let Some(id) = model.servers.get(&server).map(|record| record.id.clone()) else { return false };
        // Not a step that properties judge: after a clean-up they would only repeat what they found before.
        let sweep = Sweep::new(self.sender, &self.mark.prefix);
        let swept = sweep.clients_of(&id, &model.client_ids_of(server)).await;
        outcome.wasted += sweep.sent();
        match swept {
            Ok(deleted) if deleted < awaiting => return false,
            Ok(_) => model.end_clients_of(server),
            // The server is gone already: it was emptied before that.
            Err(NotDeleted::Refused) => {}
            Err(NotDeleted::MayBeLeft) => return false,
        }
        true
    }

    /// Takes a step. What later ones need is asked for anew if the outcome is unclear; what the first try may have made is
    /// found by the sweep.
    async fn take_surely(&self, step: &Step, model: &mut Model, outcome: &mut PlanOutcome) {
        // What is left of a group is an ordinary step.
        let step = Step { at_once: None, ..step.clone() };
        if !self.empty_before(&step, model, outcome).await {
            return;
        }
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
        let mut possible = Vec::new();
        for step in steps {
            if self.empty_before(step, model, outcome).await {
                possible.push(step);
            }
        }
        let calls = possible.into_iter().filter_map(|step| Call::resolve(step, model, self.mark));
        let calls: Vec<_> = calls.collect();
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
        self.set_up.note(&call, &exchange);
        note_lacks(&call, &exchange, &mut outcome.lacks);
        self.note_server(&call, &exchange);
        let taken = outcome.taken.len();
        let mut wasted = true;
        for (property, verdict) in judged.verdicts.into_iter().enumerate() {
            wasted &= verdict == Verdict::DoesNotApply;
            match verdict {
                Verdict::Holds => outcome.held[property] += 1,
                Verdict::Broken(why) => {
                    self.leftovers.note_breach(self.properties[property].id);
                    outcome.breaches.push(Breach { property, taken, why });
                }
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

/// The servers that are gone, and that may have left clients.
fn deleted_with_clients(model: &Model) -> Vec<ServerLabel> {
    let gone = model.servers.iter().filter(|(_, record)| record.life == Life::Gone);
    let left = gone
        .filter(|(server, _)| model.clients_of(**server).any(|(_, client)| client.record.life != Life::Gone));
    left.map(|(server, _)| *server).collect()
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
