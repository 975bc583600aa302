//! Mutants that look a record up by something else than its id.

use serde_json::Value;

use crate::kind::Looked;
use crate::layer::Asked;
use crate::memory::{Memory, Record, text};
use crate::pointers::{existing, insert};

/// The body with the record named that a careless comparison finds.
pub fn changed(memory: &Memory, kind: Looked, pointer: &str, asked: &Asked) -> Value {
    let mut body = asked.body.clone();
    for place in existing(&asked.body, pointer) {
        let Some(sent) = asked.body.pointer(&place).and_then(Value::as_str) else { continue };
        if let Some(found) = found(memory, kind, pointer, asked, sent) {
            insert(&mut body, &place, found.into());
        }
    }
    body
}

fn found(memory: &Memory, kind: Looked, pointer: &str, asked: &Asked, sent: &str) -> Option<String> {
    let name = |record: &Record| match pointer {
        "/clientId" => text(&record.now, "/clientId"),
        _ => record.id.clone(),
    };
    let records = memory.named_by(&asked.operation, pointer);
    if kind == Looked::NotChecked && pointer == "/mcpServerId" {
        // Whatever server is named: a client is looked up by its own id alone.
        let id = asked.body["id"].as_str().or_else(|| asked.body["ids"][0].as_str());
        let client = match id {
            Some(id) => memory.record(id),
            None => memory.client(asked.body["clientId"].as_str().unwrap_or_default()),
        };
        if let Some(client) = client {
            return Some(client.server.clone());
        }
    }
    if records.iter().any(|record| name(record) == sent && record.alive) {
        return None;
    }
    let mut living = records.iter().rev().filter(|record| record.alive);
    let server = asked.body["mcpServerId"].as_str().filter(|_| pointer != "/mcpServerId");
    let matches = |record: &&Record| {
        let name = name(record);
        match kind {
            Looked::NotChecked => server.is_none_or(|server| record.server == server),
            Looked::Prefix => !sent.is_empty() && name.starts_with(sent),
            Looked::Longer => sent.starts_with(&name),
            Looked::Case => name.eq_ignore_ascii_case(sent),
            Looked::Blank => sent.trim() == name,
        }
    };
    living.find(matches).map(name)
}
