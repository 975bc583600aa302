//! Writes out compositions: `allOf` of several records becomes one record.
//!
//! The generator underneath merges schemas itself, but it does so by recursion that some legal documents send round
//! in circles, and by multiplying alternatives. What it gets from here needs no merging.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use crate::document::pointer_token;
use crate::limits::{MAX_CHAIN, MAX_COMPOSED};
use crate::refs::{Component, target_name};

/// Keywords that change what a schema with `allOf` admits; anything else beside it is a remark.
const STRUCTURAL: [&str; 6] = ["additionalProperties", "anyOf", "items", "oneOf", "properties", "required"];

/// What to do with a composition that is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// Leave it as it is, and tell.
    Tell,
    /// Let it be anything: the values are kept as they come.
    Anything,
}

/// A composition that cannot be written out.
#[derive(Debug)]
pub(crate) struct Problem {
    /// JSON pointer of the schema.
    pub(crate) pointer: String,
    pub(crate) message: String,
}

/// Writes out every composition of a document; answers those that it could not.
pub(crate) fn write_out(document: &mut Value, otherwise: Otherwise) -> Vec<Problem> {
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_default();
    let mut writer =
        Writer { schemas: Rc::new(schemas), otherwise, problems: Vec::new(), inside: Vec::new(), added: 0 };
    if let Some(root) = document.as_object_mut() {
        if let Some(Value::Object(schemas)) = root.get_mut("components").and_then(|c| c.get_mut("schemas")) {
            for (name, schema) in schemas.iter_mut() {
                writer.inside.push(name.clone());
                writer.schema(schema, &format!("/components/schemas/{}", pointer_token(name)));
                writer.inside.clear();
            }
        }
        for (name, element) in root.iter_mut().filter(|(name, _)| *name == "paths" || *name == "components") {
            writer.carriers(element, &format!("/{name}"));
        }
    }
    writer.problems
}

struct Writer {
    /// The named schemas as the document has them.
    schemas: Rc<Value>,
    otherwise: Otherwise,
    problems: Vec<Problem>,
    /// Schemas that what is looked at was copied from, outermost first.
    inside: Vec<String>,
    /// Elements copied and schemas visited so far.
    added: usize,
}

/// Members, names of the required ones, and what else may be there.
#[derive(Default)]
struct Record {
    properties: Map<String, Value>,
    required: BTreeSet<String>,
    additional: Option<Value>,
}

impl Writer {
    /// Finds media types and parameters anywhere below, and writes out the schemas that they carry.
    fn carriers(&mut self, element: &mut Value, pointer: &str) {
        match element {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    let below = format!("{pointer}/{}", pointer_token(name));
                    match name.as_str() {
                        "schemas" | "example" | "examples" => {}
                        _ if name.starts_with("x-") => {}
                        "schema" => self.schema(member, &below),
                        _ => self.carriers(member, &below),
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.carriers(item, &format!("{pointer}/{index}"));
                }
            }
            _ => {}
        }
    }

    fn schema(&mut self, schema: &mut Value, pointer: &str) {
        let copied_before = self.inside.len();
        drop_remarks(schema);
        if is_plain(schema) {
            // The reference says it.
            schema.as_object_mut().and_then(|members| members.remove("type"));
        } else if schema.get("allOf").is_some_and(Value::is_array) {
            let mut followed = Vec::new();
            let record = self.record(schema, 0, &mut followed).and_then(|record| {
                // What is copied would hold a copy of itself, and that one another.
                let again = followed.iter().find(|name| self.inside.contains(name));
                again.map_or(Ok(record), |name| {
                    Err(format!("allOf of '{name}' inside of '{name}' has no end"))
                })
            });
            match record {
                Ok(record) => {
                    self.inside.extend(followed);
                    replace(schema, record);
                }
                Err(message) => {
                    self.problems.push(Problem { pointer: pointer.to_owned(), message });
                    match self.otherwise {
                        // Looked at no further: what is inside would be told of twice.
                        Otherwise::Tell => return,
                        Otherwise::Anything => *schema = anything(schema),
                    }
                }
            }
        }
        let Some(members) = schema.as_object_mut() else { return };
        for name in ["items", "additionalProperties"] {
            if let Some(part) = members.get_mut(name) {
                self.schema(part, &format!("{pointer}/{name}"));
            }
        }
        for name in ["allOf", "oneOf", "anyOf"] {
            for (index, part) in
                members.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().enumerate()
            {
                self.schema(part, &format!("{pointer}/{name}/{index}"));
            }
        }
        if let Some(Value::Object(properties)) = members.get_mut("properties") {
            for (name, property) in properties.iter_mut() {
                self.schema(property, &format!("{pointer}/properties/{}", pointer_token(name)));
            }
        }
        self.inside.truncate(copied_before);
    }

    /// The record that a schema describes, references followed, and which.
    fn record(&mut self, schema: &Value, depth: usize, followed: &mut Vec<String>) -> Result<Record, String> {
        self.count(1)?;
        if depth > MAX_CHAIN {
            return Err(format!("allOf leads through more than {MAX_CHAIN} schemas, or back to itself"));
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let schemas = Rc::clone(&self.schemas);
            let target = target_name(reference, Component::Schema).and_then(|name| schemas.get(name));
            let target = target.ok_or_else(|| format!("$ref '{reference}' leads nowhere"))?;
            followed.extend(target_name(reference, Component::Schema).map(str::to_owned));
            return self.record(target, depth + 1, followed);
        }
        let members = schema.as_object().ok_or("a part of allOf is not an object")?;
        for name in ["oneOf", "anyOf", "items"] {
            if members.contains_key(name) {
                return Err(format!("a part of allOf has `{name}`: only records can be put together"));
            }
        }
        if let Some(kind) = members.get("type").and_then(Value::as_str).filter(|kind| *kind != "object") {
            return Err(format!("a part of allOf has type {kind}: only records can be put together"));
        }
        self.count(members.get("additionalProperties").map_or(0, elements))?;
        let mut record =
            Record { additional: members.get("additionalProperties").cloned(), ..Record::default() };
        for part in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let part = self.record(part, depth + 1, followed)?;
            for (name, property) in part.properties {
                add(&mut record.properties, &name, property)?;
            }
            record.required.extend(part.required);
            // Where parts differ the open one wins: a closed record would refuse what another part declares.
            record.additional = match (record.additional, part.additional) {
                (Some(own), Some(other)) if own == other => Some(own),
                (Some(_), Some(_)) => Some(json!({})),
                (own, other) => own.or(other),
            };
        }
        for (name, property) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.count(elements(property))?;
            add(&mut record.properties, name, property.clone())?;
        }
        let required = members.get("required").and_then(Value::as_array).into_iter().flatten();
        record.required.extend(required.filter_map(Value::as_str).map(str::to_owned));
        Ok(record)
    }

    /// Takes note of work done; without a bound, a few schemas that contain each other twice double it again and again.
    fn count(&mut self, elements: usize) -> Result<(), String> {
        self.added += elements;
        if self.added > MAX_COMPOSED {
            return Err(format!("compositions with allOf copy more than {MAX_COMPOSED} elements"));
        }
        Ok(())
    }
}

