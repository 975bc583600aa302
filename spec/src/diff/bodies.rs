//! Bodies of requests and responses, compared.

use std::collections::{BTreeMap, BTreeSet};

use descope_mcp_codegen::document::Place;

use super::change::{ChangeKind, Direction};
use super::compare::{Comparison, Side};
use crate::walk::{Operation, follow};

impl<'a> Comparison<'a> {
    pub(super) fn responses(&mut self, old: &Operation<'a>, new: &Operation<'a>) {
        let side = old.side(Direction::Response);
        let (olds, news) = (responses(old), responses(new));
        let at = |status: &str| format!("{} {status}", old.name());
        for (status, one) in &olds {
            let at = at(status);
            match news.get(status) {
                Some(other) => {
                    self.holders(&side, &at, one, other, &["content"]);
                    self.bodies(&side, &at, Some(one.clone()), Some(other.clone()));
                }
                None => {
                    let places = (Some(one), None);
                    self.note(ChangeKind::ResponseRemoved, &at, &side, true, String::new(), places);
                }
            }
        }
        for (status, other) in news.iter().filter(|(status, _)| !olds.contains_key(*status)) {
            let places = (None, Some(other));
            self.note(ChangeKind::ResponseAdded, &at(status), &side, false, String::new(), places);
        }
    }

    /// Compares what responses or requests have beside their content.
    pub(super) fn holders(
        &mut self,
        side: &Side,
        at: &str,
        old: &Place<'a>,
        new: &Place<'a>,
        judged: &[&str],
    ) {
        // What cannot be followed is told with its content.
        if let (Ok((old, _)), Ok((new, _))) = (follow(&self.before, old), follow(&self.after, new)) {
            self.beside(side, at, &old, &new, judged);
        }
    }

    /// Compares what two holders of `content` hold.
    pub(super) fn bodies(
        &mut self,
        side: &Side,
        at: &str,
        before: Option<Place<'a>>,
        after: Option<Place<'a>>,
    ) {
        let old = before.as_ref().map(|holder| Body::read(&self.before, holder)).transpose();
        let new = after.as_ref().map(|holder| Body::read(&self.after, holder)).transpose();
        let (old, new) = match (old, new) {
            (Ok(old), Ok(new)) => (old.flatten(), new.flatten()),
            (Err(one), Err(other)) if one == other => return,
            (Err(why), _) | (_, Err(why)) => {
                let places = (before.as_ref(), after.as_ref());
                return self.note(ChangeKind::Unreadable, at, side, false, why, places);
            }
        };
        match (old, new) {
            (None, None) => {
                let types = |root: &Place<'a>, holder: &Option<Place<'a>>| -> BTreeSet<&'a str> {
                    holder.iter().flat_map(|holder| media_types(root, holder)).map(|(name, _)| name).collect()
                };
                let (olds, news) = (types(&self.before, &before), types(&self.after, &after));
                if olds != news {
                    let words = |types: &BTreeSet<&str>| types.iter().copied().collect::<Vec<_>>().join(", ");
                    let detail = format!("{}, now {}", words(&olds), words(&news));
                    let places = (before.as_ref(), after.as_ref());
                    self.note(ChangeKind::MediaTypeChanged, at, side, false, detail, places);
                }
            }
            (Some(old), None) => {
                let places = (Some(&old.schema), None);
                self.note(ChangeKind::BodyRemoved, at, side, old.required, String::new(), places);
            }
            (None, Some(new)) => {
                let places = (None, Some(&new.schema));
                self.note(ChangeKind::BodyAdded, at, side, new.required, String::new(), places);
            }
            (Some(old), Some(new)) => {
                let places = (Some(&old.schema), Some(&new.schema));
                if old.media_type != new.media_type {
                    let detail = format!("{}, now {}", old.media_type, new.media_type);
                    self.note(ChangeKind::MediaTypeChanged, at, side, false, detail, places);
                }
                for (media_type, media) in &old.others {
                    match new.others.get(media_type) {
                        Some(other) => self.media(side, &format!("{at} {media_type}"), media, other),
                        None => {
                            let detail = format!("{media_type} is gone");
                            self.note(ChangeKind::MediaTypeChanged, at, side, false, detail, places);
                        }
                    }
                }
                if side.direction == Direction::Request {
                    self.requiredness(side, at, (old.required, new.required), places);
                }
                self.beside(side, at, &old.media, &new.media, &["schema"]);
                self.side(side, at, &old.schema, &new.schema);
            }
        }
    }

    /// Compares two descriptions of one more media type.
    fn media(&mut self, side: &Side, at: &str, old: &Place<'a>, new: &Place<'a>) {
        let schemas = (old.member("schema"), new.member("schema"));
        let judged: &[&str] = if schemas.0.is_some() && schemas.1.is_some() { &["schema"] } else { &[] };
        self.beside(side, at, old, new, judged);
        if let (Some(one), Some(other)) = schemas {
            self.side(side, at, &one, &other);
        }
    }
}

/// The responses of an operation, by status.
fn responses<'a>(operation: &Operation<'a>) -> BTreeMap<&'a str, Place<'a>> {
    let responses = operation.place.member("responses").map(|responses| responses.members());
    responses.unwrap_or_default().into_iter().filter(|(status, _)| !status.starts_with("x-")).collect()
}

/// What a request body or a response holds.
struct Body<'a> {
    /// That of the schema, without parameters such as the character set: JSON if there is any.
    media_type: &'a str,
    media: Place<'a>,
    schema: Place<'a>,
    required: bool,
    /// What else it may be sent as.
    others: BTreeMap<&'a str, Place<'a>>,
}

impl<'a> Body<'a> {
    fn read(root: &Place<'a>, holder: &Place<'a>) -> Result<Option<Self>, String> {
        let (holder, _) = follow(root, holder)?;
        let types = media_types(root, &holder);
        let json = types.iter().find(|(name, _)| *name == "application/json");
        let json = json.or_else(|| types.iter().find(|(name, _)| name.ends_with("json")));
        let Some((media_type, media)) = json.or_else(|| types.first()) else { return Ok(None) };
        let Some(schema) = media.member("schema") else { return Ok(None) };
        let others = types.iter().filter(|(name, _)| name != media_type).cloned().collect();
        let required = holder.flag("required") == Some(true);
        Ok(Some(Body { media_type, media: media.clone(), schema, required, others }))
    }
}

/// What a holder of `content` may be sent as; nothing if it cannot be followed.
fn media_types<'a>(root: &Place<'a>, holder: &Place<'a>) -> Vec<(&'a str, Place<'a>)> {
    let Ok((holder, _)) = follow(root, holder) else { return Vec::new() };
    let content = holder.member("content").map(|content| content.members()).unwrap_or_default();
    content.into_iter().map(|(name, media)| (media_type(name), media)).collect()
}

/// Without its parameters, such as the character set.
fn media_type(name: &str) -> &str {
    name.split(';').next().unwrap_or(name).trim()
}
