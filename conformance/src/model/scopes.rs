//! Which scopes servers have approved so far: a client keeps what it was given when it was created. No I/O here.

use serde_json::Value;

use super::Model;
use super::semantics::{Asked, SentRecord, Sighting};
use crate::json::Members;
use crate::labels::ServerLabel;
use crate::wire::exchange::Exchange;

impl Model {
    /// Takes in which scopes a request asks a server to approve, unless it was refused, and which ones the answer shows.
    pub(super) fn learn_scopes(&mut self, asked: &Asked<'_>, exchange: &Exchange) {
        if let (SentRecord::Server(_), Some(server), Some(record)) =
            (asked.semantics.sends, asked.semantics.servers.first(), asked.sent())
            && (exchange.refusal().is_none() || exchange.after_unclear_try)
        {
            self.approve(*server, record);
        }
        for sighting in asked.sightings(exchange) {
            if let Sighting::Server(id, record) = sighting
                && let Some(server) = self.server_with_id(id)
            {
                self.approve(server, record);
            }
        }
    }

    fn approve(&mut self, server: ServerLabel, record: &Members) {
        let names = named_in(record.get("approvedScopes")).map(str::to_owned);
        self.approved_scopes.entry(server).or_default().extend(names);
    }
}

/// The names of scopes in their categories, or in a flat list.
pub(crate) fn named_in(scopes: Option<&Value>) -> impl Iterator<Item = &str> {
    let flat = scopes.and_then(Value::as_array).into_iter().flatten();
    let categories = scopes.and_then(Value::as_object).into_iter().flat_map(Members::values);
    let in_categories = categories.filter_map(Value::as_array).flatten();
    flat.chain(in_categories).filter_map(|scope| scope["name"].as_str())
}
