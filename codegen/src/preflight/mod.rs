//! Refuses every document on which progenitor would panic or silently do the wrong thing.
//!
//! All checks run in one pass over the positioned tree, so that one run lists all problems. Nothing here changes
//! the document; [`crate::normalise`] does that afterwards.

mod chains;
mod extensions;
mod names;
pub(crate) mod operations;
mod parameters;
pub(crate) mod responses;
mod schemas;

use crate::compose;
use crate::document::Place;
use crate::errors::{Errors, Report};
use crate::refs::Component;

/// The one family of versions that progenitor reads.
const SUPPORTED_VERSION: &str = "3.0.";

/// Runs every check; `compositions` are the problems found in writing out `allOf`.
pub(crate) fn check(root: &Place<'_>, compositions: Vec<compose::Problem>, file: &str) -> Result<(), Errors> {
    let mut report = Report::new(file);
    if !root.is_map() {
        report.note(root, "the document is not an object", "start it with `openapi: 3.0.3`");
        return report.into_result();
    }
    version(root, &mut report);
    info(root, &mut report);
    operations::check(root, &mut report);
    components(root, &mut report);
    chains::check(root, &mut report);
    names::check(root, &mut report);
    for problem in compositions {
        let place = root.find(&problem.pointer).unwrap_or_else(|| root.clone());
        report.note(&place, problem.message, "write the members of all parts into one record");
    }
    report.into_result()
}

/// Checks what the table of operations is made of, and nothing that only types need.
pub(crate) fn check_facts(root: &Place<'_>, report: &mut Report) {
    version(root, report);
    info(root, report);
    operations::check_facts(root, report);
}

fn version(root: &Place<'_>, report: &mut Report) {
    let Some(version) = root.member("openapi") else {
        let found =
            if root.member("swagger").is_some() { "a Swagger 2 document" } else { "no `openapi` member" };
        report.note(root, found, "only OpenAPI 3.0 is supported: write `openapi: 3.0.3`");
        return;
    };
    match version.str() {
        Some(text) if text.trim().starts_with(SUPPORTED_VERSION) => {}
        Some(text) => {
            let cure = "only OpenAPI 3.0 is supported: convert the document and write `openapi: 3.0.3`";
            report.note(&version, format!("OpenAPI version '{text}' is not supported"), cure);
        }
        None => report.note(&version, "the OpenAPI version is not a string", "write `openapi: 3.0.3`"),
    }
}

fn info(root: &Place<'_>, report: &mut Report) {
    let Some(info) = root.member("info") else {
        report.note(root, "no `info` member", "add `info` with a title and a version");
        return;
    };
    for name in ["title", "version"] {
        match info.member(name) {
            None => report.note(&info, format!("info has no `{name}`"), format!("add `{name}`, a string")),
            Some(place) if place.str().is_none() => {
                report.note(&place, format!("info.{name} is not a string"), "put it in quotation marks");
            }
            Some(_) => {}
        }
    }
}

/// Checks what stands in `components` even where no operation refers to it: types are made of all of it.
fn components(root: &Place<'_>, report: &mut Report) {
    let Some(components) = root.member("components") else { return };
    for kind in [Component::Schema, Component::Response, Component::RequestBody, Component::Parameter] {
        let Some(section) = components.member(kind.section()) else { continue };
        if !section.is_map() {
            report.note(&section, "this part of components is not an object", "write names and elements");
            continue;
        }
        for (name, place) in section.members() {
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
                report.note(
                    &place,
                    format!("'{name}' is not a name that OpenAPI allows here"),
                    "use only A-Z, a-z, 0-9, dot, underscore and hyphen",
                );
            }
            match kind {
                Component::Schema => schemas::check(root, &place, report),
                Component::Response => responses::check_one(root, &place, report),
                Component::RequestBody => operations::check_request_body(root, &place, report),
                Component::Parameter => parameters::check_one(root, &place, report),
            }
        }
    }
}
