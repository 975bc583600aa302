//! `LoadMcpServerClient`: a client record by one of its two ids.

use std::slice;

use descope_mcp_management::raw::types::LoadMcpServerClientResponse;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::{client_body, server_id};
use super::typed_client::round_trip;
use crate::labels::ClientLabel;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Seen, Semantics, SentRecord, ShownRecords};

/// Which identifier a client record is loaded by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadBy {
    /// The record's `id` (`TPA…`).
    Id,
    /// The OAuth `client_id`.
    ClientId,
}

pub(super) fn sentence(client: ClientLabel, by: LoadBy) -> String {
    let by = match by {
        LoadBy::Id => "",
        LoadBy::ClientId => " by its OAuth client id",
    };
    format!("load {client}{by}")
}

pub(super) fn semantics(client: &ClientLabel, by: LoadBy) -> Semantics<'_> {
    let seen = match by {
        LoadBy::Id => Seen::Loaded,
        LoadBy::ClientId => Seen::LoadedByAnotherWay,
    };
    Semantics {
        operation: Some("LoadMcpServerClient"),
        servers: &[],
        clients: slice::from_ref(client),
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Nothing,
        effect: Effect::Nothing,
        shows: ShownRecords::Client(*client, seen),
        reveals: Reveals::Always(&[]),
        round_trip: Some(round_trip::<LoadMcpServerClientResponse>),
    }
}

pub(super) fn body(client: ClientLabel, by: LoadBy, model: &Model) -> Option<Value> {
    match by {
        LoadBy::Id => client_body(client, model),
        LoadBy::ClientId => {
            let client = model.clients.get(&client)?;
            let server = server_id(client.server, model)?;
            Some(json!({ "clientId": client.client_id, "mcpServerId": server }))
        }
    }
}
