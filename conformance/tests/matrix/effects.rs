//! Mutants that do more or less than they were asked for.

use axum::http::header;
use descope_mcp_openapi::{Document, Kind as Type};
use serde_json::{Value, json};

use crate::kind::Effect;
use crate::layer::{Answered, Asked, Layer};
use crate::memory::{Record, load_body, text};

/// What a mutant writes into a record that it must not touch.
const TOUCHED: &str = "touched";

/// Asks, and does what is wrong before or after.
pub async fn answer(layer: &Layer, kind: Effect, asked: Asked) -> Answered {
    match kind {
        Effect::NotDone => not_done(layer, asked).await,
        Effect::Twice => {
            let answered = layer.ask(asked.clone()).await;
            if answered.status == 200 {
                layer.act();
                layer.ask(asked).await;
            }
            answered
        }
        Effect::WithoutKey => {
            let answered = layer.ask(asked.clone()).await;
            let key = layer.memory().key.clone();
            if let (401 | 403, Some(key)) = (answered.status, key) {
                layer.act();
                let mut again = asked;
                again.headers.insert(header::AUTHORIZATION, key);
                layer.ask(again).await;
            }
            answered
        }
        Effect::Malformed => {
            let answered = layer.ask(asked.clone()).await;
            if matches!(answered.status, 400 | 404 | 422)
                && let Some(body) = repaired(layer, &asked)
                && body != asked.body
            {
                layer.act();
                layer.ask_also(&asked, &asked.operation, body).await;
            }
            answered
        }
        Effect::OnSibling => also(layer, asked, false).await,
        Effect::OnSiblingElsewhere => also(layer, asked, true).await,
        Effect::ReadChanges => {
            let answered = layer.ask(asked.clone()).await;
            let record = match subject(&asked) {
                Some(id) => layer.memory().record(&id).cloned(),
                None => layer.memory().servers.iter().rev().find(|server| server.alive).cloned(),
            };
            if let (200, Some(record)) = (answered.status, record) {
                touch(layer, &asked, &record).await;
            }
            answered
        }
        Effect::UnknownFound | Effect::DeletedFound => {
            let answered = layer.ask(asked.clone()).await;
            let id = subject(&asked).unwrap_or_default();
            let is_known = layer.memory().record(&id).is_some();
            if !matches!(answered.status, 400 | 404) || is_known == (kind == Effect::UnknownFound) {
                return answered;
            }
            match made_up(layer, &asked, &id) {
                Some(body) => {
                    layer.act();
                    Answered::success(body)
                }
                None => answered,
            }
        }
    }
}

/// The id of the record that a request is about.
fn subject(asked: &Asked) -> Option<String> {
    let body = &asked.body;
    let id = [&body["id"], &body["server"]["id"], &body["ids"][0], &body["mcpServerId"]];
    id.into_iter().find_map(|id| id.as_str()).map(str::to_owned)
}

/// Claims that it is done.
async fn not_done(layer: &Layer, asked: Asked) -> Answered {
    let id = subject(&asked).unwrap_or_default();
    let record = layer.memory().record(&id).filter(|record| record.alive).cloned();
    match asked.operation.as_str() {
        "CreateMcpServer" | "CreateMcpServerClient" => {
            let answered = layer.ask(asked.clone()).await;
            if answered.status == 200 {
                layer.act();
                let (operation, body) = if asked.operation == "CreateMcpServer" {
                    ("DeleteMcpServer", json!({ "id": answered.body["server"]["id"] }))
                } else {
                    let server = &asked.body["mcpServerId"];
                    ("DeleteMcpServerClient", json!({ "id": answered.body["id"], "mcpServerId": server }))
                };
                layer.ask_also(&asked, operation, body).await;
            }
            answered
        }
        "UpdateMcpServer" | "UpdateMcpServerClient" => {
            let Some(record) = record else { return layer.ask(asked).await };
            let before = load(layer, &asked, &record).await;
            let answered = layer.ask(asked.clone()).await;
            if answered.status == 200 {
                layer.act();
                write(layer, &asked, &record, before).await;
            }
            answered
        }
        "RotateMcpServerClientSecret" => {
            let Some(_) = record else { return layer.ask(asked).await };
            let as_read = Asked { path: path_of("GetMcpServerClientSecret"), ..asked };
            let answered = layer.ask(as_read).await;
            let secret = text(&answered.body, "/cleartext");
            let other: String = secret.chars().rev().collect();
            if answered.status == 200 {
                return layer.answer_with(answered, json!({ "cleartext": other }));
            }
            answered
        }
        // A deletion: what is asked in its place shows whether it would have been refused.
        _ => {
            let in_place = match &record {
                Some(record) => load_body(record),
                None => return layer.ask(asked).await,
            };
            let as_read = Asked { path: path_of(in_place.0), body: in_place.1, ..asked };
            let answered = layer.ask(Asked { operation: in_place.0.to_owned(), ..as_read }).await;
            if answered.status == 200 { layer.answer_with(answered, json!({})) } else { answered }
        }
    }
}

fn path_of(operation: &str) -> String {
    descope_mcp_operations::find(operation).expect("an operation of the table").path.to_owned()
}

