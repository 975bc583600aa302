//! What is decided about the parts of `descope-mcp.yaml`. `README.md` states the same in prose; what holds for every part
//! of any such document is checked by `cargo xtask spec lint`.

use std::collections::BTreeSet;

use descope_mcp_openapi::{Document, Kind};
use descope_mcp_operations::{Access, Basis, Operation};
use serde_json::{Map, Value};

fn document() -> &'static Document {
    Document::management()
}

/// What the table says of an operation.
fn facts(id: &str) -> &'static Operation {
    descope_mcp_operations::find(id).unwrap_or_else(|| panic!("{id} is not in the table"))
}

fn schemas() -> &'static Map<String, Value> {
    document().as_value()["components"]["schemas"].as_object().expect("schemas are a map")
}

/// Every member of every named schema, with a name to print.
fn members() -> impl Iterator<Item = (String, &'static Value)> {
    schemas().iter().flat_map(|(schema, value)| {
        let members = value.get("properties").and_then(Value::as_object).into_iter().flatten();
        members.map(move |(name, member)| (format!("{schema}.{name}"), member))
    })
}

fn raw_operation(path: &str) -> &'static Value {
    &document().as_value()["paths"][path]["post"]
}

#[test]
fn every_operation_is_a_post_below_the_path_of_servers() {
    assert!(document().operations().count() > 0);
    assert!(document().operations().all(|operation| operation.method == "POST"));
    assert!(document().operations().all(|operation| operation.path.starts_with("/v1/mgmt/mcp/server")));
}

#[test]
fn every_operation_has_its_texts_tag_and_sources() {
    for operation in document().operations() {
        let id = &operation.id;
        assert!(!operation.summary.is_empty() && !operation.description.is_empty(), "{id}");
        let tag = if operation.path.contains("/client") { "McpServerClient" } else { "McpServer" };
        assert_eq!(operation.tag.as_deref(), Some(tag), "{id}");
        assert_eq!(facts(id).basis, Basis::Documented, "{id}");
        assert!(facts(id).source.is_some(), "{id}");
        assert_eq!(operation.request_schema(), Some(format!("{id}Request").as_str()));
        assert_eq!(operation.response_schema(200), Some(format!("{id}Response").as_str()));
        assert_eq!(raw_operation(&operation.path)["requestBody"]["required"], true, "{id}");
    }
}

#[test]
fn access_and_idempotence_are_as_decided() {
    for documented in document().operations() {
        let Operation { id, access, idempotent, .. } = facts(&documented.id);
        let verb = id.split("Mcp").next().unwrap_or_default();
        let decided = match verb {
            "Load" | "LoadAll" | "Search" | "Get" => (Access::Read, true),
            "Update" | "Delete" => (Access::Write, true),
            "Create" | "Rotate" => (Access::Write, false),
            other => panic!("decide what an operation may do that begins with {other}"),
        };
        assert_eq!((*access, *idempotent), decided, "{id}");
    }
}

#[test]
fn pages_and_replacement_name_what_exists() {
    for operation in document().operations() {
        if let Some(loads) = facts(&operation.id).replaces {
            assert_eq!(facts(loads).access, Access::Read, "{}", operation.id);
        }
        if let Some(pages) = facts(&operation.id).paginated {
            let has = |schema: Option<&str>, member: &str| {
                document().members(schema.unwrap()).iter().any(|known| known.name == member)
            };
            assert!(
                has(operation.request_schema(), pages.page) && has(operation.request_schema(), pages.limit)
            );
            assert!(has(operation.response_schema(200), pages.items));
            assert!(has(operation.response_schema(200), pages.total));
        }
    }
    let replaces = |id| facts(id).replaces;
    assert_eq!(replaces("UpdateMcpServer"), Some("LoadMcpServer"));
    assert_eq!(replaces("UpdateMcpServerClient"), None, "documents do not say that it replaces");
    let paginated: Vec<_> =
        descope_mcp_operations::all().filter(|o| o.paginated.is_some()).map(|o| o.id).collect();
    assert_eq!(paginated, ["SearchMcpServerClients"]);
}

#[test]
fn every_operation_answers_200_and_one_error_envelope() {
    for operation in document().operations() {
        assert_eq!(operation.statuses().collect::<Vec<_>>(), ["200", "4XX", "5XX"], "{}", operation.id);
        for status in [400, 401, 404, 429, 500, 503] {
            assert_eq!(operation.response_schema(status), Some("Error"), "{} {status}", operation.id);
        }
        assert_eq!(operation.response_schema(302), None);
    }
}

#[test]
fn examples_show_no_secret_that_could_be_one() {
    fn visit(value: &Value, secrets: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(secret)) = members.get("cleartext") {
                    secrets.push(secret.clone());
                }
                members.values().for_each(|member| visit(member, secrets));
            }
            Value::Array(items) => items.iter().for_each(|item| visit(item, secrets)),
            _ => {}
        }
    }
    let mut secrets = Vec::new();
    visit(&document().as_value()["paths"], &mut secrets);
    assert_eq!(secrets.len(), 3, "create, read and rotate show one each");
    assert!(secrets.iter().all(|secret| secret.starts_with("example-secret-never-use-")), "{secrets:?}");
}

#[test]
fn the_readme_explains_every_x_key() {
    fn collect(value: &Value, keys: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, member)| {
                if key.starts_with("x-") {
                    keys.insert(key.clone());
                }
                collect(member, keys);
            }),
            Value::Array(items) => items.iter().for_each(|item| collect(item, keys)),
            _ => {}
        }
    }
    let mut keys = BTreeSet::new();
    collect(document().as_value(), &mut keys);
    collect(Document::authorization_server().as_value(), &mut keys);
    let readme = include_str!("../README.md");
    for key in &keys {
        assert!(readme.contains(&format!("| `{key}`")), "README.md has no row for {key}");
    }
    assert_eq!(keys.len(), readme.matches("\n| `x-").count(), "README.md explains a key that nothing uses");
}

#[test]
fn every_secret_is_a_plain_password_string() {
    let mut count = 0;
    for (name, member) in members() {
        let is_password = member.get("format").and_then(Value::as_str) == Some("password");
        assert_eq!(is_password, name.ends_with(".cleartext"), "{name}");
        if is_password {
            let mut keys: Vec<_> = member.as_object().unwrap().keys().collect();
            keys.sort();
            // More would make the generator take it for another type, and secrets would become plain strings.
            assert_eq!(keys, ["description", "format", "type"], "{name}");
            count += 1;
        }
    }
    assert_eq!(count, 3);
}

#[test]
fn members_tell_kind_and_origin() {
    let of = |schema, name| {
        document()
            .members(schema)
            .iter()
            .find(|member| member.name == name)
            .unwrap_or_else(|| panic!("{name}"))
    };
    assert_eq!(of("McpServer", "skipConsentScreen").kind, Kind::Boolean);
    assert_eq!(of("McpServer", "tags").kind, Kind::List { items: Box::new(Kind::String) });
    let scope = Kind::Object { schema: Some("Scope".to_owned()) };
    assert_eq!(of("CategorizedScopes", "permissionsScopes").kind, Kind::List { items: Box::new(scope) });
    // Two forms can be read; the one to write comes first.
    let written = Kind::Object { schema: Some("CategorizedScopes".to_owned()) };
    assert_eq!(of("McpServer", "approvedScopes").kind, written);
    assert_eq!(of("SessionSettings", "refreshTokenExpiration").kind, Kind::Integer);
    assert!(of("CreateMcpServerClientResponse", "cleartext").secret);
    assert!(of("McpServer", "id").required);
}
