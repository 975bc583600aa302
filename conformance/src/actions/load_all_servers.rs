//! `LoadAllMcpServers`.

use descope_mcp_management::raw::types::LoadAllMcpServersResponse;
use serde_json::{Value, json};

use super::typed_client::round_trip;
use crate::capability::Capability;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};

pub(super) fn sentence() -> String {
    "load all servers".to_owned()
}

pub(super) fn semantics() -> Semantics<'static> {
    Semantics {
        operation: Some("LoadAllMcpServers"),
        servers: &[],
        clients: &[],
        compared_with: ComparedWith::AllServers,
        sends: SentRecord::Nothing,
        effect: Effect::Nothing,
        shows: ShownRecords::Servers,
        reveals: Reveals::Always(&[Capability::TotalOfServers]),
        round_trip: Some(round_trip::<LoadAllMcpServersResponse>),
    }
}

pub(super) fn body() -> Value {
    json!({})
}
