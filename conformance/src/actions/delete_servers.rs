//! `DeleteMcpServers`: a bulk deletion.

use serde_json::{Value, json};

use super::body::server_id;
use super::sentence::list;
use crate::labels::ServerLabel;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};

pub(super) fn sentence(servers: &[ServerLabel]) -> String {
    format!("delete {} in bulk", list(servers))
}

pub(super) fn semantics(servers: &[ServerLabel]) -> Semantics<'_> {
    Semantics {
        operation: Some("DeleteMcpServers"),
        servers,
        clients: &[],
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Nothing,
        effect: Effect::DeleteServers(servers),
        shows: ShownRecords::Nothing,
        reveals: Reveals::Always(&[]),
        round_trip: None,
    }
}

pub(super) fn body(servers: &[ServerLabel], model: &Model) -> Option<Value> {
    // If their clients outlive them, nothing leads any more to those that the plan has no id of.
    if servers.iter().any(|server| model.may_have_orphans(*server)) {
        return None;
    }
    let ids: Vec<_> = servers.iter().filter_map(|server| server_id(*server, model)).collect();
    (!ids.is_empty()).then(|| json!({ "ids": ids }))
}
