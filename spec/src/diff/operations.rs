//! Operations: what each asks for and answers, compared.

use std::collections::{BTreeMap, BTreeSet};

use descope_mcp_codegen::document::Place;

use super::Options;
use super::change::{ChangeKind, Direction};
use super::compare::{Comparison, Side};
use super::shape::{Member, follow};

/// An operation of a document.
pub(super) struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    pub(super) place: Place<'a>,
    /// The path's own element, which may hold parameters for all its operations.
    item: Place<'a>,
}

/// A [`Side`] that owns its text.
pub(super) struct NamedSide {
    shows_in: String,
    direction: Direction,
}

impl NamedSide {
    pub(super) fn as_side(&self) -> Side<'_> {
        Side { shows_in: &self.shows_in, direction: self.direction }
    }
}

impl Operation<'_> {
    pub(super) fn name(&self) -> String {
        self.place.text("operationId").map_or_else(|| self.route(), str::to_owned)
    }

    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    pub(super) fn side(&self, direction: Direction) -> NamedSide {
        let way = if direction == Direction::Request { "request" } else { "response" };
        NamedSide { shows_in: format!("{} {way}", self.name()), direction }
    }
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The operations of a document, by path and method.
pub(super) fn operations<'a>(root: &Place<'a>) -> BTreeMap<(&'a str, &'a str), Operation<'a>> {
    let paths = root.member("paths").map(|paths| paths.members()).unwrap_or_default();
    let mut found = BTreeMap::new();
    for (path, item) in paths {
        let Ok((item, _)) = follow(root, &item) else { continue };
        for (method, place) in item.members().into_iter().filter(|(method, _)| METHODS.contains(method)) {
            found.insert((path, method), Operation { method, path, place, item: item.clone() });
        }
    }
    found
}

/// Compares two operations with one path and method.
pub(super) fn compare_operation<'a>(
    comparison: &mut Comparison<'a>,
    before: &Place<'a>,
    after: &Place<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
    options: Options,
) {
    let name = old.name();
    let request = old.side(Direction::Request);
    let places = (Some(&old.place), Some(&new.place));
    let mut note = |kind, detail: String| {
        comparison.note(kind, &name, &request.as_side(), false, detail, places);
    };
    if old.place.text("operationId") != new.place.text("operationId") {
        note(ChangeKind::OperationRenamed, format!("now {}", new.name()));
    }
    if new.place.member("deprecated").and_then(|value| value.bool()) == Some(true)
        && old.place.member("deprecated").and_then(|value| value.bool()) != Some(true)
    {
        note(ChangeKind::Deprecated, String::new());
    }
    for key in ["summary", "description"] {
        if options.versions && old.place.text(key) != new.place.text(key) {
            note(ChangeKind::TextChanged, key.to_owned());
        }
    }
    for key in ["x-access", "x-idempotent", "x-paginated", "x-replaces"] {
        let value = |place: &Place<'_>| place.member(key).map(|value| value.node.to_json());
        if options.versions && value(&old.place) != value(&new.place) {
            note(ChangeKind::RuleChanged, key.to_owned());
        }
    }
    let (old_security, new_security) = (security(before, old), security(after, new));
    let words = |all: &BTreeSet<String>| all.iter().cloned().collect::<Vec<_>>().join(" or ");
    let detail = format!("{}, now {}", words(&old_security), words(&new_security));
    if !old_security.is_subset(&new_security) {
        note(ChangeKind::SecurityChanged, detail);
    } else if old_security != new_security {
        note(ChangeKind::SecurityAdded, detail);
    }
    parameters(comparison, before, after, old, new);

    let (one, other) = (old.place.member("requestBody"), new.place.member("requestBody"));
    let at = format!("{name} request");
    bodies(comparison, &request.as_side(), &at, (before, one), (after, other));
    responses(comparison, before, after, old, new);
}

