//! Dynamic registration through the whole router.

use axum::http::StatusCode;
use descope_mcp_openapi::Document;
use serde_json::{Value, json};

use crate::testing::{Answer, Harness};

const LOOPBACK: &str = "http://127.0.0.1:33418/callback";

struct Fixture {
    emulator: Harness,
    server: String,
}

impl Fixture {
    async fn new(server: Value) -> Self {
        Self::on(Harness::new(), server).await
    }

    async fn on(emulator: Harness, mut server: Value) -> Self {
        server["name"] = json!("s");
        let server = emulator.server(server).await;
        Self { emulator, server }
    }

    fn path(&self) -> String {
        format!("/v1/mgmt/mcp/client/{}/{}/register", self.emulator.project(), self.server)
    }

    async fn register(&self, metadata: &Value) -> Answer {
        let answer = self.emulator.post_with(None, &self.path(), metadata).await;
        let document = Document::authorization_server();
        let violations =
            document.validate_response("RegisterMcpServerClient", answer.status.as_u16(), &answer.body);
        assert_eq!(violations, [], "{}", answer.text);
        assert_eq!(answer.headers["cache-control"], "no-store");
        answer
    }

    async fn search(&self, filter: Value) -> Value {
        let mut query = json!({"mcpServerId": self.server});
        query.as_object_mut().unwrap().extend(filter.as_object().unwrap().clone());
        self.emulator.post("/v1/mgmt/mcp/server/clients/search", &query).await.body
    }

    async fn discovery(&self) -> Value {
        let path = format!("/v1/apps/agentic/{}/{}", self.emulator.project(), self.server);
        self.emulator.get(&format!("{path}/.well-known/oauth-authorization-server")).await.body
    }
}

fn scopes() -> Value {
    json!({"permissionsScopes": [{"name": "a"}, {"name": "b"}], "connectionsScopes": [{"name": "c", "values": ["x"]}]})
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status.as_u16(), &answer.body["error"]), (status, &json!(error)), "{}", answer.text);
    assert!(answer.body["error_description"].is_string());
}

#[tokio::test]
async fn a_public_client_is_registered_with_all_effective_metadata_and_without_a_secret() {
    let fixture = Fixture::new(json!({"approvedScopes": scopes()})).await;
    let answer = fixture
        .register(&json!({
            "client_name": "Agent", "client_uri": "https://a.example", "logo_uri": "https://a.example/l.png",
            "redirect_uris": [LOOPBACK], "grant_types": ["authorization_code", "refresh_token", "urn:x"],
            "response_types": ["code"], "token_endpoint_auth_method": "none", "application_type": "native",
            "scope": "c a offline_access a", "software_id": null, "sessionSettings": {"enabled": true},
        }))
        .await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let mut body = answer.body;
    let id = body["client_id"].take();
    assert!(body["client_id_issued_at"].take().as_u64().unwrap() > 1_700_000_000);
    assert_eq!(
        body,
        json!({
            "client_id": null, "client_id_issued_at": null, "client_name": "Agent",
            "client_uri": "https://a.example", "logo_uri": "https://a.example/l.png", "redirect_uris": [LOOPBACK],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": "none", "application_type": "native", "scope": "c a",
        })
    );
    assert_eq!(id.as_str().unwrap().len(), 80);
}

