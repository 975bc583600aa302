//! Every mistake that the generator underneath would panic on, or pass over in silence, is refused in words, at its
//! line, with its cure.

use descope_mcp_codegen::{Errors, Finding, generate};

const SMALL: &str = include_str!("fixtures/small.yaml");
const NAME: &str = "small.yaml";

/// The small document with one text replaced, once.
fn edited(before: &str, after: &str) -> String {
    assert!(SMALL.contains(before), "the fixture has no {before:?}");
    SMALL.replacen(before, after, 1)
}

fn refused(text: &str) -> Errors {
    generate(text, NAME).expect_err("the document should be refused")
}

/// The one finding that `message` occurs in; fails if there is none.
fn finding(errors: &Errors, message: &str) -> Finding {
    let found = errors.findings().iter().find(|finding| finding.message.contains(message));
    found.unwrap_or_else(|| panic!("no finding says {message:?} in\n{errors}")).clone()
}

/// Line, counted from 1, of the first line that contains the text.
fn line_of(text: &str, part: &str) -> u64 {
    let index = text.lines().position(|line| line.contains(part)).expect("the text is there");
    index as u64 + 1
}

/// Replaces one text and expects one finding with this message, pointer and, by a text in it, line. A finding about
/// an element stands on the line of its key.
fn expect(before: &str, after: &str, message: &str, pointer: &str, at: &str) {
    let text = edited(before, after);
    let errors = refused(&text);
    let finding = finding(&errors, message);
    assert_eq!(finding.pointer, pointer, "{finding}");
    assert_eq!(finding.line, Some(line_of(&text, at)), "{finding}");
    assert!(finding.column.is_some() && !finding.cure.is_empty(), "{finding}");
}

const CREATE: &str = "/paths/~1v1~1mgmt~1thing~1create/post";
const SEARCH: &str = "/paths/~1v1~1mgmt~1thing~1search/post";

#[test]
fn the_fixture_itself_passes() {
    generate(SMALL, NAME).unwrap();
}

#[test]
fn refuses_a_default_response_beside_200_with_another_schema() {
    expect(
        "        '4XX':\n",
        "        default:\n",
        "success responses of one operation must carry the same",
        &format!("{CREATE}/responses/default"),
        "        default:",
    );
}

#[test]
fn refuses_error_responses_with_different_schemas() {
    let before = "          description: Broken.\n          content:\n            application/json:\n              schema:\n                $ref: '#/components/schemas/Error'";
    for (after, other) in [
        (before.replace("schemas/Error", "schemas/Thing"), "schema Thing"),
        ("          description: Broken.".to_owned(), "no body"),
        (before.replace("application/json", "text/html"), "not JSON"),
    ] {
        let errors = refused(&edited(before, &after));
        let finding = finding(&errors, "error responses of one operation must carry the same");
        assert!(finding.message.contains(other), "{finding}");
        assert_eq!(finding.pointer, format!("{CREATE}/responses/5XX"));
    }
}

#[test]
fn refuses_fields_of_one_name_that_parts_of_a_composition_give() {
    let part = |member: &str| format!("{{type: object, properties: {{{member}: {{type: string}}}}}}");
    let text = format!("{SMALL}    Both: {{allOf: [{}, {}]}}\n", part("a-b"), part("a_b"));
    let errors = refused(&text);
    let found = finding(&errors, "two fields of Both are called a_b");
    assert_eq!(found.pointer, "/components/schemas/Both");
    assert_eq!(found.line, Some(line_of(&text, "    Both:")));
}

#[test]
fn refuses_path_items_and_operations_that_stand_elsewhere() {
    for (reference, message) in [
        ("'other.yaml#/a'", "leads out of this document"),
        ("'#/paths/~1nowhere'", "leads nowhere, or back to itself"),
        ("'#/paths/~1v1~1mgmt~1thing~1create'", "by reference are not supported"),
    ] {
        let path = edited("paths:\n", &format!("paths:\n  /other: {{$ref: {reference}}}\n"));
        assert_eq!(finding(&refused(&path), message).pointer, "/paths/~1other/$ref");
        let operation = edited("paths:\n", &format!("paths:\n  /other: {{get: {{$ref: {reference}}}}}\n"));
        let errors = refused(&operation);
        assert_eq!(finding(&errors, message).pointer, "/paths/~1other/get/$ref");
        assert_eq!(errors.findings().len(), 1, "{errors}");
    }
}

