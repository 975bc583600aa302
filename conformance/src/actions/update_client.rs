//! `UpdateMcpServerClient`: the record as last seen, with some members changed.

use std::slice;

use descope_mcp_management::raw::types::UpdateMcpServerClientResponse;
use serde_json::Value;

use super::body::{changed, known_client, server_id};
use super::sentence::{with, without};
use super::typed_client::round_trip;
use crate::json::Members;
use crate::labels::ClientLabel;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::refusable;
use crate::model::semantics::{ComparedWith, Reveals, Seen, Semantics, SentRecord, ShownRecords};
use crate::wire::run_mark::RunMark;

pub(super) fn sentence(client: ClientLabel, set: &Members, omit: &[String]) -> String {
    format!("update {client}{}{}", with(set), without(omit))
}

pub(super) fn semantics<'a>(client: &'a ClientLabel, set: &'a Members) -> Semantics<'a> {
    Semantics {
        operation: Some("UpdateMcpServerClient"),
        servers: &[],
        clients: slice::from_ref(client),
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Client(""),
        effect: Effect::UpdateClient(*client),
        shows: ShownRecords::Client(*client, Seen::Written),
        reveals: Reveals::BySent(set, refusable::revealed_by),
        round_trip: Some(round_trip::<UpdateMcpServerClientResponse>),
    }
}

pub(super) fn body(
    client: ClientLabel,
    set: &Members,
    omit: &[String],
    model: &Model,
    mark: &RunMark,
) -> Option<Value> {
    let client = known_client(client, model)?;
    let mut body = changed(&client.record, set, omit, model, mark)?;
    // These are in the record and not in the request.
    for member in ["clientId", "registrationType", "status"] {
        body.remove(member);
    }
    body.insert("mcpServerId".into(), server_id(client.server, model)?.into());
    Some(Value::Object(body))
}
