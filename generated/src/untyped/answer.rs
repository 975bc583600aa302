//! What an untyped call answers with: JSON without the secrets, and the secrets.

use std::fmt;

use descope_mcp_operations::{Operation, SecretMember};
use serde_json::Value;

use crate::call::Call;
use crate::error::Error;
use crate::secret::Secret;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// The answer of an untyped call.
///
/// Secrets that the table names are taken out of the JSON, so that it can be printed, logged or handed on: a
/// `[redacted]` stands in the place of each. [`secrets`](Self::secrets) has them one by one, [`expose`](Self::expose)
/// gives the whole answer. `Debug` shows no values at all, because a member that the API adds could be a secret.
#[derive(Clone, PartialEq)]
pub struct Answer {
    operation: &'static str,
    value: Value,
    secrets: Vec<(String, Secret)>,
}

impl Answer {
    /// Takes the secrets out of the JSON of a success.
    pub(super) fn take(
        operation: &Operation,
        mut value: Value,
        arguments: &Value,
        call: &Call,
    ) -> Result<Self, Error> {
        let mut secrets = Vec::new();
        for member in operation.output_secrets {
            let result = visit(&mut value, member.pointer, &mut |place, at| match place {
                // An empty text is no secret, and neither is null.
                Value::Null => Ok(()),
                Value::String(text) if text.is_empty() => Ok(()),
                Value::String(text) => {
                    let secret = std::mem::replace(text, REDACTED.to_owned());
                    secrets.push((at.to_owned(), Secret::from(secret)));
                    Ok(())
                }
                _ => Err(at.to_owned()),
            });
            if let Err(at) = result {
                return Err(call.not_fitting(format!("`{at}` should be a string")));
            }
        }
        let answer = Self { operation: operation.id, value, secrets };
        for member in operation.output_secrets.iter().filter(|member| member.required) {
            if answer.secret(member.pointer).is_none() {
                let id = |value: &'_ Value| value.get("id").and_then(Value::as_str).map(str::to_owned);
                let record = id(&answer.value).or_else(|| id(arguments)).unwrap_or_default();
                return Err(call.secret_is_missing(member.pointer.trim_start_matches('/'), &record));
            }
        }
        Ok(answer)
    }

    /// The id of the operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The JSON, with `[redacted]` in the place of every secret that the table names.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The JSON with the secrets taken out, for good.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }

    /// The secrets, with the JSON pointer of each.
    pub fn secrets(&self) -> impl ExactSizeIterator<Item = (&str, &Secret)> {
        self.secrets.iter().map(|(pointer, secret)| (pointer.as_str(), secret))
    }

    /// The secret at a JSON pointer, such as `/cleartext`.
    #[must_use]
    pub fn secret(&self, pointer: &str) -> Option<&Secret> {
        self.secrets().find_map(|(at, secret)| (at == pointer).then_some(secret))
    }

    /// The JSON as it came, secrets included. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> Value {
        let mut value = self.value.clone();
        for (pointer, secret) in &self.secrets {
            if let Some(place) = value.pointer_mut(pointer) {
                *place = Value::String(secret.expose().to_owned());
            }
        }
        value
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<_> = self.value.as_object().into_iter().flat_map(|members| members.keys()).collect();
        let secrets: Vec<_> = self.secrets().map(|(pointer, _)| pointer).collect();
        f.debug_struct("Answer")
            .field("operation", &self.operation)
            .field("members", &members)
            .field("secrets", &secrets)
            .finish_non_exhaustive()
    }
}

/// All texts in `value` at the places of secrets.
pub(super) fn texts_at<'v>(members: &[SecretMember], value: &'v Value) -> Vec<&'v str> {
    let mut found = Vec::new();
    for member in members {
        let mut places = vec![value];
        for token in tokens(member.pointer) {
            places = places.into_iter().flat_map(|place| below(place, &token)).collect();
        }
        places.into_iter().for_each(|place| texts(place, &mut found));
    }
    found
}

fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

fn below<'v>(value: &'v Value, token: &str) -> Vec<&'v Value> {
    match (value, token) {
        (Value::Array(items), "*") => items.iter().collect(),
        (Value::Object(members), "*") => members.values().collect(),
        (Value::Object(members), name) => members.get(name).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn tokens(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
}

/// What is done with each place that a pointer with `*` names, and with its own pointer.
type Visitor<'a> = &'a mut dyn FnMut(&mut Value, &str) -> Result<(), String>;

fn visit(value: &mut Value, pattern: &str, visitor: Visitor<'_>) -> Result<(), String> {
    let tokens: Vec<_> = tokens(pattern).collect();
    visit_below(value, &tokens, "", visitor)
}

fn visit_below(value: &mut Value, tokens: &[String], at: &str, visitor: Visitor<'_>) -> Result<(), String> {
    let Some((token, rest)) = tokens.split_first() else { return visitor(value, at) };
    match (value, token.as_str()) {
        (Value::Array(items), "*") => {
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(index, item)| visit_below(item, rest, &format!("{at}/{index}"), visitor))
        }
        (Value::Object(members), "*") => {
            let mut members = members.iter_mut();
            members.try_for_each(|(name, member)| visit_below(member, rest, &join(at, name), visitor))
        }
        (Value::Object(members), name) => match members.get_mut(name) {
            Some(member) => visit_below(member, rest, &join(at, name), visitor),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn join(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_stands_for_items_and_for_members() {
        let mut value = json!({"list": [{"key": "a"}, {"key": "b"}, 7], "map": {"x/y": "c"}});
        let mut seen = Vec::new();
        for pattern in ["/list/*/key", "/map/*", "/nothing/*"] {
            let note = &mut |place: &mut Value, at: &str| {
                seen.push((at.to_owned(), place.clone()));
                Ok(())
            };
            visit(&mut value, pattern, note).unwrap();
        }
        let expected = [("/list/0/key", "a"), ("/list/1/key", "b"), ("/map/x~1y", "c")];
        assert_eq!(seen, expected.map(|(at, text)| (at.to_owned(), json!(text))));
    }

    #[test]
    fn all_texts_below_a_secret_are_hidden() {
        let members = [SecretMember { pointer: "/users/*/password", required: false }];
        let value = json!({"users": [{"password": "a", "name": "n"}, {"password": {"odd": ["b", 1]}}]});
        assert_eq!(texts_at(&members, &value), ["a", "b"]);
    }
}
