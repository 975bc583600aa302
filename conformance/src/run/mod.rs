//! A run: which plans are taken to the target, within which budget, and what they add up to.

mod causes;
pub(crate) mod clean_up_cost;
pub mod cleanup;
pub mod execute;
pub mod failing;
pub mod findings;
mod gateways;
pub mod journal;
mod lacks;
mod late_lists;
pub(crate) mod latency;
pub mod leftovers;
pub mod narrow;
pub mod outcome;
pub mod patience;
mod plain;
mod queue;
pub(crate) mod replay;
pub mod rotation;
pub mod set_up;
pub mod settings;
pub(crate) mod shrink;
mod start;
pub mod step;
pub mod sweep;
mod tally;
mod teardown;

use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use self::execute::Executor;
use self::failing::Failing;
use self::findings::{Facts, Findings};
use self::leftovers::Leftovers;
use self::narrow::Narrowing;
use self::patience::Patience;
use self::queue::Plans;
use self::set_up::SetUp;
use self::settings::Settings;
pub use self::start::StartError;
pub(crate) use self::start::{Permission, may_list, probe};
use self::sweep::{Sweep, Swept};
use self::tally::Tally;
use crate::plan::Plan;
use crate::wire::activity::{Activity, Wait};
use crate::wire::pace::Pace;
use crate::wire::run_mark::RunMark;
use crate::wire::sender::Sender;
use crate::wire::stop::Stop;

/// Runs the suite. Setting `stop` ends it early; what it made is deleted all the same.
pub async fn run(settings: &Settings, stop: &Stop) -> Result<Findings, StartError> {
    run_plans(settings, Source::Profile, stop, |_| ()).await
}

