//! The members of a named schema, for code that handles all members without naming them.

use serde_json::Value;

use crate::ParseError;
use crate::pointer::join;
use crate::reference::{Place, resolve, schema_name};

/// Composition nested deeper than this is taken for a cycle.
const MAX_DEPTH: usize = 16;

/// One member of a named schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// Name in JSON.
    pub name: String,
    /// The kind of its values.
    pub kind: Kind,
    /// Whether it is required.
    pub required: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it contains a secret (`format: password`).
    pub secret: bool,
    /// Its description.
    pub description: String,
}

/// The kind of values of a member. Of several alternatives, this is the first, which is the one to write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A string.
    String,
    /// True or false.
    Boolean,
    /// An integer; `int32` limits it to 32 bits.
    Integer,
    /// Any number.
    Number,
    /// A list.
    List {
        /// The kind of its items.
        items: Box<Kind>,
    },
    /// An object.
    Object {
        /// Name of its schema, for [`Document::members`](crate::Document::members); `None` if the schema has no name.
        schema: Option<String>,
    },
    /// Any value: the schema has no type.
    Any,
}

/// The members of one schema, in the order of their names. A schema that is no object has none.
pub(crate) fn members(root: &Value, pointer: &str, schema: &Value) -> Result<Vec<Member>, ParseError> {
    let required = |name: &str| {
        let list = schema.get("required").and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|entry| entry == name))
    };
    let mut members = Vec::new();
    for (name, value) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let pointer = join(&join(pointer, "properties"), name);
        let form = form(root, Place { pointer, value }, 0)?;
        members.push(Member {
            name: name.clone(),
            required: required(name),
            nullable: is_nullable(value) || is_nullable(form.value),
            secret: form.value.get("format").and_then(Value::as_str) == Some("password"),
            description: value.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            kind: kind(root, &form, 0)?,
        });
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}

fn is_nullable(value: &Value) -> bool {
    value.get("nullable").and_then(Value::as_bool) == Some(true)
}

/// The schema that says what the values are: through references, and the first part of a composition.
fn form<'a>(root: &'a Value, place: Place<'a>, depth: usize) -> Result<Place<'a>, ParseError> {
    check_depth(&place, depth)?;
    let place = resolve(root, &place.pointer, place.value)?;
    if place.value.get("type").is_some() {
        return Ok(place);
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        if let Some(first) = place.value.get(key).and_then(|parts| parts.get(0)) {
            let pointer = join(&join(&place.pointer, key), "0");
            return form(root, Place { pointer, value: first }, depth + 1);
        }
    }
    Ok(place)
}

fn kind(root: &Value, form: &Place<'_>, depth: usize) -> Result<Kind, ParseError> {
    check_depth(form, depth)?;
    Ok(match form.value.get("type").and_then(Value::as_str) {
        Some("string") => Kind::String,
        Some("boolean") => Kind::Boolean,
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("object") => Kind::Object { schema: schema_name(&form.pointer).map(str::to_owned) },
        Some("array") => {
            let items = form.value.get("items").unwrap_or(&Value::Null);
            let place = Place { pointer: join(&form.pointer, "items"), value: items };
            let items = self::form(root, place, depth + 1)?;
            Kind::List { items: Box::new(kind(root, &items, depth + 1)?) }
        }
        _ => Kind::Any,
    })
}

fn check_depth(place: &Place<'_>, depth: usize) -> Result<(), ParseError> {
    if depth <= MAX_DEPTH {
        return Ok(());
    }
    Err(ParseError::at(
        &place.pointer,
        format!("the schema is nested deeper than {MAX_DEPTH}: break the cycle"),
    ))
}
