//! What a schema says about values, in whichever of the many ways OpenAPI 3.0 and 3.1 have for it.

use std::collections::BTreeSet;

use descope_mcp_codegen::document::Place;

/// Deepest chain of `allOf` and references that is followed.
const MAX_DEPTH: usize = 32;

/// A schema, with references followed and `allOf` merged.
pub(super) struct Shape<'a> {
    /// Where it stands.
    pub(super) place: Place<'a>,
    /// The name of the component that it is, if it is one.
    pub(super) name: Option<String>,
    pub(super) nullable: bool,
    pub(super) deprecated: bool,
    /// The values that it admits, if it lists them, as JSON.
    pub(super) values: Option<BTreeSet<String>>,
    pub(super) kind: Kind<'a>,
}

pub(super) enum Kind<'a> {
    Anything,
    Boolean,
    Number {
        integer: bool,
        format: Option<&'a str>,
    },
    Text {
        format: Option<&'a str>,
    },
    /// The items; none if nothing is said about them.
    List(Option<Place<'a>>),
    Object {
        members: Vec<Member<'a>>,
        rest: Rest<'a>,
    },
    /// One of these, or several.
    Choice(Vec<Place<'a>>),
    /// Several types without more.
    Mixed(String),
    /// It cannot be read; why.
    Unreadable(String),
}

pub(super) struct Member<'a> {
    pub(super) name: &'a str,
    pub(super) schema: Place<'a>,
    pub(super) required: bool,
}

/// What an object may hold beside its members.
pub(super) enum Rest<'a> {
    Open,
    Closed,
    Of(Place<'a>),
}

