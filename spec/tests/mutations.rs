//! Changes that Descope could make, each made to a document and found again: to ours, and to Descope's own where a copy
//! is at hand in `../shared/upstream`.

#![allow(clippy::print_stdout, reason = "says what was not compared")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use descope_mcp_openapi::MANAGEMENT_YAML;
use descope_mcp_spec::diff::{Change, ChangeKind, Class, Options, changes, suggestions};
use descope_mcp_spec::{Node, Place, next_version, parse};
use semver::Version;
use serde_json::{Value, json};

/// A document as JSON, which is YAML too.
struct Document {
    name: &'static str,
    value: Value,
}

fn documents() -> Vec<Document> {
    let read = |name, text: &str| Document { name, value: parse(text, name).expect("it is YAML").to_json() };
    let mut documents = vec![read("ours", MANAGEMENT_YAML)];
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream");
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    match files.filter(|path| path.extension().is_some_and(|end| end == "yml")).max() {
        Some(path) => documents.push(read("upstream", &fs::read_to_string(path).expect("it can be read"))),
        None => println!("no copy of Descope's document in ../shared/upstream: ours alone is changed"),
    }
    documents
}

fn found(before: &Value, after: &Value, options: Options) -> Vec<Change> {
    found_in(&node(before), after, options)
}

fn found_in(before: &Node, after: &Value, options: Options) -> Vec<Change> {
    changes(&Place::root(before), &Place::root(&node(after)), options)
}

fn node(document: &Value) -> Node {
    parse(&document.to_string(), "document").unwrap()
}

fn at<'v>(document: &'v mut Value, pointer: &str) -> &'v mut Value {
    document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there"))
}

fn member<'v>(document: &'v mut Value, schema: &str, name: &str) -> &'v mut Value {
    at(document, &format!("/components/schemas/{schema}/properties/{name}"))
}

fn operation<'v>(document: &'v mut Value, path: &str) -> &'v mut Value {
    at(document, &format!("/paths/~1v1~1mgmt~1mcp~1server~1{path}/post"))
}

fn take(document: &mut Value, pointer: &str, name: &str) -> Value {
    let taken = at(document, pointer).as_object_mut().and_then(|members| members.remove(name));
    taken.unwrap_or_else(|| panic!("{pointer} has no {name}"))
}

fn rename_schema(document: &mut Value, old: &str, new: &str) {
    let schema = take(document, "/components/schemas", old);
    at(document, "/components/schemas")[new] = schema;
    let (old, new) = (format!("\"#/components/schemas/{old}\""), format!("\"#/components/schemas/{new}\""));
    *document = serde_json::from_str(&document.to_string().replace(&old, &new)).unwrap();
}

type Mutation = fn(&mut Value);
/// What must be found: kind, a part of the place, and what it does at worst.
type Expected = &'static [(ChangeKind, &'static str, Class)];