/// Where the plans of a run come from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// Made by the profile, from the seed.
    Profile,
    /// These, each run once.
    Replay(&'a [Plan]),
    /// Made by the profile, from the seed, and cut to what exercises the properties asked for.
    Narrowed(&'a Narrowing),
}

/// Runs the suite on plans of that source. `watch` is called once, with what shows how far the run is.
pub async fn run_plans<Watcher>(
    settings: &Settings,
    source: Source<'_>,
    stop: &Stop,
    watch: impl FnOnce(Arc<Activity>) -> Watcher,
) -> Result<Findings, StartError> {
    let (started, started_at) = (Instant::now(), SystemTime::now());
    let is_replay = matches!(source, Source::Replay(_));
    let allowed = if is_replay { u64::MAX } else { settings.requests };
    let sender = Sender::new(settings.target.clone(), Pace::new(settings.pace))?;
    let sender = sender.allowed(allowed).with_penalty(settings.penalty).ended_by(stop.clone());
    // Watches until it is dropped, at the end.
    let _watcher = watch(Arc::clone(sender.activity()));
    let mark = RunMark::new(settings.seed);
    // Whether a key that is answered 403 may do anything, the first creation shows.
    let (_permission, start_check) = probe(&sender, &mark).await?;
    let journal = settings.journal.as_ref();
    if let Some(journal) = journal {
        journal.begin(&mark.prefix, &settings.target)?;
    }
    let patience = Patience::new(settings.consistency_window);
    let leftovers = Leftovers::default();
    let executor = Executor {
        sender: &sender,
        start_check: Mutex::new(start_check),
        properties: &settings.properties,
        mark: &mark,
        patience: &patience,
        journal,
        leftovers: &leftovers,
        set_up: SetUp::default(),
        rotation_grace: settings.rotation_grace,
        failing: Failing::default(),
        fails_from: settings.fails_from,
        until_broken: settings.until_broken,
    };
    let mut tally = Tally::new(settings, &executor, is_replay);
    let mut plans = Plans::new(settings, source, started);
    let mut running = FuturesOrdered::new();
    let mut promised = 0;
    // At the end a list must show that nothing is left.
    let mut for_the_sweep = sender.allowance().reserve();
    for_the_sweep.set(clean_up_cost::of_sweep(leftovers.remains()));
    loop {
        let is_over = || executor.is_to_end();
        while running.len() < settings.jobs.get() && !is_over() {
            let wanted = tally.wants_more();
            let Some(next) = plans.next(wanted, |plan| tally.affords(plan, promised)) else { break };
            promised += clean_up_cost::max_requests(&next.plan);
            running.push_back(async {
                let outcome = executor.run(&next.plan).await;
                (next, outcome)
            });
        }
        let Some(first) = running.next().await else { break };
        let mut finished = vec![first];
        // Shrinking a plan takes long. Nothing else may wait for its answers meanwhile: it would count as late.
        if finished.iter().any(|(_, outcome)| tally.is_news(outcome)) {
            finished.extend(running.by_ref().collect::<Vec<_>>().await);
        }
        for (next, outcome) in finished {
            promised -= clean_up_cost::max_requests(&next.plan);
            for_the_sweep.set(clean_up_cost::of_sweep(leftovers.remains()));
            let plan = next.plan.clone();
            if outcome.was_disturbed() {
                plans.keep_for_another_try(next);
            }
            tally.take(plan, outcome).await;
            for_the_sweep.set(clean_up_cost::of_sweep(leftovers.remains()));
        }
    }
    if let Some(plan) = tally.rotation_to_watch()
        && !executor.is_to_end()
    {
        // Counted apart, as for shrinking.
        let _allowed = sender.allowance().shrink(clean_up_cost::max_requests(&plan));
        let before = sender.sent();
        let outcome = executor.run(&plan).await;
        tally.take_watched(&plan, outcome, sender.sent() - before);
    }
    gateways::settle(&executor, &mut tally).await;
    {
        let _waiting = sender.activity().wait(Wait::Lists);
        // A list that shows what is deleted already would cost requests for each of it.
        sender.stop().sleep(patience.until_lists_show()).await;
    }
    // What shrinking has left is deleted at its expense.
    sender.allowance().add(tally.left_of_shrinking());
    let Swept { left, trouble, .. } = sweep_up(&sender, &mark, &leftovers, &patience).await;
    if let Some(journal) = journal.filter(|_| left == 0) {
        journal.end(&mark.prefix)?;
    }
    if let Some(refused) = executor.set_up.refused() {
        return Err(StartError::of_set_up(refused, &settings.target).with_left(left));
    }
    if let Some(why) = sender.given_up().filter(|_| !executor.set_up.is_done()) {
        return Err(StartError::of_silence(why, &settings.target).with_left(left));
    }
    Ok(tally.findings(Facts {
        target: settings.target.name.clone(),
        project_id: settings.target.project_id.to_string(),
        profile: (!is_replay).then_some(settings.profile),
        seed: settings.seed,
        allowed_requests: settings.requests,
        started_at,
        elapsed: started.elapsed(),
        requests: sender.sent(),
        longest_lag: patience.longest_lag(),
        rate_limited: sender.rate_limited(),
        left_behind: left,
        left_because: trouble,
        gave_up: sender.given_up().map(str::to_owned),
        interrupted: stop.is_set(),
    }))
}

/// Deletes what the plans of a run have left, until the target shows that nothing is; says how much may be left.
pub async fn sweep_up(sender: &Sender, mark: &RunMark, leftovers: &Leftovers, patience: &Patience) -> Swept {
    let window = patience.window();
    if leftovers.is_empty() {
        return Swept::default();
    }
    if sender.given_up().is_none() {
        let _waiting = sender.activity().wait(Wait::Lists);
        sender.stop().sleep(leftovers.until_all_show(window)).await;
    }
    let sweep = Sweep::new(sender, &mark.prefix, patience);
    let mut swept = sweep.everything(&leftovers.servers(), &leftovers.known(), &leftovers.clients()).await;
    // A list that lags behind does not show everything yet.
    if swept.left == 0 && !leftovers.until_all_show(window).is_zero() {
        swept.left = leftovers.without_id();
        swept.trouble = Some("the run did not wait until lists of the target show everything".to_owned());
    }
    swept
}
