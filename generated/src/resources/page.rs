//! One page of a list.

/// One page of what a search found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The count that came with the page. Presumably of everything that matches, on all pages (assumed); `None`
    /// when the service did not send one.
    pub total: Option<u64>,
}