impl Kind<'_> {
    /// As people would say it.
    pub(super) fn words(&self) -> String {
        let with = |kind: &str, format: &Option<&str>| match format {
            Some(format) => format!("{kind} ({format})"),
            None => kind.to_owned(),
        };
        match self {
            Self::Anything => "anything".to_owned(),
            Self::Boolean => "a boolean".to_owned(),
            Self::Number { integer: true, format } => with("an integer", format),
            Self::Number { integer: false, format } => with("a number", format),
            Self::Text { format } => with("a string", format),
            Self::List(_) => "a list".to_owned(),
            Self::Object { members, rest: Rest::Of(_) } if members.is_empty() => "a map".to_owned(),
            Self::Object { .. } => "an object".to_owned(),
            Self::Choice(_) => "a choice".to_owned(),
            Self::Mixed(types) => types.clone(),
            Self::Unreadable(why) => why.clone(),
        }
    }

    /// What makes two kinds comparable member by member.
    pub(super) fn sort(&self) -> &'static str {
        match self {
            Self::Anything => "anything",
            Self::Boolean => "boolean",
            Self::Number { integer: true, .. } => "integer",
            Self::Number { integer: false, .. } => "number",
            Self::Text { .. } => "string",
            Self::List(_) => "list",
            Self::Object { .. } => "object",
            Self::Choice(_) => "choice",
            Self::Mixed(_) => "mixed",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// Reads the schema at a place of the document with this root.
pub(super) fn read<'a>(root: &Place<'a>, place: &Place<'a>) -> Shape<'a> {
    read_within(root, place, MAX_DEPTH)
}

fn read_within<'a>(root: &Place<'a>, place: &Place<'a>, depth: usize) -> Shape<'a> {
    let (place, name) = match follow(root, place) {
        Ok(found) => found,
        Err(why) => return unreadable(place.clone(), why),
    };
    if depth == 0 {
        return unreadable(place, "it is nested too deep".to_owned());
    }
    let (mut types, mut nullable) = types(&place);
    nullable |= place.member("nullable").and_then(|value| value.bool()) == Some(true);
    let values = place.member("enum").map(|list| {
        let texts = list.items().into_iter().map(|item| item.node.to_json().to_string());
        texts.filter(|text| text != "null").collect()
    });
    let deprecated = place.member("deprecated").and_then(|value| value.bool()) == Some(true);
    let mut shape = Shape { name, nullable, deprecated, values, kind: Kind::Anything, place };
    let place = shape.place.clone();

    for key in ["oneOf", "anyOf"] {
        let Some(list) = place.member(key) else { continue };
        let (nulls, rest): (Vec<_>, Vec<_>) =
            list.items().into_iter().partition(|item| item.text("type") == Some("null"));
        shape.nullable |= !nulls.is_empty();
        if let [only] = rest.as_slice() {
            return shape.around(read_within(root, only, depth - 1));
        }
        shape.kind = Kind::Choice(rest);
        return shape;
    }
    if let Some(parts) = place.member("allOf") {
        let own = own_members(&place);
        let parts = parts.items();
        if let ([only], true) = (parts.as_slice(), own.is_empty()) {
            return shape.around(read_within(root, only, depth - 1));
        }
        shape.kind = merged(root, &place, own, &parts, depth);
        return shape;
    }
    let format = place.text("format");
    if types.is_empty() {
        let guess = [("properties", "object"), ("additionalProperties", "object"), ("items", "array")];
        types.extend(guess.iter().find(|(key, _)| place.member(key).is_some()).map(|(_, kind)| *kind));
    }
    shape.kind = match types.as_slice() {
        [] => Kind::Anything,
        ["boolean"] => Kind::Boolean,
        ["integer"] => Kind::Number { integer: true, format },
        ["number"] => Kind::Number { integer: false, format },
        ["string"] => Kind::Text { format },
        ["array"] => Kind::List(place.member("items")),
        ["object"] => Kind::Object { members: own_members(&place), rest: rest(&place) },
        several => Kind::Mixed(several.join(" or ")),
    };
    shape
}

impl<'a> Shape<'a> {
    /// This schema, if all it does is to stand around another one.
    fn around(self, inner: Shape<'a>) -> Shape<'a> {
        Shape {
            name: self.name.or(inner.name),
            nullable: self.nullable || inner.nullable,
            deprecated: self.deprecated || inner.deprecated,
            values: self.values.or(inner.values),
            place: inner.place,
            kind: inner.kind,
        }
    }
}

fn unreadable(place: Place<'_>, why: String) -> Shape<'_> {
    Shape { place, name: None, nullable: false, deprecated: false, values: None, kind: Kind::Unreadable(why) }
}

/// Where a chain of references ends, with the name of the last component on it.
pub(super) fn follow<'a>(root: &Place<'a>, place: &Place<'a>) -> Result<(Place<'a>, Option<String>), String> {
    let (mut place, mut name) = (place.clone(), None);
    let mut seen = BTreeSet::new();
    while let Some(reference) = place.text("$ref") {
        if !seen.insert(reference.to_owned()) {
            return Err(format!("{reference} refers to itself"));
        }
        let target = reference.strip_prefix('#').and_then(|pointer| root.find(pointer));
        place = target.ok_or_else(|| format!("{reference} is not in the document"))?;
        name = reference.strip_prefix("#/components/schemas/").map(str::to_owned).or(name);
    }
    Ok((place, name))
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
    let members = place.member("properties").map(|properties| properties.members()).unwrap_or_default();
    members
        .into_iter()
        .map(|(name, schema)| Member { name, schema, required: required.contains(name) })
        .collect()
}

fn required<'a>(place: &Place<'a>) -> BTreeSet<&'a str> {
    let list = place.member("required").map(|list| list.items()).unwrap_or_default();
    list.iter().filter_map(|item| item.str()).collect()
}

fn rest<'a>(place: &Place<'a>) -> Rest<'a> {
    match place.member("additionalProperties") {
        Some(value) if value.bool() == Some(false) => Rest::Closed,
        Some(value) if value.members().is_empty() => Rest::Open,
        Some(value) => Rest::Of(value),
        None => Rest::Open,
    }
}

/// What all parts of an `allOf` say together, with what stands beside them.
fn merged<'a>(
    root: &Place<'a>,
    place: &Place<'a>,
    own: Vec<Member<'a>>,
    parts: &[Place<'a>],
    depth: usize,
) -> Kind<'a> {
    let mut all = own;
    let mut end = Rest::Open;
    let mut demanded = required(place);
    for part in parts {
        let shape = read_within(root, part, depth - 1);
        demanded.extend(required(&shape.place));
        match shape.kind {
            Kind::Object { members, rest } => {
                all.extend(members);
                if !matches!(rest, Rest::Open) {
                    end = rest;
                }
            }
            Kind::Anything => {}
            Kind::Unreadable(why) => return Kind::Unreadable(why),
            other => return Kind::Mixed(format!("{} and more", other.words())),
        }
    }
    let mut members: Vec<Member<'a>> = Vec::new();
    for mut member in all {
        member.required |= demanded.contains(member.name);
        match members.iter_mut().find(|present| present.name == member.name) {
            Some(present) => present.required |= member.required,
            None => members.push(member),
        }
    }
    Kind::Object { members, rest: end }
}