/// What must be shown to be let in, whatever the schemes are called: alternatives of what is needed together.
fn security(root: &Place<'_>, operation: &Operation<'_>) -> BTreeSet<String> {
    let nothing = || "nothing".to_owned();
    let list = operation.place.member("security").or_else(|| root.member("security"));
    let needed = list.map(|list| list.items()).unwrap_or_default();
    let schemes = root.find("/components/securitySchemes");
    let words = |name: &str, scopes: &Place<'_>| {
        let scheme = schemes.as_ref().and_then(|schemes| schemes.member(name));
        let Some((scheme, _)) = scheme.and_then(|scheme| follow(root, &scheme).ok()) else {
            return format!("the unknown scheme {name}");
        };
        let part = |key| scheme.text(key).unwrap_or_default().to_lowercase();
        let name = if part("type") == "apikey" { part("name") } else { String::new() };
        let mut parts = vec![part("type"), part("scheme"), part("in"), name, part("openIdConnectUrl")];
        parts.extend(scopes.items().iter().filter_map(|scope| scope.str()).map(str::to_owned));
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    };
    let mut alternatives: BTreeSet<String> = needed
        .iter()
        .map(|needed| {
            let mut all: Vec<_> = needed.members().iter().map(|(name, scopes)| words(name, scopes)).collect();
            all.sort();
            if all.is_empty() { nothing() } else { all.join(" and ") }
        })
        .collect();
    if alternatives.is_empty() {
        alternatives.insert(nothing());
    }
    alternatives
}

/// Parameters as if they were members of an object.
fn parameters<'a>(
    comparison: &mut Comparison<'a>,
    before: &Place<'a>,
    after: &Place<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let of = |root: &Place<'a>, operation: &Operation<'a>| {
        let lists = [operation.item.member("parameters"), operation.place.member("parameters")];
        let mut found = BTreeMap::new();
        for parameter in lists.into_iter().flatten().flat_map(|list| list.items()) {
            let Ok((parameter, _)) = follow(root, &parameter) else { continue };
            if let (Some(way), Some(name)) = (parameter.text("in"), parameter.text("name")) {
                found.insert((way, name), parameter);
            }
        }
        found
    };
    let is_required =
        |place: &Place<'_>| place.member("required").and_then(|value| value.bool()) == Some(true);
    let (olds, news) = (of(before, old), of(after, new));
    let named = old.side(Direction::Request);
    let side = named.as_side();
    let at = |(way, name): &(&str, &str)| format!("{} {way}.{name}", old.name());
    for (key, one) in &olds {
        let at = at(key);
        match news.get(key) {
            None => {
                let places = (Some(one), None);
                comparison.note(
                    ChangeKind::MemberRemoved,
                    &at,
                    &side,
                    is_required(one),
                    String::new(),
                    places,
                );
            }
            Some(other) => {
                if is_required(one) != is_required(other) {
                    let required = is_required(other);
                    let kind = if required { ChangeKind::BecameRequired } else { ChangeKind::BecameOptional };
                    comparison.note(kind, &at, &side, required, String::new(), (Some(one), Some(other)));
                }
                if let (Some(one), Some(other)) = (one.member("schema"), other.member("schema")) {
                    comparison.side(&side, &at, &one, &other);
                }
            }
        }
    }
    for (key, other) in news.iter().filter(|(key, _)| !olds.contains_key(*key)) {
        let places = (None, Some(other));
        comparison.note(ChangeKind::MemberAdded, &at(key), &side, is_required(other), String::new(), places);
    }
}

