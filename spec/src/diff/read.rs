//! Reads a schema in whichever of the many ways that OpenAPI 3.0 and 3.1 have for it.

use std::collections::BTreeSet;

use descope_mcp_codegen::document::Place;

use super::shape::{Kind, Member, Rest, Shape};
use super::unjudged::Unjudged;
use crate::walk::{follow, followed};

/// Deepest chain of `allOf` and alternatives that is followed.
const MAX_DEPTH: usize = 32;
/// Most schemas that one schema is put together from.
const MAX_PARTS: usize = 1000;
/// Why a schema is not read that is put together from more.
pub(super) const TOO_MANY_PARTS: &str = "it has too many parts";

/// Reads the schema at a place of the document with this root.
pub(super) fn read<'a>(root: &Place<'a>, place: &Place<'a>) -> Shape<'a> {
    // Before 3.1, what stands beside a reference means nothing.
    let siblings_count = !root.text("openapi").is_some_and(|version| version.trim().starts_with("3.0"));
    Reader { root, parts_left: MAX_PARTS, siblings_count }.read(place, MAX_DEPTH)
}

struct Reader<'r, 'a> {
    root: &'r Place<'a>,
    /// What bounds schemas whose parts have parts, each used many times.
    parts_left: usize,
    /// Whether what stands beside a reference holds too.
    siblings_count: bool,
}

impl<'a> Reader<'_, 'a> {
    fn read(&mut self, place: &Place<'a>, depth: usize) -> Shape<'a> {
        let (target, name) = match follow(self.root, place) {
            Ok(found) => found,
            Err(why) => return unreadable(place.clone(), why),
        };
        self.parts_left = self.parts_left.saturating_sub(1);
        if depth == 0 || self.parts_left == 0 {
            return unreadable(target, TOO_MANY_PARTS.to_owned());
        }
        let mut shape = self.own(target, depth);
        for reference in followed(self.root, place) {
            shape = self.with_siblings(shape, reference);
        }
        shape.name = name.or(shape.name);
        shape
    }

    /// A schema together with what stands beside a reference to it.
    fn with_siblings(&self, mut shape: Shape<'a>, reference: Place<'a>) -> Shape<'a> {
        let unjudged = Unjudged::of(&reference, |name, _| name == "$ref" || name == "deprecated");
        if unjudged.is_empty() {
            shape.deprecated |= reference.flag("deprecated") == Some(true);
        } else if self.siblings_count {
            let siblings = self.alone(reference);
            let is_wrapper = matches!(siblings.kind, Kind::Anything);
            let place = if is_wrapper { shape.place.clone() } else { siblings.place.clone() };
            let name = shape.name.clone();
            shape = siblings.and(shape);
            (shape.place, shape.name) = (place, name);
        } else {
            shape.unjudged.extend(unjudged);
        }
        shape
    }

    /// What a schema says that is no reference.
    fn own(&mut self, place: Place<'a>, depth: usize) -> Shape<'a> {
        let shape = self.alone(place.clone());
        let parts = place.member("allOf").map(|parts| parts.items()).unwrap_or_default();
        let shape = self.merged(shape, &parts, depth);
        match ALTERNATIVES.iter().find_map(|key| place.member(key)) {
            Some(list) => self.with_choice(shape, &list.items(), depth),
            None => shape,
        }
    }

    /// What a schema says without its parts and alternatives.
    fn alone(&self, place: Place<'a>) -> Shape<'a> {
        if place.bool().is_none() && !place.is_map() {
            let mut shape = unreadable(place.clone(), "it is no schema".to_owned());
            shape.unjudged.insert("schema", place);
            return shape;
        }
        let (types, mut nullable) = types(&place);
        nullable |= place.flag("nullable") == Some(true);
        let (values, null_is_listed) = values(&place);
        // A list of values that has no null admits none, whatever the type says; without a type it decides alone.
        if values.is_some() {
            nullable = null_is_listed && (nullable || types.is_empty());
        }
        let kind = kind(&place, &types);
        Shape {
            name: None,
            nullable,
            deprecated: place.flag("deprecated") == Some(true),
            values,
            limits: limits(&place),
            conditions: Vec::new(),
            unjudged: Unjudged::of(&place, |name, value| is_judged(&place, &kind, name, value)),
            kind,
            place,
        }
    }

    /// The schema together with all parts of its `allOf`.
    fn merged(&mut self, mut shape: Shape<'a>, parts: &[Place<'a>], depth: usize) -> Shape<'a> {
        let is_wrapper = parts.len() == 1 && matches!(shape.kind, Kind::Anything);
        for part in parts {
            let part = self.read(part, depth - 1);
            if is_wrapper {
                shape.name = part.name.clone();
                shape.place = part.place.clone();
            }
            shape = shape.and(part);
        }
        shape
    }

    /// The schema with alternatives, null taken out of them.
    fn with_choice(&mut self, mut shape: Shape<'a>, list: &[Place<'a>], depth: usize) -> Shape<'a> {
        let mut alternatives = Vec::new();
        let mut only = None;
        for place in list {
            let read = self.read(place, depth - 1);
            if read.kind.is_null() {
                shape.nullable = true;
                shape.unjudged.extend(read.unjudged);
                continue;
            }
            match read.kind {
                // Alternatives of an alternative are alternatives.
                Kind::Choice(ref inner) if read.says_no_more() => alternatives.extend(inner.iter().cloned()),
                _ => alternatives.push(place.clone()),
            }
            only = Some(read);
        }
        match (alternatives.len(), only, &shape.kind) {
            (1, Some(only), Kind::Anything) if !matches!(only.kind, Kind::Choice(_)) => shape.around(only),
            (_, _, Kind::Anything) => Shape { kind: Kind::Choice(alternatives), ..shape },
            // Beside members of its own, alternatives are one more thing to compare.
            _ => {
                shape.conditions.extend(alternatives);
                shape
            }
        }
    }
}

