//! From one object of arguments to a request, by the table.

use std::fmt;

use descope_mcp_operations::{Argument, Body, Operation, Place};
use progenitor_client::encode_path;
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use reqwest::{Client, Method, Request, Url};
use serde_json::{Map, Value};

/// Why no request can be made of the arguments. Names arguments and never shows their values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// JSON pointer of the argument; empty for all of them.
    pointer: String,
    message: String,
}

impl Problem {
    fn new(pointer: String, message: impl Into<String>) -> Self {
        Self { pointer, message: message.into() }
    }

    fn of(name: &str, message: impl Into<String>) -> Self {
        Self::new(format!("/{}", name.replace('~', "~0").replace('/', "~1")), message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => f.write_str(&self.message),
            pointer => write!(f, "`{pointer}` {}", self.message),
        }
    }
}

/// The request for a call, without what every request gets on its way.
pub(super) fn build(
    http: &Client,
    base_url: &str,
    operation: &Operation,
    arguments: &Value,
) -> Result<Request, Problem> {
    let unsendable = |what: &str| Problem::new(String::new(), format!("this operation has {what}"));
    let Some(arguments) = arguments.as_object() else {
        return Err(Problem::new(String::new(), "the arguments must be one JSON object"));
    };
    if let Body::Other { media_type } = operation.body {
        return Err(unsendable(&format!("a body of type {media_type}, not JSON")));
    }
    let mut body = undeclared(operation, arguments)?;
    let mut path = operation.path.to_owned();
    let mut query: Vec<(&str, String)> = Vec::new();
    let mut headers = Vec::new();
    let mut whole_body = None;
    for argument in operation.arguments {
        let Argument { name, wire_name, place, required } = *argument;
        let value = arguments.get(name);
        if value.is_none() && required {
            return Err(Problem::of(name, "is required"));
        }
        // Only JSON can say null; outside of the body it is the same as nothing.
        let given = value.filter(|value| !value.is_null());
        match place {
            Place::Path => {
                let text =
                    given.ok_or_else(|| Problem::of(name, "is required")).and_then(|v| scalar(name, v))?;
                path = path.replace(&format!("{{{wire_name}}}"), &segment(name, &text)?);
            }
            Place::Query { repeated: true } => {
                let texts = given.map(|value| list(name, value)).transpose()?.unwrap_or_default();
                query.extend(texts.into_iter().map(|text| (wire_name, text)));
            }
            Place::Query { repeated: false } => {
                let texts = given.map(|value| list(name, value)).transpose()?;
                query.extend(texts.map(|texts| (wire_name, texts.join(","))));
            }
            Place::Header => {
                let texts = given.map(|value| list(name, value)).transpose()?;
                headers.extend(texts.map(|texts| (name, wire_name, texts.join(","))));
            }
            Place::Member => {
                body.extend(value.map(|value| (wire_name.to_owned(), value.clone())));
            }
            Place::Body => whole_body = value,
        }
    }

    let text = format!("{base_url}{path}");
    let mut url = Url::parse(&text).map_err(|_| unsendable("a path that makes no URL of these arguments"))?;
    // Dots, backslashes and whatever else a parser tidies up would lead to another operation.
    if url.as_str() != text {
        return Err(unsendable("a path that these arguments would lead out of"));
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let method = Method::from_bytes(operation.method.as_bytes());
    let method = method.map_err(|_| unsendable("a method that HTTP does not have"))?;
    let mut request = http.request(method, url);
    for (name, wire_name, text) in headers {
        let wrong = || Problem::of(name, "cannot be put into a header");
        let header = HeaderName::from_bytes(wire_name.as_bytes()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(&text).map_err(|_| wrong())?;
        value.set_sensitive(true);
        request = request.header(header, value);
    }
    request = request.header(ACCEPT, HeaderValue::from_static("application/json"));
    request = match (operation.body, whole_body) {
        (Body::Object { required, .. }, _) if required || !body.is_empty() => request.json(&body),
        (Body::Value, Some(value)) => request.json(value),
        _ => request,
    };
    request.build().map_err(|_| unsendable("something that makes no request of these arguments"))
}

/// Arguments that the table does not list: members of an open body, or a mistake.
fn undeclared(operation: &Operation, arguments: &Map<String, Value>) -> Result<Map<String, Value>, Problem> {
    let is_open = matches!(operation.body, Body::Object { open: true, .. });
    let mut members = Map::new();
    for (name, value) in arguments.iter().filter(|(name, _)| operation.argument(name).is_none()) {
        let meant = operation.arguments.iter().filter(|argument| argument.wire_name == name);
        let meant: Vec<_> = meant.map(|argument| format!("`{}`", argument.name)).collect();
        if !meant.is_empty() {
            let message = format!("occurs in several places of the request: use {}", meant.join(" or "));
            return Err(Problem::of(name, message));
        }
        if !is_open {
            return Err(Problem::of(name, "is no argument of this operation"));
        }
        members.insert(name.clone(), value.clone());
    }
    Ok(members)
}

/// A value as it stands in a path, a query or a header.
fn scalar(name: &str, value: &Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(Problem::of(name, "must be a string, a number or a boolean"))
        }
    }
}

fn list(name: &str, value: &Value) -> Result<Vec<String>, Problem> {
    match value {
        Value::Array(items) => items.iter().map(|item| scalar(name, item)).collect(),
        one => Ok(vec![scalar(name, one)?]),
    }
}

/// The text for the place of a path parameter.
fn segment(name: &str, text: &str) -> Result<String, Problem> {
    if text.is_empty() {
        return Err(Problem::of(name, "must not be empty: it is a part of the path"));
    }
    // URL parsers take a backslash for a slash.
    Ok(encode_path(text).replace('\\', "%5C"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ITEM: Operation = Operation {
        path: "/v1/items/{id}/{part}",
        arguments: &[
            Argument { name: "id", wire_name: "id", place: Place::Path, required: true },
            Argument { name: "part", wire_name: "part", place: Place::Path, required: true },
        ],
        body: Body::None,
        ..*descope_mcp_operations::MANAGEMENT[0].operations.first().unwrap()
    };

    fn path(id: &str, part: &str) -> Result<String, String> {
        let arguments = json!({"id": id, "part": part});
        build(&Client::new(), "https://h.example/base", &ITEM, &arguments)
            .map(|request| request.url().path().to_owned())
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_path_argument_stays_in_its_segment_or_is_refused() {
        for (id, encoded) in [
            ("a/b?c#d", "a%2Fb%3Fc%23d"),
            ("a\\b", "a%5Cb"),
            ("%2e%2e", "%252e%252e"),
            ("{part}", "%7Bpart%7D"),
            ("é ü", "%C3%A9%20%C3%BC"),
            ("\t\n", "%09%0A"),
            ("../x", "..%2Fx"),
        ] {
            assert_eq!(path(id, "p").unwrap(), format!("/base/v1/items/{encoded}/p"), "{id:?}");
        }
        for id in [".", "..", ""] {
            path(id, "p").unwrap_err();
            path("x", id).unwrap_err();
        }
    }
}
