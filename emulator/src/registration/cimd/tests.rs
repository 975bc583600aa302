//! Client-ID metadata documents: where they are fetched from, and the whole way through the authorization endpoint.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Value, json};

use super::fetch::{FetchError, Fetcher, Lookup, SystemLookup};
use super::{DocumentUrl, PinnedDocument};
use crate::testing::{Answer, Harness};

/// A resolver that answers each question with the next list of addresses.
struct Scripted {
    answers: Mutex<VecDeque<Vec<&'static str>>>,
    asked: AtomicUsize,
}

impl Scripted {
    fn new(answers: &[&[&'static str]]) -> Arc<Self> {
        let answers = answers.iter().map(|addresses| addresses.to_vec()).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }
}

impl Lookup for Scripted {
    fn addresses(&self, _: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let next = self.answers.lock().unwrap().pop_front().unwrap_or_default();
        Box::pin(async move { Ok(next.iter().map(|address| address.parse().unwrap()).collect()) })
    }
}

/// A web server on loopback; its port, and how often it was asked.
async fn web(router: impl FnOnce(Arc<AtomicUsize>) -> Router) -> (u16, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = router(Arc::clone(&asked));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, asked)
}

fn url(text: &str) -> DocumentUrl {
    DocumentUrl::parse(text, true).unwrap()
}

async fn answers(status: StatusCode, headers: HeaderMap, body: Vec<u8>) -> Result<Vec<u8>, FetchError> {
    let (port, _) =
        web(|_| Router::new().fallback(get(move || async move { (status, headers, body) }))).await;
    let fetcher = Fetcher::new(Arc::new(SystemLookup), true).unwrap();
    fetcher.fetch(&url(&format!("http://127.0.0.1:{port}/c"))).await.map(|fetched| fetched.bytes)
}

fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([("content-type".parse().unwrap(), "application/json".parse().unwrap())])
}

#[tokio::test]
async fn a_name_that_leads_to_any_special_address_is_never_connected_to() {
    for addresses in [
        &["127.0.0.1"][..],
        &["10.1.2.3"],
        &["169.254.169.254"],
        &["::1"],
        &["fd00::1"],
        &["::ffff:10.1.2.3"],
        &["::ffff:1.1.1.1"],
        &["2002:7f00:1::1"],
        &["64:ff9b::a00:1"],
        // One public address beside it does not help.
        &["1.1.1.1", "192.168.0.1"],
        &["2606:4700:4700::1111", "::ffff:127.0.0.1"],
    ] {
        let resolver = Scripted::new(&[addresses]);
        let fetcher = Fetcher::new(resolver, false).unwrap();
        let refused = fetcher.fetch(&url("https://a.example/client.json")).await;
        assert!(matches!(refused, Err(FetchError::Address)), "{addresses:?}");
    }
}

#[tokio::test]
async fn an_address_in_the_url_is_checked_although_it_is_never_looked_up() {
    let fetcher = Fetcher::new(Scripted::new(&[]), false).unwrap();
    for host in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[fe80::1]",
        "[2002:a00:1::]",
        "[64:ff9b::7f00:1]",
        // Parsers read these as 127.0.0.1.
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
    ] {
        let refused = fetcher.fetch(&url(&format!("https://{host}/client.json"))).await;
        assert!(matches!(refused, Err(FetchError::Address)), "{host}");
    }
}

#[tokio::test]
async fn a_name_that_changes_between_check_and_use_gains_nothing() {
    let (port, asked) = web(|asked| {
        Router::new().fallback(get(move || {
            asked.fetch_add(1, Ordering::SeqCst);
            async { (json_headers(), "{}") }
        }))
    })
    .await;
    // Loopback stands for "checked and good" here, a private address for what DNS says a moment later.
    let resolver = Scripted::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let fetcher = Fetcher::new(Arc::clone(&resolver) as Arc<dyn Lookup>, true).unwrap();
    let url = url(&format!("http://localhost:{port}/client.json"));
    assert_eq!(fetcher.fetch(&url).await.unwrap().bytes, b"{}");
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1, "the checked answer is the one that is used");
    assert!(
        matches!(fetcher.fetch(&url).await, Err(FetchError::Address)),
        "and each connection is checked anew"
    );
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn redirects_other_statuses_other_types_and_long_documents_are_refused() {
    let mut redirect = json_headers();
    redirect.insert("location", "http://127.0.0.1:1/".parse().unwrap());
    assert!(matches!(answers(StatusCode::FOUND, redirect, Vec::new()).await, Err(FetchError::Status(302))));
    for status in [StatusCode::CREATED, StatusCode::NOT_FOUND, StatusCode::BAD_GATEWAY] {
        let refused = answers(status, json_headers(), b"{}".to_vec()).await;
        assert!(matches!(refused, Err(FetchError::Status(code)) if code == status.as_u16()));
    }
    for content_type in ["text/html", "application/jsonx", "text/x+json", ""] {
        let headers =
            HeaderMap::from_iter([("content-type".parse().unwrap(), content_type.parse().unwrap())]);
        let refused = answers(StatusCode::OK, headers, b"{}".to_vec()).await;
        assert!(matches!(refused, Err(FetchError::ContentType)), "{content_type}");
    }
    let exactly = answers(StatusCode::OK, json_headers(), vec![b' '; 5 * 1024]).await;
    assert_eq!(exactly.unwrap().len(), 5 * 1024);
    let longer = answers(StatusCode::OK, json_headers(), vec![b' '; 5 * 1024 + 1]).await;
    assert!(matches!(longer, Err(FetchError::TooLong)));
}

