//! `LoadMcpServer`: a server of the plan.

use std::slice;

use descope_mcp_management::raw::types::LoadMcpServerResponse;
use serde_json::{Value, json};

use super::body::server_id;
use super::typed_client::round_trip;
use crate::labels::ServerLabel;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Seen, Semantics, SentRecord, ShownRecords};

pub(super) fn sentence(server: ServerLabel) -> String {
    format!("load {server}")
}

pub(super) fn semantics(server: &ServerLabel) -> Semantics<'_> {
    Semantics {
        operation: Some("LoadMcpServer"),
        servers: slice::from_ref(server),
        clients: &[],
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Nothing,
        effect: Effect::Nothing,
        shows: ShownRecords::Server(*server, Seen::Loaded),
        reveals: Reveals::Always(&[]),
        round_trip: Some(round_trip::<LoadMcpServerResponse>),
    }
}

pub(super) fn body(server: ServerLabel, model: &Model) -> Option<Value> {
    Some(json!({ "id": server_id(server, model)? }))
}
