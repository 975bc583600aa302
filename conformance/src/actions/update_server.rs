//! `UpdateMcpServer`: the record as last seen, with some members changed.

use std::slice;

use descope_mcp_management::raw::types::UpdateMcpServerResponse;
use serde_json::{Value, json};

use super::body::changed;
use super::sentence::{with, without};
use super::typed_client::round_trip;
use crate::json::Members;
use crate::labels::ServerLabel;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::refusable;
use crate::model::semantics::{ComparedWith, Reveals, Seen, Semantics, SentRecord, ShownRecords};
use crate::wire::run_mark::RunMark;

pub(super) fn sentence(server: ServerLabel, set: &Members, omit: &[String]) -> String {
    format!("update {server}{}{}", with(set), without(omit))
}

pub(super) fn semantics<'a>(server: &'a ServerLabel, set: &'a Members) -> Semantics<'a> {
    Semantics {
        operation: Some("UpdateMcpServer"),
        servers: slice::from_ref(server),
        clients: &[],
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Server("/server"),
        effect: Effect::UpdateServer(*server),
        shows: ShownRecords::Server(*server, Seen::Written),
        reveals: Reveals::BySent(set, refusable::revealed_by),
        round_trip: Some(round_trip::<UpdateMcpServerResponse>),
    }
}

pub(super) fn body(
    server: ServerLabel,
    set: &Members,
    omit: &[String],
    model: &Model,
    mark: &RunMark,
) -> Option<Value> {
    Some(json!({ "server": changed(model.servers.get(&server)?, set, omit, model, mark)? }))
}