/// Each with all that it must be found as, and with nothing else.
fn mutations() -> Vec<(&'static str, Mutation, Expected)> {
    use ChangeKind::*;
    use Class::*;
    const PROPERTIES: &str = "/components/schemas/McpServer/properties";
    vec![
        (
            "a member is renamed",
            |document| {
                let logo = take(document, PROPERTIES, "logo");
                at(document, PROPERTIES)["picture"] = logo;
            },
            &[
                (MemberRemoved, "McpServer.logo", BreakingForCallers),
                (MemberAdded, "McpServer.picture", Additive),
            ],
        ),
        (
            "a member is spelled otherwise",
            |document| {
                let page = take(document, PROPERTIES, "loginPageURL");
                at(document, PROPERTIES)["loginPageUrl"] = page;
            },
            &[
                (MemberRemoved, "McpServer.loginPageURL", BreakingForCallers),
                (MemberAdded, "McpServer.loginPageUrl", Additive),
            ],
        ),
        (
            "a member of answers is removed",
            |document| drop(take(document, "/components/schemas/McpServerClient/properties", "status")),
            &[(MemberRemoved, "McpServerClient.status", BreakingForCallers)],
        ),
        (
            "an optional member is added to a record",
            |document| at(document, PROPERTIES)["region"] = json!({"type": "string"}),
            &[(MemberAdded, "McpServer.region", Additive)],
        ),
        (
            "a required member is added to a request",
            |document| {
                let schema = at(document, "/components/schemas/CreateMcpServerClientRequest");
                schema["properties"]["region"] = json!({"type": "string"});
                let mut required = schema["required"].as_array().cloned().unwrap_or_default();
                required.push(json!("region"));
                schema["required"] = json!(required);
            },
            &[(MemberAdded, "CreateMcpServerClientRequest.region", BreakingForCallers)],
        ),
        (
            "a member becomes another type",
            |document| {
                *member(document, "McpServer", "skipConsentScreen") =
                    json!({"type": "string", "nullable": true})
            },
            &[(TypeChanged, "McpServer.skipConsentScreen", BreakingForCallers)],
        ),
        (
            "the items of a list become another type",
            |document| member(document, "McpServer", "tags")["items"] = json!({"type": "integer"}),
            &[(TypeChanged, "McpServer.tags[]", BreakingForCallers)],
        ),
        (
            "an optional member of a request is required",
            |document| {
                let schema = at(document, "/components/schemas/UpdateMcpServerClientRequest");
                let mut required = schema["required"].as_array().cloned().unwrap_or_default();
                required.push(json!("tags"));
                schema["required"] = json!(required);
            },
            &[(BecameRequired, "UpdateMcpServerClientRequest.tags", BreakingForCallers)],
        ),
        (
            "an operation is added",
            |document| {
                let mut load = operation(document, "load").clone();
                load["operationId"] = json!("CloneMcpServer");
                at(document, "/paths")["/v1/mgmt/mcp/server/clone"] = json!({"post": load});
            },
            &[(OperationAdded, "CloneMcpServer", Additive)],
        ),
        (
            "an operation is removed",
            |document| drop(take(document, "/paths", "/v1/mgmt/mcp/server/load")),
            &[(OperationRemoved, "LoadMcpServer", BreakingForCallers)],
        ),
        (
            "an operation gets another id",
            |document| operation(document, "load")["operationId"] = json!("FetchMcpServer"),
            &[(OperationRenamed, "LoadMcpServer", BreakingForCallers)],
        ),
        (
            "an operation gets another method",
            |document| {
                let load = take(document, "/paths/~1v1~1mgmt~1mcp~1server~1load", "post");
                at(document, "/paths/~1v1~1mgmt~1mcp~1server~1load")["put"] = load;
            },
            &[
                (OperationRemoved, "LoadMcpServer", BreakingForCallers),
                (OperationAdded, "LoadMcpServer", Additive),
            ],
        ),
        (
            "an operation is deprecated",
            |document| operation(document, "load")["deprecated"] = json!(true),
            &[(Deprecated, "LoadMcpServer", Documentation)],
        ),
        (
            "an answer gets another wrapper",
            |document| {
                let server = take(document, "/components/schemas/LoadMcpServerResponse/properties", "server");
                let schema = at(document, "/components/schemas/LoadMcpServerResponse");
                schema["properties"]["mcpServer"] = server;
                schema.as_object_mut().unwrap().remove("required");
            },
            &[
                // Required in ours, and not in Descope's.
                (MemberRemoved, "LoadMcpServerResponse.server", BreakingForDecoding),
                (MemberAdded, "LoadMcpServerResponse.mcpServer", Additive),
            ],
        ),
        (
            "the values of an answer are listed",
            |document| member(document, "McpServerClient", "status")["enum"] = json!(["active", "verified"]),
            &[(ValuesClosed, "McpServerClient.status", Additive)],
        ),
        (
            "the values of a request are listed",
            |document| {
                member(document, "SearchMcpServerClientsRequest", "status")["enum"] = json!(["active"]);
            },
            &[(ValuesClosed, "SearchMcpServerClientsRequest.status", BreakingForCallers)],
        ),
        (
            "a number gets another format",
            |document| member(document, "SearchMcpServerClientsResponse", "total")["format"] = json!("int64"),
            &[(FormatChanged, "SearchMcpServerClientsResponse.total", BreakingForDecoding)],
        ),
        (
            "a member of an answer may be null",
            |document| {
                let server = member(document, "LoadMcpServerResponse", "server").clone();
                *member(document, "LoadMcpServerResponse", "server") =
                    json!({"nullable": true, "allOf": [server]});
            },
            &[(BecameNullable, "LoadMcpServerResponse.server", BreakingForDecoding)],
        ),
        (
            "other credentials are wanted",
            |document| {
                at(document, "/components/securitySchemes")["other"] =
                    json!({"type": "apiKey", "in": "header", "name": "x-key"});
                operation(document, "load")["security"] = json!([{"other": []}]);
            },
            &[(SecurityChanged, "LoadMcpServer", BreakingForCallers)],
        ),
        (
            "a request is no JSON any more",
            |document| {
                let body = take(
                    document,
                    "/paths/~1v1~1mgmt~1mcp~1server~1load/post/requestBody/content",
                    "application/json",
                );
                operation(document, "load")["requestBody"]["content"]["application/x-www-form-urlencoded"] =
                    body;
            },
            &[(MediaTypeChanged, "LoadMcpServer request", BreakingForCallers)],
        ),
        (
            "a query parameter is demanded",
            |document| {
                operation(document, "load")["parameters"] = json!([
                    {"in": "query", "name": "region", "required": true, "schema": {"type": "string"}}]);
            },
            &[(MemberAdded, "LoadMcpServer query.region", BreakingForCallers)],
        ),
        (
            "a member of a request gets a limit",
            |document| member(document, "SearchMcpServerClientsRequest", "text")["maxLength"] = json!(5),
            &[(LimitsChanged, "SearchMcpServerClientsRequest.text", BreakingForCallers)],
        ),
        (
            "a record is closed",
            |document| at(document, "/components/schemas/McpServer")["additionalProperties"] = json!(false),
            &[(ObjectClosed, "McpServer", BreakingForCallers)],
        ),
        (
            "a response is added",
            |document| {
                operation(document, "load")["responses"]["409"] = json!({"description": "Not now."});
            },
            &[(ResponseAdded, "LoadMcpServer 409", Additive)],
        ),
        (
            "a schema gets another name",
            |document| rename_schema(document, "McpServer", "managementv2.Server"),
            &[(SchemaRenamed, "McpServer", Documentation)],
        ),
        (
            "an answer may be something else too",
            |document| {
                let logo = member(document, "McpServerClient", "logo").clone();
                *member(document, "McpServerClient", "logo") =
                    json!({"anyOf": [logo, {"type": "object"}], "nullable": true});
            },
            &[(AlternativeAdded, "McpServerClient.logo", BreakingForDecoding)],
        ),
        (
            "a reference leads nowhere",
            |document| {
                let reference = json!({"$ref": "#/components/schemas/Nobody"});
                *member(document, "LoadMcpServerResponse", "server") = reference;
            },
            &[(Unreadable, "LoadMcpServerResponse.server", BreakingForDecoding)],
        ),
    ]
}

