//! What holds for every table, whatever its document says.

use std::collections::BTreeSet;

use descope_mcp_operations::{AUTHORIZATION_SERVER, Access, Body, MANAGEMENT, Operation, Place, all, find};
use serde_json::Value;

fn every() -> impl Iterator<Item = &'static Operation> {
    all().chain(AUTHORIZATION_SERVER.operations)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("a JSON text")
}

#[test]
fn the_management_table_has_the_fourteen_operations_and_each_is_found_by_its_id() {
    assert_eq!((MANAGEMENT.len(), all().count()), (1, 14));
    for operation in all() {
        assert_eq!(find(operation.id).map(|found| found.path), Some(operation.path));
    }
    assert!(find("GetWellKnownJWKS").is_none(), "no management key opens the authorization server");
    assert!(AUTHORIZATION_SERVER.find("GetWellKnownJWKS").is_some());
}

#[test]
fn ids_and_names_of_arguments_are_unique() {
    let ids: BTreeSet<_> = every().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), every().count());
    for operation in every() {
        let names: BTreeSet<_> = operation.arguments.iter().map(|argument| argument.name).collect();
        assert_eq!(names.len(), operation.arguments.len(), "{}", operation.id);
    }
}

#[test]
fn every_schema_is_json_and_refers_to_nothing_outside_of_itself() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    for operation in every() {
        for schema in [Some(operation.input), operation.output].into_iter().flatten() {
            let whole = parsed(&schema.to_string());
            let mut found = Vec::new();
            references(&whole, &mut found);
            for reference in found {
                let pointer = reference.strip_prefix('#').expect("a reference inside of the schema");
                assert!(whole.pointer(pointer).is_some(), "{}: {reference}", operation.id);
            }
        }
    }
}

#[test]
fn arguments_are_the_members_of_the_schema_and_fill_the_path() {
    for operation in every().filter(|operation| !matches!(operation.body, Body::Other { .. })) {
        let schema = parsed(&operation.input.to_string());
        let members: BTreeSet<_> =
            schema["properties"].as_object().expect("members").keys().map(String::as_str).collect();
        let names: BTreeSet<_> = operation.arguments.iter().map(|argument| argument.name).collect();
        assert_eq!(members, names, "{}", operation.id);
        let required: BTreeSet<_> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for argument in operation.arguments {
            assert_eq!(required.contains(argument.name), argument.required, "{}", operation.id);
        }
        let in_path = operation.path.matches('{').count();
        let given = operation.arguments.iter().filter(|argument| argument.place == Place::Path).count();
        assert_eq!(in_path, given, "{}", operation.id);
    }
}

#[test]
fn every_management_operation_has_an_example_of_its_arguments() {
    for operation in all() {
        let example = parsed(operation.example.expect(operation.id));
        for argument in operation.arguments.iter().filter(|argument| argument.required) {
            assert!(example.get(argument.name).is_some(), "{}: {}", operation.id, argument.name);
        }
    }
}

#[test]
fn what_is_replaced_can_be_loaded_and_pages_name_arguments() {
    for operation in all() {
        if let Some(load) = operation.replaces {
            assert_eq!(find(load).expect(load).access, Access::Read);
        }
        if let Some(pages) = operation.paginated {
            assert!(operation.argument(pages.page).is_some() && operation.argument(pages.limit).is_some());
        }
    }
    let paginated: Vec<_> = all().filter(|o| o.paginated.is_some()).map(|o| o.id).collect();
    assert_eq!(paginated, ["SearchMcpServerClients"]);
}

#[test]
fn the_answers_that_hold_a_secret_are_these_and_each_must_have_it() {
    let bearing: Vec<_> = all().filter(|operation| operation.answers_with_secret()).collect();
    let ids: Vec<_> = bearing.iter().map(|operation| operation.id).collect();
    assert_eq!(ids, ["CreateMcpServerClient", "GetMcpServerClientSecret", "RotateMcpServerClientSecret"]);
    for operation in bearing {
        assert_eq!(operation.output_secrets.len(), 1);
        let secret = operation.output_secrets[0];
        assert_eq!((secret.pointer, secret.required), ("/cleartext", true), "{}", operation.id);
    }
}
