//! Where plans come from: curated ones, which together exercise every property in few requests, and generated ones.

pub(crate) mod at_once;
pub(crate) mod authorization;
pub mod curated;
pub(crate) mod every_member;
pub mod generated;
pub(crate) mod large;
pub(crate) mod many;
pub(crate) mod near_misses;
pub(crate) mod questions;
pub(crate) mod refusable;
pub(crate) mod rotation;
pub(crate) mod smoke;
pub(crate) mod sweeps;
pub(crate) mod values;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use crate::json::Members;

/// The members of a JSON object.
fn members(object: Value) -> Members {
    match object {
        Value::Object(members) => members,
        _ => Members::new(),
    }
}

/// A source of generated values that depends on a seed and nothing else.
pub struct Dice(TestRunner);

impl Dice {
    /// The dice of the n-th plan of a run: plans do not depend on each other or on the order they run in.
    pub fn new(seed: u64, plan: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&plan.to_le_bytes());
        Self(TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)))
    }

    /// One value.
    pub fn draw<S: Strategy>(&mut self, strategy: &S) -> S::Value {
        // None of our strategies filters, so none can run out of tries.
        strategy.new_tree(&mut self.0).expect("a strategy without filters always yields").current()
    }
}
