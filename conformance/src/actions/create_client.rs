//! `CreateMcpServerClient`: a new client record of a server.

use std::slice;

use serde_json::Value;

use super::body::{marked, server_id};
use super::sentence::with;
use crate::json::Members;
use crate::labels::{ClientLabel, ServerLabel};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::refusable;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};
use crate::wire::run_mark::RunMark;

pub(super) fn sentence(client: ClientLabel, server: ServerLabel, body: &Members) -> String {
    format!("create {client} of {server}{}", with(body))
}

pub(super) fn semantics<'a>(
    client: &'a ClientLabel,
    server: &'a ServerLabel,
    body: &'a Members,
) -> Semantics<'a> {
    Semantics {
        operation: Some("CreateMcpServerClient"),
        servers: slice::from_ref(server),
        clients: slice::from_ref(client),
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Client(""),
        effect: Effect::CreateClient { client: *client, server: *server },
        shows: ShownRecords::Nothing,
        reveals: Reveals::BySent(body, refusable::revealed_by),
        round_trip: None,
    }
}

pub(super) fn body(server: ServerLabel, body: &Members, model: &Model, mark: &RunMark) -> Option<Value> {
    if !model.servers.get(&server)?.is_alive() {
        return None;
    }
    let mut body = marked(body, model, mark);
    body.insert("mcpServerId".into(), server_id(server, model)?.into());
    Some(Value::Object(body))
}