#[test]
fn refuses_operations_with_an_address_of_their_own() {
    let text = edited("      tags: [Things]\n", "      servers: [{url: 'https://upload.example.com'}]\n");
    assert_eq!(finding(&refused(&text), "https://upload.example.com").pointer, format!("{CREATE}/servers"));
}

#[test]
fn refuses_methods_that_the_http_client_cannot_send() {
    for method in ["trace", "options"] {
        let text = edited(
            "  /v1/mgmt/thing/search:\n    post:",
            &format!("  /v1/mgmt/thing/search:\n    {method}:"),
        );
        let errors = refused(&text);
        let finding = finding(&errors, "the generated code cannot send");
        assert_eq!(finding.pointer, format!("/paths/~1v1~1mgmt~1thing~1search/{method}"));
    }
}

#[test]
fn refuses_a_body_that_is_nothing_but_a_secret() {
    let body = "          application/json:\n            schema:\n              $ref: '#/components/schemas/CreateThingRequest'\n";
    for schema in [
        "{$ref: '#/components/schemas/SecretText'}",
        "{type: array, items: {type: string, format: password}}",
        "{oneOf: [{additionalProperties: {type: string, format: password}}]}",
        "{anyOf: [{type: array, items: {anyOf: [{type: string, format: password}]}}]}",
        "{oneOf: [{type: string, format: password}]}",
    ] {
        let text = edited(body, &format!("          application/json:\n            schema: {schema}\n"));
        finding(&refused(&text), "nothing but a secret");
    }
}

#[test]
fn refuses_parameters_that_have_no_text() {
    for (parameter, message) in [
        ("{name: a, in: header, schema: {type: array, items: {type: string}}}", "must be a plain value"),
        ("{name: a, in: header, schema: {type: string, nullable: true}}", "cannot be null"),
        ("{name: a, in: query, schema: {type: string, format: password}}", "cannot be a secret"),
        (
            "{name: a, in: query, schema: {additionalProperties: {type: string, format: password}}}",
            "cannot be a secret",
        ),
        ("{name: Body, in: query, schema: {type: string}}", "gives an argument 'body'"),
    ] {
        let errors =
            refused(&edited("      tags: [Things]\n", &format!("      parameters: [{parameter}]\n")));
        assert!(finding(&errors, message).pointer.starts_with(&format!("{CREATE}/parameters/0")), "{errors}");
    }
}

#[test]
fn refuses_a_missing_operation_id() {
    let text = edited("      operationId: SearchThings\n", "");
    let errors = refused(&text);
    let finding = finding(&errors, "POST /v1/mgmt/thing/search has no operationId");
    assert_eq!(finding.pointer, SEARCH);
    // On `post:`, the line below the path.
    assert_eq!(finding.line, Some(line_of(&text, "  /v1/mgmt/thing/search:") + 1));
}

#[test]
fn refuses_two_operations_with_one_id_or_one_method_name() {
    let line = line_of(SMALL, "operationId: SearchThings");
    for (id, message) in [
        ("CreateThing", "operationId 'CreateThing' is also the one of /v1/mgmt/thing/create"),
        ("createThing", "give the same method name"),
        ("create_thing", "give the same method name"),
    ] {
        let errors = refused(&edited("operationId: SearchThings", &format!("operationId: {id}")));
        let finding = finding(&errors, message);
        assert_eq!((finding.pointer, finding.line), (format!("{SEARCH}/operationId"), Some(line)));
    }
}

#[test]
fn refuses_an_operation_id_that_hides_a_method_of_the_client() {
    expect(
        "operationId: SearchThings",
        "operationId: exec",
        "a method that the client has already",
        &format!("{SEARCH}/operationId"),
        "operationId: exec",
    );
}

