//! The control listener and the inspector on it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::Running;

#[tokio::test(flavor = "multi_thread")]
async fn keys_rotate_records_are_reset_and_variants_are_listed() {
    let emulator = Running::start(|config| config.with_variant("absent", "omit").unwrap()).await;
    let keys = async || {
        emulator.get(&format!("/v2/keys/{}", emulator.project)).await.unwrap().json()["keys"].clone()
    };
    let before = keys().await;
    let rotated = emulator.control("POST", "/_emulator/rotate-keys", &json!({})).await;
    assert_eq!(rotated.json()["projects"], json!([emulator.project]));
    assert_ne!(keys().await[0]["kid"], before[0]["kid"]);
    let unknown = emulator.control("POST", "/_emulator/rotate-keys", &json!({"project": "Pnone"})).await;
    assert_eq!(unknown.status, 404);

    emulator.post("/v1/mgmt/mcp/server/create", &json!({"name": "a"})).await.unwrap();
    assert_eq!(emulator.control("POST", "/_emulator/reset", &json!({})).await.status, 200);
    let all = emulator.post("/v1/mgmt/mcp/servers/all", &json!({})).await.unwrap();
    assert_eq!(all.json()["total"], 0);

    let variants = emulator.control("GET", "/_emulator/variants", &json!({})).await.json();
    let absent =
        variants.as_array().unwrap().iter().find(|variant| variant["name"] == "absent").unwrap().clone();
    assert_eq!((&absent["value"], &absent["default"]), (&json!("omit"), &json!("zero")));
    assert_eq!(absent["values"], json!(["zero", "omit", "null"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_switches_are_refused_and_change_nothing() {
    let emulator = Running::start(|config| config.with_adversity("seed=9,rate=0".parse().unwrap())).await;
    for body in [
        json!({}),
        json!([]),
        json!({"adversity": 1}),
        json!({"adversity": "rate=2"}),
        json!({"adversity": ""}),
    ] {
        let answer = emulator.control("PUT", "/_emulator/adversity", &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    let now = emulator.control("GET", "/_emulator/adversity", &json!({})).await.json();
    assert!(now["adversity"].as_str().unwrap().starts_with("seed=9,rate=0,"), "{now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_and_other_pages_get_nothing() {
    let emulator = Running::start(|config| config).await;
    let request = |headers: &str| format!("GET /_emulator/ HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
    for (headers, status) in [
        (format!("Host: {}\r\n", emulator.control), 200),
        (format!("Host: rebound.example:{}\r\n", emulator.control.port()), 403),
        (format!("Host: {}\r\nOrigin: http://evil.example\r\n", emulator.control), 403),
        (format!("Host: {}\r\nSec-Fetch-Site: cross-site\r\n", emulator.control), 403),
    ] {
        let (to, request) = (emulator.control, request(&headers));
        let answer =
            tokio::task::spawn_blocking(move || support::exchange(to, request.as_bytes())).await.unwrap();
        let answer = answer.unwrap();
        assert_eq!(answer.status, status, "{headers}");
        assert!(answer.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    }
    // What the API's own listener has nothing of.
    assert_eq!(emulator.get("/_emulator/").await.unwrap().status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_what_there_is_escaped_and_no_secret() {
    let emulator = Running::start(|config| config).await;
    let made =
        emulator.post("/v1/mgmt/mcp/server/create", &json!({"name": "<script>x</script>"})).await.unwrap();
    let server = made.json()["server"]["id"].as_str().unwrap().to_owned();
    let client = json!({"name": "agent & co", "mcpServerId": server, "scopes": ["a"]});
    let client = emulator.post("/v1/mgmt/mcp/server/client/create", &client).await.unwrap().json();
    let secret = client["cleartext"].as_str().unwrap().to_owned();
    let token_path = format!("/oauth2/v1/apps/agentic/{}/{server}/token", emulator.project);
    let token = json!({
        "grant_type": "client_credentials", "client_id": client["clientId"], "client_secret": secret,
    });
    let token = emulator.post(&token_path, &token).await.unwrap().json();
    let token = token["access_token"].as_str().unwrap().to_owned();
    // A secret where none belongs.
    emulator.post("/v1/mgmt/mcp/server/load", &json!({"id": secret})).await.unwrap();
    emulator.get(&format!("/nothing?code=hunter2&note={secret}")).await.unwrap();

    let mut pages = vec![
        String::from("/_emulator/"),
        String::from("/_emulator/exchanges"),
        String::from("/_emulator/tail?after=0"),
        format!("/_emulator/servers/{}/{server}", emulator.project),
    ];
    pages.extend((1..=5).map(|number| format!("/_emulator/exchanges/{number}")));
    let mut all = String::new();
    for page in pages {
        let answer = emulator.control("GET", &page, &Value::Null).await;
        assert_eq!(answer.status, 200, "{page}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        all.push_str(&answer.body);
    }
    for shown in
        [&server, "agent &#38; co", "client_credentials", client["clientId"].as_str().unwrap(), "•••"]
    {
        assert!(all.contains(shown), "{shown}");
    }
    for hidden in [secret.as_str(), &token, &emulator.key, "hunter2", "<script>x"] {
        assert!(!all.contains(hidden), "{hidden}");
    }
    for missing in [
        "/_emulator/exchanges/99",
        "/_emulator/exchanges/x",
        "/_emulator/servers/P/MS",
        "/_emulator/servers/%ff/MS",
    ] {
        assert_eq!(emulator.control("GET", missing, &Value::Null).await.status, 404, "{missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tail_gives_only_what_is_new_and_faults_are_named() {
    let emulator = Running::start(|config| config).await;
    emulator.get("/one").await.unwrap();
    emulator.adversity(Some("rate=1,kinds=reset-before")).await;
    assert!(emulator.get("/two").await.is_err());
    let tail = emulator.control("GET", "/_emulator/tail?after=1", &Value::Null).await.body;
    assert!(tail.contains("/two") && tail.contains("reset-before") && !tail.contains("/one"), "{tail}");
    let none = emulator.control("GET", "/_emulator/tail?after=2", &Value::Null).await.body;
    assert!(!none.contains("<tr"), "{none}");
}
