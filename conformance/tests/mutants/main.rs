//! Proof that green means something: the emulator wrapped in named wrong behaviours, each of which must be caught by the
//! first property that it names, and by none that it does not name. Which of the others catch it too depends on the plans
//! that are drawn.
//!
//! A plain run sends `smoke` to all of them, and `standard` to every third and to those that `smoke` does not catch.
//! `MUTANTS_WRITE=1`, set by `cargo xtask docs`, sends both to all and writes what comes of it to `outcomes.json` and to
//! `docs/mutants.md`. `MUTANTS_SEED=N` takes other plans, sends both to all, and leaves the files alone. `MUTANTS_NAMES=1`
//! lists the names of those about the management API; `MUTANTS_SERVE` serves one by its name.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "says which seed was taken, and what runs cost")]
#![expect(unreachable_pub, reason = "a test binary has no interface to keep small")]

mod authentication;
mod authorization;
mod client;
mod concurrency;
mod deletion;
mod grant;
mod malformed;
mod misbehave;
#[allow(dead_code, reason = "the matrix of mutants writes what is only shown here")]
#[path = "../matrix/outcome.rs"]
mod outcome;
#[allow(dead_code, reason = "the matrix puts its part into the page by itself")]
#[path = "../matrix/page.rs"]
mod page;
mod search;
mod secret;
mod serve;
mod server;
mod settings;
mod stored;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Duration;

use descope_mcp_conformance::report::Report;
use descope_mcp_conformance::run::settings::Profile;
use libtest_mimic::{Arguments, Failed, Trial};
use misbehave::Mutant;
use support::setting;
use support::store::Watched;

/// The seed of the runs that the page is about.
const SEED: u64 = 20_261_121;

/// Requests of a run of the profile `standard`.
const REQUESTS: u64 = 1_000;

fn mutants() -> Vec<Mutant> {
    [
        server::all(),
        settings::all(),
        client::all(),
        secret::all(),
        search::all(),
        deletion::all(),
        authentication::all(),
        concurrency::all(),
        authorization::all(),
        grant::all(),
        malformed::all(),
        wire::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Values that a target may refuse are sent in every member, so whoever changes what is stored changes these too.
const BROKEN_BY_ANY_CHANGE: &str = "records/keep-values-that-may-be-refused";

/// Requests for each cause to shrink its plan, as on a target on another machine.
const SHRINKING: u64 = 30;

/// Most requests of half of the failing smokes.
const MAX_MEDIAN_COST: u64 = 120;

/// One mutant in so many gets `standard` in a plain run, even if `smoke` catches it.
const ONE_IN: usize = 3;

/// What came of a run against a mutant.
pub struct Outcome {
    /// The properties that it found broken, each with its breach in words.
    pub broken: BTreeMap<&'static str, String>,
    /// Requests until the first breach, if there was any.
    pub requests: Option<u64>,
    /// What the run says of what it left that is untrue.
    untruth: Option<String>,
}

/// The seed of every run here; any will do.
static CHOSEN_SEED: LazyLock<u64> =
    LazyLock::new(|| env::var("MUTANTS_SEED").map_or(SEED, |seed| seed.parse().unwrap()));

fn main() {
    if env::var_os("MUTANTS_NAMES").is_some() {
        return serve::print_names();
    }
    if let Ok(name) = env::var("MUTANTS_SERVE") {
        return serve::serve(&name);
    }
    let arguments = Arguments::from_args();
    let mut trials: Vec<_> =
        mutants().into_iter().map(|mutant| Trial::test(mutant.name, move || is_caught(mutant))).collect();
    trials.push(Trial::test("mutants_have_names_of_their_own", names_are_unique));
    trials.push(Trial::test("smoke_catches_nine_mutants_of_ten", smoke_catches_most));
    println!("seed {}", *CHOSEN_SEED);
    if *CHOSEN_SEED == SEED {
        if env::var_os("MUTANTS_WRITE").is_some() {
            trials.push(Trial::test("the_outcomes_are_stored", stored::store));
        } else {
            trials
                .push(Trial::test("every_property_is_broken_by_a_mutant", stored::every_property_is_broken));
            trials.push(Trial::test("the_stored_outcomes_still_hold", stored::still_hold));
            trials.push(Trial::test("the_page_about_mutants_is_up_to_date", table::is_up_to_date));
        }
    }
    trials.push(Trial::test("a_failing_smoke_off_this_machine_is_cheap", failing_smokes_are_cheap));
    libtest_mimic::run(&arguments, trials).exit();
}

/// Whether `standard` is sent to a mutant whatever `smoke` makes of it.
pub fn gets_standard(mutant: Mutant) -> bool {
    let index = mutants().iter().position(|other| other.name == mutant.name);
    let all = *CHOSEN_SEED != SEED || env::var_os("MUTANTS_WRITE").is_some();
    all || index.is_some_and(|index| index % ONE_IN == 0)
}

/// The outcome of a run against a mutant; each is made once, whoever asks first.
pub fn outcome(mutant: Mutant, profile: Profile) -> Arc<Outcome> {
    type Runs = Mutex<BTreeMap<(&'static str, &'static str), Arc<OnceLock<Arc<Outcome>>>>>;
    static RUNS: LazyLock<Runs> = LazyLock::new(Mutex::default);
    let run = RUNS.lock().unwrap().entry((mutant.name, profile.name())).or_default().clone();
    run.get_or_init(|| {
        let (report, untruth) = report(mutant, profile, 0);
        let broken = report.causes().filter_map(|property| {
            let failure = property.failure.as_ref()?;
            let step = failure.steps.last()?;
            let words = format!("{step}\n  expected {}\n  actual {}", failure.expected, failure.actual);
            Some((property.id, words))
        });
        Arc::new(Outcome { broken: broken.collect(), requests: first_breach(&report), untruth })
    })
    .clone()
}

/// The report of a run, and what it says of what it left that is untrue.
fn report(mutant: Mutant, profile: Profile, shrinking: u64) -> (Report, Option<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let behaviour = (mutant.make)();
        let target = Watched::new(&[], |router| misbehave::wrap(router, behaviour)).await;
        let requests = REQUESTS.min(profile.requests());
        let mut settings = support::settings(target.embedded.target(), profile, *CHOSEN_SEED, requests);
        settings.journal = Some(target.journal());
        settings.shrinking = shrinking;
        if shrinking > 0 {
            settings.consistency_window = Duration::from_secs(setting("MUTANTS_WINDOW_SECONDS", 0));
        }
        let report = support::run(&settings).await;
        let untruth = target.untruth(report.left_behind).await;
        target.embedded.stop().await;
        (report, untruth.map(|untruth| format!("{}, {}: {untruth}", mutant.name, profile.name())))
    })
}