#[test]
fn refuses_references_that_cannot_be_followed() {
    let reference = "$ref: '#/components/schemas/SearchThingsResponse'";
    let pointer = format!("{SEARCH}/responses/200/content/application~1json/schema/$ref");
    for (target, message) in [
        ("'#/components/schemas/Missing'", "leads nowhere"),
        ("'other.yaml#/Thing'", "leads out of this document"),
        ("'#/components/schemas/Thing/properties/id'", "does not name an element of components/schemas"),
        ("'#/components/responses/Thing'", "does not name an element of components/schemas"),
        ("7", "$ref is not a string"),
    ] {
        expect(reference, &format!("$ref: {target}"), message, &pointer, &format!("$ref: {target}"));
    }
}

#[test]
fn refuses_references_and_compositions_that_lead_back_to_themselves() {
    let text = format!(
        "{SMALL}    A: {{$ref: '#/components/schemas/B'}}\n    B: {{$ref: '#/components/schemas/A'}}\n"
    );
    finding(&refused(&text), "leads back to itself");
    let text = format!(
        "{SMALL}    A: {{allOf: [{{$ref: '#/components/schemas/B'}}]}}\n    B: {{allOf: [{{$ref: '#/components/schemas/A'}}]}}\n"
    );
    finding(&refused(&text), "contains itself through allOf");
}

#[test]
fn refuses_members_beside_a_reference_that_would_be_ignored() {
    expect(
        "        maybeSettings: {$ref: '#/components/schemas/Settings'}",
        "        maybeSettings: {$ref: '#/components/schemas/Settings', nullable: true}",
        "`nullable` beside $ref has no effect",
        "/components/schemas/Thing/properties/maybeSettings/nullable",
        "maybeSettings",
    );
}

#[test]
fn refuses_unsupported_versions() {
    expect("openapi: 3.0.3", "openapi: 3.1.0", "version '3.1.0' is not supported", "/openapi", "openapi:");
    expect("openapi: 3.0.3", "openapi: 3", "not a string", "/openapi", "openapi:");
    finding(&refused(&edited("openapi: 3.0.3", "swagger: '2.0'")), "a Swagger 2 document");
}

#[test]
fn refuses_text_that_is_not_yaml_at_its_line_and_column() {
    let text = edited("      tags: [Things]", "      tags: [Things");
    let errors = refused(&text);
    let [finding] = errors.findings() else { panic!("{errors}") };
    assert!(finding.message.starts_with("not readable as YAML"), "{finding}");
    assert!(finding.line.is_some_and(|line| line >= line_of(&text, "tags: [Things")), "{finding}");
    assert!(finding.column.is_some(), "{finding}");
    assert!(!finding.message.contains('\n'), "{finding}");
}

#[test]
fn refuses_a_key_that_occurs_twice() {
    let errors = refused(&edited("  title: Small", "  title: Small\n  title: Twice"));
    let [finding] = errors.findings() else { panic!("{errors}") };
    assert_eq!(finding.line, Some(4), "{finding}");
}

#[test]
fn refuses_documents_that_grow_or_nest_without_end() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{items}]\n");
    }
    refused(&bomb);
    refused(&"[".repeat(100_000));
    refused(&"{a: ".repeat(100_000));
}

#[test]
fn refuses_what_is_no_document_at_all() {
    for text in [
        "",
        "~",
        "7",
        "[]",
        "{}",
        "openapi: 3.0.3",
        "\u{0}",
        "openapi: 3.0.3\npaths: []\ninfo: 1\ncomponents: 2",
    ] {
        refused(text);
    }
}

#[test]
fn refuses_bodies_that_cannot_be_sent() {
    let body = "          application/json:\n            schema:\n              $ref: '#/components/schemas/CreateThingRequest'\n";
    let content = "/requestBody/content";
    for (after, message, pointer) in [
        (
            body.replace("application/json", "application/xml"),
            "not supported",
            format!("{content}/application~1xml"),
        ),
        (
            format!("{body}          text/plain:\n            schema: {{type: string}}\n"),
            "2 media types",
            content.to_owned(),
        ),
        (
            "          application/json: {}\n".to_owned(),
            "has no schema",
            format!("{content}/application~1json"),
        ),
    ] {
        let text = edited(&format!("{body}            example: {{name: a}}\n"), &after);
        let errors = refused(&text);
        assert_eq!(finding(&errors, message).pointer, format!("{CREATE}{pointer}"));
    }
}

