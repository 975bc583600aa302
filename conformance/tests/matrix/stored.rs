//! Mutants that store something else than they were sent.

use serde_json::Value;

use crate::kind::Stored;
use crate::layer::Asked;
use crate::memory::{Memory, text};
use crate::pointers::{existing, expand, insert, remove};

/// The body with the member changed.
pub fn changed(memory: &Memory, kind: Stored, pointer: &str, asked: &Asked) -> Value {
    let mut body = asked.body.clone();
    match kind {
        Stored::Ignored => existing(&asked.body, pointer).iter().for_each(|place| {
            remove(&mut body, place);
        }),
        Stored::Kept | Stored::LeftOutKept => {
            let (id, root) = match asked.operation.as_str() {
                "UpdateMcpServer" => (text(&asked.body, "/server/id"), "/server"),
                _ => (text(&asked.body, "/id"), ""),
            };
            let Some(record) = memory.record(&id) else { return body };
            for place in expand(&asked.body, pointer) {
                let is_sent = asked.body.pointer(&place).is_some();
                if is_sent != (kind == Stored::Kept) {
                    continue;
                }
                match place.strip_prefix(root).and_then(|place| record.now.pointer(place)) {
                    Some(value) => insert(&mut body, &place, value.clone()),
                    None => remove(&mut body, &place),
                };
            }
        }
        _ => {
            for place in existing(&asked.body, pointer) {
                if let Some(value) = body.pointer_mut(&place) {
                    change(kind, value);
                }
            }
        }
    }
    body
}

fn change(kind: Stored, value: &mut Value) {
    match (kind, value) {
        (Stored::Trimmed, Value::String(text)) => *text = text.trim().to_owned(),
        (Stored::LowerCase, Value::String(text)) => *text = text.to_lowercase(),
        (Stored::Escaped, Value::String(text)) => {
            *text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        }
        (Stored::Cut, Value::String(text)) => *text = text.chars().take(255).collect(),
        (Stored::Coerced, Value::String(text)) => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            if let Some(number) = number {
                *text = number.to_string();
            } else if ["null", "true", "false"].contains(&text.as_str()) {
                text.clear();
            }
        }
        (Stored::Sorted, Value::Array(items)) => items.sort_by_key(ToString::to_string),
        (Stored::Unique, Value::Array(items)) => {
            let mut seen = Vec::new();
            items.retain(|item| {
                let is_new = !seen.contains(item);
                seen.push(item.clone());
                is_new
            });
        }
        (Stored::FirstTwo, Value::Array(items)) => items.truncate(2),
        (Stored::FirstTen, Value::Array(items)) => items.truncate(10),
        (Stored::Int16, value @ Value::Number(_)) => {
            #[expect(clippy::cast_possible_truncation, reason = "that is the mutant")]
            let short = value.as_i64().unwrap_or_default() as i16;
            *value = short.into();
        }
        (Stored::True, value @ Value::Bool(_)) => *value = true.into(),
        (Stored::False, value @ Value::Bool(_)) => *value = false.into(),
        _ => {}
    }
}
