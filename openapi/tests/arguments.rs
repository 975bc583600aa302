//! The schemas of the table of operations judge as the document does.

/// The table of `codegen/tests/fixtures/every_method.yaml`, which has what our own documents have not.
#[path = "../../generated/tests/generated"]
#[allow(unreachable_pub, reason = "a table is written for any crate")]
mod tables {
    use descope_mcp_operations as operations;
    #[rustfmt::skip]
    #[path = "every_method.rs"]
    pub mod every_method;
}

use descope_mcp_openapi::{Arguments, Document, ViolationKind};
use descope_mcp_operations::{AUTHORIZATION_SERVER, all};
use serde_json::{Value, json};

fn example(text: &str) -> Value {
    serde_json::from_str(text).expect("the example is JSON")
}

/// The pointers of everything in a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut below = |name: String, inner: &Value| {
        let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        found.push(pointer.clone());
        pointers(inner, &pointer, found);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| below(name.clone(), inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, inner)| below(i.to_string(), inner)),
        _ => {}
    }
}

#[test]
fn every_schema_of_both_tables_compiles_and_takes_its_example() {
    for operation in all().chain(AUTHORIZATION_SERVER.operations) {
        let check = Arguments::of(operation).unwrap();
        if let Some(text) = operation.example {
            assert_eq!(check.check(&example(text)), [], "{}", operation.id);
        }
    }
}

#[test]
fn a_value_that_the_document_refuses_is_refused_at_the_same_place_and_no_other_is() {
    let document = Document::management();
    let mut tried = 0;
    for operation in all() {
        let check = Arguments::of(operation).unwrap();
        let whole = example(operation.example.unwrap());
        let mut places = Vec::new();
        pointers(&whole, "", &mut places);
        for pointer in places {
            for wrong in [json!(null), json!(7), json!("text"), json!([1]), json!({"a": 1}), json!(1e99)] {
                let mut arguments = whole.clone();
                *arguments.pointer_mut(&pointer).unwrap() = wrong.clone();
                // All arguments of this document are members of the body.
                let expected = document.validate_request(operation.id, &arguments);
                assert_eq!(check.check(&arguments), expected, "{} {pointer} {wrong}", operation.id);
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn what_is_missing_or_has_another_type_is_named_and_its_value_is_not() {
    let operation = descope_mcp_operations::find("RotateMcpServerClientSecret").unwrap();
    let check = Arguments::of(operation).unwrap();
    let violations = check.check(&json!({"id": ["s3cr3t"]}));
    let found: Vec<_> = violations.iter().map(|one| (one.pointer.as_str(), one.kind)).collect();
    assert_eq!(found, [("/id", ViolationKind::WrongType), ("/mcpServerId", ViolationKind::Missing)]);
    assert!(!format!("{violations:?}").contains("s3cr3t"));
    assert_eq!(check.check(&json!("text"))[0].message, "the body must be an object, but it is a string");
}

#[test]
fn a_name_that_nothing_takes_is_named() {
    let operation = AUTHORIZATION_SERVER.find("GetWellKnownJWKS").unwrap();
    let violations = Arguments::of(operation).unwrap().check(&json!({"projectId": "P", "odd": "s3cr3t"}));
    assert_eq!(violations.len(), 1);
    assert_eq!((violations[0].pointer.as_str(), violations[0].kind), ("/odd", ViolationKind::Unknown));
    assert_eq!(violations[0].message, "odd is not known here");
}

#[test]
fn a_wrong_type_is_found_with_its_pointer_whatever_the_method_and_wherever_it_is_sent() {
    for (method, id, arguments, pointer) in [
        ("GET", "GetItem", json!({"id": 7}), "/id"),
        ("GET", "GetItem", json!({"id": "i", "fields": ["a", {"b": "s3cr3t"}]}), "/fields/1"),
        ("GET", "GetItem", json!({"id": "i", "only": ["s3cr3t"]}), "/only/0"),
        ("GET", "GetItem", json!({"id": "i", "X-Trace": true}), "/X-Trace"),
        ("PUT", "ReplaceItem", json!({"path_id_": "i", "body_id": ["s3cr3t"]}), "/body_id"),
        ("PUT", "ReplaceItem", json!({"path_id_": "i", "body_id": "i", "parts": [{"id": 1}]}), "/parts/0/id"),
        ("PATCH", "ChangeItem", json!({"id": "i", "count": "s3cr3t"}), "/count"),
        ("PATCH", "ChangeItem", json!({"id": "i", "password": {"s3cr3t": 1}}), "/password"),
        ("DELETE", "DeleteItem", json!({"id": "i", "force": "s3cr3t"}), "/force"),
        ("POST", "CreateItems", json!({"body_body": [{"id": "i", "name": 3}]}), "/body_body/0/name"),
    ] {
        let operation = tables::every_method::DOCUMENT.find(id).expect(id);
        assert_eq!(operation.method, method);
        let violations = Arguments::of(operation).expect(id).check(&arguments);
        let found: Vec<_> = violations.iter().map(|one| (one.pointer.as_str(), one.kind)).collect();
        assert_eq!(found, [(pointer, ViolationKind::WrongType)], "{id}");
        assert!(!format!("{violations:?}").contains("s3cr3t"), "{violations:?}");
    }
}