#[tokio::test]
async fn what_a_client_leaves_out_is_filled_in_as_the_standard_says() {
    let fixture = Fixture::new(json!({})).await;
    let answer = fixture.register(&json!({"redirect_uris": ["https://a.example/cb"]})).await;
    assert_eq!(answer.body["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(answer.body["grant_types"], json!(["authorization_code"]));
    assert_eq!(answer.body["response_types"], json!(["code"]));
    assert_eq!(answer.body["client_secret"].as_str().unwrap().len(), 43);
    assert_eq!(answer.body["client_secret_expires_at"], 0);
    for absent in ["client_name", "scope", "logo_uri"] {
        assert!(answer.body.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn a_registered_client_appears_in_the_management_search_as_such() {
    let fixture = Fixture::new(json!({"approvedScopes": scopes()})).await;
    let manual = fixture.emulator.client(&fixture.server, json!({"name": "by hand"})).await;
    let made = fixture
        .register(&json!({"client_name": "Agent", "redirect_uris": [LOOPBACK], "token_endpoint_auth_method": "none"}))
        .await;
    let found = fixture.search(json!({"registrationMethod": "dcr"})).await;
    assert_eq!(found["total"], 1);
    let client = &found["clients"][0];
    assert_eq!((&client["clientId"], &client["name"]), (&made.body["client_id"], &json!("Agent")));
    assert_eq!((&client["registrationType"], &client["status"]), (&json!("dcr"), &json!("active")));
    assert_eq!(client["approvedCallbackUrls"], json!([LOOPBACK]));
    assert_eq!(client["scopes"], json!(["a", "b", "c"]), "every approved scope is the default");
    assert_eq!(fixture.search(json!({"registrationMethod": "manual"})).await["clients"][0]["id"], manual.id);

    let named = json!({"id": client["id"], "mcpServerId": fixture.server});
    let secret = fixture.emulator.post("/v1/mgmt/mcp/server/client/secret", &named).await;
    assert_eq!(secret.body, json!({"cleartext": ""}), "a public client has none");
    let rotated = fixture.emulator.post("/v1/mgmt/mcp/server/client/secret/rotate", &named).await;
    assert_eq!(rotated.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_client_without_scopes_gets_none_where_that_is_switched_off() {
    let settings = json!({"enabled": true, "disableApprovedScopesAsDefault": true});
    let fixture = Fixture::new(json!({"approvedScopes": scopes(), "dynamicRegistration": settings})).await;
    let answer = fixture.register(&json!({"redirect_uris": [LOOPBACK]})).await;
    assert!(answer.body.get("scope").is_none());
    let answer = fixture.register(&json!({"redirect_uris": [LOOPBACK], "scope": "b"})).await;
    assert_eq!(answer.body["scope"], "b");
}

#[tokio::test]
async fn a_secret_works_at_the_token_endpoint_and_a_public_client_gets_nothing_there() {
    let emulator = Harness::with_variants(&[("dcr-client-credentials", "allow")]);
    let fixture = Fixture::on(emulator, json!({"approvedScopes": scopes()})).await;
    let token = format!("/oauth2/v1/apps/agentic/{}/{}/token", fixture.emulator.project(), fixture.server);
    let grants = json!(["client_credentials"]);
    let made = fixture
        .register(&json!({"grant_types": grants, "token_endpoint_auth_method": "client_secret_post"}))
        .await;
    assert!(made.body.get("redirect_uris").is_none());
    let (id, secret) = (made.body["client_id"].clone(), made.body["client_secret"].clone());
    let mut request = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret});
    assert_eq!(fixture.emulator.post_with(None, &token, &request).await.status, StatusCode::OK);

    let public =
        fixture.register(&json!({"redirect_uris": [LOOPBACK], "token_endpoint_auth_method": "none"})).await;
    request["client_id"] = public.body["client_id"].clone();
    for secret in [json!(null), json!(""), json!("x"), secret] {
        request["client_secret"] = secret;
        let answer = fixture.emulator.post_with(None, &token, &request).await;
        assert!(answer.status.is_client_error(), "{}", answer.text);
    }
}

#[tokio::test]
async fn the_endpoint_is_advertised_and_open_only_while_registration_is_on() {
    let on = Fixture::new(json!({})).await;
    let advertised = on.discovery().await["registration_endpoint"].clone();
    assert_eq!(advertised, format!("{}{}", Harness::PUBLIC_URL, on.path()));
    let off = Fixture::new(json!({"dynamicRegistration": {"enabled": false}})).await;
    assert!(off.discovery().await.get("registration_endpoint").is_none());
    refused(&off.register(&json!({"redirect_uris": [LOOPBACK]})).await, 403, "access_denied");
    assert_eq!(off.search(json!({})).await["total"], 0);
}

#[tokio::test]
async fn bad_metadata_are_refused_with_the_code_and_the_member() {
    let fixture = Fixture::new(json!({})).await;
    for (metadata, error, member) in [
        (json!({}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"redirect_uris": []}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"redirect_uris": LOOPBACK}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"redirect_uris": [7]}), "invalid_redirect_uri", "redirect_uris[0]"),
        (
            json!({"redirect_uris": [LOOPBACK, "http://a.example/"]}),
            "invalid_redirect_uri",
            "redirect_uris[1]",
        ),
        (json!({"redirect_uris": ["javascript:alert(1)"]}), "invalid_redirect_uri", "redirect_uris[0]"),
        (json!({"redirect_uris": ["cursor://callback"]}), "invalid_redirect_uri", "redirect_uris[0]"),
        (json!({"redirect_uris": vec![LOOPBACK; 21]}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"client_name": 7}), "invalid_client_metadata", "client_name"),
        (json!({"client_name": "x".repeat(201)}), "invalid_client_metadata", "client_name"),
        (json!({"client_name": "a\u{0}b"}), "invalid_client_metadata", "client_name"),
        (json!({"logo_uri": "data:image/png,x"}), "invalid_client_metadata", "logo_uri"),
        (json!({"client_uri": "a"}), "invalid_client_metadata", "client_uri"),
        (json!({"token_endpoint_auth_method": "private_key_jwt"}), "invalid_client_metadata", "auth_method"),
        (json!({"grant_types": ["implicit"]}), "invalid_client_metadata", "grant_types"),
        (json!({"grant_types": ["refresh_token"]}), "invalid_client_metadata", "grant_types"),
        (
            json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}),
            "invalid_client_metadata",
            "grant_types",
        ),
        (json!({"response_types": ["token"]}), "invalid_client_metadata", "response_types"),
        (json!({"application_type": "tv"}), "invalid_client_metadata", "application_type"),
        (json!([]), "invalid_client_metadata", "the body"),
    ] {
        let answer = fixture.register(&metadata).await;
        refused(&answer, 400, error);
        let description = answer.body["error_description"].as_str().unwrap();
        assert!(description.contains(member), "{metadata}: {description}");
        assert!(!description.contains("a.example") && !description.contains("alert"), "{description}");
    }
    for (content_type, body) in [
        (None, "{}"),
        (Some("text/plain"), "{}"),
        (Some("application/x-www-form-urlencoded"), "redirect_uris=x"),
        (Some("application/json"), ""),
        (Some("application/json"), "{"),
    ] {
        let answer = fixture.emulator.raw(&fixture.path(), None, content_type, body).await;
        refused(&answer, 400, "invalid_client_metadata");
    }
    let long = json!({"redirect_uris": [LOOPBACK], "unknown": "x".repeat(20_000)});
    refused(&fixture.register(&long).await, 413, "invalid_client_metadata");
    assert_eq!(fixture.search(json!({})).await["total"], 0);
}