/// Does the same to a sibling of the record that it is about.
async fn also(layer: &Layer, asked: Asked, elsewhere: bool) -> Answered {
    let before = subject(&asked).unwrap_or_default();
    let answered = layer.ask(asked.clone()).await;
    if answered.status != 200 {
        return answered;
    }
    // A creation has a subject only afterwards.
    let id = match asked.operation.as_str() {
        "CreateMcpServer" => text(&answered.body, "/server/id"),
        "CreateMcpServerClient" => text(&answered.body, "/id"),
        _ => before,
    };
    let sibling = layer.memory().sibling(&id, elsewhere).cloned();
    // Servers have no elsewhere but their clients.
    let sibling = if elsewhere && layer.memory().servers.iter().any(|server| server.id == id) {
        layer.memory().clients.iter().rev().find(|client| client.alive && client.server == id).cloned()
    } else {
        sibling
    };
    let Some(sibling) = sibling else { return answered };
    match asked.operation.as_str() {
        "RotateMcpServerClientSecret" => {
            layer.act();
            let body = json!({ "id": sibling.id, "mcpServerId": sibling.server });
            layer.ask_also(&asked, "RotateMcpServerClientSecret", body).await;
        }
        operation if operation.starts_with("Delete") => {
            layer.act();
            let (operation, body) = if sibling.server.is_empty() {
                ("DeleteMcpServer", json!({ "id": sibling.id }))
            } else {
                ("DeleteMcpServerClient", json!({ "id": sibling.id, "mcpServerId": sibling.server }))
            };
            layer.ask_also(&asked, operation, body).await;
        }
        _ => touch(layer, &asked, &sibling).await,
    }
    answered
}

/// Changes a record.
async fn touch(layer: &Layer, asked: &Asked, record: &Record) {
    let mut stored = load(layer, asked, record).await;
    if stored.is_object() && stored["tags"] != json!([TOUCHED]) {
        layer.act();
        stored["tags"] = json!([TOUCHED]);
        write(layer, asked, record, stored).await;
    }
}

async fn load(layer: &Layer, asked: &Asked, record: &Record) -> Value {
    let (operation, body) = load_body(record);
    let member = if record.server.is_empty() { "server" } else { "client" };
    layer.ask_also(asked, operation, body).await.body[member].take()
}

async fn write(layer: &Layer, asked: &Asked, record: &Record, mut stored: Value) {
    if record.server.is_empty() {
        layer.ask_also(asked, "UpdateMcpServer", json!({ "server": stored })).await;
        return;
    }
    // What a client's update takes is not all that its record has.
    let taken = Document::management().members("UpdateMcpServerClientRequest");
    if let Some(members) = stored.as_object_mut() {
        let known = Document::management().members("McpServerClient");
        members.retain(|name, _| {
            taken.iter().any(|member| member.name == *name)
                || !known.iter().any(|member| member.name == *name)
        });
    }
    layer.ask_also(asked, "UpdateMcpServerClient", stored).await;
}

/// A request as it may have been meant.
fn repaired(layer: &Layer, asked: &Asked) -> Option<Value> {
    let memory = layer.memory();
    let mut body = asked.body.clone();
    if body.is_null() {
        let whole = [asked.raw.as_slice(), b"}"].concat();
        body = serde_json::from_slice(&whole).ok()?;
    }
    let schema = Document::management().operation(&asked.operation)?.request_schema()?;
    for member in Document::management().members(schema).iter().filter(|member| member.required) {
        let sent = &body[&member.name];
        let is_right = match member.kind {
            Type::String => sent.is_string(),
            Type::List { .. } => sent.is_array(),
            _ => sent.is_object(),
        };
        if is_right {
            continue;
        }
        let living = |records: &[Record]| {
            records.iter().rev().find(|record| record.alive).map(|record| record.id.clone())
        };
        body[&member.name] = match member.name.as_str() {
            "mcpServerId" => match memory.record(body["id"].as_str().unwrap_or_default()) {
                Some(client) => client.server.clone().into(),
                None => living(&memory.servers)?.into(),
            },
            "id" => {
                let records = memory.named_by(&asked.operation, "/id");
                let server = body["mcpServerId"].as_str();
                let of_server = |record: &&Record| server.is_none_or(|server| record.server == server);
                records.iter().rev().filter(of_server).find(|record| record.alive)?.id.clone().into()
            }
            "ids" => json!([living(memory.named_by(&asked.operation, "/ids/*"))?]),
            "server" => memory.servers.iter().rev().find(|server| server.alive)?.now.clone(),
            _ => "repaired".into(),
        };
    }
    if let Some(server) = body.get_mut("server").and_then(Value::as_object_mut)
        && !server.get("id").is_some_and(Value::is_string)
    {
        let alive = memory.servers.iter().find(|known| known.alive)?;
        server.insert("id".into(), alive.id.clone().into());
    }
    // The right record by the wrong server.
    if let Some(client) = body["id"].as_str().and_then(|id| memory.record(id))
        && body["mcpServerId"].is_string()
        && !client.server.is_empty()
    {
        body["mcpServerId"] = client.server.clone().into();
    }
    Some(body)
}

/// What is answered for a record that is not there.
fn made_up(layer: &Layer, asked: &Asked, id: &str) -> Option<Value> {
    let memory = layer.memory();
    if asked.operation.ends_with("Secret") {
        let known = memory.secrets.get(id).and_then(|secrets| secrets.last());
        let secret = known.cloned().unwrap_or_else(|| id.repeat(2));
        return Some(json!({ "cleartext": secret }));
    }
    let member = if asked.operation.contains("Client") { "client" } else { "server" };
    if asked.operation.starts_with("Update") {
        let sent = if member == "server" { &asked.body["server"] } else { &asked.body };
        return Some(json!({ member: sent }));
    }
    let records = if member == "client" { &memory.clients } else { &memory.servers };
    let record = records.iter().find(|record| record.id == id).or_else(|| records.last())?;
    let mut shown = record.now.clone();
    shown["id"] = id.into();
    Some(json!({ member: shown }))
}
