//! What is known about each operation beyond its shape. The table itself is in `generated/operations.rs`.

/// Facts about one operation. What the document did not say has the careful value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationFacts {
    /// The operationId.
    pub id: &'static str,
    /// The method of the client that calls it.
    pub function: &'static str,
    /// The HTTP method in upper case.
    pub method: &'static str,
    /// The path, starting with a slash.
    pub path: &'static str,
    /// One line that says what it does.
    pub summary: &'static str,
    /// Whether it changes anything.
    pub access: Access,
    /// Whether it may be sent again when it is unknown whether it was carried out.
    pub idempotent: bool,
    /// Present on operations that answer page by page.
    pub paginated: Option<Pagination>,
    /// On an operation that replaces a whole record: the operationId of the one that loads it.
    pub replaces: Option<&'static str>,
    /// How sure the facts are.
    pub basis: Basis,
    /// Where the facts come from.
    pub source: Option<&'static str>,
}

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// It only reads.
    Read,
    /// It changes or deletes something.
    Write,
}

/// How sure a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// An official document says so.
    Documented,
    /// Seen on the live service.
    Observed,
    /// Inferred.
    Assumed,
}

/// Which members page through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pagination {
    /// Member of the answer with the items of the page.
    pub items: &'static str,
    /// Member of the request with the number of the page.
    pub page: &'static str,
    /// Member of the request with the most items per page.
    pub limit: &'static str,
    /// Member of the answer with the number of items on all pages.
    pub total: &'static str,
}
