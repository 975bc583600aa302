//! What the `x-` keys of a document state about an operation.

use std::fmt;

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive on purpose: a third kind of access would need a decision everywhere this is read.
pub enum Access {
    /// It changes nothing.
    Read,
    /// It may change or delete something.
    Write,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

/// How sure a fact is, from the surest to the least sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
// Exhaustive on purpose: the severity of properties is decided by it.
pub enum Basis {
    /// An official document says so.
    Documented,
    /// It was seen on the live API.
    Observed,
    /// It is a conclusion; nobody vouches for it.
    Assumed,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Assumed => "assumed",
        })
    }
}

/// The names of the members that carry the pages of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pagination {
    /// Member of the answer with the items of the page.
    pub items: &'static str,
    /// Member of the request with the number of the page, counted from 0.
    pub page: &'static str,
    /// Member of the request with the maximum number of items of a page.
    pub limit: &'static str,
    /// Member of the answer with the number of items on all pages.
    pub total: &'static str,
}
