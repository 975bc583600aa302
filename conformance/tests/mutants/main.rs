//! Proof that green means something: the emulator wrapped in named wrong behaviours, each of which must be caught by the
//! properties that it names.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(unreachable_pub, reason = "a test binary has no interface to keep small")]

mod authentication;
mod authorization;
mod client;
mod concurrency;
mod deletion;
mod grant;
mod misbehave;
mod search;
mod secret;
mod server;
mod wire;

use std::{collections::BTreeSet, num::NonZeroUsize, sync::atomic::AtomicBool, time::Duration};

use descope_mcp_conformance::{
    embedded::Embedded,
    registry,
    report::Verdict,
    runner::{self, Profile, Settings},
};
use libtest_mimic::{Arguments, Failed, Trial};
use misbehave::Mutant;

/// The seed of every run here; any would do.
const SEED: u64 = 20_261_121;

fn mutants() -> Vec<Mutant> {
    [
        server::all(),
        client::all(),
        secret::all(),
        search::all(),
        deletion::all(),
        authentication::all(),
        concurrency::all(),
        authorization::all(),
        grant::all(),
        wire::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials: Vec<_> =
        mutants().into_iter().map(|mutant| Trial::test(mutant.name, move || is_caught(mutant))).collect();
    trials.push(Trial::test("every_property_is_broken_by_a_mutant", every_property_is_broken));
    trials.push(Trial::test("mutants_have_names_of_their_own", names_are_unique));
    libtest_mimic::run(&arguments, trials).exit();
}

fn is_caught(mutant: Mutant) -> Result<(), Failed> {
    let expected: BTreeSet<_> = mutant.breaks.iter().copied().collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        let behaviour = (mutant.make)();
        let embedded = Embedded::start_wrapped(|router| misbehave::wrap(router, behaviour)).await?;
        let settings = Settings {
            target: embedded.target(),
            profile: Profile::Standard,
            seed: SEED,
            properties: registry::all().collect(),
            requests: 1_000,
            duration: None,
            pace: 0,
            consistency_window: Duration::ZERO,
            jobs: NonZeroUsize::MIN,
            shrinking: 0,
        };
        let report = runner::run(&settings, &AtomicBool::new(false)).await?;
        embedded.stop().await;
        Ok::<_, Failed>(report)
    })?;
    let caught: BTreeSet<_> = report.with(Verdict::Fail).map(|property| property.id).collect();
    if caught.is_superset(&expected) {
        return Ok(());
    }
    let why: Vec<_> = report
        .with(Verdict::Fail)
        .filter_map(|property| {
            let failure = property.failure.as_ref()?;
            let step = failure.steps.last()?;
            Some(format!(
                "{}: {step}\n  expected {}\n  actual {}",
                property.id, failure.expected, failure.actual
            ))
        })
        .collect();
    Err(format!("should break {expected:?}\nbut breaks {caught:?}\n{}", why.join("\n")).into())
}

fn every_property_is_broken() -> Result<(), Failed> {
    let broken: BTreeSet<_> = mutants().iter().flat_map(|mutant| mutant.breaks.iter().copied()).collect();
    let unproven: Vec<_> =
        registry::all().map(|property| property.id).filter(|id| !broken.contains(id)).collect();
    let unknown: Vec<_> =
        broken.iter().filter(|id| registry::all().all(|property| property.id != **id)).collect();
    if unproven.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(format!("no mutant breaks {unproven:?}; no property is called {unknown:?}").into())
}

fn names_are_unique() -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    match mutants().iter().find(|mutant| !seen.insert(mutant.name)) {
        None => Ok(()),
        Some(twice) => Err(format!("{} is there twice", twice.name).into()),
    }
}
