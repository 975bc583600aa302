//! What a running program changes about its client, and what several clients share.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use descope_mcp_management::testing::{Reply, Script, SkippingClock};
use descope_mcp_management::{
    Clock, ManagementClient, ManagementClientBuilder, ManagementKey, McpServer, ProjectId, Quota, Wait,
};
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn builder(project: &str, key: &str) -> ManagementClientBuilder {
    ManagementClient::builder(ProjectId::new(project).unwrap(), ManagementKey::new(key).unwrap())
}

#[tokio::test]
async fn a_replaced_key_is_that_of_all_clones_and_of_no_error() {
    let server = MockServer::start().await;
    for key in ["K-old", "K-new"] {
        let refusal = serde_json::json!({"errorCode": "E1", "errorDescription": format!("not with {key}")});
        Mock::given(header("authorization", format!("Bearer P1:{key}")))
            .respond_with(ResponseTemplate::new(403).set_body_json(refusal))
            .expect(2)
            .mount(&server)
            .await;
    }
    let client = builder("P1", "K-old").base_url(server.uri()).build().unwrap();
    // Made before the key was replaced, as they are in a program.
    let (clone, servers) = (client.clone(), client.servers());
    let mut errors =
        vec![clone.servers().load("MS1").await.unwrap_err(), servers.load_all().await.unwrap_err()];
    client.replace_management_key(ManagementKey::new("K-new").unwrap()).unwrap();
    errors.extend([clone.servers().load("MS1").await.unwrap_err(), servers.load_all().await.unwrap_err()]);
    for error in errors {
        assert_eq!(error.status(), Some(403));
        assert!(!format!("{error} {error:?}").contains("K-"), "{error:?}");
    }
}

#[tokio::test]
async fn a_key_that_replaces_another_one_may_be_too_new_as_well() {
    let script = Script::new();
    let client = script.client().unwrap();
    let server = Reply::server(&McpServer::default().id("MS1"));
    script.answer("LoadMcpServer", server.clone());
    client.servers().load("MS1").await.unwrap();

    client.replace_management_key(ManagementKey::new("K-new").unwrap()).unwrap();
    script.answer("LoadMcpServer", Reply::refusal(401, "E111009", "not active yet"));
    script.answer("LoadMcpServer", server);
    client.servers().load("MS1").await.unwrap();
    assert_eq!(script.requests().len(), 3);
}

/// Replaces the key when a pause begins.
#[derive(Debug)]
struct ReplacesTheKey(OnceLock<ManagementClient>);

impl Clock for ReplacesTheKey {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, _: Duration) -> Wait {
        let client = self.0.get().unwrap();
        client.replace_management_key(ManagementKey::new("K-new").unwrap()).unwrap();
        Box::pin(std::future::ready(()))
    }

    fn time_limit(&self, _: Duration) -> Wait {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_request_that_is_sent_again_has_the_key_of_then_and_an_old_success_says_nothing_of_it() {
    let server = MockServer::start().await;
    let answer = |status: u16, body| ResponseTemplate::new(status).set_body_json(body);
    let loaded = serde_json::json!({"server": {"id": "MS1"}});
    let inactive = serde_json::json!({"errorCode": "E111009"});
    // The old key works, and then is told to wait; the new one is too new at first.
    let old = || Mock::given(header("authorization", "Bearer P1:K-old"));
    let new = || Mock::given(header("authorization", "Bearer P1:K-new"));
    old().respond_with(answer(200, loaded.clone())).up_to_n_times(1).expect(1).mount(&server).await;
    old().respond_with(answer(503, serde_json::json!({}))).up_to_n_times(1).expect(1).mount(&server).await;
    new().respond_with(answer(401, inactive)).up_to_n_times(1).expect(1).mount(&server).await;
    new().respond_with(answer(200, loaded)).up_to_n_times(1).expect(1).mount(&server).await;
    let clock = Arc::new(ReplacesTheKey(OnceLock::new()));
    let client = builder("P1", "K-old").base_url(server.uri()).clock(clock.clone()).build().unwrap();
    clock.0.set(client.clone()).unwrap();
    client.servers().load("MS1").await.unwrap();
    client.servers().load("MS1").await.unwrap();
}

#[tokio::test]
async fn clients_that_share_a_quota_wait_for_one_another() {
    let script = Script::new();
    script.always("LoadMcpServer", Reply::server(&McpServer::default().id("MS1")));
    let clock = Arc::new(SkippingClock::default());
    let quota = Quota::new(2, Duration::from_secs(60)).unwrap().burst(2);
    let one = builder("P1", "K1").clock(clock.clone()).script(&script).quota(quota).build().unwrap();
    let other = builder("P2", "K2").clock(clock.clone()).script(&script).quota_of(&one).build().unwrap();
    one.servers().load("MS1").await.unwrap();
    other.servers().load("MS1").await.unwrap();
    assert_eq!(clock.skipped(), Duration::ZERO);
    other.servers().load("MS1").await.unwrap();
    assert!(clock.skipped() > Duration::from_secs(59), "{:?}", clock.skipped());
}

#[tokio::test]
async fn resources_can_be_kept_and_moved_into_tasks() {
    struct Service {
        clients: descope_mcp_management::Clients,
    }
    let script = Script::new();
    script.always("GetMcpServerClientSecret", Reply::secret("s3cret"));
    let service = Service { clients: script.client().unwrap().clients("MS1") };
    let task = tokio::spawn(async move { service.clients.secret("TPA1").await });
    assert_eq!(task.await.unwrap().unwrap().expose(), "s3cret");
}

#[tokio::test]
async fn calls_that_wait_are_sent_with_the_key_of_that_moment() {
    let server = MockServer::start().await;
    let loaded = ResponseTemplate::new(200).set_body_json(serde_json::json!({"server": {"id": "MS1"}}));
    // All but the first request leave after the key was replaced.
    for (key, times) in [("K-old", 1), ("K-new", 3)] {
        Mock::given(header("authorization", format!("Bearer P1:{key}")))
            .respond_with(loaded.clone())
            .expect(times)
            .mount(&server)
            .await;
    }
    let quota = Quota::new(1, Duration::from_millis(200)).unwrap();
    let client = builder("P1", "K-old").base_url(server.uri()).quota(quota).build().unwrap();
    client.servers().load("MS1").await.unwrap();
    let waiting: Vec<_> = (0..3).map(|_| tokio::spawn(load(client.clone()))).collect();
    tokio::task::yield_now().await;
    client.replace_management_key(ManagementKey::new("K-new").unwrap()).unwrap();
    for call in waiting {
        call.await.unwrap();
    }
}

async fn load(client: ManagementClient) {
    client.servers().load("MS1").await.unwrap();
}