#[test]
fn refuses_a_json_response_without_a_schema() {
    expect(
        "            application/json:\n              schema:\n                $ref: '#/components/schemas/CreateThingResponse'",
        "            application/json: {x-probe: 1}",
        "a JSON response without a schema",
        &format!("{CREATE}/responses/200/content/application~1json"),
        "x-probe",
    );
}

#[test]
fn refuses_status_codes_that_do_not_exist() {
    for status in ["6XX", "20", "2000", "ok"] {
        let errors = refused(&edited("'200'", &format!("'{status}'")));
        finding(&errors, &format!("'{status}' is not a status code"));
    }
}

#[test]
fn refuses_an_operation_that_hands_the_connection_over() {
    let finding_of = |text: &str| finding(&refused(text), "hands the connection over").pointer.clone();
    let pointer = finding_of(&edited("'200'", "'101'"));
    assert!(pointer.ends_with("/responses/101"), "{pointer}");
    finding_of(&edited(
        "      responses:\n",
        "      responses:\n        '101': {description: Now another protocol.}\n",
    ));
}

#[test]
fn refuses_parameters_that_cannot_be_sent() {
    let before = "      tags: [Things]\n";
    for (parameter, message) in [
        ("{name: a, in: cookie, schema: {type: string}}", "cookie parameters"),
        ("{name: a, in: path, required: true, schema: {type: string}}", "does not occur in"),
        ("{name: a, in: path, schema: {type: string}}", "must be required"),
        ("{name: a, in: query, style: deepObject, schema: {type: string}}", "style is not supported"),
        ("{name: a, in: query, content: {application/json: {}}}", "parameters with `content`"),
        (
            "{name: a, in: query, explode: false, schema: {type: array, items: {type: string}}}",
            "a list or record in one piece",
        ),
        ("{name: a, in: query}", "has no schema"),
        ("{in: query, schema: {type: string}}", "has no name"),
        ("{$ref: '#/components/parameters/None'}", "leads nowhere"),
    ] {
        let errors = refused(&edited(before, &format!("      parameters: [{parameter}]\n")));
        assert!(finding(&errors, message).pointer.starts_with(&format!("{CREATE}/parameters")), "{errors}");
    }
    finding(
        &refused(&edited("/v1/mgmt/thing/create", "/v1/mgmt/{thing}/create")),
        "no path parameter of that name",
    );
    finding(&refused(&edited("/v1/mgmt/thing/create", "/v1/mgmt/{thing/create")), "braces");
    finding(
        &refused(&edited("/v1/mgmt/thing/create", "v1/mgmt/thing/create")),
        "does not start with a slash",
    );
}

#[test]
fn refuses_schemas_of_newer_versions_and_misspelt_keywords() {
    let before = "        count: {type: integer, format: int32}";
    for (after, message) in [
        ("{type: [integer, 'null']}", "must be one string"),
        ("{type: 'null'}", "no type `null`"),
        ("{type: int}", "unknown type 'int'"),
        ("{const: 3}", "no keyword `const`"),
        ("{type: integer, exclusiveMinimum: 3}", "must be true or false in OpenAPI 3.0"),
        ("{type: integer, nulable: true}", "no keyword `nulable`"),
        ("{type: integer, nullable: 'yes'}", "`nullable` must be true or false"),
        ("{type: array}", "does not say what its items are"),
        ("{not: {type: string}}", "`not` cannot be turned into a Rust type"),
        ("{oneOf: []}", "must list at least one schema"),
        ("{type: string, enum: []}", "`enum` lists no value"),
        ("true", "a schema must be an object"),
        ("{type: object, required: [a]}", "`required` names 'a'"),
        ("{type: object, required: true}", "must be a list of member names"),
        ("{x-basis: guessed}", "`x-basis` has an unknown value"),
    ] {
        let errors = refused(&edited(before, &format!("        count: {after}")));
        let finding = finding(&errors, message);
        assert!(finding.pointer.starts_with("/components/schemas/Thing/properties/count"), "{finding}");
    }
}