/// Keywords that list alternatives. Only the first of them is read.
const ALTERNATIVES: [&str; 2] = ["oneOf", "anyOf"];

/// Whether a keyword of a schema of this kind is read here, in the form that it has.
fn is_judged(place: &Place<'_>, kind: &Kind<'_>, name: &str, value: &Place<'_>) -> bool {
    let is_schema = value.is_map() || value.bool().is_some();
    match name {
        "$ref" | "const" => true,
        "type" => value.is_list() || value.str().is_some(),
        "nullable" | "deprecated" => value.bool().is_some(),
        "enum" | "allOf" | "oneOf" => value.is_list(),
        "anyOf" => value.is_list() && place.member("oneOf").is_none(),
        "format" => matches!(kind, Kind::Number { .. } | Kind::Text { .. }),
        "items" => is_schema && matches!(kind, Kind::List(_)),
        "properties" => value.is_map() && matches!(kind, Kind::Object { .. }),
        "required" => value.is_list() && matches!(kind, Kind::Object { .. }),
        "additionalProperties" => is_schema && matches!(kind, Kind::Object { .. }),
        // It is a limit, but may refer to something.
        "not" => false,
        _ => LIMITS.contains(&name),
    }
}

/// What bounds values of a type.
pub(super) const LIMITS: [&str; 14] = [
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "not",
];

fn limits(place: &Place<'_>) -> BTreeSet<String> {
    let limits = place.members().into_iter().filter(|(key, _)| LIMITS.contains(key));
    limits.map(|(key, value)| format!("{key}: {}", value.node.to_json())).collect()
}

/// The values that are listed, as JSON, without null; and whether null is among them.
fn values(place: &Place<'_>) -> (Option<BTreeSet<String>>, bool) {
    let text = |item: Place<'_>| item.node.to_json().to_string();
    let listed = place.member("enum").filter(Place::is_list);
    let listed: Option<BTreeSet<String>> = listed.map(|list| list.items().into_iter().map(text).collect());
    let only: Option<BTreeSet<String>> = place.member("const").map(|only| [text(only)].into());
    let Some(mut texts) = in_both(listed, only) else { return (None, false) };
    let null_is_listed = texts.remove("null");
    (Some(texts), null_is_listed)
}

