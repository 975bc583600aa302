//! What the document says about each operation beyond its shape: the x- keys, read once.

use crate::document::Place;
use crate::names;
use crate::preflight::operations;

/// Values of `x-access`.
pub(crate) const ACCESS: [&str; 2] = ["read", "write"];
/// Values of `x-basis`, from most to least sure.
pub(crate) const BASIS: [&str; 3] = ["documented", "observed", "assumed"];
/// Keys of `x-paginated`.
pub(crate) const PAGINATION: [&str; 4] = ["items", "page", "limit", "total"];

/// One operation, as the table of operations will have it.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) id: &'a str,
    /// Name of the method of the machine-written client.
    pub(crate) function: String,
    pub(crate) method: String,
    pub(crate) path: &'a str,
    pub(crate) summary: &'a str,
    /// Without `x-access` an operation counts as writing: the careful reading.
    pub(crate) writes: bool,
    /// Without `x-idempotent` an operation counts as not repeatable: the careful reading.
    pub(crate) idempotent: bool,
    /// Member names in the order of [`PAGINATION`].
    pub(crate) paginated: Option<[&'a str; 4]>,
    pub(crate) replaces: Option<&'a str>,
    /// Without `x-basis` a fact counts as assumed.
    pub(crate) basis: &'a str,
    pub(crate) source: Option<&'a str>,
}

/// The facts of every operation, in document order. The document has passed preflight.
pub(crate) fn collect<'a>(root: &Place<'a>) -> Vec<Facts<'a>> {
    let all = operations::all(root).into_iter();
    all.filter_map(|(path, _, method, operation)| of(path, method, &operation)).collect()
}

/// The facts of one operation; `None` if it has no id, which preflight refuses.
pub(crate) fn of<'a>(path: &'a str, method: &str, operation: &Place<'a>) -> Option<Facts<'a>> {
    let id = operation.text("operationId")?;
    let paginated =
        operation.member("x-paginated").map(|keys| PAGINATION.map(|key| keys.text(key).unwrap_or_default()));
    Some(Facts {
        id,
        function: names::method(id),
        method: method.to_uppercase(),
        path,
        summary: operation.text("summary").unwrap_or_default().trim(),
        writes: operation.text("x-access") != Some("read"),
        idempotent: operation.flag("x-idempotent").unwrap_or(false),
        paginated,
        replaces: operation.text("x-replaces"),
        basis: operation.text("x-basis").unwrap_or("assumed"),
        source: operation.text("x-source"),
    })
}
