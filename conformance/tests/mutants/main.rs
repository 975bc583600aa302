//! Proof that green means something: the emulator wrapped in named wrong behaviours, each of which must be caught by the
//! first property that it names, and by none that it does not name. Which of the others catch it too depends on the plans
//! that are drawn.
//!
//! `MUTANTS_WRITE=1` writes what comes of it to `docs/mutants.md`; otherwise that page must agree. `MUTANTS_SEED=N` takes
//! other plans, and leaves the page alone. `MUTANTS_NAMES=1` lists the names of those about the management API;
//! `MUTANTS_SERVE` serves one by its name.

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
#[path = "../support/mod.rs"]
mod support;
mod table;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Duration;

use descope_mcp_conformance::properties::registry;
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

/// What came of a mutant.
pub struct Outcome {
    /// The properties that `standard` found broken, each with its breach in words.
    pub broken: BTreeMap<&'static str, String>,
    /// Requests until the first breach in `smoke`, if there was any.
    pub smoke: Option<u64>,
    /// Requests until the first breach in `standard`, if there was any.
    pub standard: Option<u64>,
    /// What the runs say of what they left that is untrue.
    pub untruths: Vec<String>,
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
    trials.push(Trial::test("every_property_is_broken_by_a_mutant", every_property_is_broken));
    trials.push(Trial::test("mutants_have_names_of_their_own", names_are_unique));
    trials.push(Trial::test("smoke_catches_nine_mutants_of_ten", smoke_catches_most));
    println!("seed {}", *CHOSEN_SEED);
    if *CHOSEN_SEED == SEED {
        trials.push(Trial::test("the_page_about_mutants_is_up_to_date", table::is_up_to_date));
    }
    trials.push(Trial::test("a_failing_smoke_off_this_machine_is_cheap", failing_smokes_are_cheap));
    libtest_mimic::run(&arguments, trials).exit();
}

/// The outcome of a mutant; each is run once, whoever asks first.
pub fn outcome(mutant: Mutant) -> Arc<Outcome> {
    type Runs = Mutex<BTreeMap<&'static str, Arc<OnceLock<Arc<Outcome>>>>>;
    static RUNS: LazyLock<Runs> = LazyLock::new(Mutex::default);
    let run = RUNS.lock().unwrap().entry(mutant.name).or_default().clone();
    run.get_or_init(|| {
        let ((smoke, one), (standard, other)) =
            (report(mutant, Profile::Smoke, 0), report(mutant, Profile::Standard, 0));
        let broken = standard.causes().filter_map(|property| {
            let failure = property.failure.as_ref()?;
            let step = failure.steps.last()?;
            let words = format!("{step}\n  expected {}\n  actual {}", failure.expected, failure.actual);
            Some((property.id, words))
        });
        let (smoke, standard) = (first_breach(&smoke), first_breach(&standard));
        Arc::new(Outcome {
            broken: broken.collect(),
            smoke,
            standard,
            untruths: one.into_iter().chain(other).collect(),
        })
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
    let outcome = outcome(mutant);
    if !outcome.untruths.is_empty() {
        return Err(outcome.untruths.join("\n").into());
    }
    let broken = &outcome.broken;
    let is_named = |id: &str| id == BROKEN_BY_ANY_CHANGE || mutant.breaks.contains(&id);
    let more: Vec<_> = broken.iter().filter(|(id, _)| !is_named(id)).collect();
    let missing = mutant.breaks.first().filter(|id| !broken.contains_key(*id));
    if missing.is_none() && more.is_empty() {
        return Ok(());
    }
    let more: Vec<_> = more.into_iter().map(|(id, words)| format!("{id}: {words}")).collect();
    Err(format!("should break {missing:?} too\nand not\n{}", more.join("\n")).into())
}

fn every_property_is_broken() -> Result<(), Failed> {
    let outcomes: Vec<_> = mutants().into_iter().map(outcome).collect();
    let broken: BTreeSet<_> = outcomes.iter().flat_map(|outcome| outcome.broken.keys().copied()).collect();
    let unproven: Vec<_> =
        registry::all().map(|property| property.id).filter(|id| !broken.contains(id)).collect();
    if unproven.is_empty() {
        return Ok(());
    }
    Err(format!("no mutant breaks {unproven:?}").into())
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
    let missed: Vec<_> =
        mutants.iter().filter(|mutant| outcome(**mutant).smoke.is_none()).map(|m| m.name).collect();
    if missed.len() * 10 <= mutants.len() {
        return Ok(());
    }
    Err(format!("of {} mutants, smoke misses {}: {missed:?}", mutants.len(), missed.len()).into())
}
