//! Which operations fail whenever they are asked for, as far as a run has seen. No I/O here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::wire::exchange::{Exchange, Outcome};

/// How often only a gateway has answered an operation before it is no longer asked for again and again.
const MIN_HOPELESS: u32 = 2;

/// Which operations fail whenever they are asked for.
#[derive(Debug, Default)]
pub struct Failing(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Those that the target failed to answer each time that a request was repeated.
    each_time: BTreeSet<&'static str>,
    /// How often only a gateway has answered requests for an operation; `None` once the target has.
    gateway: BTreeMap<&'static str, Option<u32>>,
    /// The operation of which it is found out whether a gateway answers it each time.
    settled: Option<&'static str>,
}

impl Failing {
    /// Whether the target failed to answer this operation each time that a request was repeated.
    pub(super) fn is_known(&self, operation: &str) -> bool {
        self.lock().each_time.contains(operation)
    }

    pub(super) fn insert(&self, operation: &'static str) {
        self.lock().each_time.insert(operation);
    }

    /// Takes in what came of a request that was asked rightly.
    pub(super) fn note(&self, operation: &'static str, exchange: &Exchange) {
        let mut state = self.lock();
        let times = state.gateway.entry(operation).or_insert(Some(0));
        match &exchange.outcome {
            Outcome::Answered(answer) if answer.is_transient() => {
                *times = times.map(|times| times + 1);
            }
            // Who asks to slow down, or says nothing, may be the gateway.
            Outcome::Answered(answer) if answer.status != 429 => *times = None,
            Outcome::Answered(_) | Outcome::NeverSent(_) | Outcome::Unclear(_) => {}
        }
    }

    /// Whether to send this operation once only, since a gateway answers it whenever it is asked for.
    pub(super) fn is_hopeless(&self, operation: &str) -> bool {
        self.times_by_a_gateway(operation).is_some_and(|times| times >= MIN_HOPELESS)
    }

    /// The operations that only a gateway has answered, whenever they were asked for.
    pub(super) fn only_by_a_gateway(&self) -> Vec<&'static str> {
        let state = self.lock();
        let only = state.gateway.iter().filter(|(_, times)| times.is_some_and(|times| times > 0));
        only.map(|(operation, _)| *operation).collect()
    }

    /// How often only a gateway has answered this operation; `None` if the target has.
    pub(super) fn times_by_a_gateway(&self, operation: &str) -> Option<u32> {
        self.lock().gateway.get(operation).copied().flatten()
    }

    /// Notes of which operation it is found out now whether a gateway answers it each time.
    pub(super) fn settle(&self, operation: Option<&'static str>) {
        self.lock().settled = operation;
    }

    /// Whether it is found out now whether a gateway answers this operation each time.
    pub(super) fn is_settled(&self, operation: &str) -> bool {
        self.lock().settled == Some(operation)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