#[test]
fn each_change_is_found_as_what_it_is_and_nothing_else_is() {
    let documents = documents();
    assert!(mutations().len() >= 20);
    for document in &documents {
        let before = node(&document.value);
        for (name, mutate, expected) in mutations() {
            let mut changed = document.value.clone();
            mutate(&mut changed);
            let found = found_in(&before, &changed, Options::default());
            // Whether a record's member may be null or must be there is not said by Descope; that part of a change
            // differs between the two.
            let told: Vec<_> = found
                .iter()
                .filter(|change| {
                    !matches!(change.kind, ChangeKind::LostNull | ChangeKind::BecameNullable)
                        || name.contains("null")
                })
                .collect();
            for (kind, at, class) in expected {
                let matching = told.iter().find(|change| change.kind == *kind && change.at == *at);
                let change = matching.unwrap_or_else(|| {
                    panic!("{name}, {}: no {kind:?} at {at} in {found:#?}", document.name)
                });
                let optional_there =
                    *class == Class::BreakingForDecoding && *kind == ChangeKind::MemberRemoved;
                assert!(
                    change.class() == *class || optional_there && change.class() == Class::BreakingForCallers,
                    "{name}, {}: {change:#?}",
                    document.name
                );
                assert!(!change.shows_in.is_empty());
            }
            assert_eq!(told.len(), expected.len(), "{name}, {}: {told:#?}", document.name);
        }
    }
}

#[test]
fn a_document_is_the_same_as_itself() {
    for document in documents() {
        assert_eq!(found(&document.value, &document.value, Options { versions: true }), []);
        // Also if a part of it cannot be read.
        let mut torn = document.value.clone();
        operation(&mut torn, "load")["requestBody"] = json!({"$ref": "#/components/requestBodies/None"});
        operation(&mut torn, "load")["responses"]["200"] = json!({"$ref": "#/components/responses/None"});
        assert_eq!(found(&torn, &torn, Options { versions: true }), []);
        assert!(!found(&document.value, &torn, Options::default()).is_empty());
    }
}

