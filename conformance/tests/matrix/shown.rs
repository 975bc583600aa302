//! Mutants that show something else than they hold.

use serde_json::Value;

use crate::kind::Shown;
use crate::layer::Answered;
use crate::memory::{Memory, Record, text};
use crate::pointers::{existing, insert, remove};

/// The body of a response with the member changed.
pub fn changed(memory: &Memory, kind: Shown, pointer: &str, request: &Value, answered: &Answered) -> Value {
    let mut body = answered.body.clone();
    if !(200..300).contains(&answered.status) {
        return body;
    }
    for place in existing(&answered.body, pointer) {
        let other = match kind {
            Shown::Missing => {
                remove(&mut body, &place);
                continue;
            }
            Shown::Stale => stale(memory, &answered.body, request, &place),
            Shown::OfAnother => of_another(memory, &answered.body, request, &place),
        };
        if let Some(other) = other {
            insert(&mut body, &place, other);
        }
    }
    body
}

/// The record around a place in a response, and the rest of the way.
fn record_around<'a>(body: &'a Value, place: &'a str) -> Option<(&'a Value, &'a str)> {
    let mut parts = place.splitn(3, '/').skip(1);
    let (name, rest) = (parts.next()?, parts.next()?);
    match name {
        "server" | "client" => Some((body.get(name)?, rest)),
        "servers" | "clients" => {
            let (index, rest) = rest.split_once('/')?;
            Some((body.get(name)?.get(index.parse::<usize>().ok()?)?, rest))
        }
        _ => None,
    }
}

fn stale(memory: &Memory, body: &Value, request: &Value, place: &str) -> Option<Value> {
    if place == "/cleartext" {
        let secrets = memory.secrets.get(&text(request, "/id"))?;
        return Some(secrets.iter().rev().nth(1)?.clone().into());
    }
    let (record, rest) = record_around(body, place)?;
    let known = memory.record(record["id"].as_str()?)?;
    known.before.as_ref()?.pointer(&format!("/{rest}")).cloned()
}

fn of_another(memory: &Memory, body: &Value, request: &Value, place: &str) -> Option<Value> {
    let mine = body.pointer(place)?;
    if place == "/cleartext" {
        let id = if request["id"].is_null() { text(body, "/id") } else { text(request, "/id") };
        let mut others = memory.secrets.iter().filter(|(other, _)| **other != id);
        return Some(others.next()?.1.last()?.clone().into());
    }
    let (records, id, rest): (&[Record], _, _) = match record_around(body, place) {
        Some((record, rest)) => {
            let is_server = memory.servers.iter().any(|server| record["id"] == server.id);
            (if is_server { &memory.servers } else { &memory.clients }, text(record, "/id"), rest)
        }
        None => (&memory.clients, text(body, "/id"), place.trim_start_matches('/')),
    };
    let others = records.iter().rev().filter(|other| other.id != id);
    let mut values = others.filter_map(|other| other.now.pointer(&format!("/{rest}")));
    values.find(|value| *value != mine).cloned()
}
