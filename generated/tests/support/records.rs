//! Records as a service could send them, generated from the document: every member absent, null, empty or filled,
//! and members that nobody knows at every level.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Number, Value};

/// Most levels of lists and objects in an unknown member. The parser reads 128 in all.
const DEEPEST: usize = 100;

/// Records of the schema with this name.
pub(crate) fn records(spec: &Value, schema: &str) -> BoxedStrategy<Value> {
    let schema = spec.pointer(&format!("/components/schemas/{schema}")).unwrap();
    filled(spec, schema)
}

/// A value of that schema: objects have any of their members and unknown ones besides.
fn filled(spec: &Value, schema: &Value) -> BoxedStrategy<Value> {
    let schema = resolved(spec, schema);
    match schema["type"].as_str() {
        Some("object") => object(spec, schema),
        Some("array") => vec(filled(spec, &schema["items"]), 1..4).prop_map(Value::Array).boxed(),
        Some("string") => text().prop_map(Value::String).boxed(),
        Some("integer") => any::<i32>().prop_map(Value::from).boxed(),
        Some("boolean") => any::<bool>().prop_map(Value::Bool).boxed(),
        other => panic!("teach this function about {other:?}"),
    }
}

fn object(spec: &Value, schema: &Value) -> BoxedStrategy<Value> {
    let members = schema["properties"].as_object().unwrap();
    let known: BTreeSet<String> = members.keys().cloned().collect();
    let mut strategy = unknown_members(known).boxed();
    for (name, schema) in members {
        let name = name.clone();
        let member = prop_oneof![
            2 => Just(None),
            1 => Just(Some(Value::Null)),
            1 => Just(Some(empty(spec, schema))),
            3 => filled(spec, schema).prop_map(Some),
        ];
        strategy = (strategy, member)
            .prop_map(move |(mut members, value)| {
                members.extend(value.map(|value| (name.clone(), value)));
                members
            })
            .boxed();
    }
    strategy.prop_map(Value::Object).boxed()
}

/// What the schema calls by another name or puts into brackets. The object form of scopes, not the list.
pub(crate) fn resolved<'a>(spec: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return resolved(spec, spec.pointer(&reference[1..]).unwrap());
    }
    let part = schema["allOf"].as_array().or(schema["oneOf"].as_array()).and_then(|parts| parts.first());
    part.map_or(schema, |part| resolved(spec, part))
}

fn empty(spec: &Value, schema: &Value) -> Value {
    match resolved(spec, schema)["type"].as_str() {
        Some("object") => Value::Object(Map::new()),
        Some("array") => Value::Array(Vec::new()),
        Some("string") => Value::String(String::new()),
        Some("integer") => Value::from(0),
        _ => Value::Bool(false),
    }
}

fn unknown_members(known: BTreeSet<String>) -> impl Strategy<Value = Map<String, Value>> {
    let name = prop_oneof![
        3 => "[a-z]{1,3}Future",
        1 => text(),
        1 => select(&["", "\u{0}", "ключ", "鍵", "a.b", "$ref", "__proto__", "e\u{301}", "é"][..]).prop_map(str::to_owned),
    ];
    let name = name.prop_filter("the document knows it", move |name| !known.contains(name));
    prop::collection::btree_map(name, json(), 0..3).prop_map(|members| members.into_iter().collect())
}

/// Any JSON value.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::ANY.prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        text().prop_map(Value::String),
    ];
    let shallow = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(text(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let deep = (shallow.clone(), 1..=DEEPEST, any::<bool>()).prop_map(|(value, levels, lists)| {
        (0..levels).fold(value, |value, level| {
            if lists == (level % 3 == 0) {
                Value::Array(vec![value])
            } else {
                Value::Object(Map::from_iter([(String::new(), value)]))
            }
        })
    });
    // The deepest shallow value and a deep one around it stay below what the parser reads.
    prop_oneof![9 => shallow, 1 => deep]
}

/// Any text: empty, with control characters, right to left, outside of the basic plane.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just(String::new()),
        4 => "[ -~]{1,12}",
        3 => vec(any::<char>(), 1..8).prop_map(String::from_iter),
        1 => select(&["\u{0}", "\"\\/\u{8}\u{c}\n\r\t", "\u{2028}\u{2029}", "שלום", "\u{1f600}\u{200d}", "null"][..])
            .prop_map(str::to_owned),
    ]
}

/// The record without the members of the document that are null: absent means the same.
pub(crate) fn without_known_nulls(spec: &Value, schema: &Value, value: &Value) -> Value {
    let schema = resolved(spec, schema);
    match value {
        Value::Object(members) if schema["type"] == "object" => {
            let kept = members.iter().filter_map(|(name, value)| match schema["properties"].get(name) {
                Some(_) if value.is_null() => None,
                Some(schema) => Some((name.clone(), without_known_nulls(spec, schema, value))),
                None => Some((name.clone(), value.clone())),
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) if schema["type"] == "array" => {
            items.iter().map(|item| without_known_nulls(spec, &schema["items"], item)).collect()
        }
        _ => value.clone(),
    }
}
