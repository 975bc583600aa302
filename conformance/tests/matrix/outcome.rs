//! What came of each mutant, as it is stored beside the tests and shown in `docs/mutants.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How a mutant is told from the emulator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// By `smoke`, with the first seed.
    Smoke,
    /// By `standard`, and by so many seeds of `smoke`.
    Standard { seeds: Option<u64> },
    /// By `deep` only, and by so many seeds of `smoke`.
    Deep { seeds: Option<u64> },
    /// By another seed of `smoke` only.
    Seeds,
    /// Not at all: no request made it do anything wrong.
    Unasked,
    /// Not at all, though it did something that a request shows.
    Gap,
    /// It cannot be, for this reason.
    Untellable(String),
}

/// How many mutants of one operation and kind there are, and what came of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Row {
    pub operation: String,
    pub group: String,
    pub kind: String,
    pub mutants: u64,
    pub smoke: u64,
    pub smoke_in_all_seeds: u64,
    pub standard: u64,
    pub deep: u64,
    pub untellable: u64,
    pub unmeasured: u64,
}

/// What came of all of them. A mutant in none of the lists is caught by `smoke`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outcomes {
    pub seed: u64,
    /// How many seeds of `smoke` were tried where the first did not catch a mutant.
    pub smoke_seeds: u64,
    pub rows: Vec<Row>,
    /// Caught by `standard`, not by `smoke`.
    pub standard_only: Vec<String>,
    /// Caught by `deep` only, or by another seed of `smoke`.
    pub deep_only: Vec<String>,
    /// Not caught, though what they do wrong shows.
    pub gaps: Vec<String>,
    /// Not caught, because no request makes them do anything wrong.
    pub unasked: Vec<String>,
    /// Cannot be caught, and why.
    pub untellable: BTreeMap<String, String>,
    /// Not measured, because the campaign was ended before.
    pub unmeasured: Vec<String>,
}

/// Where they are stored.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/matrix/outcomes.json")
}

impl Outcomes {
    /// Those that are stored; none if nothing is.
    pub fn stored() -> Self {
        let text = fs::read_to_string(path()).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Stores them.
    pub fn store(&self) {
        let text = serde_json::to_string_pretty(self).unwrap();
        fs::write(path(), text + "\n").unwrap();
    }

    /// Sums of all rows that are chosen.
    pub fn sum(&self, chosen: impl Fn(&Row) -> bool) -> Row {
        let mut sum = Row::default();
        for row in self.rows.iter().filter(|row| chosen(row)) {
            sum.add(row);
        }
        sum
    }
}

impl Row {
    /// Those that were measured and can be told from outside.
    pub fn tellable(&self) -> u64 {
        self.mutants - self.untellable - self.unmeasured
    }

    fn add(&mut self, other: &Self) {
        self.mutants += other.mutants;
        self.smoke += other.smoke;
        self.smoke_in_all_seeds += other.smoke_in_all_seeds;
        self.standard += other.standard;
        self.deep += other.deep;
        self.untellable += other.untellable;
        self.unmeasured += other.unmeasured;
    }
}
