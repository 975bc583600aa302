//! From schemas of OpenAPI 3.0 to JSON Schema 2020-12, with references that lead into `$defs`.
//!
//! What validates is translated, what explains (descriptions, titles, defaults) is kept, everything else goes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::document::Place;
use crate::refs::{Component, target_name};

/// Keywords that mean the same on both sides.
const KEPT: [&str; 20] = [
    "const",
    "default",
    "deprecated",
    "description",
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "readOnly",
    "title",
    "type",
    "uniqueItems",
];

/// The named schemas of one document, each translated once.
#[derive(Default)]
pub(crate) struct Definitions {
    /// Name by JSON pointer of the element.
    names: BTreeMap<String, String>,
    /// Translated schema by name.
    schemas: BTreeMap<String, Value>,
}

impl Definitions {
    /// The translation of the schema at a place. What it refers to is added to the definitions.
    pub(crate) fn translate(&mut self, root: &Place<'_>, schema: &Place<'_>) -> Value {
        self.value(root, &schema.node.to_json())
    }

    /// Every definition, in the order of the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.schemas.iter()
    }

    /// Names of the definitions that a translated schema needs, directly or not.
    pub(crate) fn needed(&self, schema: &Value) -> BTreeSet<String> {
        let mut needed = BTreeSet::new();
        let mut open = vec![schema];
        while let Some(schema) = open.pop() {
            let mut found = Vec::new();
            references(schema, &mut found);
            for name in found {
                if needed.insert(name.to_owned()) {
                    open.extend(self.schemas.get(name));
                }
            }
        }
        needed
    }

    fn reference(&mut self, root: &Place<'_>, reference: &str) -> Value {
        let pointer = reference.strip_prefix('#').unwrap_or(reference);
        let name = match self.names.get(pointer) {
            Some(name) => name.clone(),
            None => {
                let name = self.free_name(reference, pointer);
                self.names.insert(pointer.to_owned(), name.clone());
                // The search for secrets follows the same references and reports those that lead nowhere.
                let target = root.find(pointer).map_or(Value::Bool(true), |place| place.node.to_json());
                let schema = self.value(root, &target);
                self.schemas.insert(name.clone(), schema);
                name
            }
        };
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn free_name(&self, reference: &str, pointer: &str) -> String {
        let text = target_name(reference, Component::Schema).unwrap_or(pointer);
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' };
        let mut name: String = text.trim_start_matches('/').chars().map(plain).collect();
        while self.names.values().any(|taken| *taken == name) {
            name.push('_');
        }
        name
    }

    fn value(&mut self, root: &Place<'_>, schema: &Value) -> Value {
        let Some(members) = schema.as_object() else {
            return if schema.is_boolean() { schema.clone() } else { Value::Bool(true) };
        };
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            return self.reference(root, reference);
        }
        let mut out = Map::new();
        for (key, value) in members {
            match key.as_str() {
                "required" if value.as_array().is_some_and(|list| !list.is_empty()) => {
                    out.insert(key.clone(), value.clone());
                }
                "properties" => {
                    let members = value.as_object().into_iter().flatten();
                    let members = members.map(|(name, member)| (name.clone(), self.value(root, member)));
                    out.insert(key.clone(), Value::Object(members.collect()));
                }
                "items" | "additionalProperties" | "not" => {
                    out.insert(key.clone(), self.value(root, value));
                }
                "allOf" | "oneOf" | "anyOf" => {
                    let parts = value.as_array().into_iter().flatten();
                    let parts = parts.map(|part| self.value(root, part)).collect();
                    out.insert(key.clone(), Value::Array(parts));
                }
                kept if KEPT.contains(&kept) => {
                    out.insert(key.clone(), value.clone());
                }
                _ => {}
            }
        }
        bounds(members, &mut out);
        if members.get("nullable").and_then(Value::as_bool) == Some(true) {
            admit_null(out)
        } else {
            Value::Object(out)
        }
    }
}

