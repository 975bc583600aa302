//! From a document to the files of the generated module: every step, in its order.

use crate::compose::{self, Otherwise};
use crate::document::{Dialect, Node, Place};
use crate::errors::{Errors, Report};
use crate::format::{self, GeneratedFile};
use crate::{emit, facts, in_place, normalise, polish, preflight, review, table};

/// The files of the generated module.
pub(crate) fn files(tree: &Node, spec_name: &str, dialect: Dialect) -> Result<Vec<GeneratedFile>, Errors> {
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
        let mut report = Report::new(spec_name);
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