#[tokio::test]
async fn a_document_without_a_stated_length_is_cut_off_at_the_limit() {
    let body = || {
        let chunk = || Some((Ok::<_, io::Error>(vec![b' '; 1024]), ()));
        axum::body::Body::from_stream(futures_util::stream::unfold((), move |()| async move { chunk() }))
    };
    let (port, _) =
        web(|_| Router::new().fallback(get(move || async move { (json_headers(), body()).into_response() })))
            .await;
    let fetcher = Fetcher::new(Arc::new(SystemLookup), true).unwrap();
    let refused = fetcher.fetch(&url(&format!("http://127.0.0.1:{port}/c"))).await;
    assert!(matches!(refused, Err(FetchError::TooLong)));
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_after_five_seconds() {
    let silent = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let fetcher = Fetcher::new(Arc::new(SystemLookup), true).unwrap();
    let started = Instant::now();
    let refused = fetcher.fetch(&url(&format!("http://127.0.0.1:{port}/c"))).await;
    assert!(matches!(refused, Err(FetchError::Network(_))));
    let elapsed = started.elapsed();
    assert!(elapsed >= Duration::from_secs(4) && elapsed < Duration::from_secs(8), "{elapsed:?}");
}

#[test]
fn documents_are_fetched_past_every_proxy_of_the_environment() {
    // Again, where every proxy is a port that nobody listens at: one fetches from loopback, one looks names up.
    let tests = [
        "a_name_that_changes_between_check_and_use_gains_nothing",
        "a_name_that_leads_to_any_special_address_is_never_connected_to",
    ];
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.arg("--exact").args(tests.map(|test| format!("registration::cimd::tests::{test}")));
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:9");
    }
    let output = child.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("2 passed"), "{said}");
}

const PINNED: &str = "https://agent.example.com/oauth/client.json";
const REDIRECT: &str = "http://127.0.0.1:4000/cb";

fn document(url: &str) -> Value {
    json!({"client_id": url, "client_name": "Agent", "redirect_uris": ["http://127.0.0.1/cb"], "scope": "a"})
}

/// An emulator on loopback that pins one document, and a server with these policies.
async fn emulator(policies: Value) -> (Harness, String) {
    let emulator = Harness::with_config(|mut config| {
        config.public_url = "http://127.0.0.1:1".parse().unwrap();
        config.registration.allow_loopback_documents = true;
        let pin = PinnedDocument::new(PINNED, document(PINNED).to_string());
        config.registration.pinned_documents.push(pin);
        config.authorization.auto_consent = true;
        config
    });
    let server = emulator
        .server(json!({
            "name": "s",
            "approvedScopes": {"permissionsScopes": [{"name": "a"}, {"name": "b"}]},
            "cimdSettings": {"enabled": true, "domainPolicies": {"policies": policies}},
        }))
        .await;
    (emulator, server)
}

async fn authorize(emulator: &Harness, server: &str, client_id: &str) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", REDIRECT)
        .append_pair("scope", "a")
        .append_pair("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        .append_pair("code_challenge_method", "S256")
        .finish();
    let path = format!("/oauth2/v1/apps/agentic/{}/{server}/authorize?{query}", emulator.project());
    emulator.get(&path).await
}

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    assert!(!answer.headers.contains_key("location"));
}

#[track_caller]
fn accepted(answer: &Answer) {
    let location =
        answer.headers.get("location").unwrap_or_else(|| panic!("{}", answer.text)).to_str().unwrap();
    assert!(location.starts_with(&format!("{REDIRECT}?code=")), "{location}");
}

#[tokio::test]
async fn a_pinned_document_lets_its_client_in_and_makes_it_a_record() {
    let (emulator, server) = emulator(json!([{"domainPattern": "*.example.com", "enabled": true}])).await;
    accepted(&authorize(&emulator, &server, PINNED).await);
    accepted(&authorize(&emulator, &server, PINNED).await);
    let query = json!({"mcpServerId": server, "registrationMethod": "cimd"});
    let found = emulator.post("/v1/mgmt/mcp/server/clients/search", &query).await.body;
    assert_eq!(found["total"], 1);
    let client = &found["clients"][0];
    assert_eq!((&client["clientId"], &client["name"]), (&json!(PINNED), &json!("Agent")));
    assert_eq!(client["scopes"], json!(["a"]));
    let discovery =
        format!("/v1/apps/agentic/{}/{server}/.well-known/openid-configuration", emulator.project());
    let advertised = emulator.get(&discovery).await.body["client_id_metadata_document_supported"].clone();
    assert_eq!(advertised, true);
}