/// `format: int32` says that the value fits 32 bits, and an exclusive bound of OpenAPI 3.0 stands in two keywords.
fn bounds(schema: &Map<String, Value>, out: &mut Map<String, Value>) {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    if text("format") == Some("int32") && text("type") == Some("integer") {
        out.entry("minimum").or_insert_with(|| json!(i32::MIN));
        out.entry("maximum").or_insert_with(|| json!(i32::MAX));
    }
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        match schema.get(exclusive) {
            Some(Value::Bool(true)) => {
                if let Some(limit) = out.remove(bound) {
                    out.insert(exclusive.to_owned(), limit);
                }
            }
            // OpenAPI 3.1 and JSON Schema 2020-12 write the limit itself.
            Some(limit @ Value::Number(_)) => {
                out.insert(exclusive.to_owned(), limit.clone());
            }
            _ => {}
        }
    }
}

fn admit_null(mut schema: Map<String, Value>) -> Value {
    let is_composed = ["allOf", "oneOf", "anyOf", "not", "enum"].iter().any(|key| schema.contains_key(*key));
    if let (Some(Value::String(kind)), false) = (schema.get("type"), is_composed) {
        let both = json!([kind, "null"]);
        schema.insert("type".to_owned(), both);
        return Value::Object(schema);
    }
    let mut choice = Map::new();
    if let Some(description) = schema.remove("description") {
        choice.insert("description".to_owned(), description);
    }
    choice.insert("anyOf".to_owned(), json!([{"type": "null"}, schema]));
    Value::Object(choice)
}

fn references<'v>(schema: &'v Value, found: &mut Vec<&'v str>) {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            found.extend(reference.and_then(|reference| reference.strip_prefix("#/$defs/")));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// JSON text with sorted members, the same whether or not some crate in the build keeps their order.
pub(crate) fn text(value: &Value) -> String {
    sorted(value).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> =
                members.iter().map(|(name, member)| (name.clone(), sorted(member))).collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(schema: Value) -> Value {
        let tree = crate::document::parse("{}", "test").unwrap();
        Definitions::default().value(&Place::root(&tree), &schema)
    }

    #[test]
    fn nullable_becomes_a_type_or_a_choice_and_keeps_its_description_outside() {
        let simple =
            translated(json!({"type": "string", "nullable": true, "description": "d", "x-basis": "y"}));
        assert_eq!(simple, json!({"type": ["string", "null"], "description": "d"}));
        let choice = translated(json!({"nullable": true, "description": "d", "allOf": [{"type": "object"}]}));
        let expected =
            json!({"description": "d", "anyOf": [{"type": "null"}, {"allOf": [{"type": "object"}]}]});
        assert_eq!(choice, expected);
    }

    #[test]
    fn bounds_follow_from_the_format_and_from_exclusive_flags() {
        let integer = translated(json!({"type": "integer", "format": "int32"}));
        assert_eq!(
            integer,
            json!({"type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX})
        );
        let exclusive = translated(json!({"type": "number", "minimum": 0, "exclusiveMinimum": true}));
        assert_eq!(exclusive, json!({"type": "number", "exclusiveMinimum": 0}));
    }

    #[test]
    fn references_lead_into_definitions_also_in_circles_and_from_odd_places() {
        let text = "components: {schemas: {Node: {type: object, properties: {next: {$ref: '#/components/schemas/Node'}, \
                    odd: {$ref: '#/components/schemas/Node/properties/name'}, name: {type: string}}}}}";
        let tree = crate::document::parse(text, "test").unwrap();
        let mut definitions = Definitions::default();
        let root = Place::root(&tree);
        let schema = definitions.value(&root, &json!({"$ref": "#/components/schemas/Node"}));
        assert_eq!(schema, json!({"$ref": "#/$defs/Node"}));
        let odd = "components_schemas_Node_properties_name";
        assert_eq!(definitions.needed(&schema).into_iter().collect::<Vec<_>>(), ["Node", odd]);
        assert_eq!(definitions.schemas.get(odd), Some(&json!({"type": "string"})));
    }
}
