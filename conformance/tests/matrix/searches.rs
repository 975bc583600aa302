//! Mutants of searches and lists: filters, order and pages.

use serde_json::{Value, json};

use crate::kind::{Paged, Searched};
use crate::layer::{Answered, Asked, Layer};
use crate::memory::text;

/// More clients than a run makes, and no more than the emulator gives at once.
const ALL_AT_ONCE: u64 = 1_000;

/// Asks for a search, with the filter or order at a pointer treated wrongly.
pub async fn filtered(layer: &Layer, kind: Searched, pointer: &str, asked: Asked) -> Answered {
    let parameter = pointer.split('/').nth(1).unwrap_or_default().to_owned();
    let value = asked.body[&parameter].clone();
    if value.is_null() || value == "" {
        return layer.ask(asked).await;
    }
    let mut without = asked.body.clone();
    without.as_object_mut().map(|members| members.remove(&parameter));
    match (kind, parameter.as_str()) {
        (Searched::Ignored, _) => layer.ask_with(asked, without).await,
        (Searched::DirectionIgnored | Searched::Backwards, _) => {
            let mut body = asked.body.clone();
            for field in body["sort"].as_array_mut().into_iter().flatten() {
                let backwards = field["desc"] == true;
                field["desc"] = (kind == Searched::Backwards && !backwards).into();
            }
            layer.ask_with(asked, body).await
        }
        (Searched::AfterPaging, "sort") => {
            let answered = layer.ask(Asked { body: without, ..asked.clone() }).await;
            let mut body = answered.body.clone();
            sort(&mut body, &value);
            layer.answer_with(answered, body)
        }
        (Searched::AfterPaging, _) => {
            let right = layer.ask(asked.clone()).await;
            let page = layer.ask(Asked { body: without, ..asked }).await;
            let mut body = page.body.clone();
            keep(&mut body, |client| compare(client, &parameter, &value, false, false));
            if right.body == body { right } else { layer.answer_with(page, body) }
        }
        (Searched::Part | Searched::Case, _) => {
            let part = kind == Searched::Part;
            let all = layer.ask(Asked { body: whole(&without), ..asked.clone() }).await;
            let found = matching(&all, |client| compare(client, &parameter, &value, part, true));
            answer_found(layer, asked, found).await
        }
        (Searched::Or, _) => {
            let others = without.as_object().into_iter().flatten().filter(|(name, value)| {
                !["mcpServerId", "page", "limit", "sort"].contains(&name.as_str()) && **value != ""
            });
            if others.count() == 0 {
                return layer.ask(asked).await;
            }
            let mut alone = json!({ "mcpServerId": asked.body["mcpServerId"] });
            alone[&parameter] = value;
            let mut found = Vec::new();
            for body in [whole(&alone), whole(&without)] {
                let answered = layer.ask(Asked { body, ..asked.clone() }).await;
                for client in matching(&answered, |_| true) {
                    if !found.contains(&client) {
                        found.push(client);
                    }
                }
            }
            answer_found(layer, asked, found).await
        }
    }
}

/// The same search on one page.
fn whole(search: &Value) -> Value {
    let mut body = search.clone();
    body.as_object_mut().map(|members| members.remove("page"));
    body["limit"] = ALL_AT_ONCE.into();
    body
}

fn matching(answered: &Answered, is_found: impl Fn(&Value) -> bool) -> Vec<Value> {
    answered.body["clients"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|client| is_found(client))
        .cloned()
        .collect()
}

fn keep(body: &mut Value, is_found: impl Fn(&Value) -> bool) {
    let Some(clients) = body["clients"].as_array_mut() else { return };
    clients.retain(is_found);
}

