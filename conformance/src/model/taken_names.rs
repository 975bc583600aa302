//! Names that records may have although the plan cannot find them by an id, or cannot delete them by now. Where names are
//! unique, a target rightly refuses another record of such a name. No I/O here.

use std::collections::BTreeSet;
use std::sync::Arc;

/// The names that must not be given again.
#[derive(Debug, Clone, Default)]
pub struct TakenNames {
    /// Those that earlier plans of the run have left.
    before: Arc<BTreeSet<String>>,
    /// Those of this plan.
    here: BTreeSet<String>,
}

impl TakenNames {
    /// The names that earlier plans of the run have left.
    pub(crate) fn left(before: Arc<BTreeSet<String>>) -> Self {
        Self { before, here: BTreeSet::new() }
    }

    /// Whether a record may have this name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.before.contains(name) || self.here.contains(name)
    }

    /// A record may have this name.
    pub(super) fn insert(&mut self, name: &str) {
        self.here.insert(name.to_owned());
    }

    /// The names that this plan has added.
    pub(crate) fn added(&self) -> impl Iterator<Item = &str> {
        self.here.iter().map(String::as_str)
    }
}
