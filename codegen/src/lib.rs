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

mod client;
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

pub use errors::{Errors, Finding, Located, Position, Report};
pub use foreign::{CrateOptions, GeneratedCrate, LeftOut, generate_crate};
pub use format::{GeneratedFile, NOTICE};
pub use registry::generate_table;

use document::Dialect;

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
        client::files(&tree, spec_name, Dialect::Own)
    })
}
