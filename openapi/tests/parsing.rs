//! Which texts become a document, how operations are found in it, and what is said about the others.

use descope_mcp_openapi::{Document, ParseError};
use serde_json::json;

/// A small document of another kind than ours: path parameters, GET without a body, a shared response.
const SMALL: &str = r##"
openapi: 3.0.3
info: {title: small, version: "7"}
paths:
  /things/{id}:
    get:
      operationId: LoadThing
      summary: Load a thing
      description: Reads it.
      responses:
        default: {$ref: '#/components/responses/Thing'}
  /things/all:
    get:
      operationId: LoadThings
      summary: Load all
      description: Reads all.
      responses:
        '200':
          description: All.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}
components:
  responses:
    Thing:
      description: It.
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Thing'}
  schemas:
    Thing:
      type: object
      required: [id]
      properties:
        id: {type: string}
        parent: {$ref: '#/components/schemas/Thing'}
"##;

fn problem_of(text: &str) -> (String, String) {
    match Document::parse(text).expect_err("the text is refused") {
        ParseError::Unusable { pointer, problem } => (pointer, problem),
        other => panic!("{other}"),
    }
}

#[test]
fn the_text_of_the_management_document_parses() {
    let document = Document::parse(descope_mcp_openapi::MANAGEMENT_YAML).unwrap();
    assert_eq!(document.operations().len(), Document::management().operations().len());
    assert_eq!(document.version(), "2026-08-03");
}

#[test]
fn finds_operations_by_id_and_by_path() {
    let document = Document::management();
    let update = document.operation("UpdateMcpServer").unwrap();
    assert_eq!(update.method, "POST");
    let found = document.operation_by_path("post", "/v1/mgmt/mcp/server/update").unwrap();
    assert_eq!(found.id, "UpdateMcpServer");
    assert!(document.operation_by_path("GET", "/v1/mgmt/mcp/server/update").is_none());
    assert!(document.has_path("/v1/mgmt/mcp/server/update"));
    assert!(!document.has_path("/v1/mgmt/mcp/server/update/"));
    assert!(document.operation("updateMcpServer").is_none());
}

#[test]
fn a_second_document_works_the_same_way() {
    let document = Document::parse(SMALL).unwrap();
    let id = |path| document.operation_by_path("GET", path).map(|operation| operation.id.as_str());
    assert_eq!(id("/things/all"), Some("LoadThings"), "a literal path wins over a parameter");
    assert_eq!(id("/things/x1"), Some("LoadThing"));
    assert_eq!(id("/things/"), None);
    assert_eq!(id("/things/x1/y"), None);

    assert_eq!(document.validate_response("LoadThing", 418, &json!({"id": "x", "parent": {"id": "y"}})), []);
    let violations = document.validate_response("LoadThing", 200, &json!({"id": "x", "parent": {}}));
    assert_eq!(violations[0].message, "parent.id is required");
    let violations = document.validate_response("LoadThings", 200, &json!([{"id": "x"}, {}]));
    assert_eq!(violations[0].pointer, "/1/id");
    assert_eq!(document.validate_request("LoadThing", &json!(null)), [], "it takes no body");
    assert_eq!(
        document.operation("LoadThings").unwrap().response_schema(200),
        None,
        "the schema has no name"
    );
}

#[test]
fn text_that_is_no_yaml_is_refused_with_its_place() {
    let message = Document::parse("openapi: 3.0.3\npaths: [\n").unwrap_err().to_string();
    assert!(message.starts_with("the text is not YAML: "), "{message}");
    assert!(message.contains("line 2 column 8") && !message.contains('\n'), "{message}");
}

#[test]
fn other_versions_are_refused() {
    for text in ["openapi: 3.1.0", "swagger: '2.0'", "[]", "just text", ""] {
        assert_eq!(problem_of(text).0, "/openapi", "{text}");
    }
}

#[test]
fn every_missing_text_of_an_operation_is_refused_with_its_place() {
    for (fact, at) in [
        ("      operationId: LoadThing\n", "`operationId`"),
        ("      summary: Load a thing\n", "`summary`"),
        ("      description: Reads it.\n", "`description`"),
    ] {
        let (pointer, problem) = problem_of(&SMALL.replacen(fact, "", 1));
        assert_eq!(pointer, "/paths/~1things~1{id}/get");
        assert!(problem.contains(at), "{problem}");
    }
}

#[test]
fn two_operations_with_one_id_are_refused() {
    let (pointer, problem) = problem_of(&SMALL.replace("operationId: LoadThings", "operationId: LoadThing"));
    assert!(pointer.starts_with("/paths/~1things"), "{pointer}");
    assert!(problem.contains("`LoadThing`"), "{problem}");
}

#[test]
fn references_that_lead_nowhere_or_in_a_circle_are_refused() {
    let dangling = SMALL.replace("responses/Thing'", "responses/Nothing'");
    assert!(problem_of(&dangling).1.contains("leads to nothing"));
    let dangling = SMALL.replace("parent: {$ref: '#/components/schemas/Thing'}", "parent: {$ref: '#/x'}");
    assert_eq!(problem_of(&dangling).0, "/components/schemas/Thing/properties/parent");
    let remote = SMALL.replace("items: {$ref: '#/", "items: {$ref: 'https://example.com/x.yaml#/");
    assert!(Document::parse(&remote).is_err());
    let circle = SMALL
        .replace("        id: {type: string}\n", "        id: {allOf: [{$ref: '#/components/schemas/A'}]}\n")
        + "    A:\n      allOf: [{$ref: '#/components/schemas/A'}]\n";
    assert!(problem_of(&circle).1.contains("break the cycle"));
}

#[test]
fn a_schema_that_makes_no_sense_is_refused() {
    let (pointer, problem) = problem_of(&SMALL.replace("required: [id]", "required: id"));
    assert!(pointer.starts_with('/'), "{pointer}");
    assert!(problem.contains("schema"), "{problem}");
}
