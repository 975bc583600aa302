//! What a mutant remembers of earlier exchanges: records with their last two states, secrets, and who may call.

use std::collections::BTreeMap;

use axum::http::HeaderValue;
use serde_json::{Value, json};

use crate::granted::Grants;

/// A server or client record.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: String,
    /// The server of a client; empty for a server.
    pub server: String,
    /// As last shown.
    pub now: Value,
    /// As shown before it last changed.
    pub before: Option<Value>,
    pub alive: bool,
}

/// All that is remembered.
#[derive(Debug, Default)]
pub struct Memory {
    /// In the order of their creation.
    pub servers: Vec<Record>,
    /// In the order of their creation.
    pub clients: Vec<Record>,
    /// By the id of the client, the oldest first.
    pub secrets: BTreeMap<String, Vec<String>>,
    /// The header that a management request was accepted with.
    pub key: Option<HeaderValue>,
    /// The last success of each operation.
    pub successes: BTreeMap<String, Value>,
    /// What authorization servers gave.
    pub grants: Grants,
}

impl Memory {
    /// Learns from an exchange that succeeded.
    pub fn learn(&mut self, operation: &str, asked: &Value, answered: &Value) {
        self.successes.insert(operation.to_owned(), answered.clone());
        if let Some(server) = answered.get("server") {
            see(&mut self.servers, server);
        }
        if let Some(client) = answered.get("client") {
            see(&mut self.clients, client);
        }
        for server in answered["servers"].as_array().into_iter().flatten() {
            see(&mut self.servers, server);
        }
        for client in answered["clients"].as_array().into_iter().flatten() {
            see(&mut self.clients, client);
        }
        let mut secret_of = text(asked, "/id");
        if operation == "CreateMcpServerClient" {
            let mut record = asked.clone();
            record["id"] = answered["id"].clone();
            record["clientId"] = answered["clientId"].clone();
            secret_of = text(answered, "/id");
            see(&mut self.clients, &record);
        }
        if let Some(secret) = answered["cleartext"].as_str() {
            let secrets = self.secrets.entry(secret_of).or_default();
            if secrets.last().is_none_or(|last| last != secret) {
                secrets.push(secret.to_owned());
            }
        }
        if operation.starts_with("Delete") {
            let listed = asked["ids"].as_array().into_iter().flatten();
            for id in listed.chain([&asked["id"]]) {
                for record in self.servers.iter_mut().chain(&mut self.clients) {
                    if id == &record.id || (operation.starts_with("DeleteMcpServer") && id == &record.server)
                    {
                        record.alive = false;
                    }
                }
            }
        }
    }

    /// The records that a pointer of a request names: servers or clients.
    pub fn named_by(&self, operation: &str, pointer: &str) -> &[Record] {
        let is_server = pointer == "/mcpServerId"
            || pointer == "/server/id"
            || !operation.contains("Client") && ["/id", "/ids/*"].contains(&pointer);
        if is_server { &self.servers } else { &self.clients }
    }

    /// The record with this id.
    pub fn record(&self, id: &str) -> Option<&Record> {
        self.servers.iter().chain(&self.clients).find(|record| record.id == id)
    }

    /// A living record of the same kind as that one: with the same server, or with another one.
    pub fn sibling(&self, id: &str, elsewhere: bool) -> Option<&Record> {
        let of = self.record(id)?;
        let records = if of.server.is_empty() { &self.servers } else { &self.clients };
        let mut others = records.iter().rev().filter(|other| other.alive && other.id != id);
        let is_elsewhere = |other: &&Record| of.server.is_empty() || (other.server != of.server) == elsewhere;
        others.find(is_elsewhere)
    }

    /// The client with this OAuth client id.
    pub fn client(&self, client_id: &str) -> Option<&Record> {
        self.clients.iter().find(|client| client.now["clientId"] == client_id)
    }
}

fn see(records: &mut Vec<Record>, shown: &Value) {
    let Some(id) = shown["id"].as_str() else { return };
    match records.iter_mut().find(|record| record.id == id) {
        Some(record) if record.now != *shown => {
            record.before = Some(std::mem::replace(&mut record.now, shown.clone()));
        }
        Some(_) => {}
        None => records.push(Record {
            id: id.to_owned(),
            server: text(shown, "/mcpServerId"),
            now: shown.clone(),
            before: None,
            alive: true,
        }),
    }
}

/// The text at a pointer, or an empty one.
pub fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The body that loads a record.
pub fn load_body(record: &Record) -> (&'static str, Value) {
    if record.server.is_empty() {
        ("LoadMcpServer", json!({ "id": record.id }))
    } else {
        ("LoadMcpServerClient", json!({ "id": record.id, "mcpServerId": record.server }))
    }
}