/// How many elements a schema has.
fn elements(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(elements).sum(),
        Value::Array(items) => items.iter().map(elements).sum(),
        _ => 0,
    }
}

/// `allOf` around one reference and nothing else that counts: how a reference gets a description. The generator
/// reads it without merging.
fn is_plain(schema: &Value) -> bool {
    let single = schema.get("allOf").and_then(Value::as_array).is_some_and(|parts| {
        let [part] = parts.as_slice() else { return false };
        part.get("$ref").is_some_and(Value::is_string)
    });
    let kind = schema.get("type").and_then(Value::as_str);
    single
        && kind.is_none_or(|kind| kind == "object")
        && STRUCTURAL.iter().all(|name| schema.get(name).is_none())
}

/// Takes parts out of `allOf` that only say something about it, such as what it means; the schema says that instead.
fn drop_remarks(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    let Some(Value::Array(parts)) = members.get_mut("allOf") else { return };
    let is_remark = |part: &Value| shape(part).as_object().is_some_and(Map::is_empty);
    if parts.iter().all(is_remark) {
        return;
    }
    let described = parts.iter().filter(|part| is_remark(part)).find_map(|part| part.get("description"));
    let described = described.cloned();
    parts.retain(|part| !is_remark(part));
    if let Some(described) = described {
        members.entry("description").or_insert(described);
    }
}

/// Adds a member that a part declares. Parts may repeat each other, but not contradict.
fn add(properties: &mut Map<String, Value>, name: &str, property: Value) -> Result<(), String> {
    match properties.get(name) {
        None => {
            properties.insert(name.to_owned(), property);
            Ok(())
        }
        Some(before) if shape(before) == shape(&property) => Ok(()),
        Some(_) => Err(format!("two parts of allOf declare the member '{name}', and differ")),
    }
}

/// A schema without what says nothing about the values.
fn shape(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(members) = schema.as_object_mut() {
        members.retain(|name, _| {
            !matches!(name.as_str(), "description" | "title" | "example") && !name.starts_with("x-")
        });
    }
    schema
}

fn replace(schema: &mut Value, record: Record) {
    let Some(members) = schema.as_object_mut() else { return };
    members.remove("allOf");
    members.insert("type".to_owned(), json!("object"));
    // A required name that no part declares says nothing about a type.
    let required: Vec<_> =
        record.required.into_iter().filter(|name| record.properties.contains_key(name)).collect();
    members.insert("required".to_owned(), json!(required));
    members.insert("properties".to_owned(), Value::Object(record.properties));
    if let Some(additional) = record.additional {
        members.insert("additionalProperties".to_owned(), additional);
    }
}

/// A schema that admits anything, with the remarks of the one that it stands for.
fn anything(schema: &Value) -> Value {
    match schema.get("description") {
        Some(description) => json!({ "description": description }),
        None => json!({}),
    }
}
