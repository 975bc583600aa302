//! The conventions of our documents, checked: `openapi/README.md` says them in prose.

mod names;
mod operations;
mod schemas;

use descope_mcp_codegen::document::{Place, parse};
use descope_mcp_codegen::facts::{self, Stated};
use descope_mcp_codegen::{Errors, Report};
use descope_mcp_openapi::is_fact_id;

/// Which of the two sets of conventions a document keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conventions {
    /// Of the management API.
    Management,
    /// Of the authorization server, where OAuth's rules about nulls, forms and words go first.
    AuthorizationServer,
}

/// Checks a whole document. `reference` is Descope's own document, if it is at hand: names must be spelled as there.
///
/// # Errors
///
/// Every breach at once, each with file, line, column, JSON pointer and how to mend it.
pub fn lint(
    text: &str,
    file: &str,
    conventions: Conventions,
    reference: Option<&Place<'_>>,
) -> Result<(), Errors> {
    let tree = parse(text, file)?;
    let root = Place::root(&tree);
    let mut report = Report::new(file);
    if !root.is_map() {
        report.note(&root, "not an OpenAPI document", "begin with `openapi: 3.0.3`");
        return report.into_result();
    }
    operations::check(&root, text, conventions, &mut report);
    schemas::check(&root, conventions, &mut report);
    names::check(&root, reference, &mut report);
    report.into_result()
}

/// What must hold a text that says something.
fn wants_text(place: &Place<'_>, key: &str, report: &mut Report) {
    match place.member(key) {
        None => report.note(place, format!("`{key}` is missing"), format!("add `{key}`, in our own words")),
        Some(found) if found.str().is_none_or(|text| text.trim().is_empty()) => {
            report.note(&found, format!("`{key}` says nothing"), "write a sentence, in our own words");
        }
        Some(_) => {}
    }
}

/// `x-basis` and `x-source` belong together.
fn wants_basis(place: &Place<'_>, is_inherited: bool, report: &mut Report) {
    let source = facts::source(place);
    let basis = match facts::basis(place) {
        Stated::Nothing => {
            if !is_inherited {
                let cure = "add `x-basis: documented`, `observed` or `assumed`";
                report.note(place, "`x-basis` is missing", cure);
            } else if let Stated::This(_, source) | Stated::Wrong(source) = source {
                report.note(
                    &source,
                    "`x-source` without `x-basis`",
                    "add `x-basis`, or leave both to the schema",
                );
            }
            return;
        }
        Stated::Wrong(basis) => {
            report.note(&basis, "not a basis", "write documented, observed or assumed");
            return;
        }
        Stated::This(basis, at) => (basis, at),
    };
    match (basis, source) {
        (("assumed", _), Stated::Nothing) => {}
        (("assumed", _), Stated::This(_, source) | Stated::Wrong(source)) => {
            report.note(&source, "an assumption has no source", "remove `x-source`, or correct `x-basis`");
        }
        ((_, basis), Stated::Nothing) => {
            report.note(
                &basis,
                "`x-source` is missing",
                "name the facts that it rests on, by their ids in docs/facts.md",
            );
        }
        (_, source) => {
            let (text, at) = match source {
                Stated::This(text, at) => (text, at),
                Stated::Wrong(at) => ("", at),
                Stated::Nothing => return,
            };
            for one in text.split(", ").filter(|one| !is_fact_id(one)) {
                let message = format!("`{one}` is no id of a fact");
                report.note(&at, message, "write ids of docs/facts.md, such as `fact/server-record`");
            }
        }
    }
}