/// Values that both lists admit; no list admits all.
pub(super) fn in_both(
    one: Option<BTreeSet<String>>,
    other: Option<BTreeSet<String>>,
) -> Option<BTreeSet<String>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.intersection(&other).cloned().collect()),
        (one, other) => one.or(other),
    }
}

/// What a schema's type says, without its compositions.
fn kind<'a>(place: &Place<'a>, types: &[&'a str]) -> Kind<'a> {
    let format = place.text("format");
    let object = ["properties", "additionalProperties", "required"];
    let guess = if object.iter().any(|key| place.member(key).is_some()) {
        Some("object")
    } else {
        place.member("items").map(|_| "array")
    };
    let only_null = types.is_empty()
        && (place.text("type") == Some("null") || place.member("type").is_some_and(|list| list.is_list()));
    match (types, guess) {
        _ if place.bool() == Some(false) => Kind::Mixed("nothing".to_owned()),
        _ if only_null => Kind::Mixed("null".to_owned()),
        ([], None) => Kind::Anything,
        (["boolean"], _) => Kind::Boolean,
        (["integer"], _) => Kind::Number { integer: true, format },
        (["number"], _) => Kind::Number { integer: false, format },
        (["string"], _) => Kind::Text { format },
        (["array"], _) | ([], Some("array")) => Kind::List(place.member("items")),
        (["object"], _) | ([], Some(_)) => Kind::Object { members: own_members(place), rest: rest(place) },
        (several, _) => {
            let mut several = several.to_vec();
            several.sort_unstable();
            Kind::Mixed(several.join(" or "))
        }
    }
}

fn unreadable(place: Place<'_>, why: String) -> Shape<'_> {
    Shape {
        place,
        name: None,
        nullable: false,
        deprecated: false,
        values: None,
        kind: Kind::Unreadable(why),
        limits: BTreeSet::new(),
        conditions: Vec::new(),
        unjudged: Unjudged::default(),
    }
}

/// The types that are named, without null, and whether null is among them.
fn types<'a>(place: &Place<'a>) -> (Vec<&'a str>, bool) {
    let Some(named) = place.member("type") else { return (Vec::new(), false) };
    let all: Vec<_> = match named.str() {
        Some(one) => vec![one],
        None => named.items().iter().filter_map(|item| item.str()).collect(),
    };
    let nullable = all.contains(&"null");
    (all.into_iter().filter(|one| *one != "null").collect(), nullable)
}

fn own_members<'a>(place: &Place<'a>) -> Vec<Member<'a>> {
    let required = required(place);
    let properties = place.member("properties").map(|properties| properties.members()).unwrap_or_default();
    let is_required = |name: &str| required.iter().any(|(demanded, _)| *demanded == name);
    let mut members: Vec<_> = properties
        .into_iter()
        .map(|(name, schema)| Member { name, schema, required: is_required(name), again: Vec::new() })
        .collect();
    // What is required and not described may be anything.
    for (name, schema) in required {
        if members.iter().all(|member| member.name != name) {
            members.push(Member { name, schema, required: true, again: Vec::new() });
        }
    }
    members
}

/// The names in `required`, each with its place there.
fn required<'a>(place: &Place<'a>) -> Vec<(&'a str, Place<'a>)> {
    let list = place.member("required").map(|list| list.items()).unwrap_or_default();
    list.into_iter().filter_map(|item| Some((item.str()?, item))).collect()
}

fn rest<'a>(place: &Place<'a>) -> Rest<'a> {
    match place.member("additionalProperties") {
        Some(value) if value.bool() == Some(false) => Rest::Closed,
        Some(value) if value.members().is_empty() => Rest::Open,
        Some(value) => Rest::Of(value),
        None => Rest::Open,
    }
}
