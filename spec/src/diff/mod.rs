//! What changed from one OpenAPI document to another, in the part of the API that the first one describes.
//!
//! Documents are compared by what goes over the wire, member by member from every operation, so that schemas may be
//! called or cut differently. Each change says what it does to those who were built with the first document.

mod bodies;
mod change;
mod compare;
mod deviations;
mod operations;
mod read;
mod render;
mod shape;
mod suggest;
mod unjudged;

use change::Direction;
pub use change::{Change, ChangeKind, Class, Location};
use compare::{Comparison, Side};
use descope_mcp_codegen::document::Place;
pub use deviations::{Declared, Deviation, Deviations};
pub use render::{Outcome, markdown, text};
pub use suggest::suggestions;

use crate::walk::operations;

/// How to compare.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether both are versions of one document of ours. Then every operation counts, texts and our own keys are
    /// compared, and the name of a schema is that of a type.
    pub versions: bool,
}

/// Every change, sorted by kind and place. Operations are those in the folder of paths that all of the first document's are
/// in, or all of them.
pub fn changes(before: &Place<'_>, after: &Place<'_>, options: Options) -> Vec<Change> {
    let (old, new) = (operations(before), operations(after));
    let folder = if options.versions { "" } else { common_folder(old.keys().map(|(path, _)| *path)) };
    let mut comparison = Comparison::new(before.clone(), after.clone(), options.versions);
    comparison.documents();
    for (key, operation) in &old {
        match new.get(key) {
            Some(other) => comparison.operation(operation, other),
            None => {
                let places = (Some(&operation.place), None);
                let (kind, side) = (ChangeKind::OperationRemoved, operation.side(Direction::Request));
                comparison.note(kind, &operation.name(), &side, false, operation.route(), places);
            }
        }
    }
    for (key, operation) in new.iter().filter(|((path, _), _)| path.starts_with(folder)) {
        if !old.contains_key(key) {
            let places = (None, Some(&operation.place));
            let (kind, side) = (ChangeKind::OperationAdded, operation.side(Direction::Request));
            comparison.note(kind, &operation.name(), &side, false, operation.route(), places);
        }
    }
    comparison.into_changes()
}

/// Members of a document that are compared, or only say what it is.
const DOCUMENT: [&str; 6] = ["openapi", "info", "paths", "components", "security", "servers"];

impl Comparison<'_> {
    /// Compares what stands at the top of both documents.
    fn documents(&mut self) {
        let (before, after) = (self.before.clone(), self.after.clone());
        let side = Side { shows_in: "the whole document".to_owned(), direction: Direction::Request };
        self.beside(&side, "the document", &before, &after, &DOCUMENT);
    }
}

/// How many operations of another document are those of this one.
pub fn operations_in_common(before: &Place<'_>, after: &Place<'_>) -> usize {
    let known = operations(before);
    operations(after).keys().filter(|key| known.contains_key(*key)).count()
}

/// The longest beginning that all these paths share and that ends with `/`.
fn common_folder<'a>(mut paths: impl Iterator<Item = &'a str>) -> &'a str {
    let Some(first) = paths.next() else { return "" };
    let same = paths.fold(first, |prefix, path| {
        let end = prefix.bytes().zip(path.bytes()).take_while(|(one, other)| one == other).count();
        // Both agree up to there, so it is a boundary of both or of neither.
        prefix.get(..end).unwrap_or_default()
    });
    same.rfind('/').and_then(|end| same.get(..=end)).unwrap_or_default()
}
