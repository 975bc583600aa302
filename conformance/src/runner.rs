//! A run: which plans are taken to the target, within which budget, and what they add up to.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use futures_util::{StreamExt, stream::FuturesOrdered};
use tokio::time::sleep;

use crate::{
    call::{Call, RunMark},
    exchange::Outcome,
    execute::Executor,
    journal::{Journal, JournalError},
    leftovers::Leftovers,
    model::Model,
    pace::Pace,
    patience::Patience,
    plan::{Action, Plan, Step},
    plans::{curated, generated, questions, smoke},
    property::Property,
    replay,
    report::Report,
    scrub::Scrubber,
    sender::Sender,
    set_up::{Cause, Refused, SetUp},
    sweep::Sweep,
    tally::Tally,
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
    /// How many plans run at the same time.
    pub jobs: NonZeroUsize,
    /// Where the run notes what it makes, so that it can be found if the run cannot delete it.
    pub journal: Option<Journal>,
    /// About how many requests may be sent, besides the others, to cut down the plans that broke properties.
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
    #[error("{url} refuses the management key of project {project} with status {status}: {said}")]
    KeyRefused {
        /// The target.
        url: String,
        /// The project.
        project: String,
        /// The HTTP status.
        status: u16,
        /// What the service says.
        said: String,
        /// Why.
        cause: Cause,
    },
    /// The first creation of a server is refused.
    #[error("{url} refuses to create a server, which everything needs, with status {status}: {said}")]
    SetUpRefused {
        /// The target.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the service says.
        said: String,
        /// Why.
        cause: Cause,
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
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl StartError {
    fn of_set_up(refused: &Refused, target: &Target) -> Self {
        let (url, said) = (target.base_url.to_string(), refused.said(&Scrubber::for_target(target)));
        Self::SetUpRefused { url, status: refused.status, said, cause: refused.cause }
    }

    /// What to do about it, if that can be told.
    pub fn cure(&self) -> Option<&'static str> {
        match self {
            Self::KeyRefused { cause, .. } | Self::SetUpRefused { cause, .. } => Some(cause.cure()),
            Self::Unreachable { .. } | Self::NotThisApi { .. } | Self::Http(_) | Self::Journal(_) => None,
        }
    }
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
    run_plans(settings, Source::Profile, stop, |_| ()).await
}

/// Where the plans of a run come from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Made by the profile, from the seed.
    Profile,
    /// These, each run once.
    Replay(&'a [Plan]),
}

/// Runs the suite on plans of that source. `watch` is called once, with the counter of requests sent.
pub async fn run_plans<Watcher>(
    settings: &Settings,
    source: Source<'_>,
    stop: &AtomicBool,
    watch: impl FnOnce(Arc<AtomicU64>) -> Watcher,
) -> Result<Report, StartError> {
    let (started, started_at) = (Instant::now(), SystemTime::now());
    let sender = Sender::new(settings.target.clone(), Pace::new(settings.pace))?;
    // Watches until it is dropped, at the end.
    let _watcher = watch(sender.counter());
    let mark = RunMark::new(settings.seed);
    probe(&sender, &mark).await?;
    let journal = settings.journal.as_ref();
    if let Some(journal) = journal {
        journal.begin(&mark.prefix, &settings.target)?;
    }
    let patience = Patience::new(settings.consistency_window);
    let leftovers = Leftovers::default();
    let executor = Executor {
        sender: &sender,
        properties: &settings.properties,
        mark: &mark,
        patience: &patience,
        journal,
        leftovers: &leftovers,
        set_up: SetUp::default(),
        stop,
    };
    let mut tally = Tally::new(settings, &executor);
    let mut plans = Plans::new(settings, source, started);
    let mut running = FuturesOrdered::new();
    let mut reserved = 0;
    loop {
        let is_over = || stop.load(Ordering::Relaxed) || executor.set_up.refused().is_some();
        while running.len() < settings.jobs.get() && !is_over() {
            let wanted = tally.wants_more();
            let Some(next) = plans.next(wanted, |plan| tally.affords(plan, reserved)) else { break };
            reserved += next.plan.max_requests();
            running.push_back(async {
                let outcome = executor.run(&next.plan).await;
                (next, outcome)
            });
        }
        let Some(first) = running.next().await else { break };
        let mut finished = vec![first];
        // Cutting a plan down takes long. Nothing else may wait for its answers meanwhile: it would count as late.
        if finished.iter().any(|(_, outcome)| tally.is_news(outcome)) {
            finished.extend(running.by_ref().collect::<Vec<_>>().await);
        }
        for (next, outcome) in finished {
            reserved -= next.plan.max_requests();
            let plan = next.plan.clone();
            if outcome.was_disturbed() {
                plans.keep_for_another_try(next);
            }
            tally.take(plan, outcome).await;
        }
    }
    let left_behind = sweep_up(&sender, &mark, &leftovers, settings.consistency_window).await;
    if let Some(journal) = journal.filter(|_| left_behind == 0) {
        journal.end(&mark.prefix)?;
    }
    if let Some(refused) = executor.set_up.refused() {
        return Err(StartError::of_set_up(refused, &settings.target));
    }
    let mut report = tally.report();
    if matches!(source, Source::Replay(_)) {
        report.profile = replay::PROFILE;
        report.allowed_requests = None;
    }
    report.left_behind = left_behind;
    report.elapsed_ms = started.elapsed().as_millis() as u64;
    report.started_at_ms = started_at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    report.conclude(report.fails_from);
    Ok(report)
}

/// Deletes what the plans of a run have left, until the target shows that nothing is; says how many records may be left.
pub async fn sweep_up(sender: &Sender, mark: &RunMark, leftovers: &Leftovers, window: Duration) -> u32 {
    if leftovers.is_empty() {
        return 0;
    }
    sleep(leftovers.until_all_show(window)).await;
    Sweep::new(sender, &mark.prefix).everything(&leftovers.servers()).await.left
}

/// Most times that a plan written by hand is taken when faults on the way cut it short.
const MOST_TRIES: u32 = 12;

/// The plans of a run, in order: the curated ones, or those of a replay, whatever they cost; those again that faults on
/// the way cut short, while a property is untested for it; then, unless it is a replay, the one that is only observed and
/// generated ones, as long as they are wanted.
struct Plans<'a> {
    settings: &'a Settings,
    source: Source<'a>,
    started: Instant,
    fixed: std::vec::IntoIter<Plan>,
    again: VecDeque<Next>,
    observed: Option<Plan>,
    generated: u64,
}

