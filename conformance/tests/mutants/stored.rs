//! What came of all mutants when they were last measured, as it is stored beside the tests and shown in `docs/mutants.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use descope_mcp_conformance::properties::registry;
use descope_mcp_conformance::run::settings::Profile;
use libtest_mimic::Failed;
use serde::{Deserialize, Serialize};

use crate::misbehave::Mutant;
use crate::{gets_standard, mutants, outcome, table};

/// What came of one mutant.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub name: String,
    /// The properties that `standard` found broken.
    pub broken: Vec<String>,
    /// Requests until the first breach in `smoke`, if there was any.
    pub smoke: Option<u64>,
    /// Requests until the first breach in `standard`, if there was any.
    pub standard: Option<u64>,
}

/// At most one row in so many may differ from what a run shows. Requests that are sent at the same time arrive in any order,
/// which moves a few figures; a plan that changes moves nearly all.
const MAX_DIFFERENT: usize = 20;

/// The rows that are stored, in the order of the mutants.
pub fn rows() -> Vec<Row> {
    let text = fs::read_to_string(path()).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Measures all mutants, and writes the outcomes and the page about them.
pub fn store() -> Result<(), Failed> {
    let rows: Vec<_> = mutants().into_iter().map(measured).collect();
    fs::write(path(), serde_json::to_string_pretty(&rows)? + "\n")?;
    table::write(&rows)
}

/// Whether the outcomes are of these mutants, and nearly all as a run shows them.
pub fn still_hold() -> Result<(), Failed> {
    let (mutants, rows) = (mutants(), rows());
    let names: Vec<_> = mutants.iter().map(|mutant| mutant.name).collect();
    if !rows.iter().map(|row| &row.name).eq(names) {
        return Err("other mutants are stored; run cargo xtask docs".into());
    }
    let different: Vec<_> =
        mutants.iter().zip(rows).filter(|(mutant, row)| !still_holds(**mutant, row)).collect();
    if different.len() * MAX_DIFFERENT <= mutants.len() {
        return Ok(());
    }
    let names: Vec<_> = different.into_iter().map(|(mutant, _)| mutant.name).collect();
    Err(format!("the outcomes of {names:?} differ from those stored; run cargo xtask docs").into())
}

/// Whether each property of the suite is found broken by a mutant.
pub fn every_property_is_broken() -> Result<(), Failed> {
    let broken: BTreeSet<_> = rows().into_iter().flat_map(|row| row.broken).collect();
    let unproven: Vec<_> =
        registry::all().map(|property| property.id).filter(|id| !broken.contains(*id)).collect();
    if unproven.is_empty() {
        return Ok(());
    }
    Err(format!("no mutant breaks {unproven:?}").into())
}

fn still_holds(mutant: Mutant, row: &Row) -> bool {
    if gets_standard(mutant) { measured(mutant) == *row } else { smoke(mutant) == row.smoke }
}

fn measured(mutant: Mutant) -> Row {
    let standard = outcome(mutant, Profile::Standard);
    Row {
        name: mutant.name.to_owned(),
        broken: standard.broken.keys().map(|id| (*id).to_owned()).collect(),
        smoke: smoke(mutant),
        standard: standard.requests,
    }
}

fn smoke(mutant: Mutant) -> Option<u64> {
    outcome(mutant, Profile::Smoke).requests
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/mutants/outcomes.json")
}