fn first_breach(report: &Report) -> Option<u64> {
    let failures = report.properties.iter().filter_map(|property| property.failure.as_ref());
    failures.filter_map(|failure| Some(failure.exchanges.last()?.number)).min()
}

/// What a failing smoke costs with the settings for a target on another machine. `MUTANTS_WINDOW_SECONDS=20` waits for late
/// lists as long as such a run does; `MUTANTS_COSTS=1` prints the cost of each.
fn failing_smokes_are_cheap() -> Result<(), Failed> {
    let mutants = mutants();
    let next = AtomicUsize::new(0);
    let costs: Mutex<Vec<(u64, String)>> = Mutex::default();
    let dear: Mutex<Vec<String>> = Mutex::default();
    let cost = |mutant: Mutant| {
        let (report, _) = report(mutant, Profile::Smoke, SHRINKING);
        let causes = report.causes().count() as u64;
        if causes == 0 {
            return;
        }
        let (all, shrinking) = (report.requests, report.shrinking_requests);
        let failures =
            report.properties.iter().filter_map(|property| Some((property, property.failure.as_ref()?)));
        let words = failures.map(|(property, failure)| {
            let (steps, follows) = (failure.steps.len(), property.follows_from.unwrap_or("nothing"));
            format!("\n    {} {:?}, {steps} steps, follows from {follows}", property.id, failure.cut_down)
        });
        let words =
            format!("{all} {}, {shrinking} of them to shrink:{}", mutant.name, words.collect::<String>());
        // How long an old secret works is measured apart.
        let of_plans = all - shrinking - report.rotation.requests;
        if of_plans > 100 || shrinking > SHRINKING * causes {
            dear.lock().unwrap().push(words.clone());
        }
        costs.lock().unwrap().push((all, words));
    };
    let threads = setting("MUTANTS_THREADS", 4);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    cost(*mutant);
                }
            });
        }
    });
    let mut costs = costs.into_inner().unwrap();
    costs.sort_unstable();
    let median = costs[costs.len() / 2].0;
    let summary = format!(
        "{} failing smokes: median {median} requests, at most {}",
        costs.len(),
        costs[costs.len() - 1].0
    );
    if std::env::var_os("MUTANTS_COSTS").is_some() {
        costs.iter().for_each(|(_, words)| println!("{words}"));
        println!("{summary}");
    }
    let dear = dear.into_inner().unwrap();
    if median <= MAX_MEDIAN_COST && dear.is_empty() {
        return Ok(());
    }
    Err(format!("{summary}\n{}", dear.join("\n")).into())
}

fn is_caught(mutant: Mutant) -> Result<(), Failed> {
    let smoke = outcome(mutant, Profile::Smoke);
    breaks_what_it_names(mutant, &smoke)?;
    if smoke.requests.is_some() && !gets_standard(mutant) {
        return Ok(());
    }
    let standard = outcome(mutant, Profile::Standard);
    breaks_what_it_names(mutant, &standard)?;
    match mutant.breaks.first().filter(|id| !standard.broken.contains_key(*id)) {
        None => Ok(()),
        Some(missing) => Err(format!("should break {missing} too").into()),
    }
}

/// Whether a run found only those properties broken that the mutant names, and said the truth of what it left.
fn breaks_what_it_names(mutant: Mutant, outcome: &Outcome) -> Result<(), Failed> {
    if let Some(untruth) = &outcome.untruth {
        return Err(untruth.into());
    }
    let is_named = |id: &str| id == BROKEN_BY_ANY_CHANGE || mutant.breaks.contains(&id);
    let more = outcome.broken.iter().filter(|(id, _)| !is_named(id));
    let more: Vec<_> = more.map(|(id, words)| format!("{id}: {words}")).collect();
    if more.is_empty() {
        return Ok(());
    }
    Err(format!("should not break\n{}", more.join("\n")).into())
}

fn names_are_unique() -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    match mutants().iter().find(|mutant| !seen.insert(mutant.name)) {
        None => Ok(()),
        Some(twice) => Err(format!("{} is there twice", twice.name).into()),
    }
}

fn smoke_catches_most() -> Result<(), Failed> {
    let mutants = mutants();
    let missed: Vec<_> = mutants
        .iter()
        .filter(|mutant| outcome(**mutant, Profile::Smoke).requests.is_none())
        .map(|mutant| mutant.name)
        .collect();
    if missed.len() * 10 <= mutants.len() {
        return Ok(());
    }
    Err(format!("of {} mutants, smoke misses {}: {missed:?}", mutants.len(), missed.len()).into())
}