fn responses<'a>(
    comparison: &mut Comparison<'a>,
    before: &Place<'a>,
    after: &Place<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let of = |operation: &Operation<'a>| -> BTreeMap<&'a str, Place<'a>> {
        let responses = operation.place.member("responses").map(|responses| responses.members());
        responses.unwrap_or_default().into_iter().filter(|(status, _)| !status.starts_with("x-")).collect()
    };
    let (olds, news) = (of(old), of(new));
    let named = old.side(Direction::Response);
    let side = named.as_side();
    for (status, one) in &olds {
        let at = format!("{} {status}", old.name());
        match news.get(status) {
            Some(other) if follow(after, other).is_err() => {
                let why = follow(after, other).err().unwrap_or_default();
                comparison.note(ChangeKind::Unreadable, &at, &side, false, why, (Some(one), Some(other)));
            }
            Some(other) => {
                let sides = ((before, Some(one.clone())), (after, Some(other.clone())));
                bodies(comparison, &side, &at, sides.0, sides.1);
            }
            None => {
                let places = (Some(one), None);
                comparison.note(ChangeKind::ResponseRemoved, &at, &side, true, String::new(), places);
            }
        }
    }
    for (status, other) in news.iter().filter(|(status, _)| !olds.contains_key(*status)) {
        let at = format!("{} {status}", old.name());
        comparison.note(ChangeKind::ResponseAdded, &at, &side, false, String::new(), (None, Some(other)));
    }
}

/// Compares the JSON of two holders of `content`.
fn bodies<'a>(
    comparison: &mut Comparison<'a>,
    side: &Side<'_>,
    at: &str,
    (before, old): (&Place<'a>, Option<Place<'a>>),
    (after, new): (&Place<'a>, Option<Place<'a>>),
) {
    let holders = (old.clone(), new.clone());
    let (old, new) = (
        old.as_ref().and_then(|place| body(before, place)),
        new.as_ref().and_then(|place| body(after, place)),
    );
    match (old, new) {
        (None, None) => {}
        (Some(old), None) => {
            comparison.note(
                ChangeKind::BodyRemoved,
                at,
                side,
                old.required,
                String::new(),
                (Some(&old.schema), None),
            );
        }
        (None, Some(new)) => {
            comparison.note(
                ChangeKind::BodyAdded,
                at,
                side,
                new.required,
                String::new(),
                (None, Some(&new.schema)),
            );
        }
        (Some(old), Some(new)) => {
            let places = (Some(&old.schema), Some(&new.schema));
            if media_type(old.name) != media_type(new.name) {
                let detail = format!("{}, now {}", old.name, new.name);
                comparison.note(ChangeKind::MediaTypeChanged, at, side, false, detail, places);
            }
            for name in others(before, holders.0.as_ref()).difference(&others(after, holders.1.as_ref())) {
                let detail = format!("{name} is gone");
                comparison.note(ChangeKind::MediaTypeChanged, at, side, false, detail, places);
            }
            if side.direction == Direction::Request && old.required != new.required {
                let kind = if new.required { ChangeKind::BecameRequired } else { ChangeKind::BecameOptional };
                comparison.note(kind, at, side, new.required, String::new(), places);
            }
            comparison.side(side, at, &old.schema, &new.schema);
        }
    }
}

/// The media types of a body beside the one that is compared.
fn others(root: &Place<'_>, holder: Option<&Place<'_>>) -> BTreeSet<String> {
    let Some(holder) = holder.and_then(|holder| follow(root, holder).ok()) else { return BTreeSet::new() };
    let compared = body(root, &holder.0).map(|body| media_type(body.name).to_owned());
    let types = holder.0.member("content").map(|content| content.members()).unwrap_or_default();
    let names = types.into_iter().map(|(name, _)| media_type(name).to_owned());
    names.filter(|name| compared.as_ref() != Some(name)).collect()
}

/// Without its parameters, such as the character set.
fn media_type(name: &str) -> &str {
    name.split(';').next().unwrap_or(name).trim()
}

/// The body that a request body or response has, as a member whose name is its media type: JSON if there is any.
fn body<'a>(root: &Place<'a>, holder: &Place<'a>) -> Option<Member<'a>> {
    let (holder, _) = follow(root, holder).ok()?;
    let types = holder.member("content")?.members();
    let json = types.iter().find(|(name, _)| media_type(name) == "application/json");
    let json = json.or_else(|| types.iter().find(|(name, _)| media_type(name).ends_with("json")));
    let (name, media) = json.or_else(|| types.first())?;
    let required = holder.member("required").and_then(|value| value.bool()) == Some(true);
    Some(Member { name, schema: media.member("schema")?, required })
}
