//! Every way in which a call can fail gives one clear error, and none of them shows a secret.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod support;

use std::error::Error as _;
use std::time::Duration;

use descope_mcp_management::{ConnectFailure, Error, ErrorKind, RetryPolicy};
use serde_json::json;
use support::{CLIENT_SECRET, KEY, PROJECT, answering, answering_json, builder, client, server_record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::ResponseTemplate;

/// Everything that an error can be made to say.
fn everything(error: &Error) -> String {
    let mut text = format!("{error} {error:#} {error:?} {error:#?} {:?}", error.preview());
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    text
}

fn assert_silent(error: &Error) {
    let text = everything(error);
    for secret in [KEY, CLIENT_SECRET] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// The error of loading a server from one that gives this answer.
async fn failing(answer: ResponseTemplate) -> Error {
    let server = answering(answer).await;
    let error = client(&server.uri()).servers().load("MS1").await.unwrap_err();
    assert_eq!(error.operation(), "LoadMcpServer");
    assert_silent(&error);
    error
}

#[tokio::test]
async fn each_status_has_its_kind_and_keeps_the_envelope() {
    for (status, kind) in [
        (400, ErrorKind::InvalidRequest),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (408, ErrorKind::Timeout),
        (409, ErrorKind::Conflict),
        (410, ErrorKind::NotFound),
        (422, ErrorKind::InvalidRequest),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Server),
        (503, ErrorKind::Server),
        (520, ErrorKind::Server),
    ] {
        let envelope = json!({"errorCode": "E1", "errorDescription": "Described", "errorMessage": "in detail", "more": CLIENT_SECRET});
        let error = failing(ResponseTemplate::new(status).set_body_json(envelope)).await;
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
        assert_eq!(
            (error.code(), error.description(), error.message()),
            (Some("E1"), Some("Described"), Some("in detail"))
        );
        assert_eq!(error.preview(), None);
        assert!(
            error.to_string().ends_with(&format!("(status {status}, E1): Described: in detail")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_envelope_may_lack_anything() {
    for envelope in [json!({}), json!({"errorCode": null, "errorMessage": ""}), json!({"error": {"code": 7}})]
    {
        let error = failing(ResponseTemplate::new(404).set_body_json(envelope)).await;
        assert_eq!((error.kind(), error.code(), error.message()), (ErrorKind::NotFound, None, None));
        assert_eq!(error.to_string(), "LoadMcpServer: there is no such record (status 404)");
    }
}

#[tokio::test]
async fn an_html_page_keeps_its_status_and_a_short_preview_without_secrets() {
    let page = format!(
        "<!DOCTYPE html><html><head><title>520: Web server is returning an unknown error</title></head><body>\
         <p>Authorization: Bearer {PROJECT}:{KEY}</p><p>secret {CLIENT_SECRET}</p>{}</body></html>",
        "<p>padding words </p>".repeat(5000)
    );
    let error = failing(ResponseTemplate::new(520).set_body_raw(page, "text/html; charset=utf-8")).await;
    assert_eq!((error.kind(), error.status(), error.code()), (ErrorKind::Server, Some(520), None));
    let preview = error.preview().unwrap();
    assert!(
        preview.starts_with("520: Web server is returning an unknown error Authorization: Bearer [redacted]"),
        "{preview}"
    );
    assert!(preview.chars().count() <= 200, "{}", preview.len());
}

#[tokio::test]
async fn the_machine_written_client_sees_an_envelope_in_place_of_the_page() {
    let server = answering(ResponseTemplate::new(503).set_body_raw("<h1>Busy</h1>", "text/html")).await;
    let error = client(&server.uri()).raw().load_all_mcp_servers(&Default::default()).await.unwrap_err();
    let descope_mcp_management::raw::Error::ErrorResponse(answer) = error else { panic!("{error}") };
    assert_eq!(answer.status().as_u16(), 503);
    assert_eq!(answer.into_inner().error_description.as_deref(), Some("Busy"));
}

#[tokio::test]
async fn an_echoed_key_is_removed_from_the_envelope() {
    let envelope =
        json!({"errorCode": "E1", "errorDescription": format!("bad key {KEY}"), "errorMessage": KEY});
    let error = failing(ResponseTemplate::new(401).set_body_json(envelope)).await;
    assert_eq!((error.description(), error.message()), (Some("bad key [redacted]"), Some("[redacted]")));
}

#[tokio::test]
async fn an_error_without_a_body_still_has_its_status() {
    let error = failing(ResponseTemplate::new(502)).await;
    assert_eq!((error.kind(), error.status(), error.preview()), (ErrorKind::Server, Some(502), None));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = answering_json(200, &json!({"server": server_record()})).await;
    let error = failing(ResponseTemplate::new(307).insert_header("location", elsewhere.uri().as_str())).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedStatus, Some(307)));
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_success_without_content_does_not_fit_where_something_is_promised() {
    let error = failing(ResponseTemplate::new(204)).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedBody, Some(204)));
}

#[tokio::test]
async fn a_success_that_does_not_fit_says_where_but_not_what() {
    let body = json!({"server": {"id": "MS1", "tags": {"cleartext": CLIENT_SECRET}}});
    let error = failing(ResponseTemplate::new(200).set_body_json(body)).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedBody, Some(200)));
    assert!(error.to_string().contains("should be a sequence"), "{error}");

    let body = json!({"server": {"id": "MS1", "skipConsentScreen": format!("{CLIENT_SECRET}, expected {CLIENT_SECRET}")}});
    let error = failing(ResponseTemplate::new(200).set_body_json(body)).await;
    assert!(error.to_string().contains("should be a boolean"), "{error}");
}