#[test]
fn texts_are_compared_between_versions_of_one_document_only() {
    let documents = documents();
    let before = &documents[0].value;
    let mut after = before.clone();
    operation(&mut after, "load")["summary"] = json!("Fetch a server");
    member(&mut after, "McpServer", "logo")["description"] = json!("A picture.");
    assert_eq!(found(before, &after, Options::default()), []);
    let texts = found(before, &after, Options { versions: true });
    let places: Vec<_> = texts.iter().map(|change| change.at.as_str()).collect();
    assert_eq!(places, ["LoadMcpServer", "McpServer.logo"]);
    assert!(texts.iter().all(|change| change.class() == Class::Documentation));
}

#[test]
fn a_version_of_openapi_3_1_that_says_the_same_is_the_same() {
    let documents = documents();
    let before = &documents[0].value;
    let mut after = before.clone();
    after["openapi"] = json!("3.1.0");
    *member(&mut after, "McpServer", "logo") = json!({"type": ["string", "null"]});
    let sessions = json!({"anyOf": [{"$ref": "#/components/schemas/SessionSettings"}, {"type": "null"}]});
    *member(&mut after, "McpServer", "sessionSettings") = sessions;
    assert_eq!(found(before, &after, Options::default()), []);
}

#[test]
fn the_next_version_follows_the_worst_change() {
    let documents = documents();
    let before = &documents[0].value;
    let next = |mutate: Mutation, current: &str| {
        let mut after = before.clone();
        mutate(&mut after);
        let changes = found(before, &after, Options { versions: true });
        next_version(&Version::parse(current).unwrap(), &changes).to_string()
    };
    let text: Mutation = |document| operation(document, "load")["summary"] = json!("Fetch a server");
    let addition: Mutation = |document| {
        at(document, "/components/schemas/McpServer/properties")["region"] =
            json!({"type": "string", "nullable": true});
    };
    let removal: Mutation = |document| {
        drop(take(document, "/components/schemas/McpServer/properties", "logo"));
    };
    let optional: Mutation = |document| {
        drop(take(document, "/components/schemas/CreateMcpServerRequest", "required"));
    };
    assert_eq!(next(|_| {}, "0.3.4"), "0.3.4");
    assert_eq!([next(text, "0.3.4"), next(text, "1.3.4")], ["0.3.5", "1.3.5"]);
    assert_eq!([next(addition, "0.3.4"), next(addition, "1.3.4")], ["0.3.5", "1.4.0"]);
    assert_eq!([next(removal, "0.3.4"), next(removal, "1.3.4")], ["0.4.0", "2.0.0"]);
    assert_eq!(next(optional, "1.3.4"), "2.0.0", "the member gets another type");
}

/// A small document whose one member is this schema, sent and answered.
fn around(schema: &Value) -> Value {
    let body = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}});
    json!({
        "openapi": "3.1.0",
        "paths": {"/v1/a/b": {"post": {"operationId": "B", "requestBody": body, "responses": {"200": body}}}},
        "components": {"schemas": {
            "Body": {"type": "object", "properties": {"member": schema}},
            "Text": {"type": "string"},
            "Record": {"type": "object", "properties": {"id": {"type": "string"}}},
        }},
    })
}

fn between(one: &Value, other: &Value) -> Vec<(ChangeKind, Class)> {
    let changes = found(&around(one), &around(other), Options::default());
    changes.iter().map(|change| (change.kind, change.class())).collect()
}

#[test]
fn what_says_the_same_in_other_words_is_the_same() {
    let record = json!({"$ref": "#/components/schemas/Record"});
    for (one, other) in [
        (
            json!({"$ref": "#/components/schemas/Text"}),
            json!({"allOf": [{"$ref": "#/components/schemas/Text"}, {"description": "x"}]}),
        ),
        (json!({"type": "string", "nullable": true}), json!({"type": ["null", "string"]})),
        (
            json!({"type": "string", "nullable": true}),
            json!({"anyOf": [{"type": "string"}, {"type": ["null"]}]}),
        ),
        (json!({"const": "a"}), json!({"enum": ["a"]})),
        (json!({"oneOf": [record, {"type": "string"}]}), json!({"anyOf": [{"type": "string"}, record]})),
        (
            json!({"oneOf": [{"oneOf": [record, {"type": "string"}]}, {"type": "boolean"}]}),
            json!({"oneOf": [record, {"type": "string"}, {"type": "boolean"}]}),
        ),
        (json!({"type": ["string", "integer"]}), json!({"type": ["integer", "string"]})),
        (json!({"type": "object", "additionalProperties": {}}), json!({"type": "object"})),
    ] {
        assert_eq!(between(&one, &other), [], "{one} and {other}");
    }
}

