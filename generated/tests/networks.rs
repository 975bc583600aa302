//! Networks as companies have them: an authority of their own, a proxy that asks who is there, a gateway that wants a header.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/emulator.rs"]
mod emulator;
mod support;
#[path = "support/tls.rs"]
mod tls;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use descope_mcp_management::{ConfigError, ConnectFailure, Error, ErrorKind, ManagementClientBuilder};
use emulator::Emulator;
use support::clock::TestClock;
use support::every_call::success;
use support::raw_server::{Act, RawServer};
use support::{KEY, builder};
use tls::{Authority, Proxy, encrypted};

/// The name of a service that is in no DNS.
const NAME: &str = "mcp.example.test";
/// `user:pass word`, as the proxy gets it.
const CREDENTIALS: &str = "dXNlcjpwYXNzIHdvcmQ=";

/// The failure of a call, and how long it waited before attempts.
async fn failure(builder: ManagementClientBuilder) -> (Error, Vec<Duration>) {
    let clock = TestClock::new();
    let client = builder.clock(Arc::new(clock.clone())).build().unwrap();
    (client.servers().load_all().await.unwrap_err(), clock.waits())
}

/// A failure that no repetition mends is told at once, with its cure.
async fn fails_at_once(builder: ManagementClientBuilder, expected: ConnectFailure) {
    let (error, waits) = failure(builder).await;
    assert_eq!((error.kind(), error.connect_failure()), (ErrorKind::Connect, Some(expected)), "{error:?}");
    assert_eq!((error.attempts(), waits.len()), (1, 0), "{error}");
    assert!(!error.is_transient() && !error.may_have_applied(), "{error}");
    assert!(error.to_string().contains(&expected.to_string()), "{error}");
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains(KEY) && !shown.contains("pass word") && !shown.contains("pass%20word"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_client_without_roots_of_the_system_works_behind_a_proxy_with_credentials() {
    let (emulator, authority) = (Emulator::start(), Authority::new());
    let inside = emulator.url.trim_start_matches("http://").to_owned();
    let port = encrypted(authority.server(NAME, true, true), inside).await;
    let proxy = Proxy::start("200 OK", CREDENTIALS, port).await;
    let client = emulator
        .builder()
        .base_url(format!("https://{NAME}"))
        .only_root_certificates(authority.pem.clone())
        .client_certificate(authority.client_pem())
        .proxy(format!("http://user:pass%20word@127.0.0.1:{}", proxy.port))
        .connect_timeout(Duration::from_secs(5))
        .build()
        .unwrap();
    let server = client.servers().create("orders").await.unwrap();
    assert_eq!(client.servers().load(&server.id).await.unwrap().name.as_deref(), Some("orders"));

    // The proxy saw where the connection goes, and nothing of what was sent.
    let heads = proxy.heads();
    assert!(
        heads.iter().all(|head| head.starts_with(&format!("CONNECT {NAME}:443 HTTP/1.1\r\n"))),
        "{heads:?}"
    );
    assert!(heads.iter().all(|head| !head.contains(&emulator.key)), "{heads:?}");
}

#[tokio::test]
async fn what_a_proxy_refuses_is_told_at_once() {
    for (answer, credentials, expected) in [
        ("200 OK", "user:wrong", ConnectFailure::ProxyCredentials),
        ("403 Forbidden", "user:pass%20word", ConnectFailure::ProxyRefusal),
    ] {
        let proxy = Proxy::start(answer, CREDENTIALS, 1).await;
        let url = format!("http://{credentials}@127.0.0.1:{}", proxy.port);
        fails_at_once(builder(&format!("https://{NAME}")).proxy(url), expected).await;
        assert_eq!(proxy.heads().len(), 1);
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_trusted_is_told_at_once() {
    let authority = Authority::new();
    for (name, is_valid, expected) in [
        ("localhost", true, ConnectFailure::UntrustedCertificate),
        ("localhost", false, ConnectFailure::CertificateOutOfDate),
        (NAME, true, ConnectFailure::CertificateOfAnother),
    ] {
        let port = encrypted(authority.server(name, is_valid, false), "127.0.0.1:1".to_owned()).await;
        let mut builder = builder(&format!("https://localhost:{port}"));
        if expected != ConnectFailure::UntrustedCertificate {
            builder = builder.add_root_certificates(authority.pem.clone());
        }
        fails_at_once(builder, expected).await;
    }
}

#[tokio::test]
async fn an_encrypted_request_to_a_port_that_is_not_is_told_at_once() {
    let url = Emulator::start().url.replace("http://", "https://");
    fails_at_once(builder(&url), ConnectFailure::NotTls).await;
}

#[tokio::test]
async fn a_host_without_an_address_is_told_at_once_and_a_name_server_that_fails_is_asked_again() {
    struct Names(&'static str);
    impl reqwest::dns::Resolve for Names {
        fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
            let error = io::Error::other(format!("failed to lookup address information: {}", self.0));
            Box::pin(async move { Err(error.into()) })
        }
    }
    let with = |why| {
        let url = format!("https://{NAME}");
        builder(&url).configure_http(move |http| http.no_proxy().dns_resolver(Arc::new(Names(why))))
    };
    fails_at_once(with("Name or service not known"), ConnectFailure::UnknownHost).await;

    let (error, waits) = failure(with("Temporary failure in name resolution")).await;
    assert_eq!(error.connect_failure(), Some(ConnectFailure::NameServer), "{error:?}");
    assert_eq!((error.attempts(), waits.len(), error.is_transient()), (4, 3, true), "{error}");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_tried_again_and_named() {
    let (error, _) = failure(builder(&format!("https://{NAME}")).proxy("http://127.0.0.1:1")).await;
    assert_eq!((error.connect_failure(), error.attempts()), (Some(ConnectFailure::NoProxy), 4), "{error:?}");
}

#[tokio::test]
async fn no_setting_makes_loopback_go_through_a_proxy_or_follows_a_redirect() {
    let elsewhere = RawServer::start(vec![Act::json(200, &success())], TestClock::new()).await;
    let redirect = Act::Answer(307, format!("location: {}/\r\n", elsewhere.url()), String::new());
    let server = RawServer::start(vec![redirect], TestClock::new()).await;
    let proxy = Proxy::start("200 OK", CREDENTIALS, 1).await;
    let url = format!("http://user:pass%20word@127.0.0.1:{}", proxy.port);
    let client = builder(&server.url())
        .proxy(url.clone())
        .configure_http(move |http| {
            http.proxy(reqwest::Proxy::all(&url).unwrap()).redirect(reqwest::redirect::Policy::limited(5))
        })
        .build()
        .unwrap();
    let error = client.clients("MS1").rotate_secret("TPA1").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedStatus, Some(307)));
    assert_eq!((server.received().len(), elsewhere.connections(), proxy.heads().len()), (1, 0, 0));
}

#[tokio::test]
async fn every_request_has_the_headers_and_the_name_that_it_was_given() {
    let server = RawServer::start(vec![Act::json(200, &success())], TestClock::new()).await;
    let client = builder(&server.url())
        .default_header("X-Gateway-Key", "hunter2")
        .user_agent_suffix("orders/1.2")
        .build()
        .unwrap();
    client.servers().load("MS1").await.unwrap();
    let head = server.received().remove(0).head.to_ascii_lowercase();
    assert!(head.contains("\r\nx-gateway-key: hunter2\r\n"), "{head}");
    let agent =
        format!("\r\nuser-agent: descope-mcp-management/{} orders/1.2\r\n", env!("CARGO_PKG_VERSION"));
    assert!(head.contains(&agent), "{head}");
}

#[test]
fn a_setting_that_cannot_be_used_is_named_and_its_secrets_are_not() {
    let new = || builder("https://api.descope.com");
    let secret = "hunter2";
    for (settings, part) in [
        (new().add_root_certificates(secret), "a root certificate cannot be read"),
        (new().client_certificate(secret), "the client certificate cannot be read"),
        (new().proxy(format!("http://user:{secret}@")), "the URL of the proxy cannot be read"),
        (new().default_header("Authorization", secret), "\"Authorization\" is set by the client itself"),
        (new().default_header("x y", secret), "\"x y\" is no name of a header"),
        (new().default_header("x-key", format!("{secret}\n")), "\"x-key\" has a value with characters"),
        (new().user_agent_suffix("a\nb"), "\"user-agent\" has characters"),
    ] {
        let shown = format!("{settings:?}");
        assert!(!shown.contains(secret), "{shown}");
        let error: ConfigError = settings.build().unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
}
