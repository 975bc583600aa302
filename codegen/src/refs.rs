//! `$ref`: which ones progenitor can follow, and following them.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use crate::document::Place;
use crate::errors::Report;

/// What a reference may stand for; each kind lives in its own part of `components`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Component {
    Schema,
    Response,
    RequestBody,
    Parameter,
}

impl Component {
    /// Name of the part of `components`.
    pub(crate) fn section(self) -> &'static str {
        match self {
            Component::Schema => "schemas",
            Component::Response => "responses",
            Component::RequestBody => "requestBodies",
            Component::Parameter => "parameters",
        }
    }
}

/// Members that may stand beside `$ref` without changing what it means.
const HARMLESS_SIBLINGS: [&str; 3] = ["description", "summary", "$comment"];

/// The element that a place stands for: itself, or what its chain of references leads to.
///
/// `None` when the chain is broken; [`check`] says why.
pub(crate) fn resolve<'a>(root: &Place<'a>, place: &Place<'a>) -> Option<Place<'a>> {
    let mut place = place.clone();
    let mut seen = BTreeSet::new();
    while let Some(target) = place.member("$ref") {
        if !seen.insert(place.pointer.clone()) {
            return None;
        }
        place = find(root, target.str()?)?;
    }
    Some(place)
}

/// The element of this document that a reference names. In a fragment of a URI, characters may be percent-encoded.
fn find<'a>(root: &Place<'a>, reference: &str) -> Option<Place<'a>> {
    let pointer = reference.strip_prefix('#')?;
    root.find(pointer).or_else(|| {
        let decoded = percent_decode_str(pointer).decode_utf8().ok()?;
        root.find(&decoded)
    })
}

/// Name of the component that a reference names, if it has the form that progenitor follows.
pub(crate) fn target_name(reference: &str, kind: Component) -> Option<&str> {
    let name = reference.strip_prefix("#/components/")?.strip_prefix(kind.section())?.strip_prefix('/')?;
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

/// Notes everything wrong with a `$ref` at this place, which must stand for a component of that kind.
/// Answers whether there is a `$ref` at all.
pub(crate) fn check(root: &Place<'_>, place: &Place<'_>, kind: Component, report: &mut Report) -> bool {
    let Some(reference) = place.member("$ref") else { return false };
    let section = kind.section();
    let Some(text) = reference.str() else {
        report.note(&reference, "$ref is not a string", format!("write '#/components/{section}/NAME'"));
        return true;
    };
    for (name, sibling) in place.members() {
        if name != "$ref" && !name.starts_with("x-") && !HARMLESS_SIBLINGS.contains(&name) {
            report.note(
                &sibling,
                format!("`{name}` beside $ref has no effect in OpenAPI 3.0"),
                "write `allOf` with the reference as its one item, and this member beside allOf",
            );
        }
    }
    if !text.starts_with('#') {
        report.note(
            &reference,
            format!("$ref '{text}' leads out of this document"),
            format!("copy the element to '#/components/{section}' and refer to it there"),
        );
    } else if target_name(text, kind).is_none() {
        report.note(
            &reference,
            format!("$ref '{text}' does not name an element of components/{section}"),
            format!("move the element to '#/components/{section}/NAME' and refer to that"),
        );
    } else if find(root, text).is_none() {
        report.note(
            &reference,
            format!("$ref '{text}' leads nowhere"),
            format!("define it under components/{section}, or correct the name"),
        );
    } else if resolve(root, place).is_none() && is_circular(root, place) {
        report.note(
            &reference,
            format!("$ref '{text}' leads back to itself"),
            "let one element of the circle be a schema of its own",
        );
    }
    true
}

fn is_circular(root: &Place<'_>, place: &Place<'_>) -> bool {
    let mut place = place.clone();
    let mut seen = BTreeSet::new();
    while let Some(reference) = place.member("$ref") {
        if !seen.insert(place.pointer.clone()) {
            return true;
        }
        let Some(next) = reference.str().and_then(|text| find(root, text)) else { return false };
        place = next;
    }
    false
}
