//! A run: which plans are taken to the target, within which budget, and what they add up to.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use crate::{
    call::{Call, RunMark},
    exchange::Outcome,
    execute::{Breach, Executor, Patience, PlanOutcome},
    model::Model,
    pace::Pace,
    plan::{Action, Plan, Step},
    plans::{curated, generated},
    property::{Capability, Property},
    report::{ExchangeReport, Failure, PropertyReport, Report, Verdict},
    scrub::Scrubber,
    sender::Sender,
    shrink::shrink,
    target::Target,
};

/// How much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Every property at least once in at most 100 requests: one minute of a live API's rate limit.
    Smoke,
    /// The same and random plans, in at most 1,000 requests.
    Standard,
    /// Random plans until the given number of requests or minutes is used up.
    Deep,
}

/// What to run.
pub struct Settings {
    /// The server under test.
    pub target: Target,
    /// How much to do.
    pub profile: Profile,
    /// Decides every generated value.
    pub seed: u64,
    /// What to judge by.
    pub properties: Vec<&'static Property>,
    /// Most requests to send, besides those that cut failing plans down.
    pub requests: u64,
    /// When to begin no more plans.
    pub duration: Option<Duration>,
    /// Most requests in any 60 s; 0 for no limit.
    pub pace: usize,
    /// How long a list may lag behind a write.
    pub consistency_window: Duration,
    /// About how many requests may be sent to cut down the plan that broke a property, for each broken one.
    pub shrinking: u64,
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing answers.
    #[error("cannot reach {url}: {reason}")]
    Unreachable {
        /// The target.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// The key is not accepted.
    #[error(
        "{url} refuses the management key of project {project} with status {status}; check DESCOPE_PROJECT_ID and DESCOPE_MANAGEMENT_KEY"
    )]
    KeyRefused {
        /// The target.
        url: String,
        /// The project.
        project: String,
        /// The HTTP status.
        status: u16,
    },
    /// Something else lives there.
    #[error("{url} does not speak this API: it answers with status {status} and {content}")]
    NotThisApi {
        /// The target.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What it answers with, in words.
        content: String,
    },
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client")]
    Http(#[from] reqwest::Error),
}

impl Profile {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Standard => "standard",
            Self::Deep => "deep",
        }
    }

    /// Most requests, unless told otherwise.
    pub fn requests(self) -> u64 {
        match self {
            Self::Smoke => 100,
            Self::Standard => 1_000,
            Self::Deep => 10_000,
        }
    }
}

/// Runs the suite. Setting `stop` ends it early; what it made is deleted all the same.
pub async fn run(settings: &Settings, stop: &AtomicBool) -> Result<Report, StartError> {
    let started = Instant::now();
    let sender = Sender::new(settings.target.clone(), Pace::new(settings.pace))?;
    let mark = mark_of(settings);
    probe(&sender, &mark).await?;
    let patience = Patience::new(settings.consistency_window);
    let executor = Executor {
        sender: &sender,
        properties: &settings.properties,
        mark: &mark,
        patience: &patience,
        stop,
    };
    let mut run = Tally::new(settings, &executor);
    for plan in curated::all(settings.seed) {
        run.take(plan).await;
    }
    if settings.profile != Profile::Smoke {
        for number in 0.. {
            let plan = generated::plan(settings.seed, number);
            let time_is_up = settings.duration.is_some_and(|duration| started.elapsed() >= duration);
            if time_is_up || !run.affords(&plan) || stop.load(Ordering::Relaxed) {
                break;
            }
            run.take(plan).await;
        }
    }
    let mut report = run.report().await;
    report.elapsed_ms = started.elapsed().as_millis() as u64;
    Ok(report)
}

/// The marks of a run follow from its seed and its process, so that two runs side by side do not mix.
fn mark_of(settings: &Settings) -> RunMark {
    let nonce = settings.seed ^ u64::from(std::process::id()).rotate_left(32);
    let prefix = format!("conformance-{:08x}", (nonce ^ (nonce >> 32)) as u32);
    RunMark { prefix, unmade_server_id: format!("MS0000000{:020}", settings.seed) }
}

/// Asks for a server that nobody made: the cheapest request that shows whether this is the API and the key is right.
async fn probe(sender: &Sender, mark: &RunMark) -> Result<(), StartError> {
    let url = sender.target().base_url.to_string();
    let step = Step { action: Action::LoadUnmadeServer, fault: None };
    let Some(call) = Call::resolve(&step, &Model::default(), mark) else { return Ok(()) };
    match sender.send(&call).await.outcome {
        Outcome::NeverSent(reason) | Outcome::Unclear(reason) => Err(StartError::Unreachable { url, reason }),
        Outcome::Answered(answer) => {
            let status = answer.status;
            if matches!(status, 401 | 403) && answer.json.is_some() {
                return Err(StartError::KeyRefused {
                    url,
                    project: sender.target().project_id.to_string(),
                    status,
                });
            }
            if answer.json.as_ref().is_some_and(serde_json::Value::is_object) {
                return Ok(());
            }
            let content = match answer.header("content-type") {
                Some(content_type) => format!("a body of type {content_type} that is no JSON object"),
                None => "a body that is no JSON object".to_owned(),
            };
            Err(StartError::NotThisApi { url, status, content })
        }
    }
}

/// What a run has found so far.
struct Tally<'a> {
    settings: &'a Settings,
    executor: &'a Executor<'a>,
    held: Vec<u64>,
    broken: Vec<u64>,
    failures: BTreeMap<usize, (Breach, Plan, PlanOutcome)>,
    lacks: BTreeMap<Capability, String>,
    scrubber: Scrubber,
    plans: u64,
    shrinking_requests: u64,
    left_behind: u32,
}

impl<'a> Tally<'a> {
    fn new(settings: &'a Settings, executor: &'a Executor<'a>) -> Self {
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
    fn affords(&self, plan: &Plan) -> bool {
        let servers =
            plan.steps.iter().filter(|step| matches!(step.action, Action::CreateServer { .. })).count();
        self.sent() + ((plan.steps.len() + servers + 1) as u64) < self.settings.requests
    }

    async fn take(&mut self, plan: Plan) {
        let outcome = self.executor.run(&plan).await;
        self.plans += 1;
        self.note(&outcome);
        for (sum, held) in self.held.iter_mut().zip(&outcome.held) {
            *sum += held;
        }
        let mut outcome = Some(outcome);
        let breaches = outcome.as_ref().map(|outcome| outcome.breaches.clone()).unwrap_or_default();
        for breach in breaches {
            self.broken[breach.property] += 1;
            if self.failures.contains_key(&breach.property) {
                continue;
            }
            // A first breach is kept as it was found even if it cannot be reproduced or cut down.
            let (smaller, found) = match self.cut_down(&plan, breach.property).await {
                Some(smaller) => smaller,
                None => match outcome.take() {
                    Some(outcome) => (plan.clone(), outcome),
                    None => continue,
                },
            };
            let breach = found
                .breaches
                .iter()
                .find(|other| other.property == breach.property)
                .cloned()
                .unwrap_or(breach);
            self.failures.insert(breach.property, (breach, smaller, found));
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

    async fn report(self) -> Report {
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
