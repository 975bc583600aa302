//! Turns an OpenAPI document into the source files of a typed Rust client.
//!
//! A pure library: text in, files out. It opens no file, asks no network and no clock, and gives the same bytes for
//! the same text on every machine. The steps, each in its own module:
//!
//! 1. `document` reads the YAML and remembers where everything stands, within [`limits`];
//! 2. `preflight` refuses what the generator cannot do, all problems in one run;
//! 3. `compose` writes out `allOf`, `normalise` rewrites schemas so that the types made from them lose nothing;
//! 4. `in_place` names the types of schemas that are written in place;
//! 5. `emit` runs progenitor and contains its panics;
//! 6. `polish` changes the generated tree: secrets, unknown members, nulls, setters, comments;
//! 7. `table` writes what the transport must know of every operation; `format` turns trees into text;
//! 8. `review` refuses text in which a name stands twice or leads nowhere.
//!
//! [`generate`] is for a document of ours and refuses whatever is doubtful in it. The generated code is meant for a
//! crate that has `crate::Secret`, `crate::UnknownMembers`, `crate::ApprovedScopes`, `crate::transport::Inner` and
//! `crate::wire`; `descope-mcp-management` is that crate.
//!
//! [`generate_table`] makes something else: everything that a document says about its operations, as data without types.
//!
//! [`generate_crate`] is for a document of somebody else. `foreign` fills in what is missing and takes away what types
//! are not made of, leaves out operations that cannot be generated, and adds a manifest and the few modules that the
//! generated code needs.

mod compose;
pub mod document;
mod emit;
mod errors;
pub mod facts;
mod foreign;
mod format;
mod in_place;
pub mod limits;
mod names;
mod normalise;
mod polish;
mod preflight;
mod refs;
mod registry;
mod review;
mod stack;
mod table;

pub use errors::{Errors, Finding, Report};
pub use foreign::{CrateOptions, GeneratedCrate, LeftOut, generate_crate};
pub use format::NOTICE;
pub use registry::generate_table;

use compose::Otherwise;
use document::{Node, Place};

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
    stack::with_room(spec_name, || {
        let tree = document::parse(spec_text, spec_name)?;
        module(&tree, spec_name, Dialect::Own)
    })
}

/// Whose document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Ours: nothing in it may be lost, and some of its schemas have types that are written by hand.
    Own,
    /// Somebody else's, already repaired: what cannot be typed is kept as it comes.
    Foreign,
}

/// The files of the generated module.
fn module(tree: &Node, spec_name: &str, dialect: Dialect) -> Result<Vec<GeneratedFile>, Errors> {
    let root = Place::root(tree);
    let mut document = tree.to_json();
    let otherwise = if dialect == Dialect::Own { Otherwise::Tell } else { Otherwise::Anything };
    let problems = compose::write_out(&mut document, otherwise);
    let problems = if dialect == Dialect::Own { problems } else { Vec::new() };
    preflight::check(&root, problems, spec_name)?;

    normalise::normalise(&mut document);
    let replaced: &[_] = if dialect == Dialect::Own { &emit::REPLACED } else { &[] };
    let moved = in_place::move_out(&mut document, replaced);
    let generated = emit::client(&root, &document, &moved, replaced, spec_name)?;
    let table = table::file(&root, &facts::collect(&root), &generated, dialect);

    let replacements = emit::replacements(&document, replaced);
    let modules = polish::modules(generated, table, &replacements, dialect).map_err(|error| {
        let mut report = errors::Report::new(spec_name);
        report.note(
            &root,
            format!("the generated code cannot be read back: {error}"),
            "report this as a bug",
        );
        report.into_errors()
    })?;
    let files: Vec<_> = modules
        .into_iter()
        .map(|(path, file)| GeneratedFile { path: path.to_owned(), contents: format::text(&file, spec_name) })
        .collect();
    review::check(&root, &document, &moved, &files, spec_name)?;
    Ok(files)
}
