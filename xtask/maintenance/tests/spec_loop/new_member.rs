//! Copied into a changed copy of the repository, whose document has one more member, `region`: the client has it, the
//! emulator checks requests by it, and the suite checks answers by it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;

use axum::body::{Body, to_bytes};
use axum::middleware::map_response;
use axum::response::Response;
use descope_mcp_conformance::embedded::Embedded;
use descope_mcp_conformance::report::Verdict;
use descope_mcp_conformance::run::settings::Profile;
use descope_mcp_management::{ManagementClient, NewMcpServer};
use serde_json::Value;
use support::{run, settings};

const WIRE: &str = "wire/answer-matches-the-document";

#[tokio::test(flavor = "multi_thread")]
async fn the_client_sends_and_reads_it() {
    let embedded = Embedded::start().await.unwrap();
    let target = embedded.target();
    let client = ManagementClient::builder(target.project_id.clone(), target.management_key.clone())
        .base_url(target.base_url.as_str())
        .build()
        .unwrap();
    let made = client.servers().create(NewMcpServer::named("orders").region("eu")).await.unwrap();
    let loaded = client.servers().load(&made.id).await.unwrap();
    assert_eq!(loaded.region.as_deref(), Some("eu"));
    embedded.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emulator_refuses_another_type() {
    let embedded = Embedded::start().await.unwrap();
    let target = embedded.target();
    let body = r#"{"name":"orders","region":7}"#;
    let answer = tokio::task::spawn_blocking(move || {
        let authority = target.base_url.socket_addrs(|| None).unwrap();
        let mut stream = TcpStream::connect(authority[0]).unwrap();
        write!(
            stream,
            "POST /v1/mgmt/mcp/server/create HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nauthorization: Bearer {}:{}\r\n\r\n{body}",
            body.len(),
            target.project_id.as_str(),
            target.management_key.expose()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    })
    .await
    .unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("region"), "{answer}");
    embedded.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_notices_another_type() {
    let number_in_place_of_text = map_response(|answer: Response| async {
        let (head, body) = answer.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let mut answer = match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut body) if body["server"].is_object() => {
                body["server"]["region"] = 7.into();
                Response::from_parts(head, Body::from(body.to_string()))
            }
            _ => Response::from_parts(head, Body::from(bytes)),
        };
        answer.headers_mut().remove("content-length");
        answer
    });
    for (is_wrong, verdict) in [(false, Verdict::Pass), (true, Verdict::Fail)] {
        let embedded = match is_wrong {
            false => Embedded::start().await.unwrap(),
            true => Embedded::start_wrapped(|router| router.layer(number_in_place_of_text.clone())).await.unwrap(),
        };
        let report = run(&settings(embedded.target(), Profile::Smoke, 1, 100)).await;
        let property = report.properties.iter().find(|property| property.id == WIRE).unwrap();
        assert_eq!(property.verdict, verdict);
        if let Some(failure) = &property.failure {
            let said = format!("{} {}", failure.expected, failure.actual);
            assert!(said.contains("region"), "{said}");
        }
        embedded.stop().await;
    }
}
