//! Forms and queries: pairs of names and values, validated like bodies.
//!
//! A parameter without a value counts as absent (RFC 6749 section 3.1). A parameter that occurs twice is an error,
//! unless its schema is a list.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::operation::Parameter;
use crate::pointer::join;
use crate::{Kind, Member, Violation};

/// A form as the JSON object that its schema describes, and what stands twice.
pub(crate) fn to_json<'a>(
    members: &[Member],
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> (Value, Vec<Violation>) {
    let mut object = Map::new();
    let mut repeated = BTreeSet::new();
    for (name, value) in pairs {
        if value.is_empty() {
            continue;
        }
        let kind = members.iter().find(|member| member.name == name).map(|member| &member.kind);
        if let Some(Kind::List { .. }) = kind {
            let items = object.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(items) = items {
                items.push(Value::from(value));
            }
        } else if object.insert(name.to_owned(), typed(kind, value)).is_some() {
            repeated.insert(name);
        }
    }
    let violations = repeated.into_iter().map(|name| Violation::repeated(&join("", name))).collect();
    (Value::Object(object), violations)
}

/// The value that a text stands for; the text itself if it does not fit, so that the check can say so.
fn typed(kind: Option<&Kind>, text: &str) -> Value {
    let parsed = match kind {
        Some(Kind::Boolean) => text.parse().ok().map(Value::Bool),
        Some(Kind::Integer) => text.parse::<i64>().ok().map(Value::from),
        Some(Kind::Number) => text.parse::<f64>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}

/// Where a query does not fit the parameters of an operation. Parameters that it does not know are no violation.
pub(crate) fn check_query<'a>(
    parameters: &[Parameter],
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Violation> {
    let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let mut violations = Vec::new();
    for parameter in parameters.iter().filter(|parameter| parameter.place == "query") {
        let pointer = join("", &parameter.name);
        match pairs.iter().filter(|(name, _)| *name == parameter.name).count() {
            0 if parameter.required => violations.push(Violation::missing(&pointer)),
            0 | 1 => {}
            _ if parameter.repeatable => {}
            _ => violations.push(Violation::repeated(&pointer)),
        }
    }
    violations.sort();
    violations
}