#[tokio::test]
async fn a_server_admits_only_hosts_of_its_enabled_policies_pinned_or_not() {
    for policies in [
        json!([]),
        json!([{"domainPattern": "agent.example.com", "enabled": false}]),
        json!([{"domainPattern": "agent.example.com"}]),
        json!([{"domainPattern": "*.agent.example.com", "enabled": true}]),
        json!([{"domainPattern": "example.com", "enabled": true}]),
    ] {
        let (emulator, server) = emulator(policies.clone()).await;
        refused(&authorize(&emulator, &server, PINNED).await);
        let all = emulator.post("/v1/mgmt/mcp/server/clients/search", &json!({"mcpServerId": server})).await;
        assert_eq!(all.body["total"], 0, "{policies}");
    }
    let (emulator, _) = emulator(json!([])).await;
    let off = emulator
        .server(json!({"name": "off", "cimdSettings": {"domainPolicies": {"policies": [{"domainPattern": "*", "enabled": true}]}}}))
        .await;
    refused(&authorize(&emulator, &off, PINNED).await);
}

#[tokio::test]
async fn documents_at_private_addresses_are_refused_by_name_and_by_address() {
    // Without the option for loopback, as any emulator that others can reach.
    let emulator = Harness::new();
    let policies = json!({"policies": [{"domainPattern": "*", "enabled": true}]});
    let server = emulator
        .server(json!({"name": "s", "cimdSettings": {"enabled": true, "domainPolicies": policies}}))
        .await;
    for client_id in [
        "https://localhost/client.json",
        "https://127.0.0.1/client.json",
        "https://[::ffff:127.0.0.1]/client.json",
        "https://[::1]:8443/client.json",
        "https://10.0.0.1/client.json",
        "https://0x7f000001/client.json",
        "http://127.0.0.1/client.json",
        "https://a.example",
        "https://a.example/../client.json",
        "https://u:p@a.example/client.json",
    ] {
        refused(&authorize(&emulator, &server, client_id).await);
    }
}

#[tokio::test]
async fn a_document_is_fetched_once_while_it_is_fresh_and_its_client_keeps_its_record() {
    let (emulator, server) = emulator(json!([{"domainPattern": "*", "enabled": true}])).await;
    let (port, asked) = web(|asked| {
        Router::new().fallback(get(move |headers: HeaderMap| {
            asked.fetch_add(1, Ordering::SeqCst);
            let host = headers["host"].to_str().unwrap().to_owned();
            assert_eq!(headers["accept"], "application/json");
            async move { (json_headers(), document(&format!("http://{host}/client.json")).to_string()) }
        }))
    })
    .await;
    let client_id = format!("http://127.0.0.1:{port}/client.json");
    accepted(&authorize(&emulator, &server, &client_id).await);
    accepted(&authorize(&emulator, &server, &client_id).await);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // Another text is another client, and its document does not name it.
    refused(&authorize(&emulator, &server, &format!("http://localhost:{port}/client.json/")).await);
    let query = json!({"mcpServerId": server});
    let all = emulator.post("/v1/mgmt/mcp/server/clients/search", &query).await;
    assert_eq!(all.body["total"], 1);
}

#[tokio::test]
async fn a_refused_document_is_not_remembered() {
    let (emulator, server) = emulator(json!([{"domainPattern": "*", "enabled": true}])).await;
    let (port, asked) = web(|asked| {
        Router::new().fallback(get(move |headers: HeaderMap| {
            let first = asked.fetch_add(1, Ordering::SeqCst) == 0;
            let host = headers["host"].to_str().unwrap().to_owned();
            let good = document(&format!("http://{host}/client.json"));
            async move { (json_headers(), if first { String::from("{}") } else { good.to_string() }) }
        }))
    })
    .await;
    let client_id = format!("http://127.0.0.1:{port}/client.json");
    refused(&authorize(&emulator, &server, &client_id).await);
    accepted(&authorize(&emulator, &server, &client_id).await);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn an_emulator_does_not_start_with_a_bad_pin_or_with_loopback_documents_in_public() {
    let start = |url: &str, json: String, loopback: bool| {
        let project = crate::project::Project::generate().unwrap();
        let mut config =
            crate::config::Config::new("https://emulator.example.com".parse().unwrap(), vec![project]);
        config.registration.pinned_documents.push(PinnedDocument::new(url, json));
        config.registration.allow_loopback_documents = loopback;
        crate::app::app(config).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(start(PINNED, document(PINNED).to_string(), false), Ok(()));
    assert!(start(PINNED, document(PINNED).to_string(), true).unwrap_err().contains("loopback"));
    assert!(start("http://a.example/x", document(PINNED).to_string(), false).unwrap_err().contains("https"));
    assert!(start(PINNED, String::from("{}"), false).unwrap_err().contains("client_id is required"));
    assert!(
        start(PINNED, document("https://b.example/x").to_string(), false).unwrap_err().contains("client_id")
    );
}
