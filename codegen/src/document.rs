//! The YAML text as a tree in which every element knows its line and column.
//!
//! openapiv3's own types forget positions and quietly drop what they do not know, so every check works on this
//! tree, and the typed document is made from it last.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::errors::{Errors, Report};

/// Deepest nesting that is read. OpenAPI documents stay far below it, and the recursion of every later step is
/// bounded by it.
const MAX_DEPTH: usize = 96;
/// Most elements that are read, aliases expanded. The largest document known to us (423 paths) has about 120,000.
const MAX_NODES: usize = 1_000_000;

/// A line and a column, both counted from 1; 0 means unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// One element of the document.
#[derive(Debug, Clone)]
pub struct Node {
    at: Position,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    String(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Debug, Clone)]
struct Key {
    name: String,
    at: Position,
}

/// Reads YAML (or JSON, which is YAML too).
///
/// # Errors
///
/// One finding, at the place that is not readable.
pub fn parse(text: &str, file: &str) -> Result<Node, Errors> {
    let mut budget = serde_saphyr::Budget::default();
    budget.max_depth = MAX_DEPTH;
    budget.max_nodes = MAX_NODES;
    let options = serde_saphyr::options! { budget: Some(budget) };
    match serde_saphyr::from_str_with_options::<Node>(text, options) {
        Ok(node) => Ok(node),
        Err(error) => {
            let at = error.location().map(position).unwrap_or_default();
            let message = error.without_snippet().to_string();
            let message = message.lines().next().unwrap_or("no details given").to_owned();
            let mut report = Report::new(file);
            report.note_at(
                at,
                String::new(),
                format!("not readable as YAML: {message}"),
                "correct the text at this place",
            );
            Err(report.into_errors())
        }
    }
}

fn position(location: serde_saphyr::Location) -> Position {
    Position { line: location.line(), column: location.column() }
}

/// An element of the document together with how it was reached.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The element.
    pub node: &'a Node,
    /// Where to point: the key of a member, otherwise the element itself.
    pub at: Position,
    /// JSON pointer of the element.
    pub pointer: String,
}

impl<'a> Place<'a> {
    /// The document itself.
    pub fn root(node: &'a Node) -> Self {
        Self { node, at: node.at, pointer: String::new() }
    }

    /// The member of that name, if this is a map that has it.
    pub fn member(&self, name: &str) -> Option<Place<'a>> {
        let Kind::Map(entries) = &self.node.kind else { return None };
        entries.iter().find(|(key, _)| key.name == name).map(|(key, node)| self.below(key, node))
    }

    /// The members of a map in document order, with their names; nothing for any other element.
    pub fn members(&self) -> Vec<(&'a str, Place<'a>)> {
        match &self.node.kind {
            Kind::Map(entries) => {
                entries.iter().map(|(key, node)| (key.name.as_str(), self.below(key, node))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The items of a list; nothing for any other element.
    pub fn items(&self) -> Vec<Place<'a>> {
        match &self.node.kind {
            Kind::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, node)| Place {
                    node,
                    at: node.at,
                    pointer: format!("{}/{index}", self.pointer),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The element that a JSON pointer names.
    pub fn find(&self, pointer: &str) -> Option<Place<'a>> {
        pointer.split('/').skip(1).try_fold(self.clone(), |place, token| {
            let token = token.replace("~1", "/").replace("~0", "~");
            place.member(&token).or_else(|| place.items().into_iter().nth(token.parse().ok()?))
        })
    }

    /// The text of a string.
    pub fn str(&self) -> Option<&'a str> {
        match &self.node.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn bool(&self) -> Option<bool> {
        match self.node.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it has members.
    pub fn is_map(&self) -> bool {
        matches!(self.node.kind, Kind::Map(_))
    }

    /// Whether it has items.
    pub fn is_list(&self) -> bool {
        matches!(self.node.kind, Kind::List(_))
    }

    /// The text of a member that is a string.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.member(name).and_then(|place| place.str())
    }

    fn below(&self, key: &Key, node: &'a Node) -> Place<'a> {
        let token = key.name.replace('~', "~0").replace('/', "~1");
        Place { node, at: key.at, pointer: format!("{}/{token}", self.pointer) }
    }
}

impl Node {
    /// The element as plain JSON. Members come sorted, so that the result is the same whether or not some crate in
    /// the build switches on serde_json's `preserve_order`.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(value) => Value::Number(value.clone()),
            Kind::String(value) => Value::String(value.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Map(entries) => {
                let mut entries: Vec<_> =
                    entries.iter().map(|(key, node)| (key.name.clone(), node.to_json())).collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(entries.into_iter().collect())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Self { at: position(spanned.referenced), kind: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value that JSON has too")
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_none<E>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        Kind::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Kind, E> {
        Ok(Kind::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Kind, E> {
        Ok(Kind::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Kind, E> {
        serde_json::Number::from_f64(value)
            .map(Kind::Number)
            .ok_or_else(|| E::custom("a number that JSON cannot hold (infinite or not a number)"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Kind, E> {
        Ok(Kind::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Kind, E> {
        Ok(Kind::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element::<Node>()? {
            items.push(item);
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = access.next_entry::<Spanned<String>, Node>()? {
            entries.push((Key { at: position(key.referenced), name: key.value }, node));
        }
        Ok(Kind::Map(entries))
    }
}
