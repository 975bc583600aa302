//! Takes a mutant to the suite, profile after profile, until one of them tells it from the emulator.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::thread;

use axum::Router;
use descope_mcp_conformance::embedded::{Embedded, variants};
use descope_mcp_conformance::properties::property::Level;
use descope_mcp_conformance::report::{PropertyReport, Verdict};
use descope_mcp_conformance::run;
use descope_mcp_conformance::run::findings::Findings;
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_conformance::wire::stop::Stop;

use crate::generate::{self, Mutant};
use crate::layer::{Handle, wrap};
use crate::outcome::Told;
use crate::support;

/// The first seed; any would do.
pub const SEED: u64 = 20_261_128;
/// Seeds of `smoke`, unless `MATRIX_SMOKE_SEEDS` says otherwise.
const SMOKE_SEEDS: u64 = 20;
/// Requests of a run of the profile `deep`.
pub const DEEP_REQUESTS: u64 = 2_000;
/// Runs of variants at a time.
const AT_A_TIME: usize = 4;
/// How often a run of `deep` is taken to be compared.
const ATTEMPTS: usize = 2;

/// What came of one run.
struct Run {
    caught: bool,
    acted: u64,
    transcript: u64,
}

/// How a mutant is told from the emulator, if it is.
pub fn told(mutant: &Mutant) -> Told {
    for profile in [Profile::Smoke, Profile::Standard] {
        if is_caught(mutant, profile, SEED) {
            return if profile == Profile::Smoke {
                Told::Smoke
            } else {
                Told::Standard { seeds: seeds(mutant) }
            };
        }
    }
    let seeds = seeds(mutant);
    let deep = match may_act(mutant, Profile::Deep, SEED) {
        true => Some(take(Some(mutant), Profile::Deep, SEED, &[])),
        false => None,
    };
    if deep.as_ref().is_some_and(|deep| deep.caught) {
        return Told::Deep { seeds };
    }
    if seeds.is_some() {
        return Told::Seeds;
    }
    let Some(deep) = deep.filter(|deep| deep.acted > 0) else {
        // What the emulator never shows cannot be shown wrongly; what the suite never asks it could.
        let is_asked = || watched(Profile::Deep, SEED).succeeded.contains(mutant.operation);
        return if mutant.kind.is_about_responses() && is_asked() {
            Told::Untellable("the emulator never shows it so".to_owned())
        } else {
            Told::Unasked
        };
    };
    // Requests that are sent at the same time do not always arrive in the same order.
    let more = || take(Some(mutant), Profile::Deep, SEED, &[]).transcript;
    let transcripts = iter::once(deep.transcript).chain(iter::repeat_with(more)).take(ATTEMPTS);
    let transcripts: Vec<_> = transcripts.collect();
    let is_seen = |seen: &BTreeMap<u64, String>| {
        transcripts.iter().find_map(|transcript| seen.get(transcript)).cloned()
    };
    match is_seen(&EMULATOR).or_else(|| is_seen(&VARIANTS)) {
        Some(target) => Told::Untellable(format!("every exchange is that of {target}")),
        None => Told::Gap,
    }
}

/// Whether a run of that profile fails.
pub fn is_caught(mutant: &Mutant, profile: Profile, seed: u64) -> bool {
    may_act(mutant, profile, seed) && take(Some(mutant), profile, seed, &[]).caught
}

/// Whether a mutant may do something else than the emulator in that run. One run without a mutant shows it for most of them:
/// until a mutant acts, its run is that of the emulator.
pub fn may_act(mutant: &Mutant, profile: Profile, seed: u64) -> bool {
    !mutant.kind.can_be_watched() || watched(profile, seed).would_act.contains(&mutant.name())
}

/// What a run without a mutant shows.
struct Watched {
    /// The names of the mutants that would have acted, of those that can be watched.
    would_act: BTreeSet<String>,
    /// The operations that succeeded.
    succeeded: BTreeSet<String>,
}

