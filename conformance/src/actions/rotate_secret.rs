//! `RotateMcpServerClientSecret`.

use std::slice;

use serde_json::Value;

use super::body::client_body;
use crate::labels::ClientLabel;
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::semantics::{ComparedWith, Reveals, Semantics, SentRecord, ShownRecords};

pub(super) fn sentence(client: ClientLabel) -> String {
    format!("rotate the secret of {client}")
}

pub(super) fn semantics(client: &ClientLabel) -> Semantics<'_> {
    Semantics {
        operation: Some("RotateMcpServerClientSecret"),
        servers: &[],
        clients: slice::from_ref(client),
        compared_with: ComparedWith::Nothing,
        sends: SentRecord::Nothing,
        effect: Effect::RotateSecret(*client),
        shows: ShownRecords::Nothing,
        reveals: Reveals::Always(&[]),
        round_trip: None,
    }
}

pub(super) fn body(client: ClientLabel, model: &Model) -> Option<Value> {
    client_body(client, model)
}
