//! What is not compared is found wherever it differs, with its place in both documents: nothing passes for the same only
//! because nobody has looked at it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use descope_mcp_spec::diff::{
    Change, ChangeKind, Class, Deviations, Options, Outcome, changes, markdown, text,
};
use descope_mcp_spec::{Place, next_version, parse};
use semver::Version;
use serde_json::{Value, json};

/// A small document whose one member is this schema, sent and answered.
fn around(schema: &Value) -> Value {
    let body = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}});
    let answer = json!({"description": "d", "content": body["content"]});
    json!({
        "openapi": "3.1.0",
        "paths": {"/v1/a/b": {"post": {
            "operationId": "B",
            "parameters": [{"name": "q", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}],
            "requestBody": body,
            "responses": {"200": answer},
            "security": [{"login": []}],
        }}},
        "components": {
            "schemas": {
                "Body": {"type": "object", "properties": {"member": schema}},
                "Text": {"type": "string"},
                "Record": {"type": "object", "properties": {"id": {"type": "string"}}},
            },
            "headers": {"Total": {"schema": {"type": "integer"}}},
            "securitySchemes": {"login": {"type": "oauth2", "flows": {}}},
        },
    })
}

fn found(one: &Value, other: &Value) -> Vec<Change> {
    let [one, other] = [one, other].map(|document| parse(&document.to_string(), "document").unwrap());
    changes(&Place::root(&one), &Place::root(&other), Options::default())
}

/// The change that tells of a keyword and nothing else, with its place in both documents.
fn not_judged(one: &Value, other: &Value, keyword: &str) -> Change {
    let found = found(one, other);
    let change = found.iter().find(|change| change.kind == ChangeKind::NotJudged && change.detail == keyword);
    let change = change.unwrap_or_else(|| panic!("`{keyword}` is not in {found:#?}")).clone();
    assert_eq!(change.class(), Class::NotJudged, "{change:#?}");
    for (document, location) in [(one, &change.before), (other, &change.after)] {
        let location = location.as_ref().unwrap_or_else(|| panic!("no place for `{keyword}`: {change:#?}"));
        assert!(document.pointer(&location.pointer).is_some() && location.line > 0, "{location:?}");
    }
    assert!(!change.shows_in.is_empty() && !change.at.is_empty());
    change
}

/// Keywords of schemas that are not compared, each with two values.
fn keywords() -> Vec<(&'static str, Value, Value)> {
    let text = || json!({"type": "string"});
    vec![
        ("dependentRequired", json!({"a": ["b"]}), json!({"a": ["c"]})),
        ("dependentSchemas", json!({"a": text()}), json!({"a": {"type": "integer"}})),
        ("if", json!({"required": ["a"]}), json!({"required": ["b"]})),
        ("then", json!({"required": ["a"]}), json!({"required": ["b"]})),
        ("else", json!({"required": ["a"]}), json!({"required": ["b"]})),
        ("unevaluatedProperties", json!(true), json!(false)),
        ("unevaluatedItems", json!(true), json!(false)),
        ("propertyNames", json!({"maxLength": 3}), json!({"maxLength": 4})),
        ("contains", text(), json!({"type": "integer"})),
        ("minContains", json!(1), json!(2)),
        ("prefixItems", json!([text()]), json!([text(), text()])),
        ("patternProperties", json!({"^x": text()}), json!({"^y": text()})),
        ("discriminator", json!({"propertyName": "a"}), json!({"propertyName": "b"})),
        ("default", json!("a"), json!("b")),
        ("readOnly", json!(true), json!(false)),
        ("writeOnly", json!(true), json!(false)),
        ("xml", json!({"name": "a"}), json!({"name": "b"})),
        ("contentEncoding", json!("base64"), json!("base32")),
        ("contentMediaType", json!("text/plain"), json!("text/html")),
        ("$anchor", json!("a"), json!("b")),
        ("madeUp", json!(1), json!(2)),
    ]
}

#[test]
fn a_keyword_of_a_schema_that_differs_or_is_new_or_gone_never_passes_for_the_same() {
    for base in [json!({}), json!({"type": "string"}), json!({"type": "object"}), json!({"type": "array"})] {
        for (keyword, one, other) in keywords() {
            let with = |value: &Value| {
                let mut schema = base.clone();
                schema[keyword] = value.clone();
                schema
            };
            let (without, one, other) = (base.clone(), with(&one), with(&other));
            for (before, after) in [(&one, &other), (&without, &one), (&one, &without)] {
                let change = not_judged(&around(before), &around(after), keyword);
                assert_eq!(change.at, "Body.member");
                assert!(change.shows_in.contains("B request") && change.shows_in.contains("B response"));
            }
            assert_eq!(found(&around(&one), &around(&one)), [], "{one}");
        }
    }
}