fn watched(profile: Profile, seed: u64) -> Arc<Watched> {
    type Runs = BTreeMap<(&'static str, u64), Arc<OnceLock<Arc<Watched>>>>;
    static RUNS: LazyLock<Mutex<Runs>> = LazyLock::new(Mutex::default);
    let run = RUNS.lock().unwrap().entry((profile.name(), seed)).or_default().clone();
    let watch = || {
        let all = generate::all().into_iter().filter(|mutant| mutant.kind.can_be_watched()).collect();
        let (_, handle) = run_wrapped(|router| wrap(router, None, all, false), profile, seed, &[]);
        Arc::new(Watched { would_act: handle.would_act(), succeeded: handle.succeeded() })
    };
    run.get_or_init(watch).clone()
}

/// How many seeds of `smoke` are tried.
pub fn smoke_seeds() -> u64 {
    support::setting("MATRIX_SMOKE_SEEDS", SMOKE_SEEDS)
}

/// How many seeds of `smoke` it takes to catch it, if so many are enough.
fn seeds(mutant: &Mutant) -> Option<u64> {
    (1..smoke_seeds()).find(|more| is_caught(mutant, Profile::Smoke, SEED + more)).map(|more| more + 1)
}

/// What the suite sees of the emulator in the profile `deep`.
static EMULATOR: LazyLock<BTreeMap<u64, String>> = LazyLock::new(|| {
    let run = || (take(None, Profile::Deep, SEED, &[]).transcript, "the emulator".to_owned());
    iter::repeat_with(run).take(ATTEMPTS).collect()
});

/// What it sees of each of its variants, which are correct too.
static VARIANTS: LazyLock<BTreeMap<u64, String>> = LazyLock::new(|| {
    let all = variants()
        .into_iter()
        .flat_map(|(switch, values)| values.into_iter().skip(1).map(move |value| (switch, value)));
    let run = |(switch, value): (&str, String)| {
        let transcript = take(None, Profile::Deep, SEED, &[(switch, &value)]).transcript;
        (transcript, format!("the variant `{switch}={value}`"))
    };
    let all: Vec<_> = all.collect();
    thread::scope(|scope| {
        // Each run waits for its emulator now and then: some at a time take little longer than one.
        let parts: Vec<_> = all
            .chunks(all.len().div_ceil(AT_A_TIME))
            .map(|part| scope.spawn(|| part.iter().cloned().map(run).collect::<Vec<_>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
});

fn take(mutant: Option<&Mutant>, profile: Profile, seed: u64, variants: &[(&str, &str)]) -> Run {
    let records = profile == Profile::Deep;
    let make = |router| wrap(router, mutant.cloned(), Vec::new(), records);
    let (findings, handle) = run_wrapped(make, profile, seed, variants);
    // A run that cannot begin, or ends because nothing can be made, says so and fails.
    let caught = findings.is_none_or(|findings| {
        let report = support::report(findings);
        let fails =
            |property: &PropertyReport| property.verdict == Verdict::Fail && property.level != Level::Info;
        report.properties.iter().any(fails)
    });
    Run { caught, acted: handle.acted(), transcript: handle.transcript() }
}

fn run_wrapped(
    make: impl FnOnce(Router) -> (Router, Handle),
    profile: Profile,
    seed: u64,
    variants: &[(&str, &str)],
) -> (Option<Findings>, Handle) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut handle = None;
        let embedded = Embedded::start_varied_and_wrapped(variants, |router| {
            let (router, made) = make(router);
            handle = Some(made);
            router
        })
        .await
        .unwrap();
        let requests = if profile == Profile::Deep { DEEP_REQUESTS } else { profile.requests() };
        let mut settings = support::settings(embedded.target(), profile, seed, requests);
        settings.until_broken = true;
        let findings = run::run(&settings, &Stop::default()).await.ok();
        embedded.stop().await;
        (findings, handle.unwrap())
    })
}

/// Whether two runs of the emulator show the same.
pub fn runs_can_be_compared() -> bool {
    let run = || take(None, Profile::Deep, SEED, &[]).transcript;
    let first = run();
    iter::repeat_with(run).take(2 * ATTEMPTS).any(|other| other == first)
}
