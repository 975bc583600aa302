//! Documents out of fragments of OpenAPI, most of them nearly right: what is wrong everywhere is refused at the door.

use serde_json::{Map, Value, json};

/// Where decisions come from.
pub(crate) trait Choices {
    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: usize) -> usize;

    /// Whether something happens that does so once in `odds`.
    fn once_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 0
    }
}

/// Decisions out of a number: the same ones for the same number (SplitMix64).
pub(crate) struct Seeded(pub(crate) u64);

impl Choices for Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

/// Decisions out of bytes, for fuzzers that have their own idea of what to try; at their end always the first.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl Choices for Bytes<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % limit
    }
}

const NAMES: [&str; 34] = [
    "Thing", "thing", "Other", "a", "b", "type", "self", "Self", "crate", "fn", "async", "gen", "id",
    "extra", "body", "value", "default", "Error", "error", "Option", "String", "Vec", "Client", "List",
    "été", "日本", "\u{301}", "🦀", "a.b", "a-b", "a_b", "1st", "", "x-own",
];
const KEYS: [&str; 30] = [
    "type",
    "properties",
    "items",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "required",
    "nullable",
    "format",
    "enum",
    "$ref",
    "additionalProperties",
    "description",
    "default",
    "schema",
    "content",
    "responses",
    "parameters",
    "requestBody",
    "operationId",
    "in",
    "name",
    "200",
    "default",
    "application/json",
    "x-basis",
    "minimum",
    "discriminator",
    "const",
];
const ODD_BYTES: &[u8] = b"[]{}:,&*!|>'\"%@`#-?\n\t\0~<";
const METHODS: [&str; 5] = ["get", "post", "put", "delete", "trace"];
const PATHS: [&str; 8] = ["/a", "/b", "/a/{id}", "/{a}/{b}", "/c/{type}", "/v1/x", "a", "/{/"];
const FORMATS: [&str; 8] = ["password", "int32", "int64", "uint8", "date-time", "binary", "uuid", "double"];

/// The text of a document.
pub(crate) fn document(choices: &mut impl Choices) -> String {
    let mut document = whole(choices);
    if choices.once_in(2) {
        for _ in 0..=choices.below(3) {
            mutate(&mut document, choices);
        }
    }
    let mut text = String::new();
    write(&document, &mut text, &mut 0, choices);
    if choices.once_in(12) { flip(&text, choices) } else { text }
}

fn pick<'a>(from: &[&'a str], choices: &mut impl Choices) -> &'a str {
    from[choices.below(from.len())]
}

fn name(choices: &mut impl Choices) -> &'static str {
    // Mostly such that documents are accepted.
    let limit = if choices.once_in(4) { NAMES.len() } else { 24 };
    NAMES[choices.below(limit)]
}