#[test]
fn refuses_names_that_become_one_rust_name() {
    let text = format!("{SMALL}    thing: {{type: object, properties: {{a: {{type: string}}}}}}\n");
    finding(&refused(&text), "two schemas give a type named Thing");
    let errors = refused(&edited(
        "        flag: {type",
        "        login_page_url: {type: string}\n        flag: {type",
    ));
    finding(&errors, "members 'loginPageURL' and 'login_page_url' give the same field name");
    for inside in
        ["additionalProperties: {PART}", "oneOf: [PART, {type: string}]", "type: array, items: PART"]
    {
        let part = "{type: object, properties: {a-b: {type: string}, a_b: {type: string}}}";
        let inside = inside.replace("{PART}", part).replace("PART", part);
        let errors = refused(&format!("{SMALL}    Inside: {{{inside}}}\n"));
        finding(&errors, "members 'a-b' and 'a_b' give the same field name");
    }
}

#[test]
fn refuses_x_keys_that_say_nothing() {
    for (before, after, message) in [
        ("x-access: write", "x-access: wirte", "`x-access` has an unknown value"),
        ("x-idempotent: false", "x-idempotent: no way", "`x-idempotent` must be true or false"),
        ("x-idempotent: false", "x-replaces: LoadThing", "names no operation of this document"),
        ("items: things, page: page", "items: stuff, page: page", "names a member for `items`"),
        ("page: page, limit: limit, ", "page: page, ", "`x-paginated` lacks `limit`"),
        ("total: total}", "total: total, cursor: c}", "has no key 'cursor'"),
    ] {
        finding(&refused(&edited(before, after)), message);
    }
}

#[test]
fn lists_all_problems_of_a_document_in_the_order_of_its_lines() {
    let text = SMALL
        .replacen("openapi: 3.0.3", "openapi: 3.1.0", 1)
        .replacen("x-access: write", "x-access: maybe", 1)
        .replacen("      operationId: SearchThings\n", "", 1)
        .replacen("schemas/Settings'", "schemas/Setings'", 3);
    let errors = refused(&text);
    let lines: Vec<_> = errors.findings().iter().map(|finding| finding.line.unwrap()).collect();
    assert_eq!(lines.len(), 6, "{errors}");
    assert!(lines.is_sorted(), "{errors}");
    assert!(
        errors
            .to_string()
            .starts_with("small.yaml:1:1: /openapi: OpenAPI version '3.1.0' is not supported\n  hint: ")
    );
}

#[test]
fn reads_json_as_well() {
    let json = r#"{"openapi": "3.0.0", "info": {"title": "J", "version": "1"}, "paths": {"/a": {"get": {
        "operationId": "A", "responses": {"200": {"description": "Nothing."}}}}}}"#;
    assert_eq!(generate(json, "j.json").unwrap().len(), 4);
}

#[test]
fn contains_panics_of_the_generator_and_names_the_element() {
    let schema = "    Both: {properties: {a: {type: string}}, items: {type: string}}\n";
    let text = format!("{SMALL}{schema}");
    let errors = refused(&text);
    let [finding] = errors.findings() else { panic!("{errors}") };
    assert_eq!(finding.pointer, "/components/schemas/Both");
    assert_eq!(finding.line, Some(line_of(&text, "    Both:")));
    assert!(finding.message.starts_with("the generator panicked: "), "{finding}");

    let parameter = "      parameters: [{name: a, in: query, schema: {properties: {a: {type: string}}, items: {type: string}}}]\n";
    let errors = refused(&edited("      tags: [Things]\n", parameter));
    let [finding] = errors.findings() else { panic!("{errors}") };
    assert_eq!(finding.pointer, CREATE, "{finding}");
}
