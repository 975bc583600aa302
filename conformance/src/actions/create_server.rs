//! `CreateMcpServer`: a new server.

use std::slice;

use descope_mcp_management::raw::types::CreateMcpServerResponse;
use serde_json::Value;

use super::body::marked;
use super::sentence::with;
use super::typed_client::round_trip;
use crate::capability::Capability;
use crate::documented::UNKNOWN_MEMBER;
use crate::json::Members;
use crate::labels::ServerLabel;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::refusable;
use crate::model::semantics::{ComparedWith, Reveals, Seen, Semantics, SentRecord, ShownRecords};
use crate::wire::run_mark::RunMark;

pub(super) fn sentence(server: ServerLabel, body: &Members) -> String {
    format!("create {server}{}", with(body))
}

pub(super) fn semantics<'a>(server: &'a ServerLabel, body: &'a Members) -> Semantics<'a> {
    Semantics {
        operation: Some("CreateMcpServer"),
        servers: slice::from_ref(server),
        clients: &[],
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Server(""),
        effect: Effect::CreateServer(*server),
        shows: ShownRecords::Server(*server, Seen::Written),
        reveals: Reveals::BySent(body, reveals),
        round_trip: Some(round_trip::<CreateMcpServerResponse>),
    }
}

fn reveals(body: &Members) -> Vec<Capability> {
    let mut revealed = refusable::revealed_by(body);
    let has_flat_scopes = body.get("approvedScopes").is_some_and(Value::is_array);
    if body.contains_key(UNKNOWN_MEMBER) {
        revealed.push(Capability::UnknownMembers);
    } else if has_flat_scopes && !refusable::is_among(body) {
        revealed.push(Capability::FlatScopes);
    }
    revealed
}

pub(super) fn body(body: &Members, model: &Model, mark: &RunMark) -> Value {
    Value::Object(marked(body, model, mark))
}
