//! The matrix of mutants: the emulator made wrong in every way that the OpenAPI documents give a place for, and what the suite
//! makes of each.
//!
//! A plain run repeats a tenth and compares it with `outcomes.json`. `MATRIX_ALL=1`, set by `cargo xtask campaign mutants`,
//! measures all and writes that file; `MATRIX_RESUME` names a file that keeps the results of a campaign that is interrupted,
//! `MATRIX_MINUTES` says when to begin no more mutants, `MATRIX_JOBS` how many are judged at a time,
//! `MATRIX_ONLY` takes those whose name contains it,
//! and lists what came of each. `MATRIX_OCCASIONS=1` judges none and lists those that a run gives no occasion to do anything
//! wrong.
//! `MATRIX_NAMES=1` lists the names of those about the management API; `MATRIX_SERVE` serves one by its name.

#![allow(clippy::print_stdout, reason = "a campaign shows its progress")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![expect(unreachable_pub, reason = "a test binary has no interface to keep small")]

mod campaign;
mod effects;
mod generate;
mod granted;
mod identifiers;
mod in_order;
mod judge;
mod keys;
mod kind;
mod layer;
mod memory;
mod outcome;
mod page;
mod pointers;
mod searches;
mod serve;
mod shown;
mod stored;
#[path = "../support/mod.rs"]
mod support;
mod transcript;

use std::collections::BTreeSet;

use descope_mcp_conformance::run::settings::Profile;
use generate::Mutant;
use judge::SEED;
use libtest_mimic::{Arguments, Failed, Trial};
use outcome::Outcomes;

/// One mutant in so many is repeated by a plain run.
const ONE_IN: usize = 10;

fn main() {
    if std::env::var_os("MATRIX_NAMES").is_some() {
        return serve::print_names();
    }
    if let Ok(name) = std::env::var("MATRIX_SERVE") {
        return serve::serve(&name);
    }
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test("mutants_have_names_of_their_own", names_are_unique),
        Trial::test("every_operation_has_mutants", every_operation_has_mutants),
        Trial::test("the_stored_outcomes_are_of_these_mutants", outcomes_are_of_these),
        Trial::test("most_mutants_are_caught", most_are_caught),
    ];
    if std::env::var_os("MATRIX_OCCASIONS").is_some() {
        trials = vec![Trial::test("occasions", campaign::list_those_without_occasion)];
    } else if std::env::var_os("MATRIX_ALL").is_some() || std::env::var_os("MATRIX_ONLY").is_some() {
        // Only the campaign compares runs: requests that are sent at the same time arrive in either order.
        let can_be_compared = Trial::test("two_runs_of_the_emulator_can_be_compared", || {
            judge::runs_can_be_compared().then_some(()).ok_or_else(|| "they differ".into())
        });
        trials = vec![can_be_compared, Trial::test("all_mutants", campaign::run)];
    } else {
        let stored = Outcomes::stored();
        let tenth = generate::all().into_iter().step_by(ONE_IN);
        trials.extend(tenth.filter_map(|mutant| {
            let profile = profile_that_catches(&mutant, &stored)?;
            Some(Trial::test(mutant.name(), move || is_still_caught(&mutant, profile)))
        }));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// The profile that is recorded to catch it; `None` if `deep` is needed, or if none does.
fn profile_that_catches(mutant: &Mutant, stored: &Outcomes) -> Option<Profile> {
    let name = mutant.name();
    let lists = [&stored.deep_only, &stored.gaps, &stored.unasked, &stored.unmeasured];
    if stored.untellable.contains_key(&name) || lists.into_iter().any(|list| list.contains(&name)) {
        return None;
    }
    Some(if stored.standard_only.contains(&name) { Profile::Standard } else { Profile::Smoke })
}

fn is_still_caught(mutant: &Mutant, profile: Profile) -> Result<(), Failed> {
    if judge::is_caught(mutant, profile, SEED) {
        return Ok(());
    }
    let profile = profile.name();
    Err(format!("{profile} no longer catches it; `cargo xtask campaign mutants` measures all").into())
}

fn names_are_unique() -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    match generate::all().iter().map(Mutant::name).find(|name| !seen.insert(name.clone())) {
        None => Ok(()),
        Some(twice) => Err(format!("{twice} is there twice").into()),
    }
}

fn every_operation_has_mutants() -> Result<(), Failed> {
    let mutants = generate::all();
    let has_none = |id: &str| mutants.iter().all(|mutant| mutant.operation != id);
    match descope_mcp_operations::all().find(|operation| has_none(operation.id)) {
        None => Ok(()),
        Some(operation) => Err(format!("{} has no mutant", operation.id).into()),
    }
}

fn outcomes_are_of_these() -> Result<(), Failed> {
    let (stored, made) = (Outcomes::stored().sum(|_| true).mutants, generate::all().len());
    if stored == made as u64 {
        return Ok(());
    }
    Err(format!("{stored} are stored and {made} are made; run `cargo xtask campaign mutants`").into())
}

fn most_are_caught() -> Result<(), Failed> {
    let all = Outcomes::stored().sum(|_| true);
    let told = all.tellable();
    for (what, caught, percent) in [
        ("smoke", all.smoke, campaign::LEAST_IN_SMOKE),
        ("smoke with more seeds", all.smoke_in_all_seeds, campaign::LEAST_IN_MORE_SEEDS),
        ("standard", all.standard, campaign::LEAST_IN_STANDARD),
    ] {
        if caught * 100 < told * percent {
            return Err(format!("{what} catches {caught} of {told}, less than {percent}%").into());
        }
    }
    Ok(())
}