#[tokio::test]
async fn a_success_that_is_no_json_says_so() {
    let page = format!("<html>{CLIENT_SECRET}</html>");
    let error = failing(ResponseTemplate::new(200).set_body_raw(page, "text/html")).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedBody, Some(200)));
    assert!(error.to_string().ends_with("it is not JSON by its content type"), "{error}");

    let broken = format!("{{\"server\": {{\"name\": \"{CLIENT_SECRET}");
    let error = failing(ResponseTemplate::new(200).set_body_raw(broken, "application/json")).await;
    assert!(error.to_string().ends_with("the JSON breaks off"), "{error}");

    let broken = format!("{{\"server\": nonsense {CLIENT_SECRET}}}");
    let error = failing(ResponseTemplate::new(200).set_body_raw(broken, "application/json")).await;
    assert!(error.to_string().contains("is not JSON"), "{error}");
}

#[tokio::test]
async fn a_success_without_the_record_is_no_success() {
    for body in [json!({}), json!({"server": null}), json!({"server": {"name": "no id"}})] {
        let error = failing(ResponseTemplate::new(200).set_body_json(body)).await;
        assert_eq!(error.kind(), ErrorKind::UnexpectedBody);
        assert!(error.to_string().ends_with("`server.id` is missing or empty"), "{error}");
    }
    let server = answering_json(200, &json!({"cleartext": null})).await;
    let error = client(&server.uri()).clients("MS1").rotate_secret("TPA1").await.unwrap_err();
    assert!(error.to_string().contains("`cleartext` is missing or empty"), "{error}");
}

#[tokio::test]
async fn a_success_without_its_secret_is_no_success_and_names_the_record_that_may_exist() {
    const ID: &str = "TPA38fbAsIT7k1nc84SvEb2qOiyn4g";
    for cleartext in [None, Some(json!(null)), Some(json!(""))] {
        let mut body = json!({"id": ID, "clientId": CLIENT_SECRET, "more": CLIENT_SECRET});
        if let Some(cleartext) = cleartext {
            body["cleartext"] = cleartext;
        }
        let server = answering_json(200, &body).await;
        let client = client(&server.uri());
        let clients = client.clients("MS1");
        let errors = [
            (clients.create("agent").await.map(drop).unwrap_err(), true),
            (clients.rotate_secret(ID).await.map(drop).unwrap_err(), true),
            (clients.secret(ID).await.map(drop).unwrap_err(), false),
        ];
        for (error, writes) in errors {
            assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedBody, Some(200)), "{error}");
            assert_eq!((error.attempts(), error.may_have_applied()), (1, writes), "{error}");
            assert_eq!(error.record_id(), Some(ID), "{error}");
            let text = error.to_string();
            assert!(text.contains("`cleartext` is missing or empty") && text.contains(ID), "{text}");
            assert!(text.contains("may exist"), "{text}");
            assert_silent(&error);
        }
    }
}

#[tokio::test]
async fn a_record_id_that_could_be_a_secret_is_not_shown() {
    for id in [json!(CLIENT_SECRET), json!(KEY), json!("two words"), json!(""), json!(null)] {
        let server = answering_json(200, &json!({"id": id, "cleartext": ""})).await;
        let error = client(&server.uri()).clients("MS1").create("agent").await.unwrap_err();
        assert_eq!((error.kind(), error.record_id()), (ErrorKind::UnexpectedBody, None), "{error}");
        assert!(error.may_have_applied() && error.to_string().contains("`cleartext` is missing"), "{error}");
        assert_silent(&error);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failure_to_connect_with_its_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = client(&format!("http://{address}")).servers().load("MS1").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Connect, None));
    assert_eq!(error.connect_failure(), Some(ConnectFailure::Refused));
    assert!(error.source().is_some());
    assert_silent(&error);
}

