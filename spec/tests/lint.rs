//! Every convention, broken once: each breach is found, at its place, and all of them in one run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use descope_mcp_openapi::{AUTHORIZATION_SERVER_YAML, MANAGEMENT_YAML};
use descope_mcp_spec::lint::{Conventions, lint};
use descope_mcp_spec::{Finding, Place, parse};
use serde_json::{Value, json};

const LOAD: &str = "/paths/~1v1~1mgmt~1mcp~1server~1load/post";
const SERVER: &str = "/components/schemas/McpServer";

fn findings(document: &Value) -> Vec<Finding> {
    // JSON is YAML, so what is checked is a document like any other.
    match lint(&document.to_string(), "spec.json", Conventions::Management, None) {
        Ok(()) => Vec::new(),
        Err(errors) => errors.findings().to_vec(),
    }
}

fn ours() -> Value {
    parse(MANAGEMENT_YAML, "ours").unwrap().to_json()
}

fn at<'v>(document: &'v mut Value, pointer: &str) -> &'v mut Value {
    document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there"))
}

fn without(document: &mut Value, pointer: &str, key: &str) {
    at(document, pointer).as_object_mut().unwrap().remove(key).unwrap();
}

#[test]
fn our_documents_keep_to_their_conventions() {
    lint(MANAGEMENT_YAML, "descope-mcp.yaml", Conventions::Management, None).unwrap();
    let conventions = Conventions::AuthorizationServer;
    lint(AUTHORIZATION_SERVER_YAML, "authorization-server.yaml", conventions, None).unwrap();
}

#[test]
fn each_convention_has_a_finding_with_its_place_and_a_cure() {
    type Breach = fn(&mut Value);
    let breaches: [(Breach, &str, &str); 34] = [
        (|d| without(d, LOAD, "summary"), LOAD, "`summary` is missing"),
        (|d| at(d, LOAD)["description"] = json!(" "), "/description", "`description` says nothing"),
        (|d| at(d, LOAD)["tags"] = json!(["Nothing"]), "/tags/0", "does not list this tag"),
        (|d| at(d, LOAD)["tags"] = json!([]), LOAD, "one tag"),
        (|d| at(d, LOAD)["x-access"] = json!("look"), "/x-access", "neither read nor write"),
        (|d| without(d, LOAD, "x-idempotent"), LOAD, "`x-idempotent` is neither"),
        (|d| without(d, LOAD, "x-basis"), LOAD, "`x-basis`"),
        (|d| without(d, LOAD, "x-source"), "/x-basis", "`x-source` is missing"),
        (
            |d| at(d, LOAD)["x-source"] = json!("fact/scope, hearsay"),
            "/x-source",
            "`hearsay` is no id of a fact",
        ),
        (|d| at(d, SERVER)["x-basis"] = json!("assumed"), "/x-source", "an assumption has no source"),
        (|d| at(d, SERVER)["x-basis"] = json!("sure"), "/x-basis", "not a basis"),
        (|d| without(d, LOAD, "requestBody"), LOAD, "without a `requestBody`"),
        (
            |d| without(d, &format!("{LOAD}/requestBody/content/application~1json"), "example"),
            "/requestBody",
            "no `example`",
        ),
        (
            |d| without(d, &format!("{LOAD}/responses/200/content/application~1json"), "example"),
            "/responses/200",
            "no `example`",
        ),
        (
            |d| at(d, &format!("{LOAD}/requestBody/content/application~1json/example"))["id"] = json!(7),
            "/example/id",
            "does not fit its schema",
        ),
        (
            |d| {
                at(d, &format!("{LOAD}/responses/200/content/application~1json/example/server"))["shade"] =
                    json!("red");
            },
            "/example",
            "has no member",
        ),
        (|d| without(d, SERVER, "description"), SERVER, "`description` is missing"),
        (
            |d| without(d, &format!("{SERVER}/properties/logo"), "description"),
            "/logo",
            "`description` is missing",
        ),
        (
            |d| at(d, &format!("{SERVER}/properties/logo"))["x-source"] = json!("fact/scope"),
            "/logo/x-source",
            "without `x-basis`",
        ),
        (|d| at(d, SERVER)["additionalProperties"] = json!(false), "/additionalProperties", "closed"),
        (|d| without(d, SERVER, "additionalProperties"), SERVER, "closed"),
        (|d| at(d, SERVER)["required"] = json!(["id", "nobody"]), "/required/1", "no member of it"),
        (
            |d| {
                at(d, &format!("{SERVER}/properties"))["sessionSettings"] =
                    json!({"$ref": "#/components/schemas/SessionSettings"})
            },
            "/sessionSettings/$ref",
            "bare `$ref`",
        ),
        (
            |d| at(d, &format!("{SERVER}/properties/logo"))["enum"] = json!(["a"]),
            "/logo/enum",
            "`enum` narrows",
        ),
        (
            |d| {
                without(
                    d,
                    "/components/schemas/GetMcpServerClientSecretResponse/properties/cleartext",
                    "format",
                )
            },
            "/cleartext",
            "by its name a secret",
        ),
        (
            |d| {
                at(d, "/components/schemas/GetMcpServerClientSecretResponse/properties/cleartext")["example"] =
                    json!("x");
            },
            "/cleartext/example",
            "no secret",
        ),
        (
            |d| {
                at(d, "/components/schemas")["Status"] =
                    json!({"type": "string", "description": "x", "x-basis": "assumed", "enum": ["a"]})
            },
            "/Status/enum",
            "`enum` narrows",
        ),
        (
            |d| at(d, &format!("{SERVER}/properties/tags/items"))["const"] = json!("a"),
            "/tags/items/const",
            "`const` narrows",
        ),
        (
            |d| {
                at(d, &format!("{SERVER}/properties/tags"))["items"] =
                    json!({"properties": {}, "additionalProperties": false})
            },
            "/tags/items/additionalProperties",
            "closed",
        ),
        (
            |d| {
                at(d, &format!("{LOAD}/responses/200/content/application~1json"))["schema"] =
                    json!({"type": "object"})
            },
            "/responses/200/content/application~1json/schema",
            "closed",
        ),
        (|d| without(d, &format!("{LOAD}/responses"), "200"), LOAD, "no answer of success"),
        (
            |d| at(d, &format!("{LOAD}/requestBody"))["content"] = json!({}),
            "/requestBody",
            "the request has no JSON",
        ),
        (|d| without(d, &format!("{SERVER}/properties/logo"), "nullable"), "/logo", "may not be null"),
        (
            |d| at(d, &format!("{SERVER}/properties/id"))["nullable"] = json!(true),
            "/id",
            "required, and may be null",
        ),
    ];
    for (breach, pointer, message) in breaches {
        let mut document = ours();
        breach(&mut document);
        let findings = findings(&document);
        let found = findings.iter().find(|finding| finding.message.contains(message));
        let finding = found.unwrap_or_else(|| panic!("no {message:?} in {findings:#?}"));
        assert!(finding.pointer.ends_with(pointer), "{finding}");
        assert!(finding.line.is_some() && finding.column.is_some() && !finding.cure.is_empty(), "{finding}");
    }
}

