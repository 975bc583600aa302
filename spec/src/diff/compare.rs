//! Walks two documents side by side and notes where they part.

use std::collections::{BTreeMap, BTreeSet};

use descope_mcp_codegen::document::Place;

use super::change::{Change, ChangeKind, Direction, Location};
use super::read::{TOO_MANY_PARTS, read};
use super::shape::{Kind, Member, Rest, Shape};
use super::unjudged::{Holder, Unjudged};

/// Deepest nesting that is compared.
const MAX_DEPTH: usize = 200;

/// The part of an operation that is being compared.
pub(super) struct Side {
    /// Its operation and direction, for reports.
    pub(super) shows_in: String,
    pub(super) direction: Direction,
}

/// Collects changes while two documents are walked.
pub(super) struct Comparison<'a> {
    pub(super) before: Place<'a>,
    pub(super) after: Place<'a>,
    /// Whether both are versions of one document.
    pub(super) versions: bool,
    /// Whether both say the same in the same words.
    is_same_text: bool,
    changes: BTreeMap<(ChangeKind, String, String), Change>,
    /// Pairs of schemas that were compared for the present side.
    seen: BTreeSet<(String, String)>,
    /// Pairs of references that stand in what is not compared, and were followed for the present side.
    pub(super) followed: BTreeSet<(String, String)>,
    depth: usize,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(before: Place<'a>, after: Place<'a>, versions: bool) -> Self {
        let is_same_text = before.node.to_json() == after.node.to_json();
        let (seen, followed) = (BTreeSet::new(), BTreeSet::new());
        Self { before, after, versions, is_same_text, changes: BTreeMap::new(), seen, followed, depth: 0 }
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes.into_values().collect()
    }

    /// Notes a change, or one more place where it shows.
    pub(super) fn note(
        &mut self,
        kind: ChangeKind,
        at: &str,
        side: &Side,
        is_required: bool,
        detail: String,
        places: (Option<&Place<'a>>, Option<&Place<'a>>),
    ) {
        let location = |place: &Place<'a>| Location { line: place.at.line, pointer: place.pointer.clone() };
        let change = self.changes.entry((kind, at.to_owned(), detail.clone())).or_insert_with(|| Change {
            kind,
            at: at.to_owned(),
            classes: BTreeSet::new(),
            detail,
            shows_in: BTreeSet::new(),
            before: places.0.map(location),
            after: places.1.map(location),
        });
        change.classes.insert(kind.class(side.direction, is_required));
        change.shows_in.insert(side.shows_in.clone());
    }

    /// Notes that something must be sent that need not be sent before, or the other way round.
    pub(super) fn requiredness(
        &mut self,
        side: &Side,
        at: &str,
        (old, new): (bool, bool),
        places: (Option<&Place<'a>>, Option<&Place<'a>>),
    ) {
        if old != new {
            let kind = if new { ChangeKind::BecameRequired } else { ChangeKind::BecameOptional };
            self.note(kind, at, side, new, String::new(), places);
        }
    }

    /// Compares what goes one way in an operation.
    pub(super) fn side(&mut self, side: &Side, at: &str, before: &Place<'a>, after: &Place<'a>) {
        self.seen.clear();
        self.followed.clear();
        self.schema(side, at, before, after);
    }

    pub(super) fn schema(&mut self, side: &Side, at: &str, before: &Place<'a>, after: &Place<'a>) {
        let (old, new) = (read(&self.before, before), read(&self.after, after));
        let places = (Some(before), Some(after));
        if old.nullable != new.nullable {
            let kind = if new.nullable { ChangeKind::BecameNullable } else { ChangeKind::LostNull };
            self.note(kind, at, side, false, String::new(), places);
        }
        if new.deprecated && !old.deprecated {
            self.note(ChangeKind::Deprecated, at, side, false, String::new(), places);
        }
        if self.versions && text(before, &old.place) != text(after, &new.place) {
            self.note(ChangeKind::TextChanged, at, side, false, String::new(), places);
        }
        self.values(side, at, &old, &new);
        // What a schema consists of belongs to its name; that something else stands there belongs to the place.
        let named = old.name.clone().unwrap_or_else(|| at.to_owned());
        let holders =
            [Holder { place: before, target: &old.place }, Holder { place: after, target: &new.place }];
        self.unjudged(side, [at, &named], holders, [&old.unjudged, &new.unjudged]);
        let pair = (old.place.pointer.clone(), new.place.pointer.clone());
        let is_known = !self.seen.insert(pair);
        if is_known && old.kind.sort() == new.kind.sort() && old.kind.has_parts() {
            return;
        }
        if self.depth == MAX_DEPTH {
            self.note(ChangeKind::Unreadable, at, side, false, "it is nested too deep".to_owned(), places);
            return;
        }
        if let (Some(old_name), Some(new_name)) = (&old.name, &new.name)
            && old_name != new_name
        {
            let places = (Some(&old.place), Some(&new.place));
            // The types of the client are called like the schemas of our own document.
            let kind = if self.versions { ChangeKind::TypeRenamed } else { ChangeKind::SchemaRenamed };
            self.note(kind, &named, side, false, format!("now {new_name}"), places);
        }
        self.depth += 1;
        self.conditions(side, at, &old, &new);
        self.kinds(side, at, &named, &old, &new);
        self.depth -= 1;
    }

    /// Alternatives beside members are compared as texts; then, as both say the same, what they refer to.
    fn conditions(&mut self, side: &Side, at: &str, old: &Shape<'a>, new: &Shape<'a>) {
        let texts = |shape: &Shape<'a>| -> Vec<String> {
            shape.conditions.iter().map(|place| place.node.to_json().to_string()).collect()
        };
        if texts(old) != texts(new) {
            let detail = "the alternatives beside its members".to_owned();
            let places = (Some(&old.place), Some(&new.place));
            self.note(ChangeKind::TypeChanged, at, side, false, detail, places);
            return;
        }
        for (one, other) in old.conditions.iter().zip(&new.conditions) {
            self.references(side, at, "alternatives", one, other);
        }
    }

    fn values(&mut self, side: &Side, at: &str, old: &Shape<'a>, new: &Shape<'a>) {
        let places = (Some(&old.place), Some(&new.place));
        if old.limits != new.limits {
            let words = |limits: &BTreeSet<String>| match limits.is_empty() {
                true => "none".to_owned(),
                false => limits.iter().cloned().collect::<Vec<_>>().join(", "),
            };
            let detail = format!("{}, now {}", words(&old.limits), words(&new.limits));
            let is_wider = new.limits.is_subset(&old.limits);
            let kind = if is_wider { ChangeKind::LimitsLifted } else { ChangeKind::LimitsChanged };
            self.note(kind, at, side, false, detail, places);
        }
        match (&old.values, &new.values) {
            (Some(old), Some(new)) => {
                for value in old.difference(new) {
                    self.note(ChangeKind::ValueRemoved, at, side, false, value.clone(), places);
                }
                for value in new.difference(old) {
                    self.note(ChangeKind::ValueAdded, at, side, false, value.clone(), places);
                }
            }
            (None, Some(new)) => {
                let list = new.iter().cloned().collect::<Vec<_>>().join(", ");
                self.note(ChangeKind::ValuesClosed, at, side, false, list, places);
            }
            (Some(_), None) => {
                self.note(ChangeKind::ValuesOpened, at, side, false, String::new(), places);
            }
            (None, None) => {}
        }
    }

    fn kinds(&mut self, side: &Side, at: &str, named: &str, old: &Shape<'a>, new: &Shape<'a>) {
        let places = (Some(&old.place), Some(&new.place));
        let detail = || format!("{}, now {}", old.kind.words(), new.kind.words());
        match (&old.kind, &new.kind) {
            (Kind::Unreadable(one), Kind::Unreadable(other)) if one == other => {
                if one == TOO_MANY_PARTS && !self.is_same_text {
                    self.note(ChangeKind::NotJudged, at, side, false, one.clone(), places);
                }
            }
            (Kind::Unreadable(why), _) | (_, Kind::Unreadable(why)) => {
                self.note(ChangeKind::Unreadable, at, side, false, why.clone(), places);
            }
            (Kind::Anything, Kind::Anything) | (Kind::Boolean, Kind::Boolean) => {}
            (Kind::Mixed(one), Kind::Mixed(other)) if one == other => {}
            (
                Kind::Number { integer: one, format: old_format },
                Kind::Number { integer: other, format: new_format },
            ) if one == other => {
                if old_format != new_format {
                    self.note(ChangeKind::FormatChanged, at, side, false, detail(), places);
                }
            }
            (Kind::Text { format: old_format }, Kind::Text { format: new_format }) => {
                if old_format != new_format {
                    self.note(ChangeKind::FormatChanged, at, side, false, detail(), places);
                }
            }
            (Kind::List(Some(one)), Kind::List(Some(other))) => {
                self.schema(side, &format!("{at}[]"), one, other);
            }
            (Kind::List(None), Kind::List(None)) => {}
            (Kind::List(_), Kind::List(_)) => {
                let detail = "its items have another type".to_owned();
                self.note(ChangeKind::TypeChanged, at, side, false, detail, places);
            }
            (Kind::Object { members: one, rest: r1 }, Kind::Object { members: other, rest: r2 }) => {
                self.members(side, named, one, other);
                self.rests(side, named, r1, r2, places);
            }
            (Kind::Choice(_), _) | (_, Kind::Choice(_)) => self.alternatives(side, at, old, new),
            _ => self.note(ChangeKind::TypeChanged, at, side, false, detail(), places),
        }
    }

    fn members(&mut self, side: &Side, at: &str, old: &[Member<'a>], new: &[Member<'a>]) {
        for member in old {
            let at = format!("{at}.{}", member.name);
            let Some(other) = new.iter().find(|other| other.name == member.name) else {
                let misspelled = new.iter().find(|other| other.name.eq_ignore_ascii_case(member.name));
                let detail =
                    misspelled.map(|other| format!("spelled {} now", other.name)).unwrap_or_default();
                let places = (Some(&member.schema), None);
                self.note(ChangeKind::MemberRemoved, &at, side, member.required, detail, places);
                continue;
            };
            let places = (Some(&member.schema), Some(&other.schema));
            self.requiredness(side, &at, (member.required, other.required), places);
            self.schema(side, &at, &member.schema, &other.schema);
            self.described_again(side, &at, member, other);
        }
        for member in new.iter().filter(|member| old.iter().all(|other| other.name != member.name)) {
            let shape = read(&self.after, &member.schema);
            let detail = format!("{}{}", shape.kind.words(), if member.required { ", required" } else { "" });
            let at = format!("{at}.{}", member.name);
            let places = (None, Some(&member.schema));
            self.note(ChangeKind::MemberAdded, &at, side, member.required, detail, places);
        }
    }

    /// What further parts of an object say about a member.
    fn described_again(&mut self, side: &Side, at: &str, old: &Member<'a>, new: &Member<'a>) {
        let unjudged = |member: &Member<'a>| {
            let mut unjudged = Unjudged::default();
            member.again.iter().for_each(|again| unjudged.insert("allOf", again.clone()));
            unjudged
        };
        let holders = [old, new].map(|member| Holder { place: &member.schema, target: &member.schema });
        self.unjudged(side, [at, at], holders, [&unjudged(old), &unjudged(new)]);
    }

    fn rests(
        &mut self,
        side: &Side,
        at: &str,
        old: &Rest<'a>,
        new: &Rest<'a>,
        places: (Option<&Place<'a>>, Option<&Place<'a>>),
    ) {
        match (old, new) {
            (Rest::Open, Rest::Open) | (Rest::Closed, Rest::Closed) => {}
            (Rest::Of(one), Rest::Of(other)) => self.schema(side, &format!("{at}.*"), one, other),
            (_, Rest::Closed) => {
                self.note(ChangeKind::ObjectClosed, at, side, false, String::new(), places);
            }
            (Rest::Closed, _) => {
                self.note(ChangeKind::ObjectOpened, at, side, false, String::new(), places);
            }
            (Rest::Open, Rest::Of(_)) | (Rest::Of(_), Rest::Open) => {
                let detail = "the further members have another type".to_owned();
                self.note(ChangeKind::TypeChanged, at, side, false, detail, places);
            }
        }
    }

    /// Alternatives belong together if they have one name, or else if they are of one sort; what has none is one
    /// alternative.
    fn alternatives(&mut self, side: &Side, at: &str, old: &Shape<'a>, new: &Shape<'a>) {
        let places = (Some(&old.place), Some(&new.place));
        let shapes = |root: &Place<'a>, shape: &Shape<'a>| -> Vec<(Place<'a>, Shape<'a>)> {
            alternatives(shape).into_iter().map(|place| (place.clone(), read(root, &place))).collect()
        };
        let (mut olds, mut news) = (shapes(&self.before, old), shapes(&self.after, new));
        let mut pairs = Vec::new();
        for by_name in [true, false] {
            olds.retain(|(one, shape)| {
                let found = news.iter().position(|(_, other)| {
                    shape.kind.sort() == other.kind.sort()
                        && (!by_name
                            || shape.name == other.name
                                && (shape.name.is_some() || shape.values == other.values))
                });
                if let Some(found) = found {
                    pairs.push((one.clone(), news.remove(found).0));
                }
                found.is_none()
            });
        }
        for (one, other) in pairs {
            self.schema(side, at, &one, &other);
        }
        for (_, shape) in olds {
            self.note(ChangeKind::AlternativeRemoved, at, side, false, shape.kind.words(), places);
        }
        for (_, shape) in news {
            self.note(ChangeKind::AlternativeAdded, at, side, false, shape.kind.words(), places);
        }
    }
}

/// The description at a place and that of what it refers to.
fn text<'a>(place: &Place<'a>, target: &Place<'a>) -> [&'a str; 2] {
    [place, target].map(|place| place.text("description").unwrap_or_default().trim())
}

fn alternatives<'a>(shape: &Shape<'a>) -> Vec<Place<'a>> {
    match &shape.kind {
        Kind::Choice(places) => places.clone(),
        _ => vec![shape.place.clone()],
    }
}
