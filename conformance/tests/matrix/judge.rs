//! Takes a mutant to the suite, profile after profile, until one of them tells it from the emulator.

use std::collections::BTreeMap;
use std::iter;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use descope_mcp_conformance::embedded::{Embedded, variants};
use descope_mcp_conformance::properties::property::Level;
use descope_mcp_conformance::report::Verdict;
use descope_mcp_conformance::run;
use descope_mcp_conformance::run::settings::Profile;

use crate::generate::Mutant;
use crate::layer::{Handle, wrap};
use crate::outcome::Told;
use crate::support;

/// The first seed; any would do.
pub const SEED: u64 = 20_261_128;
/// Seeds of `smoke`, unless `MATRIX_SMOKE_SEEDS` says otherwise.
const SMOKE_SEEDS: u64 = 20;
/// Requests of a run of the profile `deep`.
pub const DEEP_REQUESTS: u64 = 3_000;
/// How often a run of `deep` is taken to be compared.
const ATTEMPTS: usize = 3;

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
    let deep = take(Some(mutant), Profile::Deep, SEED, &[]);
    if deep.caught {
        return Told::Deep { seeds };
    }
    if seeds.is_some() {
        return Told::Seeds;
    }
    if deep.acted == 0 {
        // What the emulator never shows cannot be shown wrongly; what the suite never asks it could.
        return if mutant.kind.is_about_responses() {
            Told::Untellable("the emulator never shows it so".to_owned())
        } else {
            Told::Unasked
        };
    }
    // Requests that are sent at the same time do not always arrive in the same order.
    let more = || take(Some(mutant), Profile::Deep, SEED, &[]).transcript;
    let mut transcripts = iter::once(deep.transcript).chain(iter::repeat_with(more)).take(ATTEMPTS);
    match transcripts.find_map(|transcript| CORRECT.get(&transcript)) {
        Some(target) => Told::Untellable(format!("every exchange is that of {target}")),
        None => Told::Gap,
    }
}

/// Whether a run of that profile fails.
pub fn is_caught(mutant: &Mutant, profile: Profile, seed: u64) -> bool {
    take(Some(mutant), profile, seed, &[]).caught
}

/// How many seeds of `smoke` it takes to catch it, if so many are enough.
fn seeds(mutant: &Mutant) -> Option<u64> {
    (1..support::setting("MATRIX_SMOKE_SEEDS", SMOKE_SEEDS))
        .find(|more| is_caught(mutant, Profile::Smoke, SEED + more))
        .map(|more| more + 1)
}

/// What the suite sees of the emulator and of each of its variants in the profile `deep`, and what they are called.
static CORRECT: LazyLock<BTreeMap<u64, String>> = LazyLock::new(|| {
    let mut seen = BTreeMap::new();
    for (switch, values) in variants() {
        for value in &values[1..] {
            let run = take(None, Profile::Deep, SEED, &[(switch, value)]);
            seen.insert(run.transcript, format!("the variant `{switch}={value}`"));
        }
    }
    // Many variants show in no exchange, and are then the emulator.
    for _ in 0..ATTEMPTS {
        seen.insert(take(None, Profile::Deep, SEED, &[]).transcript, "the emulator".to_owned());
    }
    seen
});

fn take(mutant: Option<&Mutant>, profile: Profile, seed: u64, variants: &[(&str, &str)]) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut handle: Option<Handle> = None;
        let embedded = Embedded::start_varied_and_wrapped(variants, |router| {
            let (router, made) = wrap(router, mutant.cloned(), profile == Profile::Deep);
            handle = Some(made);
            router
        })
        .await
        .unwrap();
        let requests = if profile == Profile::Deep { DEEP_REQUESTS } else { profile.requests() };
        let settings = support::settings(embedded.target(), profile, seed, requests);
        // A run that cannot begin, or ends because nothing can be made, says so and fails.
        let caught = match run::run(&settings, &AtomicBool::new(false)).await {
            Err(_) => true,
            Ok(findings) => support::report(findings)
                .properties
                .iter()
                .any(|property| property.verdict == Verdict::Fail && property.level != Level::Info),
        };
        embedded.stop().await;
        let handle = handle.unwrap();
        Run { caught, acted: handle.acted(), transcript: handle.transcript() }
    })
}

/// Whether two runs of the emulator show the same.
pub fn runs_can_be_compared() -> bool {
    let run = || take(None, Profile::Deep, SEED, &[]).transcript;
    let first = run();
    iter::repeat_with(run).take(2 * ATTEMPTS).any(|other| other == first)
}
