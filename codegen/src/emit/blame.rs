//! Which element it is that the generator cannot do.
//!
//! Its messages do not say where, and a panic says less. So it is given one schema or operation at a time, first with
//! everything that it refers to reduced to "anything", then with all of it.

use std::collections::BTreeSet;

use openapiv3::OpenAPI;
use serde_json::{Map, Value, json};

use super::{Replaced, nearest, run};
use crate::document::{METHODS, Place, pointer_token};
use crate::errors::{Errors, Report};
use crate::in_place::Moved;
use crate::limits::MAX_BLAME;

const CURE: &str = "simplify this element; the message comes from the generator (progenitor)";
/// Parts of `components` that operations refer to.
const SECTIONS: [&str; 4] = ["schemas", "responses", "requestBodies", "parameters"];

/// Finds the elements that cannot be generated; `reason` is what the generator said about the whole.
pub(super) fn blame(
    root: &Place<'_>,
    document: &Value,
    moved: &Moved,
    replaced: Replaced<'_>,
    reason: &str,
    file: &str,
) -> Errors {
    let mut report = Report::new(file);
    let mut trial = Trial { document, replaced, left: MAX_BLAME };
    let elements = elements(document);
    for depth in [Depth::Alone, Depth::WithAll] {
        for element in &elements {
            if let Some(reason) = trial.fails(element, depth) {
                report.note(&nearest(root, &moved.original(&element.pointer())), reason, CURE);
            }
        }
        if report.len() > 0 {
            return report.into_errors();
        }
    }
    // Only elements that do not refer to each other fail together, or the document is too large to try them all.
    report.note(&nearest(root, ""), one_line(reason), CURE);
    report.into_errors()
}

/// Something that the generator can be given by itself.
enum Element<'a> {
    Schema(&'a str),
    Operation(&'a str, &'a str),
}

impl Element<'_> {
    fn pointer(&self) -> String {
        match self {
            Element::Schema(name) => format!("/components/schemas/{name}"),
            Element::Operation(path, method) => {
                format!("/paths/{}/{method}", pointer_token(path))
            }
        }
    }
}

fn elements(document: &Value) -> Vec<Element<'_>> {
    let schemas = members(document.pointer("/components/schemas")).map(|(name, _)| Element::Schema(name));
    let paths = members(document.get("paths"));
    let operations = paths.flat_map(|(path, item)| {
        let methods = METHODS.into_iter().filter(|method| item.get(*method).is_some());
        methods.map(move |method| Element::Operation(path, method))
    });
    schemas.chain(operations).collect()
}

fn members(element: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    element.and_then(Value::as_object).into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

/// How much comes along with an element.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Depth {
    /// Schemas that it refers to become "anything".
    Alone,
    /// Everything that it refers to, directly or not.
    WithAll,
}

struct Trial<'a> {
    document: &'a Value,
    replaced: Replaced<'a>,
    /// How many more elements may be generated: in a large document that fails as a whole, trying everything with
    /// everything would take hours.
    left: usize,
}

impl Trial<'_> {
    /// Why the generator fails on an element, if it does.
    fn fails(&mut self, element: &Element<'_>, depth: Depth) -> Option<String> {
        let document = self.reduced(element, depth)?;
        let spec = serde_json::from_value::<OpenAPI>(document).ok()?;
        run(&spec, self.replaced).err().map(|reason| one_line(&reason))
    }

    /// The document with that element and what it needs; nothing once too much has been tried.
    fn reduced(&mut self, element: &Element<'_>, depth: Depth) -> Option<Value> {
        let mut document = Map::new();
        for name in ["openapi", "info"] {
            document.insert(name.to_owned(), self.document.get(name)?.clone());
        }
        let mut components: Map<String, Value> = Map::new();
        let mut open = BTreeSet::new();
        match element {
            Element::Schema(name) => {
                document.insert("paths".to_owned(), json!({}));
                open.insert(("schemas".to_owned(), (*name).to_owned()));
            }
            Element::Operation(path, method) => {
                let mut item = self.document.get("paths")?.get(*path)?.clone();
                if let Some(item) = item.as_object_mut() {
                    item.retain(|name, _| !METHODS.contains(&name.as_str()) || name == method);
                }
                references(&item, &mut open);
                document.insert("paths".to_owned(), json!({ *path: item }));
            }
        }
        let mut first = matches!(element, Element::Schema(_));
        while let Some((section, name)) = open.pop_first() {
            let known = components.get(&section).is_some_and(|section| section.get(&name).is_some());
            if known {
                continue;
            }
            let whole = depth == Depth::WithAll || first || section != "schemas";
            first = false;
            let found =
                self.document.get("components").and_then(|c| c.get(&section)).and_then(|s| s.get(&name));
            let part = if whole { found?.clone() } else { json!({}) };
            let before = open.len();
            references(&part, &mut open);
            self.left = self.left.checked_sub(1 + open.len() - before)?;
            if let Some(section) = components.entry(section).or_insert_with(|| json!({})).as_object_mut() {
                section.insert(name, part);
            }
        }
        document.insert("components".to_owned(), Value::Object(components));
        Some(Value::Object(document))
    }
}

/// The components that an element refers to: section and name.
fn references(element: &Value, found: &mut BTreeSet<(String, String)>) {
    match element {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                let parts = reference.strip_prefix("#/components/").and_then(|rest| rest.split_once('/'));
                if let Some((section, name)) = parts.filter(|(section, _)| SECTIONS.contains(section)) {
                    found.insert((section.to_owned(), name.to_owned()));
                }
            }
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Messages of the generator dump whole schemas; their beginning is enough.
fn one_line(message: &str) -> String {
    const ENOUGH: usize = 200;
    let message = message.split_whitespace().take(ENOUGH).collect::<Vec<_>>().join(" ");
    match message.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{} …", &message[..end]),
        None => message,
    }
}
