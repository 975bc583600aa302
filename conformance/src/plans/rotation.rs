//! How long a secret goes on working after its rotation: one client, and its old secret tried again and again.

use std::time::Duration;

use serde_json::json;

use super::members;
use crate::plan::{Action, ClientLabel, Plan, ServerLabel, TokenAuth, WhichSecret};

const S1: ServerLabel = ServerLabel(1);
const C1: ClientLabel = ClientLabel(1);

/// When the old secret is tried, in seconds after its rotation, unless the accepted grace period is longer.
const TRIED_AFTER_S: [u64; 10] = [1, 2, 5, 10, 20, 30, 45, 61, 75, 90];
/// How long after the end of the accepted grace period the old secret is tried: both sides may round to whole seconds.
const MARGIN: Duration = Duration::from_secs(2);

/// Tries the old secret until it is refused, at most until the accepted grace period and 90 seconds are over.
pub(crate) fn plan(grace: Duration) -> Plan {
    let token = |secret| Action::RequestToken { client: C1, secret, method: TokenAuth::Basic };
    let scope = "conformance:rotation";
    let plan = Plan::named("rotation")
        .then(Action::CreateServer {
            server: S1,
            body: members(json!({
                "approvedScopes": {"permissionsScopes": [{"name": scope, "description": "May do it"}]},
            })),
        })
        .then(Action::CreateClient { client: C1, server: S1, body: members(json!({"scopes": [scope]})) })
        .then(token(WhichSecret::Current))
        .then(Action::RotateSecret { client: C1 });
    let mut tried: Vec<_> = TRIED_AFTER_S.into_iter().map(Duration::from_secs).collect();
    if !grace.is_zero() {
        tried.push(grace + MARGIN);
        tried.sort_unstable();
    }
    let waits = tried.iter().scan(Duration::ZERO, |before, after| {
        let wait = after.saturating_sub(*before);
        *before = *after;
        Some(wait)
    });
    waits
        .fold(plan, |plan, wait| plan.then_while_old_secret_works(wait, token(WhichSecret::BeforeRotation)))
        .then(Action::RotateSecret { client: C1 })
        .then(token(WhichSecret::BeforeTwoRotations))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(grace: u64) -> Vec<u64> {
        let plan = plan(Duration::from_secs(grace));
        let waits = plan.steps.iter().filter_map(|step| step.wait_ms);
        waits.map(|wait| wait / 1_000).collect()
    }

    #[test]
    fn the_old_secret_is_tried_soon_after_the_accepted_grace_period() {
        assert_eq!(waits(0).iter().sum::<u64>(), 90);
        assert_eq!(waits(40), [1, 1, 3, 5, 10, 10, 12, 3, 16, 14, 15]);
        assert_eq!(waits(600).last(), Some(&512));
    }
}
