//! Records by name: found, created once, changed where they differ.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/emulator.rs"]
mod emulator;

use descope_mcp_management::testing::{Reply, Script};
use descope_mcp_management::{
    CategorizedScopes, CimdDomainPolicies, CimdDomainPolicy, CimdSettings, DynamicRegistration, Edited,
    Ensured, ErrorKind, McpServer, NewMcpServer, NewMcpServerClient, Scope,
};
use emulator::Emulator;
use serde_json::json;
use tokio::task::JoinSet;

fn found<C: std::fmt::Debug, R: std::fmt::Debug>(ensured: Ensured<C, R>) -> Edited<R> {
    match ensured {
        Ensured::Found(edited) => edited,
        created @ Ensured::Created(_) => panic!("{created:?}"),
    }
}

#[tokio::test]
async fn a_server_is_created_then_found_then_changed_where_it_differs() {
    let servers = Emulator::start().client().servers();
    let wanted = NewMcpServer::named("orders").description("Orders").tags(["production"]);
    let Ensured::Created(made) = servers.ensure(wanted.clone()).await.unwrap() else {
        panic!("it was not there")
    };

    let again = found(servers.ensure(wanted.clone()).await.unwrap());
    assert_eq!((&again.record.id, again.written), (&made.id, false));

    let registration = DynamicRegistration::default().enabled(true);
    servers.edit(&made.id, |server| server.dynamic_registration = Some(registration)).await.unwrap();
    let changed = found(servers.ensure(wanted.tags(["production", "eu"])).await.unwrap());
    assert!(changed.written);
    let stored = servers.load(&made.id).await.unwrap();
    assert_eq!(stored.tags.as_deref(), Some(&["production".to_owned(), "eu".to_owned()][..]));
    assert_eq!(stored.description.as_deref(), Some("Orders"));
    assert!(stored.dynamic_registration.is_some(), "what was not asked for stays");
    assert_eq!(servers.find_by_name("orders").await.unwrap(), [stored]);
    assert!(servers.find_by_name("order").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_client_is_created_with_its_secret_and_found_without_a_new_one() {
    let client = Emulator::start().client();
    let server = client.servers().create("orders").await.unwrap();
    let clients = client.clients(&server.id);
    clients.create("agent 2").await.unwrap();

    let Ensured::Created(made) = clients.ensure("agent").await.unwrap() else { panic!("it was not there") };
    let wanted = NewMcpServerClient::named("agent").tags(["eu"]);
    let edited = found(clients.ensure(wanted).await.unwrap());
    assert_eq!((&edited.record.id, edited.written), (&made.id, true));
    assert_eq!(clients.secret(&made.id).await.unwrap().expose(), made.cleartext.expose());
    assert_eq!(clients.find_by_name("agent").await.unwrap(), [edited.record]);
}

#[tokio::test]
async fn tasks_that_ask_for_the_same_name_at_once_create_one_record() {
    let client = Emulator::start().client();
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let servers = client.servers();
        tasks.spawn(async move { matches!(servers.ensure("orders").await.unwrap(), Ensured::Created(_)) });
    }
    let created = tasks.join_all().await.into_iter().filter(|created| *created).count();
    assert_eq!(created, 1);
    assert_eq!(client.servers().find_by_name("orders").await.unwrap().len(), 1);
}

#[tokio::test]
async fn several_records_of_a_name_are_refused_by_their_ids_and_nothing_is_written() {
    let script = Script::new();
    let twins = ["MS1", "MS2"].map(|id| McpServer::default().id(id).name("orders"));
    script.answer("LoadAllMcpServers", Reply::servers(&twins));
    let error = script.client().unwrap().servers().ensure("orders").await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.may_have_applied()), (ErrorKind::Conflict, None, false));
    assert!(error.to_string().contains("`MS1`, `MS2`"), "{error}");
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn objects_are_merged_so_that_settings_nobody_named_stay() {
    let script = Script::new();
    let stored = json!({"id": "MS1", "name": "orders", "sessionSettings": {"enabled": true, "new": 1}});
    script.answer("LoadAllMcpServers", Reply::json(&json!({"servers": [stored]})));
    script.answer("LoadMcpServer", Reply::json(&json!({"server": stored})));
    script.answer("UpdateMcpServer", Reply::json(&json!({"server": stored})));
    let wanted: NewMcpServer =
        serde_json::from_value(json!({"name": "orders", "sessionSettings": {"enabled": false}})).unwrap();
    found(script.client().unwrap().servers().ensure(wanted).await.unwrap());
    let written = &script.requests()[2].body["server"];
    assert_eq!(written["sessionSettings"], json!({"enabled": false, "new": 1}));
}

#[tokio::test]
async fn the_same_call_again_writes_nothing_whatever_it_asks_for() {
    let servers = Emulator::start().client().servers();
    let scopes = CategorizedScopes::default().permissions_scopes([Scope::default().name("orders:read")]);
    let policy = CimdDomainPolicy::default().domain_pattern("*.example.com").enabled(true);
    let policies = CimdDomainPolicies::default().policies([policy]);
    let wanted = NewMcpServer::named("orders")
        .approved_scopes(scopes)
        .cimd_settings(CimdSettings::default().enabled(true).domain_policies(policies))
        .consent_flow_id("inbound-apps-x")
        .skip_consent_screen(false)
        .description("");
    assert!(servers.ensure(wanted.clone()).await.unwrap().is_created());
    for _ in 0..2 {
        assert!(!found(servers.ensure(wanted.clone()).await.unwrap()).written);
    }
}

#[tokio::test]
async fn a_scope_keeps_what_nobody_named() {
    let script = Script::new();
    let stored = json!({"id": "MS1", "name": "orders", "approvedScopes": {"permissionsScopes": [
        {"name": "orders:read", "description": "from the console", "later": 7},
        {"name": "orders:write"},
    ]}});
    script.answer("LoadAllMcpServers", Reply::json(&json!({"servers": [stored]})));
    script.answer("LoadMcpServer", Reply::json(&json!({"server": stored})));
    script.answer("UpdateMcpServer", Reply::json(&json!({"server": stored})));
    let scopes = ["orders:list", "orders:read"].map(|name| Scope::default().name(name));
    let wanted = NewMcpServer::named("orders")
        .approved_scopes(CategorizedScopes::default().permissions_scopes(scopes));
    found(script.client().unwrap().servers().ensure(wanted).await.unwrap());
    assert_eq!(
        script.requests()[2].body["server"]["approvedScopes"]["permissionsScopes"],
        json!([{"name": "orders:list"}, {"name": "orders:read", "description": "from the console", "later": 7}])
    );
}