#[test]
fn alternatives_in_a_place_whose_name_is_taken_are_taken_by_lint_and_by_the_generator() {
    let mut document = ours();
    let described = |mut schema: Value| {
        schema["description"] = json!("Further settings.");
        schema["x-basis"] = json!("assumed");
        schema
    };
    at(&mut document, "/components/schemas")["McpServerExtras"] = described(json!({
        "type": "object",
        "additionalProperties": {},
        "properties": {"region": described(json!({"type": "string", "nullable": true}))},
    }));
    at(&mut document, &format!("{SERVER}/properties"))["extras"] = described(json!({
        "nullable": true,
        "anyOf": [{"$ref": "#/components/schemas/McpServerExtras"}, {"type": "string"}],
    }));
    assert_eq!(findings(&document), []);
    let files = descope_mcp_codegen::generate(&document.to_string(), "spec.json").unwrap();
    let types = &files.iter().find(|file| file.path == "types.rs").unwrap().contents;
    for expected in [
        "pub extras: ::std::option::Option<McpServerExtras2>",
        "pub struct McpServerExtras {",
        "pub enum McpServerExtras2 {",
        "(McpServerExtras),",
    ] {
        assert!(types.contains(expected), "{expected} in {types}");
    }
}

#[test]
fn all_breaches_are_found_in_one_run() {
    let mut document = ours();
    without(&mut document, LOAD, "summary");
    at(&mut document, SERVER)["additionalProperties"] = json!(false);
    at(&mut document, &format!("{SERVER}/properties"))["LOGO"] =
        json!({"type": "string", "nullable": true, "description": "Again."});
    let messages: Vec<_> = findings(&document).into_iter().map(|finding| finding.message).collect();
    for expected in ["`summary` is missing", "closed", "`LOGO` is spelled `logo` elsewhere"] {
        assert!(messages.iter().any(|message| message.contains(expected)), "{expected} in {messages:?}");
    }
}

#[test]
fn names_are_spelled_as_in_the_other_document() {
    let other =
        json!({"components": {"schemas": {"Any": {"properties": {"loginPageUrl": {"type": "string"}}}}}});
    let other = parse(&other.to_string(), "theirs").unwrap();
    let errors =
        lint(MANAGEMENT_YAML, "ours", Conventions::Management, Some(&Place::root(&other))).unwrap_err();
    assert!(errors.findings().iter().all(|finding| finding.pointer.ends_with("/loginPageURL")), "{errors}");
    assert!(errors.to_string().contains("write `loginPageUrl`"), "{errors}");
}

#[test]
fn what_is_no_document_is_one_finding() {
    for text in ["", "[", "paths: 7", "just a text", "openapi: 3.0.3\npaths: {}\n"] {
        let errors = lint(text, "spec.yaml", Conventions::Management, None).unwrap_err();
        assert_eq!(errors.findings().len(), 1, "{errors}");
    }
}