#[test]
fn nothing_hides_behind_a_composition() {
    use ChangeKind::*;
    use Class::*;
    let record = json!({"$ref": "#/components/schemas/Record"});
    let beside = |properties: Value| json!({"type": "object", "properties": properties, "anyOf": [{"required": ["id"]}, record]});
    for (one, other, kind, class) in [
        (
            beside(json!({"id": {"type": "string"}, "name": {"type": "string"}})),
            beside(json!({"id": {"type": "string"}})),
            MemberRemoved,
            BreakingForCallers,
        ),
        (
            json!({"allOf": [record]}),
            json!({"allOf": [record], "required": ["id"]}),
            BecameRequired,
            BreakingForCallers,
        ),
        (
            json!({"allOf": [record]}),
            json!({"allOf": [record], "additionalProperties": false}),
            ObjectClosed,
            BreakingForCallers,
        ),
        (
            json!({"allOf": [{"type": "array", "items": {"type": "string"}}, {"description": "x"}]}),
            json!({"type": "array", "items": {"type": "integer"}}),
            TypeChanged,
            BreakingForCallers,
        ),
        (
            json!({"type": "array", "items": {"type": "string"}}),
            json!({"type": "array"}),
            TypeChanged,
            BreakingForCallers,
        ),
        (json!({"const": "a"}), json!({"const": "b"}), ValueAdded, BreakingForDecoding),
        (
            json!({"type": ["string", "null"], "enum": ["a", null]}),
            json!({"type": ["string", "null"], "enum": ["a"]}),
            LostNull,
            BreakingForCallers,
        ),
        (record.clone(), json!({"allOf": [record], "deprecated": true}), Deprecated, Documentation),
    ] {
        let changes = between(&one, &other);
        assert!(changes.contains(&(kind, class)), "{kind:?} not in {changes:?} for {one} and {other}");
    }
}

#[test]
fn schemas_that_would_take_for_ever_or_have_no_end_are_said_to_be_unreadable() {
    let mut doubled = around(&json!({"$ref": "#/components/schemas/L0"}));
    for level in 0..30 {
        let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
        doubled["components"]["schemas"][format!("L{level}")] = json!({"allOf": [next, next]});
    }
    doubled["components"]["schemas"]["L30"] = json!({"type": "object"});
    let mut circular = around(&json!({"$ref": "#/components/schemas/A"}));
    circular["components"]["schemas"]["A"] = json!({"allOf": [{"$ref": "#/components/schemas/B"}]});
    circular["components"]["schemas"]["B"] = json!({"oneOf": [{"$ref": "#/components/schemas/A"}]});
    let mut list = around(&json!({"$ref": "#/components/x/A"}));
    list["components"]["x"] = json!({"A": {"type": "array", "items": {"$ref": "#/components/x/A"}}});
    let mut nested = around(&json!({"$ref": "#/components/schemas/N0"}));
    for level in 0..3000 {
        let next = json!({"$ref": format!("#/components/schemas/N{}", level + 1)});
        nested["components"]["schemas"][format!("N{level}")] =
            json!({"type": "object", "properties": {"n": next}});
    }
    let plain = around(&json!({"type": "string"}));
    for document in [&doubled, &circular, &list, &nested] {
        found(document, document, Options { versions: true });
        let changes = found(&plain, document, Options::default());
        assert!(!changes.is_empty());
        let mut without = plain.clone();
        without["components"]["schemas"]["Body"]["properties"] = json!({});
        let added = found(&without, document, Options::default());
        let (after, before) = (node(document), node(&without));
        let suggested = suggestions(&Place::root(&after), &added, &Place::root(&before));
        assert!(suggested.contains("member:"), "{suggested}");
    }
}

#[test]
fn between_versions_of_one_document_every_operation_and_rule_counts() {
    let documents = documents();
    let before = &documents[0].value;
    let mut after = before.clone();
    let load = operation(&mut after, "load").clone();
    at(&mut after, "/paths")["/v1/elsewhere"] = json!({"post": load});
    operation(&mut after, "load")["x-idempotent"] = json!(false);
    at(&mut after, "/components/schemas/McpServer")["description"] = json!("Another sentence.");
    rename_schema(&mut after, "Scope", "Permission");
    let kinds = |options| {
        let mut kinds: Vec<_> = found(before, &after, options).iter().map(|change| change.kind).collect();
        kinds.dedup();
        kinds
    };
    use ChangeKind::*;
    assert_eq!(kinds(Options { versions: true }), [OperationAdded, RuleChanged, TypeRenamed, TextChanged]);
    assert_eq!(kinds(Options::default()), [SchemaRenamed]);
}