#[tokio::test]
async fn a_slow_server_is_a_timeout() {
    let slow =
        ResponseTemplate::new(200).set_body_json(json!({"servers": []})).set_delay(Duration::from_secs(20));
    let server = answering(slow).await;
    let client = builder(&server.uri())
        .attempt_timeout(Duration::from_millis(100))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.servers().load_all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_silent(&error);
}

/// Answers one connection with these bytes and closes it.
async fn broken_server(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    format!("http://{address}")
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_transport_error_after_a_success_and_keeps_the_status_after_a_failure() {
    let head = "content-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    let url =
        broken_server(format!("HTTP/1.1 200 OK\r\n{head}{{\"server\": {{\"name\": \"{CLIENT_SECRET}")).await;
    let error = client(&url).servers().load("MS1").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, Some(200)), "{error}");
    assert_silent(&error);

    let url = broken_server(format!("HTTP/1.1 503 Busy\r\n{head}please come back")).await;
    let error = client(&url).servers().load("MS1").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.preview()),
        (ErrorKind::Server, Some(503), Some("please come back"))
    );
}

#[tokio::test]
async fn an_endless_error_body_is_not_read_to_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await.unwrap();
        stream.write_all(b"HTTP/1.1 500 Oops\r\ncontent-type: text/plain\r\n\r\n").await.unwrap();
        while stream.write_all(b"again and again ").await.is_ok() {}
    });
    let error = client(&url).servers().load("MS1").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Server, Some(500)));
}

#[tokio::test]
async fn an_error_keeps_the_headers_by_which_the_request_is_found_in_logs() {
    let answer = ResponseTemplate::new(502)
        .insert_header("CF-Ray", "8f3b0c1d2e4f5a6b-FRA")
        .insert_header("x-request-id", format!("id-{KEY}").as_str())
        .insert_header("x-trace-id", CLIENT_SECRET)
        .insert_header("set-cookie", "session=1")
        .insert_header("server", "cloudflare");
    let error = failing(answer).await;
    assert_eq!(error.header("cf-ray"), Some("8f3b0c1d2e4f5a6b-FRA"));
    assert_eq!(error.header("Cf-Ray"), error.header("cf-ray"));
    assert_eq!((error.header("set-cookie"), error.header("server")), (None, None));
    assert!(error.to_string().ends_with("(cf-ray 8f3b0c1d2e4f5a6b-FRA)"), "{error}");
    // What a proxy echoes in them is hidden.
    assert_eq!(error.header("x-trace-id"), Some("[redacted]"));
    assert_silent(&error);

    // Those of a success that cannot be read too.
    let answer = ResponseTemplate::new(200).insert_header("cf-ray", "1-FRA").set_body_string("{]");
    assert_eq!(failing(answer).await.header("cf-ray"), Some("1-FRA"));
}

#[tokio::test]
async fn debug_of_an_error_says_everything_that_its_methods_say() {
    let error = failing(ResponseTemplate::new(429).insert_header("retry-after", "7")).await;
    let shown = format!("{error:?}");
    for part in
        ["attempts: 1", "retry_after: Some(7s)", "elapsed: ", "may_have_applied: false", "RateLimited"]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[tokio::test]
async fn an_error_is_transient_if_the_same_call_can_succeed_a_moment_later() {
    for (status, is_transient) in [
        (400, false),
        (401, false),
        (404, false),
        (408, true),
        (409, false),
        (429, true),
        (500, true),
        (501, false),
        (502, true),
        (503, true),
        (525, false),
        (530, true),
    ] {
        let error = failing(ResponseTemplate::new(status)).await;
        assert_eq!(error.is_transient(), is_transient, "{status}: {error}");
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_by_its_place_in_the_answer() {
    let record = |tags: serde_json::Value| json!({"id": "MS1", "tags": tags});
    for (servers, place) in [
        (json!([record(json!([])), record(json!({"a": CLIENT_SECRET}))]), "`servers[1].tags`"),
        (json!([record(json!([])), record(json!(["a", [CLIENT_SECRET]]))]), "`servers[1].tags[1]`"),
        (
            json!([{"sessionSettings": {"refreshTokenExpiration": CLIENT_SECRET}}]),
            "`servers[0].sessionSettings.refreshTokenExpiration`",
        ),
        (json!({"a": CLIENT_SECRET}), "`servers`"),
    ] {
        let server = answering_json(200, &json!({"servers": servers})).await;
        let error = client(&server.uri()).servers().load_all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedBody);
        assert!(error.to_string().contains(place), "{error}");
        assert_silent(&error);
    }
}
