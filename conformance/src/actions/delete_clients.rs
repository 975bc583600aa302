//! `DeleteMcpServerClients`: a bulk deletion.

use std::slice;

use serde_json::{Value, json};

use super::body::{known_client, server_id};
use super::sentence::list;
use crate::labels::{ClientLabel, ServerLabel};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};

pub(super) fn sentence(server: ServerLabel, clients: &[ClientLabel]) -> String {
    format!("delete {} of {server} in bulk", list(clients))
}

pub(super) fn semantics<'a>(server: &'a ServerLabel, clients: &'a [ClientLabel]) -> Semantics<'a> {
    Semantics {
        operation: Some("DeleteMcpServerClients"),
        servers: slice::from_ref(server),
        clients,
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Nothing,
        effect: Effect::DeleteClients { clients, in_bulk_of: Some(*server) },
        shows: ShownRecords::Nothing,
        reveals: Reveals::Always(&[]),
        round_trip: None,
    }
}

pub(super) fn body(server: ServerLabel, clients: &[ClientLabel], model: &Model) -> Option<Value> {
    let ids: Vec<_> = clients
        .iter()
        .filter_map(|client| known_client(*client, model))
        .filter(|client| client.server == server)
        .map(|client| &client.record.id)
        .collect();
    if ids.is_empty() {
        return None;
    }
    Some(json!({ "ids": ids, "mcpServerId": server_id(server, model)? }))
}
