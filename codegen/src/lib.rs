//! Turns an OpenAPI document into the source files of a typed Rust client.
//!
//! A pure library: text in, files out. It opens no file, asks no network and no clock, and gives the same bytes for
//! the same text on every machine. The steps, each in its own module:
//!
//! 1. `document` reads the YAML and remembers where everything stands;
//! 2. `preflight` refuses what the generator cannot do, all problems in one run;
//! 3. `normalise` rewrites schemas so that the types made from them lose nothing;
//! 4. `emit` runs progenitor and contains its panics;
//! 5. `polish` changes the generated tree: secrets, nulls, setters, comments;
//! 6. `table` writes the facts of every operation; `format` turns trees into text.
//!
//! The generated code is meant for a crate that has `crate::Secret`, `crate::ApprovedScopes`, `crate::operation`,
//! `crate::transport::Inner` and `crate::wire`; `descope-mcp-management` is that crate.

pub mod document;
mod emit;
mod errors;
mod facts;
mod format;
mod names;
mod normalise;
mod polish;
mod preflight;
mod refs;
mod table;

pub use errors::{Errors, Finding, Report};
pub use format::NOTICE;

use document::Place;

/// A file of the generated module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Path below the folder of the module, with forward slashes: `mod.rs`, `types.rs`, …
    pub path: String,
    /// The whole text.
    pub contents: String,
}

/// Makes the client for a document.
///
/// `spec_text` is an OpenAPI 3.0 document as YAML or JSON. `spec_name` stands for it in errors and in the notice of
/// every file; a path relative to the repository is the most useful.
///
/// # Errors
///
/// Every problem of the document at once, each with file, line, column, JSON pointer and cure. A panic of the
/// generator underneath is reported the same way; the process's panic hook still sees it.
pub fn generate(spec_text: &str, spec_name: &str) -> Result<Vec<GeneratedFile>, Errors> {
    let tree = document::parse(spec_text, spec_name)?;
    let root = Place::root(&tree);
    preflight::check(&root, spec_name)?;

    let mut document = tree.to_json();
    normalise::normalise(&mut document);
    let generated = emit::client(&root, &document, spec_name)?;
    let facts = facts::collect(&root);

    let modules =
        polish::modules(generated, table::file(&facts), &emit::replacements(&document)).map_err(|error| {
            let mut report = errors::Report::new(spec_name);
            report.note(
                &root,
                format!("the generated code cannot be read back: {error}"),
                "report this as a bug",
            );
            report.into_errors()
        })?;
    Ok(modules
        .into_iter()
        .map(|(path, file)| GeneratedFile { path: path.to_owned(), contents: format::text(&file, spec_name) })
        .collect())
}
