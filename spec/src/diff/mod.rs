//! What changed from one OpenAPI document to another, in the part of the API that the first one describes.
//!
//! Documents are compared by what goes over the wire, member by member from every operation, so that schemas may be
//! called or cut differently. Each change says what it does to those who were built with the first document.

mod change;
mod compare;
mod deviations;
mod operations;
mod render;
mod shape;
mod suggest;

use change::Direction;
pub use change::{Change, ChangeKind, Class, Location};
use compare::Comparison;
use descope_mcp_codegen::document::Place;
pub use deviations::{Declared, Deviation, Deviations};
use operations::{compare_operation, operations};
pub use render::{Outcome, markdown, text};
pub use suggest::suggestions;

/// How to compare.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether to compare summaries and descriptions: of use between two versions of one document only.
    pub texts: bool,
}

/// Every change, sorted by kind and place. Operations are those whose path begins like all of the first document's.
pub fn changes(before: &Place<'_>, after: &Place<'_>, options: Options) -> Vec<Change> {
    let (old, new) = (operations(before), operations(after));
    let prefix = common_prefix(old.keys().map(|(path, _)| *path));
    let mut comparison = Comparison::new(before.clone(), after.clone(), options.texts);
    for (key, operation) in &old {
        match new.get(key) {
            Some(other) => compare_operation(&mut comparison, before, after, operation, other, options),
            None => {
                let places = (Some(&operation.place), None);
                let (kind, side) = (ChangeKind::OperationRemoved, operation.side(Direction::Request));
                comparison.note(kind, &operation.name(), &side.as_side(), false, operation.route(), places);
            }
        }
    }
    for (key, operation) in new.iter().filter(|((path, _), _)| path.starts_with(prefix)) {
        if !old.contains_key(key) {
            let places = (None, Some(&operation.place));
            let (kind, side) = (ChangeKind::OperationAdded, operation.side(Direction::Request));
            comparison.note(kind, &operation.name(), &side.as_side(), false, operation.route(), places);
        }
    }
    comparison.into_changes()
}

/// The number of operations of a document whose path begins like all of the first document's.
pub fn operations_in_scope(before: &Place<'_>, after: &Place<'_>) -> usize {
    let old = operations(before);
    let prefix = common_prefix(old.keys().map(|(path, _)| *path));
    operations(after).keys().filter(|(path, _)| path.starts_with(prefix)).count()
}

fn common_prefix<'a>(mut paths: impl Iterator<Item = &'a str>) -> &'a str {
    let Some(first) = paths.next() else { return "" };
    paths.fold(first, |prefix, path| {
        let same = prefix.char_indices().zip(path.chars()).find(|((_, one), other)| one != other);
        let end = same.map_or(prefix.len().min(path.len()), |((index, _), _)| index);
        &prefix[..end]
    })
}