fn whole(choices: &mut impl Choices) -> Value {
    let mut paths = Map::new();
    for number in 0..=choices.below(2) {
        let mut item = Map::new();
        for _ in 0..=choices.below(1 + number) {
            item.insert(pick(&METHODS, choices).to_owned(), operation(choices));
        }
        paths
            .insert(pick(&PATHS[..if choices.once_in(20) { 8 } else { 6 }], choices).to_owned(), item.into());
    }
    let mut schemas = Map::new();
    for _ in 0..choices.below(5) {
        schemas.insert(name(choices).to_owned(), schema(choices, 3));
    }
    let version = if choices.once_in(30) { "3.1.0" } else { "3.0.3" };
    json!({
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

fn operation(choices: &mut impl Choices) -> Value {
    let mut operation = Map::new();
    let id = format!("{}{}", name(choices), choices.below(9));
    operation.insert("operationId".to_owned(), id.into());
    if choices.once_in(2) {
        operation.insert("requestBody".to_owned(), json!({"required": true, "content": content(choices)}));
    }
    if choices.once_in(2) {
        let parameters: Vec<_> = (0..=choices.below(2)).map(|_| parameter(choices)).collect();
        operation.insert("parameters".to_owned(), parameters.into());
    }
    let mut responses = Map::new();
    for _ in 0..=choices.below(2) {
        let status = pick(&["200", "200", "2XX", "4XX", "404", "5XX", "default", "101"], choices);
        let mut response = json!({"description": "d"});
        if choices.once_in(2) {
            response["content"] = content(choices);
        }
        responses.insert(status.to_owned(), response);
    }
    operation.insert("responses".to_owned(), responses.into());
    operation.into()
}

fn content(choices: &mut impl Choices) -> Value {
    let media = match choices.below(12) {
        0 => "text/plain",
        1 => "application/octet-stream",
        2 => "application/x-www-form-urlencoded",
        3 => "multipart/form-data",
        4 => "*/*",
        _ => "application/json",
    };
    json!({media: {"schema": schema(choices, 2)}})
}

fn parameter(choices: &mut impl Choices) -> Value {
    let location = pick(&["path", "query", "query", "header", "cookie"], choices);
    json!({
        "name": name(choices), "in": location, "required": location == "path" || choices.once_in(2),
        "schema": if choices.once_in(2) { schema(choices, 1) } else { json!({"type": "string"}) },
    })
}

fn schema(choices: &mut impl Choices, depth: usize) -> Value {
    let mut schema = match choices.below(if depth == 0 { 6 } else { 13 }) {
        0 => json!({"type": "string"}),
        1 => json!({"type": "string", "format": pick(&FORMATS, choices)}),
        2 => json!({"type": "integer", "format": pick(&FORMATS, choices)}),
        3 => json!({"type": pick(&["boolean", "number", "integer", "object"], choices)}),
        4 => return json!({"$ref": reference(choices)}),
        5 => json!({}),
        6 => json!({"type": "array", "items": self::schema(choices, depth - 1)}),
        7 => json!({"type": "object", "additionalProperties": self::schema(choices, depth - 1)}),
        8 => {
            let key = pick(&["allOf", "oneOf", "anyOf"], choices);
            let parts: Vec<_> = (0..=choices.below(3)).map(|_| self::schema(choices, depth - 1)).collect();
            json!({key: parts})
        }
        _ => record(choices, depth),
    };
    match choices.below(14) {
        0 => schema["nullable"] = true.into(),
        1 => schema["description"] = "*/ ``` \u{202e} \"#\"# {} \\".into(),
        2 => schema["enum"] = json!(["a", 1, null, {}]),
        3 => schema["default"] = json!([{}]),
        4 => schema["allOf"] = json!([self::schema(choices, 0)]),
        5 => schema["oneOf"] = json!([self::schema(choices, 0), self::schema(choices, 0)]),
        _ => {}
    }
    schema
}

fn record(choices: &mut impl Choices, depth: usize) -> Value {
    let mut properties = Map::new();
    for _ in 0..choices.below(4) {
        properties.insert(name(choices).to_owned(), schema(choices, depth - 1));
    }
    let required: Vec<_> = properties.keys().filter(|_| choices.once_in(2)).cloned().collect();
    let mut record = json!({"type": "object", "properties": properties, "required": required});
    match choices.below(4) {
        0 => record["additionalProperties"] = json!({}),
        1 => record["additionalProperties"] = choices.once_in(2).into(),
        _ => {}
    }
    record
}

fn reference(choices: &mut impl Choices) -> String {
    match choices.below(16) {
        0 => "#/components/schemas/None".to_owned(),
        1 => "https://example.com/a.yaml#/A".to_owned(),
        2 => "#/components/schemas/Thing/properties/a".to_owned(),
        3 => "#".to_owned(),
        // The first names are the likeliest to be there.
        _ => format!("#/components/schemas/{}", NAMES[choices.below(5)]),
    }
}

/// Changes one element, found by going down at random.
fn mutate(value: &mut Value, choices: &mut impl Choices) {
    let stop = choices.once_in(6);
    match value {
        Value::Object(members) if !members.is_empty() => {
            let number = choices.below(members.len());
            let Some(key) = members.keys().nth(number).cloned() else { return };
            if !stop {
                if let Some(member) = members.get_mut(&key) {
                    mutate(member, choices);
                }
                return;
            }
            match choices.below(5) {
                0 => drop(members.remove(&key)),
                1 => drop(members.insert(key, odd(choices))),
                2 => {
                    let member = members.remove(&key).unwrap_or_default();
                    members.insert(name(choices).to_owned(), member);
                }
                3 => drop(members.insert(pick(&KEYS, choices).to_owned(), odd(choices))),
                _ => {
                    let member = members.get(&key).cloned().unwrap_or_default();
                    members.insert(pick(&KEYS, choices).to_owned(), member);
                }
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let number = choices.below(items.len());
            if stop {
                items.push(items[number].clone());
            } else {
                mutate(&mut items[number], choices);
            }
        }
        other => *other = odd(choices),
    }
}

fn odd(choices: &mut impl Choices) -> Value {
    match choices.below(14) {
        0 => Value::Null,
        1 => true.into(),
        2 => (-1).into(),
        3 => 1e300.into(),
        4 => "".into(),
        5 => json!([]),
        6 => json!({}),
        7 => json!(["string", "null"]),
        8 => json!({"$ref": reference(choices)}),
        9 => json!({"items": {}, "properties": {"a": {}}}),
        10 => json!({"allOf": [{"$ref": reference(choices)}, {"$ref": reference(choices)}]}),
        11 => pick(&KEYS, choices).into(),
        12 => name(choices).into(),
        _ => schema(choices, 2),
    }
}

/// JSON, which is YAML, with an alias here and there.
fn write(value: &Value, text: &mut String, anchors: &mut usize, choices: &mut impl Choices) {
    match value {
        Value::Object(members) => {
            if *anchors > 0 && choices.once_in(60) {
                *text += &format!("*n{} ", choices.below(*anchors));
                return;
            }
            // Open until its end, so an alias inside of it leads back.
            if choices.once_in(60) {
                *text += &format!("&n{anchors} ");
                *anchors += 1;
            }
            *text += "{";
            for (number, (key, member)) in members.iter().enumerate() {
                *text += if number > 0 { ",\n" } else { "" };
                *text += &Value::from(key.as_str()).to_string();
                *text += ": ";
                write(member, text, anchors, choices);
            }
            *text += "}";
        }
        Value::Array(items) => {
            *text += "[";
            for (number, item) in items.iter().enumerate() {
                *text += if number > 0 { ", " } else { "" };
                write(item, text, anchors, choices);
            }
            *text += "]";
        }
        other => *text += &other.to_string(),
    }
}

/// Changes bytes, cuts, repeats.
fn flip(text: &str, choices: &mut impl Choices) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=choices.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = choices.below(bytes.len());
        match choices.below(4) {
            0 => bytes[at] ^= 1 << choices.below(8),
            1 => bytes.truncate(at),
            2 => bytes.insert(at, ODD_BYTES[choices.below(ODD_BYTES.len())]),
            _ => bytes.extend_from_within(at..),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
