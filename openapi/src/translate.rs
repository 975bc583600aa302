//! Translates OpenAPI 3.0 schemas to JSON Schema (draft 4, which is closest to OpenAPI 3.0).
//!
//! The two differ in few points: only OpenAPI has `nullable`, references point to `components`, and formats such as
//! `int32` limit a number implicitly. Keywords that describe instead of restrict are dropped.
//!
//! `nullable` beside `allOf` allows null, as generators and gateways interpret it. Read literally, OpenAPI 3.0 would
//! require every part to be nullable too.

use serde_json::{Map, Value, json};

/// Where named schemas stand in the JSON Schema.
const DEFINITIONS: &str = "#/definitions/";

/// Keywords that restrict and mean the same on both sides.
const KEPT: [&str; 15] = [
    "type",
    "enum",
    "required",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "maxProperties",
];

/// All named schemas of a document, translated.
pub(crate) fn definitions(root: &Value) -> Value {
    let schemas = root.pointer("/components/schemas").and_then(Value::as_object);
    let translated = schemas.into_iter().flatten().map(|(name, schema)| (name.clone(), translate(schema)));
    Value::Object(translated.collect())
}

/// One JSON Schema that stands alone: `schema` with the `definitions` that its references need.
pub(crate) fn standalone(schema: &Value, definitions: &Value) -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "allOf": [translate(schema)],
        "definitions": definitions,
    })
}

fn translate(schema: &Value) -> Value {
    let Some(schema) = schema.as_object() else {
        // `additionalProperties: true` and `false`; anything else is refused when the schema is compiled.
        return schema.clone();
    };
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = reference.replacen("#/components/schemas/", DEFINITIONS, 1);
        return json!({"$ref": target});
    }
    let mut out = Map::new();
    for (key, value) in schema {
        match key.as_str() {
            // Draft 4 refuses an empty list.
            "required" if value.as_array().is_some_and(Vec::is_empty) => {}
            "properties" => {
                let members = value.as_object().into_iter().flatten();
                let members = members.map(|(name, member)| (name.clone(), translate(member)));
                out.insert(key.clone(), Value::Object(members.collect()));
            }
            "items" | "additionalProperties" | "not" => {
                out.insert(key.clone(), translate(value));
            }
            "allOf" | "oneOf" | "anyOf" => {
                let parts = value.as_array().into_iter().flatten().map(translate);
                out.insert(key.clone(), Value::Array(parts.collect()));
            }
            other if KEPT.contains(&other) => {
                out.insert(key.clone(), value.clone());
            }
            _ => {}
        }
    }
    bound_integer(schema, &mut out);
    if schema.get("nullable").and_then(Value::as_bool) == Some(true) {
        admit_null(out)
    } else {
        Value::Object(out)
    }
}

/// `format: int32` says that the value fits 32 bits; JSON Schema needs the bounds.
fn bound_integer(schema: &Map<String, Value>, out: &mut Map<String, Value>) {
    let format = schema.get("format").and_then(Value::as_str);
    if format == Some("int32") && schema.get("type").and_then(Value::as_str) == Some("integer") {
        out.entry("minimum").or_insert_with(|| json!(i32::MIN));
        out.entry("maximum").or_insert_with(|| json!(i32::MAX));
    }
}

fn admit_null(mut schema: Map<String, Value>) -> Value {
    match schema.get("type") {
        Some(Value::String(name)) if !schema.contains_key("enum") && !is_composed(&schema) => {
            let both = json!([name, "null"]);
            schema.insert("type".to_owned(), both);
            Value::Object(schema)
        }
        _ => json!({"anyOf": [{"type": "null"}, schema]}),
    }
}

fn is_composed(schema: &Map<String, Value>) -> bool {
    ["allOf", "oneOf", "anyOf", "not"].iter().any(|key| schema.contains_key(*key))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::translate;

    #[test]
    fn nullable_type_becomes_two_types() {
        let schema = json!({"type": "string", "nullable": true, "description": "x", "x-basis": "assumed"});
        assert_eq!(translate(&schema), json!({"type": ["string", "null"]}));
    }

    #[test]
    fn nullable_composition_becomes_a_choice() {
        let schema = json!({"nullable": true, "allOf": [{"$ref": "#/components/schemas/Scope"}]});
        let expected = json!({"anyOf": [{"type": "null"}, {"allOf": [{"$ref": "#/definitions/Scope"}]}]});
        assert_eq!(translate(&schema), expected);
    }

    #[test]
    fn nullable_enum_admits_null_although_the_list_lacks_it() {
        let schema = json!({"type": "string", "enum": ["a"], "nullable": true});
        let expected = json!({"anyOf": [{"type": "null"}, {"type": "string", "enum": ["a"]}]});
        assert_eq!(translate(&schema), expected);
    }

    #[test]
    fn int32_is_bounded_and_other_formats_restrict_nothing() {
        let integer = translate(&json!({"type": "integer", "format": "int32"}));
        assert_eq!(integer, json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}));
        let secret = translate(&json!({"type": "string", "format": "password"}));
        assert_eq!(secret, json!({"type": "string"}));
    }

    #[test]
    fn open_objects_stay_open() {
        let schema = json!({"type": "object", "additionalProperties": {}});
        assert_eq!(translate(&schema), schema);
    }

    #[test]
    fn siblings_of_a_reference_are_ignored_as_openapi_3_0_says() {
        let schema = json!({"$ref": "#/components/schemas/Scope", "nullable": true});
        assert_eq!(translate(&schema), json!({"$ref": "#/definitions/Scope"}));
    }
}
