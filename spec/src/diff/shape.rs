//! What a schema says about values, in whichever way it is written.

use std::collections::BTreeSet;

use descope_mcp_codegen::document::Place;

use super::read::in_both;
use super::unjudged::Unjudged;

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
    /// Bounds of values, such as lengths and patterns: `maxLength: 5`.
    pub(super) limits: BTreeSet<String>,
    /// Alternatives that stand beside members or a type.
    pub(super) conditions: Vec<Place<'a>>,
    /// What else it says, and is not compared.
    pub(super) unjudged: Unjudged<'a>,
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
    /// Where other parts of the object describe it too, in words that are not compared.
    pub(super) again: Vec<Place<'a>>,
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

    /// Whether there is something below it to compare.
    pub(super) fn has_parts(&self) -> bool {
        matches!(self, Self::List(_) | Self::Object { .. } | Self::Choice(_))
    }

    /// Whether null alone is admitted.
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Mixed(types) if types == "null")
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

/// What two schemas say together, and whether that is all they say.
fn both<'a>(one: Kind<'a>, other: Kind<'a>) -> (Kind<'a>, bool) {
    match (one, other) {
        (Kind::Anything, kind) | (kind, Kind::Anything) => (kind, true),
        (Kind::Unreadable(why), _) | (_, Kind::Unreadable(why)) => (Kind::Unreadable(why), false),
        (Kind::Object { members, rest: one }, Kind::Object { members: more, rest: other }) => {
            let (rest, is_all) = match (one, other) {
                (Rest::Open, rest) | (rest, Rest::Open) => (rest, true),
                (Rest::Closed, Rest::Closed) => (Rest::Closed, true),
                (rest, _) => (rest, false),
            };
            (Kind::Object { members: united(members, more), rest }, is_all)
        }
        (Kind::List(one), Kind::List(other)) => {
            let is_all = one.is_none() || other.is_none();
            (Kind::List(one.or(other)), is_all)
        }
        (Kind::Text { format: one }, Kind::Text { format: other }) => {
            (Kind::Text { format: one.or(other) }, one.is_none() || other.is_none() || one == other)
        }
        (Kind::Boolean, Kind::Boolean) => (Kind::Boolean, true),
        (Kind::Number { integer, format: one }, Kind::Number { integer: same, format: other })
            if integer == same =>
        {
            (
                Kind::Number { integer, format: one.or(other) },
                one.is_none() || other.is_none() || one == other,
            )
        }
        (one, other) if one.sort() == other.sort() => (one, false),
        (one, other) => (Kind::Mixed(format!("{} and {}", one.words(), other.words())), false),
    }
}

/// Of a member that both have, the one that says more stands; it is required if one of them requires it.
fn united<'a>(mut members: Vec<Member<'a>>, more: Vec<Member<'a>>) -> Vec<Member<'a>> {
    for member in more {
        match members.iter_mut().find(|present| present.name == member.name) {
            Some(present) => {
                present.required |= member.required;
                present.again.extend(member.again);
                let (mut more, mut less) = (present.schema.clone(), member.schema);
                if less.members().len() > more.members().len() {
                    std::mem::swap(&mut more, &mut less);
                }
                // Of a name in `required` there is nothing to say.
                if less.is_map() {
                    present.again.push(less);
                }
                present.schema = more;
            }
            None => members.push(member),
        }
    }
    members
}

impl<'a> Shape<'a> {
    /// This schema, if all it does is to stand around another one.
    pub(super) fn around(self, inner: Shape<'a>) -> Shape<'a> {
        let (name, place) = (self.name.clone().or(inner.name.clone()), inner.place.clone());
        Shape { name, place, ..self.and(inner) }
    }

    /// What this schema and a part of it say together.
    pub(super) fn and(mut self, part: Shape<'a>) -> Shape<'a> {
        self.nullable |= part.nullable;
        self.deprecated |= part.deprecated;
        self.values = in_both(self.values, part.values);
        self.limits.extend(part.limits);
        self.conditions.extend(part.conditions);
        self.unjudged.extend(part.unjudged);
        let (kind, is_all) = both(self.kind, part.kind);
        self.kind = kind;
        if !is_all {
            self.unjudged.insert("allOf", part.place);
        }
        self
    }

    /// Whether a choice is nothing but a choice.
    pub(super) fn says_no_more(&self) -> bool {
        self.values.is_none()
            && self.limits.is_empty()
            && self.conditions.is_empty()
            && self.unjudged.is_empty()
    }
}
