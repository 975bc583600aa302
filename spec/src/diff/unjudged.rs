//! What is in a document and is not compared. It is found when it differs, so that nothing passes for the same only
//! because nobody has looked at it.

use std::collections::{BTreeMap, BTreeSet};

use descope_mcp_codegen::document::Place;

use super::change::ChangeKind;
use super::compare::{Comparison, Side};
use super::read::LIMITS;
use crate::walk::follow;

/// Keywords that tell people something and change nothing for programs.
const REMARKS: [&str; 8] =
    ["title", "summary", "description", "example", "examples", "externalDocs", "tags", "$comment"];

/// Whether a member changes nothing: a remark, or an extension, which has no meaning in OpenAPI.
pub(super) fn is_remark(name: &str) -> bool {
    REMARKS.contains(&name) || name.starts_with("x-")
}

/// Members that are not compared, by their names. A schema that is put together of parts may have several of one name.
#[derive(Debug, Default)]
pub(super) struct Unjudged<'a> {
    members: BTreeMap<&'a str, Vec<Place<'a>>>,
}

impl<'a> Unjudged<'a> {
    /// The members of an element that are neither compared nor remarks.
    pub(super) fn of(element: &Place<'a>, is_judged: impl Fn(&str, &Place<'a>) -> bool) -> Self {
        let mut unjudged = Self::default();
        for (name, member) in element.members() {
            if !is_remark(name) && !is_judged(name, &member) {
                unjudged.insert(name, member);
            }
        }
        unjudged
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn insert(&mut self, name: &'a str, member: Place<'a>) {
        self.members.entry(name).or_default().push(member);
    }

    pub(super) fn extend(&mut self, other: Unjudged<'a>) {
        for (name, members) in other.members {
            self.members.entry(name).or_default().extend(members);
        }
    }

    /// All members of that name, by their JSON.
    fn by_value(&self, name: &str) -> BTreeMap<String, Place<'a>> {
        let members = self.members.get(name).into_iter().flatten();
        members.map(|member| (member.node.to_json().to_string(), member.clone())).collect()
    }
}

/// Where an element and the parts of it that are not its own stand.
pub(super) struct Holder<'h, 'a> {
    /// The element.
    pub(super) place: &'h Place<'a>,
    /// What it refers to, or itself.
    pub(super) target: &'h Place<'a>,
}

impl<'a> Comparison<'a> {
    /// Compares what two elements have beside the members named here, which are compared elsewhere.
    pub(super) fn beside(
        &mut self,
        side: &Side,
        at: &str,
        old: &Place<'a>,
        new: &Place<'a>,
        judged: &[&str],
    ) {
        let unjudged = |element| Unjudged::of(element, |name, _| judged.contains(&name));
        let holders = [Holder { place: old, target: old }, Holder { place: new, target: new }];
        self.unjudged(side, [at, at], holders, [&unjudged(old), &unjudged(new)]);
    }

    /// Notes each member that only one of both has, or that differs. `at` and `named` are what the place and what it refers
    /// to are called.
    pub(super) fn unjudged(
        &mut self,
        side: &Side,
        [at, named]: [&str; 2],
        [before, after]: [Holder<'_, 'a>; 2],
        [old, new]: [&Unjudged<'a>; 2],
    ) {
        let names: BTreeSet<&str> = old.members.keys().chain(new.members.keys()).copied().collect();
        for name in names {
            let (olds, news) = (old.by_value(name), new.by_value(name));
            let gone = olds.iter().find(|(value, _)| !news.contains_key(*value)).map(|(_, place)| place);
            let added = news.iter().find(|(value, _)| !olds.contains_key(*value)).map(|(_, place)| place);
            if gone.is_none() && added.is_none() {
                for (one, other) in olds.values().zip(news.values()) {
                    self.references(side, at, name, one, other);
                }
                continue;
            }
            // Limits are compared as texts.
            if LIMITS.contains(&name) {
                continue;
            }
            let is_own = |member: Option<&Place<'a>>, holder: &Holder<'_, 'a>| {
                let own = format!("{}/", holder.place.pointer);
                holder.place.pointer != holder.target.pointer
                    && member.is_some_and(|member| member.pointer.starts_with(&own))
            };
            let at = if is_own(gone, &before) || is_own(added, &after) { at } else { named };
            let places = (Some(gone.unwrap_or(before.target)), Some(added.unwrap_or(after.target)));
            self.note(ChangeKind::NotJudged, at, side, false, name.to_owned(), places);
        }
    }

    /// Compares what the references in two elements with one and the same JSON lead to; `name` is the keyword that has them.
    pub(super) fn references(
        &mut self,
        side: &Side,
        at: &str,
        name: &str,
        one: &Place<'a>,
        other: &Place<'a>,
    ) {
        if let Some(reference) = one.text("$ref").filter(|reference| other.text("$ref") == Some(*reference)) {
            if !self.followed.insert((one.pointer.clone(), other.pointer.clone())) {
                return;
            }
            if reference.starts_with("#/components/schemas/") {
                return self.schema(side, at, one, other);
            }
            match (follow(&self.before, one), follow(&self.after, other)) {
                (Ok((one, _)), Ok((other, _))) if one.node.to_json() == other.node.to_json() => {
                    if self.followed.insert((one.pointer.clone(), other.pointer.clone())) {
                        self.references(side, at, name, &one, &other);
                    }
                }
                (Ok((one, _)), Ok((other, _))) => {
                    let places = (Some(&one), Some(&other));
                    self.note(ChangeKind::NotJudged, at, side, false, name.to_owned(), places);
                }
                // A reference that leads nowhere says the same twice.
                (Err(_), Err(_)) => {}
                _ => {
                    let places = (Some(one), Some(other));
                    self.note(ChangeKind::NotJudged, at, side, false, name.to_owned(), places);
                }
            }
            return;
        }
        for (member, below) in one.members() {
            if let Some(same) = other.member(member) {
                self.references(side, at, name, &below, &same);
            }
        }
        for (below, same) in one.items().iter().zip(&other.items()) {
            self.references(side, at, name, below, same);
        }
    }
}
