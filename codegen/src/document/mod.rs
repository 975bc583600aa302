//! The YAML text as a tree in which every element knows its line and column.
//!
//! openapiv3's own types forget positions and quietly drop what they do not know, so every check works on this
//! tree, and the typed document is made from it last.

mod edit;
mod read;

use std::cell::OnceCell;
use std::collections::HashMap;

use serde_json::Value;

use crate::errors::Located;
pub use crate::errors::Position;

pub use read::parse;

/// The members of a path that are operations.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Whether this member of a path is an operation.
pub fn is_method(name: &str) -> bool {
    METHODS.contains(&name)
}

/// Every operation of the document: path, path item, method, operation.
pub(crate) fn operations<'a>(root: &Place<'a>) -> Vec<(&'a str, Place<'a>, &'a str, Place<'a>)> {
    let paths = root.member("paths").map(|paths| paths.members()).unwrap_or_default();
    let mut found = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.members() {
            if is_method(method) {
                found.push((path, item.clone(), method, operation));
            }
        }
    }
    found
}

/// A name as one part of a JSON pointer.
pub(crate) fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whose document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Ours: nothing in it may be lost, and some of its schemas have types that are written by hand.
    Own,
    /// Somebody else's, already repaired: what cannot be typed is kept as it comes.
    Foreign,
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
    Map(Members),
}

#[derive(Debug, Clone)]
struct Key {
    name: String,
    at: Position,
}

/// The members of a map in document order, found by name in constant time.
#[derive(Debug, Clone, Default)]
struct Members {
    entries: Vec<(Key, Node)>,
    /// Made when a large map is first asked; every reference into components asks.
    index: OnceCell<HashMap<String, usize>>,
}

impl Members {
    /// Up to here looking at every name is faster than keeping an index.
    const SMALL: usize = 16;

    fn new(entries: Vec<(Key, Node)>) -> Self {
        Self { entries, index: OnceCell::new() }
    }

    fn position(&self, name: &str) -> Option<usize> {
        if self.entries.len() <= Self::SMALL {
            return self.entries.iter().position(|(key, _)| key.name == name);
        }
        let index = self.index.get_or_init(|| {
            self.entries.iter().enumerate().map(|(number, (key, _))| (key.name.clone(), number)).collect()
        });
        index.get(name).copied()
    }

    /// The entries, to be added to or taken from.
    fn changed(&mut self) -> &mut Vec<(Key, Node)> {
        self.index = OnceCell::new();
        &mut self.entries
    }
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
        let Kind::Map(members) = &self.node.kind else { return None };
        members.position(name).map(|number| &members.entries[number]).map(|(key, node)| self.below(key, node))
    }

    /// The members of a map in document order, with their names; nothing for any other element.
    pub fn members(&self) -> Vec<(&'a str, Place<'a>)> {
        match &self.node.kind {
            Kind::Map(members) => {
                members.entries.iter().map(|(key, node)| (key.name.as_str(), self.below(key, node))).collect()
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

    /// The value of a member that is a boolean.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.member(name).and_then(|place| place.bool())
    }

    fn below(&self, key: &Key, node: &'a Node) -> Place<'a> {
        Place { node, at: key.at, pointer: format!("{}/{}", self.pointer, pointer_token(&key.name)) }
    }
}

impl Located for Place<'_> {
    fn position(&self) -> Position {
        self.at
    }

    fn pointer(&self) -> &str {
        &self.pointer
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
            Kind::Map(members) => {
                let mut entries: Vec<_> =
                    members.entries.iter().map(|(key, node)| (key.name.clone(), node.to_json())).collect();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(entries.into_iter().collect())
            }
        }
    }
}