#[tokio::test]
async fn an_unknown_server_takes_no_registrations() {
    let fixture = Fixture::new(json!({})).await;
    let project = fixture.emulator.project().to_owned();
    for place in
        [format!("{project}/MSnone"), format!("Pnone/{}", fixture.server), format!("%ff/{}", fixture.server)]
    {
        let path = format!("/v1/mgmt/mcp/client/{place}/register");
        let answer = fixture.emulator.post_with(None, &path, &json!({"redirect_uris": [LOOPBACK]})).await;
        refused(&answer, 404, "invalid_request");
    }
}

#[tokio::test]
async fn redirect_uris_must_be_among_those_that_the_server_approves_if_it_lists_any() {
    let approved = json!(["https://a.example/cb", "http://127.0.0.1/callback"]);
    let fixture = Fixture::new(json!({"approvedCallbackUrls": approved})).await;
    let good = json!({"redirect_uris": ["https://a.example/cb", LOOPBACK]});
    assert_eq!(fixture.register(&good).await.status, StatusCode::CREATED);
    let bad = json!({"redirect_uris": ["https://a.example/cb", "https://b.example/cb"]});
    refused(&fixture.register(&bad).await, 400, "invalid_redirect_uri");
}

#[tokio::test]
async fn schemes_of_applications_are_an_option() {
    let emulator = Harness::with_config(|mut config| {
        config.registration.allow_private_use_redirects = true;
        config
    });
    let fixture = Fixture::on(emulator, json!({})).await;
    let answer = fixture.register(&json!({"redirect_uris": ["cursor://callback"]})).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    refused(&fixture.register(&json!({"redirect_uris": ["data:x"]})).await, 400, "invalid_redirect_uri");
}

#[tokio::test]
async fn a_full_server_refuses_clients_until_an_unused_one_is_old_enough_to_go() {
    let emulator = Harness::with_config(|mut config| {
        config.registration.most_clients = 2;
        config
    });
    let fixture = Fixture::on(emulator, json!({})).await;
    let client = json!({"redirect_uris": [LOOPBACK]});
    assert_eq!(fixture.register(&client).await.status, StatusCode::CREATED);
    assert_eq!(fixture.register(&client).await.status, StatusCode::CREATED);
    let full = fixture.register(&client).await;
    refused(&full, 429, "temporarily_unavailable");
    assert_eq!(full.headers["retry-after"], "60");
    // Clients that the management API makes do not count.
    fixture.emulator.client(&fixture.server, json!({"name": "by hand"})).await;
    assert_eq!(fixture.search(json!({})).await["total"], 3);
}

#[tokio::test]
async fn variants_answer_the_open_questions_of_registration() {
    let variants = [("dcr-status", "200"), ("dcr-public-secret", "present"), ("secret-expiry", "absent")];
    let fixture = Fixture::on(Harness::with_variants(&variants), json!({})).await;
    let answer =
        fixture.register(&json!({"redirect_uris": [LOOPBACK], "token_endpoint_auth_method": "none"})).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body["client_secret"].is_string());
    assert!(answer.body.get("client_secret_expires_at").is_none());
    assert_eq!(answer.body["token_endpoint_auth_method"], "none");
}
