use secrecy::ExposeSecret;
use serde_json::json;

use super::*;
use crate::config::Config;
use crate::start::state;
use crate::store::StoreError;

const EXAMPLE: &str = include_str!("../../seed-example.json");

fn start(text: &str) -> Result<std::sync::Arc<App>, StartError> {
    let mut config = Config::new("http://127.0.0.1:1".parse().unwrap(), Vec::new());
    config.seed = Some(Seed::parse(text)?);
    state(config)
}

fn fault(seed: Value) -> String {
    match start(&seed.to_string()) {
        Ok(_) => panic!("accepted: {seed}"),
        Err(error) => error.to_string(),
    }
}

/// The smallest seed with one client, with members of it replaced.
fn with_client(members: Value) -> Value {
    let mut client = json!({"id": "TPA1", "name": "c"});
    client.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({"projects": [{"id": "P1", "managementKey": "K2x", "servers": [{"id": "MS1", "name": "s", "clients": [client]}]}]})
}

#[tokio::test]
async fn the_example_of_the_documentation_is_served_as_it_says() {
    let app = start(EXAMPLE).unwrap();
    let project = "P2examples000000000000000000";
    assert!(app.project(project).is_some());
    let (servers, confidential, public) = app
        .records
        .read::<_, StoreError>(move |records| {
            Ok((
                records.servers(project)?,
                records
                    .client_by_client_id(project, "MS2orders000000000000000000000", "orders-agent")?
                    .unwrap(),
                records
                    .client(project, "RS2reports00000000000000000000", "TPA2desktop0000000000000000000")?
                    .unwrap(),
            ))
        })
        .await
        .unwrap();
    assert_eq!(servers.len(), 2);
    assert_eq!(servers[0].body["approvedScopes"]["permissionsScopes"][0]["name"], "orders:read");
    assert_eq!(confidential.1.unwrap().expose_secret(), "not-a-real-secret");
    assert_eq!(public.registration_type, "dcr");
}

#[tokio::test]
async fn loading_it_again_changes_nothing_and_adds_what_is_new() {
    let place = tempfile::tempdir().unwrap();
    let start = |seed: Value| {
        let mut config = Config::new("http://127.0.0.1:1".parse().unwrap(), Vec::new());
        config.data = Some(crate::DataDirectory::open(place.path()).unwrap());
        config.seed = Some(Seed::parse(&seed.to_string()).unwrap());
        state(config).unwrap()
    };
    let look = |app: std::sync::Arc<App>| async move {
        app.records
            .read::<_, StoreError>(|records| {
                let query = crate::store::ClientQuery { limit: 9, ..Default::default() };
                let clients = records.search_clients("P1", "MS1", &query)?.unwrap().clients;
                let secret = records.client_secret("P1", "MS1", "TPA1")?.unwrap().unwrap();
                Ok((clients, secret.expose_secret().to_owned()))
            })
            .await
            .unwrap()
    };
    let first = look(start(with_client(json!({})))).await;
    assert_eq!(look(start(with_client(json!({})))).await, first);
    let mut more = with_client(json!({"name": "renamed", "secret": "other"}));
    let clients = more["projects"][0]["servers"][0]["clients"].as_array_mut().unwrap();
    clients.push(json!({"id": "TPA2", "name": "new"}));
    let (clients, secret) = look(start(more)).await;
    assert_eq!((clients.len(), &clients[0], &secret), (2, &first.0[0], &first.1));
}

#[test]
fn each_fault_is_named_by_its_pointer_and_no_secret_is_repeated() {
    let server = |members: Value| {
        let mut server = json!({"id": "MS1", "name": "s"});
        server.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        json!({"projects": [{"id": "P1", "managementKey": "K2x", "servers": [server]}]})
    };
    for (seed, start) in [
        (json!([]), "it must be an object"),
        (json!({}), "/projects: "),
        (json!({"projects": {}}), "/projects: "),
        (json!({"projects": [], "x/y": 1}), "/x~1y: unknown"),
        (json!({"projects": [7]}), "/projects/0: "),
        (json!({"projects": [{"managementKey": "K2x"}]}), "/projects/0/id: it is missing"),
        (json!({"projects": [{"id": "P:1", "managementKey": "K2x"}]}), "/projects/0/id: "),
        (json!({"projects": [{"id": "P1", "managementKey": "K2 hunter2"}]}), "/projects/0/managementKey: "),
        (json!({"projects": [{"id": "P1", "managementKey": "K2x", "key": 1}]}), "/projects/0/key: unknown"),
        (server(json!({"id": "XX1"})), "/projects/0/servers/0/id: it must be MS or RS"),
        (server(json!({"name": 7})), "/projects/0/servers/0/name: "),
        (server(json!({"name": ""})), "/projects/0/servers/0: name is required"),
        (server(json!({"tags": ["a", 1]})), "/projects/0/servers/0/tags/1: "),
        (server(json!({"clients": {}})), "/projects/0/servers/0/clients: "),
        (with_client(json!({"id": "MS1"})), "/projects/0/servers/0/clients/0/id: it must be TPA"),
        (with_client(json!({"secret": "hunter2 blank"})), "/projects/0/servers/0/clients/0/secret: "),
        (with_client(json!({"scopes": "x"})), "/projects/0/servers/0/clients/0/scopes: "),
        (
            json!({"projects": [{"id": "P1", "managementKey": "K2x"}, {"id": "P1", "managementKey": "K2x"}]}),
            "/projects/1/id: \"P1\" stands in the file already",
        ),
        (
            json!({"projects": [{"id": "P1", "managementKey": "K2x", "servers": [{"id": "MS1", "name": "s", "clients": [
                {"id": "TPA1", "name": "a", "clientId": "same"}, {"id": "TPA2", "name": "b", "clientId": "same"}]}]}]}),
            "/projects/0/servers/0/clients/1/clientId: ",
        ),
    ] {
        let fault = fault(seed.clone());
        let rest = fault.strip_prefix("seed file: ").unwrap_or_else(|| panic!("{seed}: {fault}"));
        assert!(rest.starts_with(start), "{seed}: {fault}");
        assert!(!fault.contains("hunter2"));
    }
    let fault = Seed::parse("{\"projects\": \"hunter2").unwrap_err().to_string();
    assert!(fault.contains("line 1") && !fault.contains("hunter2"), "{fault}");
}

#[tokio::test]
async fn a_seed_with_a_fault_stores_nothing() {
    let place = tempfile::tempdir().unwrap();
    let mut seed = with_client(json!({"clientId": "same"}));
    let clients = seed["projects"][0]["servers"][0]["clients"].as_array_mut().unwrap();
    clients.push(json!({"id": "TPA2", "name": "b", "clientId": "same"}));
    let mut config = Config::new("http://127.0.0.1:1".parse().unwrap(), Vec::new());
    config.data = Some(crate::DataDirectory::open(place.path()).unwrap());
    config.seed = Some(Seed::parse(&seed.to_string()).unwrap());
    assert!(state(config).is_err());
    let mut database = crate::store::Database::open(place.path()).unwrap();
    assert!(database.write(|records| records.servers("P1")).unwrap().is_empty());
}