/// A plan to take.
struct Next {
    plan: Plan,
    /// How many more times it may be taken.
    tries_left: u32,
}

impl<'a> Plans<'a> {
    fn new(settings: &'a Settings, source: Source<'a>, started: Instant) -> Self {
        let fixed = match source {
            Source::Replay(plans) => plans.to_vec(),
            Source::Profile if settings.profile == Profile::Smoke => vec![smoke::plan(settings.seed)],
            Source::Profile => curated::all(settings.seed),
        };
        let (fixed, observed) = (fixed.into_iter(), Some(questions::plan()));
        Self { settings, source, started, fixed, again: VecDeque::new(), observed, generated: 0 }
    }

    fn next(&mut self, something_is_untested: bool, affords: impl Fn(&Plan) -> bool) -> Option<Next> {
        let Settings { profile, seed, duration, .. } = self.settings;
        let time_is_up = duration.is_some_and(|duration| self.started.elapsed() >= duration);
        if let Some(plan) = self.fixed.next() {
            return Some(Next { plan, tries_left: MOST_TRIES - 1 });
        }
        if time_is_up {
            return None;
        }
        if something_is_untested && self.again.front().is_some_and(|next| affords(&next.plan)) {
            return self.again.pop_front();
        }
        if matches!(self.source, Source::Replay(_)) || *profile == Profile::Smoke {
            return None;
        }
        if let Some(plan) = self.observed.take().filter(&affords) {
            return Some(Next { plan, tries_left: 0 });
        }
        let plan = generated::plan(*seed, self.generated);
        affords(&plan).then(|| {
            self.generated += 1;
            Next { plan, tries_left: 0 }
        })
    }

    fn keep_for_another_try(&mut self, next: Next) {
        if let Some(tries_left) = next.tries_left.checked_sub(1) {
            self.again.push_back(Next { tries_left, ..next });
        }
    }
}

/// Asks for a server that nobody made: the cheapest request that shows whether this is the API and the key is right.
pub(crate) async fn probe(sender: &Sender, mark: &RunMark) -> Result<(), StartError> {
    let url = sender.target().base_url.to_string();
    let step = Step::from(Action::LoadUnmadeServer);
    let Some(call) = Call::resolve(&step, &Model::default(), mark) else { return Ok(()) };
    match sender.send(&call).await.outcome {
        Outcome::NeverSent(reason) | Outcome::Unclear(reason) => Err(StartError::Unreachable { url, reason }),
        Outcome::Answered(answer) => {
            let status = answer.status;
            let refused = Refused::of(&answer);
            if matches!(refused.cause, Cause::Key | Cause::KeyNotYetActive | Cause::Permission)
                && answer.json.is_some()
            {
                return Err(StartError::KeyRefused {
                    url,
                    project: sender.target().project_id.to_string(),
                    status,
                    said: refused.said(&Scrubber::for_target(sender.target())),
                    cause: refused.cause,
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