#[test]
fn wherever_a_schema_gets_a_keyword_from_it_is_found() {
    let record = json!({"$ref": "#/components/schemas/Record"});
    for (name, before, after, at) in [
        ("beside a reference", record.clone(), json!({"$ref": record["$ref"], "default": {}}), "Body.member"),
        (
            "beside allOf",
            json!({"allOf": [record]}),
            json!({"allOf": [record], "default": {}}),
            "Body.member",
        ),
        (
            "in a part",
            json!({"allOf": [record, {}]}),
            json!({"allOf": [record, {"default": {}}]}),
            "Body.member",
        ),
        (
            "in an alternative",
            json!({"oneOf": [record, {"type": "string"}]}),
            json!({"oneOf": [record, {"type": "string", "default": {}}]}),
            "Body.member",
        ),
        (
            "beside null",
            json!({"anyOf": [record, {"type": "null"}]}),
            json!({"anyOf": [record, {"type": "null"}], "default": {}}),
            "Body.member",
        ),
        (
            "in items",
            json!({"type": "array", "items": {"type": "string"}}),
            json!({"type": "array", "items": {"type": "string", "default": {}}}),
            "Body.member[]",
        ),
        (
            "in further members",
            json!({"additionalProperties": {"type": "string"}}),
            json!({"additionalProperties": {"type": "string", "default": {}}}),
            "Body.member.*",
        ),
    ] {
        let change = not_judged(&around(&before), &around(&after), "default");
        assert_eq!(change.at, at, "{name}");
        // Also in a document in which it means nothing: somebody may have meant it.
        let older = |document: Value| {
            let mut document = around(&document);
            document["openapi"] = json!("3.0.3");
            document
        };
        not_judged(&older(before), &older(after), "default");
    }
    let mut component = around(&record);
    component["components"]["schemas"]["Record"]["default"] = json!({});
    assert_eq!(not_judged(&around(&record), &component, "default").at, "Record");
}

#[test]
fn what_stands_beside_a_reference_is_compared_where_it_has_a_meaning() {
    let record = json!({"$ref": "#/components/schemas/Record"});
    let demanding = json!({"$ref": record["$ref"], "required": ["id"]});
    let kinds = |one: &Value, other: &Value| -> Vec<_> {
        found(one, other).into_iter().map(|change| (change.kind, change.class())).collect()
    };
    let (before, after) = (around(&record), around(&demanding));
    assert_eq!(kinds(&before, &after), [(ChangeKind::BecameRequired, Class::BreakingForCallers)]);
    assert_eq!(kinds(&after, &before), [(ChangeKind::BecameOptional, Class::BreakingForDecoding)]);
    let mut older = [before, after];
    older.iter_mut().for_each(|document| document["openapi"] = json!("3.0.3"));
    not_judged(&older[0], &older[1], "required");
    assert_eq!(found(&older[1], &older[1]), []);
    let limited = json!({"$ref": "#/components/schemas/Text", "maxLength": 5});
    let text = json!({"$ref": "#/components/schemas/Text"});
    assert_eq!(
        kinds(&around(&text), &around(&limited)),
        [(ChangeKind::LimitsChanged, Class::BreakingForCallers)]
    );
}

#[test]
fn what_an_unjudged_keyword_refers_to_is_looked_at_too() {
    let reference = json!({"$ref": "#/components/schemas/Record"});
    for schema in [
        json!({"patternProperties": {"^x": reference}}),
        json!({"prefixItems": [{"type": "string"}, reference]}),
        json!({"not": reference}),
        json!({"type": "object", "properties": {"a": {}}, "oneOf": [reference, {"type": "string"}]}),
        json!({"patternProperties": {"^x": {"$ref": "#/components/schemas/Body"}}, "contains": reference}),
    ] {
        let before = around(&schema);
        let mut after = before.clone();
        after["components"]["schemas"]["Record"]["properties"]["id"] = json!({"type": "integer"});
        let found = found(&before, &after);
        let expected = (ChangeKind::TypeChanged, "Record.id");
        assert!(
            found.iter().any(|change| (change.kind, change.at.as_str()) == expected),
            "{schema}: {found:#?}"
        );
    }
}

