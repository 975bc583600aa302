//! Switches of searches and lists, question 5.

use std::time::{Duration, Instant};

use serde_json::json;

use super::*;

pub(super) async fn shows(name: &str, value: &str) -> bool {
    match name {
        "default-limit" => {
            let (fixture, limit) = (Fixture::new(name, value).await, value.parse::<usize>().unwrap());
            let clients = limit.min(120) + 1;
            more_clients(&fixture, clients - 1).await;
            let found = search(&fixture, json!({})).await;
            assert_eq!(found.body["clients"].as_array().unwrap().len(), limit.min(clients));
            assert_eq!(found.body["total"], clients);
        }
        "largest-limit" => {
            let (fixture, limit) = (Fixture::new(name, value).await, value.parse::<usize>().unwrap());
            more_clients(&fixture, 2).await;
            let found = search(&fixture, json!({ "limit": limit })).await;
            assert_eq!(found.body["clients"].as_array().unwrap().len(), limit.min(3));
            assert_eq!(refusal(&search(&fixture, json!({"limit": limit + 1})).await), (400, "E011003"));
        }
        "over-limit" => {
            let emulator = Harness::with_variants(&[(name, value), ("largest-limit", "2")]);
            let server = emulator.server(json!({"name": "s"})).await;
            for n in 0..3 {
                emulator.client(&server, json!({"name": format!("c{n}")})).await;
            }
            let found = emulator.post(SEARCH, &json!({"mcpServerId": server, "limit": 3})).await;
            if value == "clamp" {
                assert_eq!(found.body["clients"].as_array().unwrap().len(), 2);
            } else {
                assert_eq!(refusal(&found), (400, "E011003"));
            }
        }
        "search-text" | "name-match" | "tag-match" => filters(name, value).await,
        "unknown-sort" => {
            let fixture = Fixture::new(name, value).await;
            let sort = json!({"sort": [{"field": "modifiedTime"}, {"field": "name"}]});
            let found = search(&fixture, sort).await;
            assert_eq!(found.status == 200, value == "ignore", "{}", found.text);
        }
        "total" => {
            let fixture = Fixture::new(name, value).await;
            more_clients(&fixture, 4).await;
            let found = search(&fixture, json!({"limit": 2})).await;
            assert_eq!(found.body["total"], if value == "all" { 5 } else { 2 });
        }
        "search-lag" => lag(value).await,
        _ => return false,
    }
    true
}

async fn search(fixture: &Fixture, mut filter: Value) -> Answer {
    filter["mcpServerId"] = json!(fixture.server);
    fixture.post(SEARCH, filter).await
}

async fn more_clients(fixture: &Fixture, count: usize) {
    for n in 0..count {
        fixture.emulator.client(&fixture.server, json!({"name": format!("c{n}")})).await;
    }
}

async fn filters(name: &str, value: &str) {
    let fixture = Fixture::new(name, value).await;
    for (name, tag) in [("Support desk", "agent-blue"), ("agent", "human")] {
        fixture.emulator.client(&fixture.server, json!({"name": name, "tags": [tag]})).await;
    }
    let count = async |filter| search(&fixture, filter).await.body["total"].as_u64().unwrap();
    let counted = [
        count(json!({"text": "AGENT"})).await,
        count(json!({"text": fixture.client.id})).await,
        count(json!({"name": "support"})).await,
        count(json!({"name": "Support desk"})).await,
        count(json!({"tag": "agent-blue"})).await,
        count(json!({"tag": "agent"})).await,
    ];
    let expected = match (name, value) {
        ("search-text", "name") => [1, 0, 1, 1, 1, 0],
        ("name-match", "exact") => [2, 1, 0, 1, 1, 0],
        ("tag-match", "substring") => [2, 1, 1, 1, 1, 1],
        _ => [2, 1, 1, 1, 1, 0],
    };
    assert_eq!(counted, expected, "{name}={value}");
}

/// The long lags would make the test as long; what they do differs from a short one in nothing but the number.
async fn lag(value: &str) {
    let lag = if value == "0" { 0 } else { 60 };
    let emulator = Harness::with_variants(&[("search-lag", &lag.to_string())]);
    let started = Instant::now();
    let server = emulator.server(json!({"name": "s"})).await;
    let made = emulator.client(&server, json!({"name": "before"})).await;
    let named = json!({"id": made.id, "mcpServerId": server});
    let all = async || emulator.post(ALL, &json!({})).await.body["total"].as_u64().unwrap();
    let clients = async |filter: Value| {
        let mut filter = filter;
        filter["mcpServerId"] = json!(server);
        let found = emulator.post(SEARCH, &filter).await;
        assert_eq!(found.status, 200, "{}", found.text);
        found.body["total"].as_u64().unwrap()
    };
    let shown = (all().await, clients(json!({})).await);
    // On a machine that stood still for longer than the lag there is nothing to see.
    if lag == 0 || started.elapsed() < Duration::from_millis(lag) {
        assert_eq!(shown, if lag == 0 { (1, 1) } else { (0, 0) });
    }
    // What is asked for by its id is there at once.
    assert_eq!(emulator.post(LOAD, &json!({"id": server})).await.status, 200);
    assert_eq!(emulator.post(CLIENT_LOAD, &named).await.status, 200);
    tokio::time::sleep(Duration::from_millis(lag)).await;
    assert_eq!((all().await, clients(json!({"name": "before"})).await), (1, 1));

    let update = json!({"id": made.id, "mcpServerId": server, "name": "after"});
    let started = Instant::now();
    emulator.post(CLIENT_UPDATE, &update).await;
    let shown = clients(json!({"name": "before"})).await;
    if lag == 0 || started.elapsed() < Duration::from_millis(lag) {
        assert_eq!(shown, u64::from(lag > 0));
    }
    tokio::time::sleep(Duration::from_millis(lag)).await;
    assert_eq!(clients(json!({"name": "after"})).await, 1);

    emulator.post(CLIENT_DELETE, &named).await;
    tokio::time::sleep(Duration::from_millis(lag)).await;
    assert_eq!(clients(json!({})).await, 0);
    emulator.post(DELETE, &json!({"id": server})).await;
    tokio::time::sleep(Duration::from_millis(lag)).await;
    assert_eq!(all().await, 0);
}
