//! How long secrets were seen to work after their rotation. No I/O here.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Age;

/// The properties that a secret which still works after its rotation may break.
pub(crate) const JUDGED_BY: [&str; 2] =
    ["client/rotate/invalidates-old-secret", "client/rotate/revives-no-old-secret"];

/// How long secrets were seen to work after their rotation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rotation {
    /// How long they may, in milliseconds: no property counts an old secret as broken that works no longer than this.
    pub accepted_grace_ms: u64,
    /// The longest time after its rotation at which a secret was accepted, in milliseconds; missing if all were refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worked_after_ms: Option<u64>,
    /// The time after its rotation at which a secret that had been accepted was refused, in milliseconds; missing if that
    /// was not measured, or if it was accepted to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_after_ms: Option<u64>,
    /// Number of requests that were sent to measure these times.
    pub requests: u64,
}

impl Rotation {
    pub(super) fn new(accepted_grace: Duration) -> Self {
        let accepted_grace_ms = millis(accepted_grace);
        Self { accepted_grace_ms, worked_after_ms: None, refused_after_ms: None, requests: 0 }
    }

    /// Whether a secret was accepted after its rotation.
    pub fn old_secrets_worked(&self) -> bool {
        self.worked_after_ms.is_some()
    }

    /// Whether it was measured how long.
    pub fn is_measured(&self) -> bool {
        self.requests > 0
    }

    /// What several runs on one target saw together.
    pub(crate) fn together<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        all.into_iter().fold(Self::default(), |together, one| Self {
            accepted_grace_ms: together.accepted_grace_ms.max(one.accepted_grace_ms),
            worked_after_ms: together.worked_after_ms.max(one.worked_after_ms),
            refused_after_ms: together.refused_after_ms.max(one.refused_after_ms),
            requests: together.requests + one.requests,
        })
    }

    pub(super) fn note(&mut self, tried: &[(bool, Age)]) {
        let accepted = tried.iter().filter(|(accepted, _)| *accepted).map(|(_, age)| millis(age.at_least));
        self.worked_after_ms = self.worked_after_ms.max(accepted.max());
    }

    /// Takes in the times of one secret that was tried until it was refused.
    pub(super) fn watched(&mut self, tried: &[(bool, Age)], requests: u64) {
        self.requests += requests;
        let was_accepted = tried.first().is_some_and(|(accepted, _)| *accepted);
        let refused = tried.iter().find(|(accepted, _)| !accepted).map(|(_, age)| millis(age.at_most));
        self.refused_after_ms = refused.filter(|_| was_accepted);
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Age {
        Age { at_least: Duration::from_secs(seconds), at_most: Duration::from_secs(seconds + 1) }
    }

    #[test]
    fn a_grace_period_lies_between_the_last_acceptance_and_the_first_refusal() {
        let mut rotation = Rotation::new(Duration::ZERO);
        rotation.note(&[(true, at(0)), (false, at(0))]);
        assert_eq!((rotation.worked_after_ms, rotation.refused_after_ms), (Some(0), None));
        let tried = [(true, at(1)), (true, at(30)), (false, at(61)), (false, at(62))];
        rotation.note(&tried);
        rotation.watched(&tried, 9);
        assert_eq!((rotation.worked_after_ms, rotation.refused_after_ms), (Some(30_000), Some(62_000)));
    }
}