/// Answers with one page of what was found.
async fn answer_found(layer: &Layer, asked: Asked, found: Vec<Value>) -> Answered {
    let (page, limit) = (asked.body["page"].as_u64().unwrap_or(0), asked.body["limit"].as_u64().unwrap_or(0));
    let limit = if limit == 0 { 100 } else { limit };
    let total = found.len();
    let skipped = usize::try_from(page.saturating_mul(limit)).unwrap_or(usize::MAX);
    let shown: Vec<_> =
        found.into_iter().skip(skipped).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    let answered = layer.ask(asked).await;
    if answered.status != 200 {
        return answered;
    }
    let ids = |clients: &[Value]| {
        let mut ids: Vec<_> = clients.iter().map(|client| text(client, "/id")).collect();
        ids.sort();
        ids
    };
    // In another order it is the same set, which the emulator orders itself.
    if answered.body["clients"].as_array().is_some_and(|clients| ids(clients) == ids(&shown)) {
        return answered;
    }
    let mut body = answered.body.clone();
    body["clients"] = shown.into();
    body["total"] = total.into();
    layer.answer_with(answered, body)
}

fn compare(client: &Value, parameter: &str, wanted: &Value, part: bool, any_case: bool) -> bool {
    let wanted = wanted.as_str().unwrap_or_default();
    let matches = |member: &str| {
        let fold = |text: &str| if any_case { text.to_lowercase() } else { text.to_owned() };
        let is_one = |value: &Value| {
            let (value, wanted) = (fold(value.as_str().unwrap_or_default()), fold(wanted));
            if part { value.contains(&wanted) } else { value == wanted }
        };
        match &client[member] {
            Value::Array(items) => items.iter().any(is_one),
            value => is_one(value),
        }
    };
    match parameter {
        "text" => ["name", "id", "clientId", "tags"].into_iter().any(matches),
        "tag" => matches("tags"),
        "registrationMethod" => matches("registrationType"),
        other => matches(other),
    }
}

fn sort(body: &mut Value, by: &Value) {
    let (field, backwards) = (text(by, "/0/field"), by[0]["desc"] == true);
    if let Some(clients) = body["clients"].as_array_mut() {
        clients.sort_by_key(|client| client[&field].to_string());
        if backwards {
            clients.reverse();
        }
    }
}

/// Asks for a page, and cuts it wrongly.
pub async fn paged(layer: &Layer, kind: Paged, asked: Asked) -> Answered {
    let (page, limit) = (asked.body["page"].as_u64().unwrap_or(0), asked.body["limit"].as_u64().unwrap_or(0));
    let mut body = asked.body.clone();
    match kind {
        Paged::PageIgnored if page > 0 => body["page"] = 0.into(),
        Paged::FromOne if page > 0 => body["page"] = (page - 1).into(),
        Paged::LimitIgnored if limit > 0 => body["limit"] = ALL_AT_ONCE.into(),
        _ => {}
    }
    let answered = layer.ask_with(asked.clone(), body).await;
    let member = if asked.operation == "LoadAllMcpServers" { "servers" } else { "clients" };
    let mut body = answered.body.clone();
    let Some(items) = body[member].as_array_mut() else { return answered };
    let shown = items.len();
    match kind {
        Paged::Repeat if page > 0 => {
            let before = layer.ask(with_page(&asked, page - 1)).await;
            if let (Some(first), Some(last)) =
                (items.first_mut(), before.body[member].as_array().and_then(|items| items.last()))
            {
                *first = last.clone();
            }
        }
        Paged::Repeat if member == "servers" && shown > 1 => items[shown - 1] = items[0].clone(),
        Paged::Gap if page > 0 || member == "servers" => {
            items.pop();
        }
        Paged::GapInTen if shown >= 10 => {
            items.pop();
        }
        Paged::BeyondEnd if page > 0 && items.is_empty() => {
            let before = layer.ask(with_page(&asked, page - 1)).await;
            *items = before.body[member].as_array().cloned().unwrap_or_default();
        }
        Paged::TotalOfPage => body["total"] = shown.into(),
        Paged::TotalTooHigh => {
            if let Some(total) = body["total"].as_u64() {
                body["total"] = (total + 1).into();
            }
        }
        _ => {}
    }
    layer.answer_with(answered, body)
}

fn with_page(asked: &Asked, page: u64) -> Asked {
    let mut asked = asked.clone();
    asked.body["page"] = page.into();
    asked
}
