//! Ways through a document: to its operations, and along references.

use std::collections::{BTreeMap, BTreeSet};

use descope_mcp_codegen::document::{Place, is_method};

/// An operation of a document.
pub(crate) struct Operation<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) place: Place<'a>,
    /// The path's own element, which may hold parameters for all its operations.
    pub(crate) item: Place<'a>,
}

/// The operations of a document, by path and method.
pub(crate) fn operations<'a>(root: &Place<'a>) -> BTreeMap<(&'a str, &'a str), Operation<'a>> {
    let paths = root.member("paths").map(|paths| paths.members()).unwrap_or_default();
    let mut found = BTreeMap::new();
    for (path, item) in paths {
        let Ok((target, _)) = follow(root, &item) else { continue };
        // From 3.1 on there may be more beside a reference.
        for holder in [target, item] {
            for (method, place) in holder.members().into_iter().filter(|(method, _)| is_method(method)) {
                let place = follow(root, &place).map_or(place, |(target, _)| target);
                found.insert((path, method), Operation { method, path, place, item: holder.clone() });
            }
        }
    }
    found
}

/// The elements of a chain of references that has an end, from the first to the last one that refers further.
pub(crate) fn followed<'a>(root: &Place<'a>, place: &Place<'a>) -> Vec<Place<'a>> {
    let mut chain = Vec::new();
    let mut next = Some(place.clone());
    while let Some(place) = next {
        let Some(reference) = place.text("$ref") else { break };
        next = reference.strip_prefix('#').and_then(|pointer| root.find(pointer));
        chain.push(place);
    }
    chain
}

/// Where a chain of references ends, with the name of the last schema on it; or why it leads nowhere.
pub(crate) fn follow<'a>(root: &Place<'a>, place: &Place<'a>) -> Result<(Place<'a>, Option<String>), String> {
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
