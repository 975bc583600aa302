//! `LoadMcpServer` for a well-formed id that nobody ever created.

use descope_mcp_management::raw::types::LoadMcpServerResponse;
use serde_json::{Value, json};

use super::typed_client::round_trip;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};
use crate::wire::run_mark::RunMark;

pub(super) fn sentence() -> String {
    "load a server that nobody made".to_owned()
}

pub(super) fn semantics() -> Semantics<'static> {
    Semantics {
        operation: Some("LoadMcpServer"),
        servers: &[],
        clients: &[],
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Nothing,
        effect: Effect::Nothing,
        shows: ShownRecords::Nothing,
        reveals: Reveals::Always(&[]),
        round_trip: Some(round_trip::<LoadMcpServerResponse>),
    }
}

pub(super) fn body(mark: &RunMark) -> Value {
    json!({ "id": mark.unmade_server_id })
}
