//! `DeleteMcpServer`.

use std::slice;

use serde_json::{Value, json};

use super::body::server_id;
use crate::labels::ServerLabel;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};

pub(super) fn sentence(server: ServerLabel) -> String {
    format!("delete {server}")
}

pub(super) fn semantics(server: &ServerLabel) -> Semantics<'_> {
    Semantics {
        operation: Some("DeleteMcpServer"),
        servers: slice::from_ref(server),
        clients: &[],
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Nothing,
        effect: Effect::DeleteServers(slice::from_ref(server)),
        shows: ShownRecords::Nothing,
        reveals: Reveals::Always(&[]),
        round_trip: None,
    }
}

pub(super) fn body(server: ServerLabel, model: &Model) -> Option<Value> {
    // If its clients outlive it, nothing leads any more to those that the plan has no id of.
    if model.may_have_orphans(server) {
        return None;
    }
    Some(json!({ "id": server_id(server, model)? }))
}