#[test]
fn a_keyword_that_does_not_fit_the_type_is_not_overlooked() {
    for (keyword, before, after) in [
        ("format", json!({"format": "a"}), json!({"format": "b"})),
        ("format", json!({"type": "boolean", "format": "a"}), json!({"type": "boolean", "format": "b"})),
        (
            "properties",
            json!({"type": ["object", "string"], "properties": {"a": {"type": "string"}}}),
            json!({"type": ["object", "string"], "properties": {"a": {"type": "integer"}}}),
        ),
        (
            "items",
            json!({"type": ["array", "string"], "items": {"type": "string"}}),
            json!({"type": ["array", "string"], "items": {"type": "integer"}}),
        ),
        (
            "items",
            json!({"type": "array", "items": [{"type": "string"}]}),
            json!({"type": "array", "items": [{"type": "integer"}]}),
        ),
        (
            "required",
            json!({"type": "string", "required": true}),
            json!({"type": "string", "required": false}),
        ),
        (
            "anyOf",
            json!({"oneOf": [{"type": "string"}, {"type": "integer"}], "anyOf": [{"maxLength": 1}, {}]}),
            json!({"oneOf": [{"type": "string"}, {"type": "integer"}], "anyOf": [{"maxLength": 2}, {}]}),
        ),
        (
            "allOf",
            json!({"allOf": [{"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"oneOf": [{"type": "boolean"}, {"type": "integer"}]}]}),
            json!({"allOf": [{"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"oneOf": [{"type": "array"}, {"type": "integer"}]}]}),
        ),
        (
            "allOf",
            json!({"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"minLength": 1}}}]}),
            json!({"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"minLength": 2}}}]}),
        ),
        ("schema", json!(7), json!("no schema")),
    ] {
        not_judged(&around(&before), &around(&after), keyword);
        assert_eq!(found(&around(&before), &around(&before)), []);
    }
    let nothing = found(&around(&json!({})), &around(&json!(false)));
    assert_eq!(nothing[0].kind, ChangeKind::TypeChanged, "{nothing:#?}");
    assert_eq!(found(&around(&json!({})), &around(&json!(true))), []);
    let both = |only: &str| around(&json!({"enum": ["a", "b"], "const": only}));
    assert!(!found(&both("a"), &both("b")).is_empty());
}

#[test]
fn what_an_operation_has_beside_schemas_never_passes_for_the_same() {
    type Edit = fn(&mut Value);
    let edits: [(&str, &str, Edit); 18] = [
        ("the document", "webhooks", |d| d["webhooks"] = json!({"w": {}})),
        ("the document", "jsonSchemaDialect", |d| {
            d["jsonSchemaDialect"] = json!("https://example.com/dialect")
        }),
        ("the document", "servers", |d| d["servers"] = json!([{"url": "https://example.com"}])),
        ("B", "servers", |d| d["paths"]["/v1/a/b"]["servers"] = json!([{"url": "https://example.com"}])),
        ("B", "servers", |d| operation(d)["servers"] = json!([{"url": "https://example.com"}])),
        ("B", "callbacks", |d| operation(d)["callbacks"] = json!({"c": {}})),
        ("B", "madeUp", |d| operation(d)["madeUp"] = json!(1)),
        ("/v1/a/b", "madeUp", |d| d["paths"]["/v1/a/b"]["madeUp"] = json!(1)),
        ("B query.q", "style", |d| operation(d)["parameters"][0]["style"] = json!("pipeDelimited")),
        ("B query.q", "explode", |d| operation(d)["parameters"][0]["explode"] = json!(false)),
        ("B query.q", "allowReserved", |d| operation(d)["parameters"][0]["allowReserved"] = json!(true)),
        ("B query.q", "allowEmptyValue", |d| operation(d)["parameters"][0]["allowEmptyValue"] = json!(true)),
        ("B query.q", "content", |d| {
            operation(d)["parameters"][0] =
                json!({"name": "q", "in": "query", "content": {"application/json": {}}});
        }),
        ("B request", "encoding", |d| {
            operation(d)["requestBody"]["content"]["application/json"]["encoding"] = json!({"a": {}});
        }),
        ("B request", "madeUp", |d| operation(d)["requestBody"]["madeUp"] = json!(1)),
        ("B 200", "headers", |d| operation(d)["responses"]["200"]["headers"] = json!({"X-A": {}})),
        ("B 200", "links", |d| operation(d)["responses"]["200"]["links"] = json!({"l": {}})),
        ("security login", "flows", |d| {
            d["components"]["securitySchemes"]["login"]["flows"] = json!({"implicit": {}});
        }),
    ];
    let before = around(&json!({"type": "string"}));
    for (at, keyword, edit) in edits {
        let mut after = before.clone();
        edit(&mut after);
        assert_eq!(not_judged(&before, &after, keyword).at, at, "{keyword}");
        assert_eq!(not_judged(&after, &before, keyword).at, at, "{keyword}");
        assert_eq!(found(&after, &after), [], "{keyword}");
    }
}

fn operation(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/v1/a/b"]["post"]
}

#[test]
fn what_headers_and_further_media_types_refer_to_is_looked_at() {
    let mut before = around(&json!({"type": "string"}));
    operation(&mut before)["responses"]["200"]["headers"] =
        json!({"X-Total": {"$ref": "#/components/headers/Total"}});
    let mut after = before.clone();
    after["components"]["headers"]["Total"]["schema"]["type"] = json!("string");
    not_judged(&before, &after, "headers");

    let form = |kind: &str| {
        let mut document = around(&json!({"type": "string"}));
        operation(&mut document)["requestBody"]["content"]["application/xml"] =
            json!({"schema": {"type": kind}});
        document
    };
    let found_in_form = found(&form("string"), &form("integer"));
    assert_eq!(found_in_form[0].at, "B request application/xml", "{found_in_form:#?}");
    let bytes = |media_type: &str| {
        let mut document = around(&json!({"type": "string"}));
        operation(&mut document)["responses"]["200"]["content"] = json!({media_type: {}});
        document
    };
    let found_in_bytes = found(&bytes("image/png"), &bytes("image/jpeg"));
    assert_eq!(found_in_bytes[0].kind, ChangeKind::MediaTypeChanged, "{found_in_bytes:#?}");
}

#[test]
fn to_write_down_what_holds_anyway_changes_nothing() {
    let before = around(&json!({"type": "string"}));
    let mut after = before.clone();
    operation(&mut after)["parameters"][0]["style"] = json!("form");
    operation(&mut after)["parameters"][0]["explode"] = json!(true);
    operation(&mut after)["x-anything"] = json!(1);
    operation(&mut after)["tags"] = json!(["a"]);
    after["servers"] = json!([]);
    after["info"] = json!({"title": "t", "version": "2"});
    assert_eq!(found(&before, &after), []);
}

#[test]
fn schemas_that_are_too_large_to_be_read_are_not_said_to_be_the_same() {
    let doubled = |last: &str| {
        let mut document = around(&json!({"$ref": "#/components/schemas/L0"}));
        for level in 0..30 {
            let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
            document["components"]["schemas"][format!("L{level}")] = json!({"allOf": [next, next]});
        }
        document["components"]["schemas"]["L30"] = json!({"type": last});
        document
    };
    let found_in_doubled = found(&doubled("string"), &doubled("integer"));
    assert!(
        found_in_doubled.iter().any(|change| change.kind == ChangeKind::NotJudged),
        "{found_in_doubled:#?}"
    );
    assert_eq!(found(&doubled("string"), &doubled("string")), []);
}

#[test]
fn what_is_not_judged_stands_in_every_report_and_can_be_declared() {
    let (before, after) =
        (around(&json!({"type": "string"})), around(&json!({"type": "string", "default": "a"})));
    let outcome = |deviations: &str| {
        let version = Version::new(0, 3, 4);
        let found = found(&before, &after);
        Outcome {
            before: "one.yaml".to_owned(),
            after: "other.yaml".to_owned(),
            operations: 1,
            next_version: next_version(&version, &found).to_string(),
            declared: Deviations::parse(deviations, "deviations.yaml").unwrap().declare(found),
            version: version.to_string(),
        }
    };
    let open = outcome("[]");
    let pointer = "/components/schemas/Body/properties/member/default";
    let text = text(&open);
    for expected in [
        "\nnot judged\n  Body.member differs, and this is not judged: default\n",
        "one.yaml:1: /components/schemas/Body/properties/member\n",
        &format!("other.yaml:1: {pointer}\n"),
        "1 change, at worst not judged",
        "1 not judged, for you to look at",
        // It may be anything, so what follows from it is the careful reading.
        "goes from 0.3.4 to 0.4.0",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let page = markdown(&open);
    let row = format!("| not judged | Body.member differs, and this is not judged: default | `{pointer}` |");
    assert!(page.contains(&row), "{row} in {page}");
    let json = serde_json::to_value(&open).unwrap();
    assert_eq!(json["undeclared"][0]["kind"], "not-judged");
    assert_eq!(json["undeclared"][0]["classes"], json!(["not-judged"]));
    assert_eq!(json["undeclared"][0]["after"]["pointer"], pointer);

    let declared = outcome("- {change: not-judged, at: Body.member, detail: default, reason: wanted}\n");
    assert_eq!(declared.class(), None);
    assert!(markdown(&declared).contains("1 declared differences"));
}

#[test]
fn a_break_weighs_more_than_what_is_not_judged_and_that_more_than_an_addition() {
    let classes = [
        Class::Documentation,
        Class::Additive,
        Class::NotJudged,
        Class::BreakingForDecoding,
        Class::BreakingForCallers,
    ];
    assert!(classes.is_sorted());
    assert_eq!(classes.map(Class::is_breaking), [false, false, false, true, true]);
}
