//! Members of a body that the document does not have. They are allowed, because records are open, but should be
//! noticed.

use serde_json::Value;

use crate::pointer::join;
use crate::reference::resolve;

/// JSON pointers of all members that no schema for their place names. What is below an unknown member is not listed.
pub(crate) fn unknown_members(root: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(root, &[schema], value, "", &mut found);
    found.sort();
    found
}

fn walk(root: &Value, schemas: &[&Value], value: &Value, pointer: &str, found: &mut Vec<String>) {
    let mut parts = Vec::new();
    for schema in schemas {
        flatten(root, schema, value, &mut parts);
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let pointer = join(pointer, name);
                let known: Vec<_> =
                    parts.iter().filter_map(|part| part.get("properties")?.get(name)).collect();
                let known = if known.is_empty() { values_of_maps(&parts) } else { known };
                if known.is_empty() {
                    found.push(pointer);
                } else {
                    walk(root, &known, member, &pointer, found);
                }
            }
        }
        Value::Array(items) => {
            let schemas: Vec<_> = parts.iter().filter_map(|part| part.get("items")).collect();
            for (index, item) in items.iter().enumerate() {
                walk(root, &schemas, item, &join(pointer, &index.to_string()), found);
            }
        }
        _ => {}
    }
}

/// Schemas of free-form members. The empty schema only keeps a record open: it knows nothing.
fn values_of_maps<'a>(parts: &[&'a Value]) -> Vec<&'a Value> {
    let schemas = parts.iter().filter_map(|part| part.get("additionalProperties"));
    schemas.filter(|schema| schema.as_object().is_some_and(|members| !members.is_empty())).collect()
}

/// `schema` and all that it is made of, through references and composition, as far as the value's type allows.
fn flatten<'a>(root: &'a Value, schema: &'a Value, value: &Value, parts: &mut Vec<&'a Value>) {
    // The same schema twice is a cycle or says nothing new.
    let Ok(place) = resolve(root, "", schema) else { return };
    if parts.iter().any(|part| std::ptr::eq(*part, place.value)) || !admits_type(place.value, value) {
        return;
    }
    parts.push(place.value);
    for key in ["allOf", "oneOf", "anyOf"] {
        for part in place.value.get(key).and_then(Value::as_array).into_iter().flatten() {
            flatten(root, part, value, parts);
        }
    }
}

fn admits_type(schema: &Value, value: &Value) -> bool {
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::unknown_members;

    #[test]
    fn an_open_record_knows_only_what_it_names() {
        let schema =
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {}});
        let found = unknown_members(&json!({}), &schema, &json!({"a": "x", "b": {"c": 1}}));
        assert_eq!(found, ["/b"]);
    }

    #[test]
    fn a_map_with_typed_values_knows_every_name() {
        let schema = json!({
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"a": {}}},
        });
        assert_eq!(unknown_members(&json!({}), &schema, &json!({"any": {"a": 1, "z": 2}})), ["/any/z"]);
    }

    #[test]
    fn alternatives_are_taken_by_the_type_of_the_value() {
        let schema = json!({"oneOf": [
            {"type": "object", "properties": {"a": {}}},
            {"type": "array", "items": {"type": "object", "properties": {"b": {}}}},
        ]});
        assert_eq!(unknown_members(&json!({}), &schema, &json!({"a": 1, "b": 2})), ["/b"]);
        assert_eq!(unknown_members(&json!({}), &schema, &json!([{"a": 1, "b": 2}])), ["/0/a"]);
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let root = json!({"components": {"schemas": {"Node": {
            "type": "object",
            "allOf": [{"$ref": "#/components/schemas/Node"}],
            "properties": {"next": {"$ref": "#/components/schemas/Node"}},
        }}}});
        let schema = json!({"$ref": "#/components/schemas/Node"});
        let found = unknown_members(&root, &schema, &json!({"next": {"next": {"x": 1}}}));
        assert_eq!(found, ["/next/next/x"]);
    }
}
