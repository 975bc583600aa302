//! What the document says about each operation beyond its shape: the x- keys, read once.

use crate::document::Place;
use crate::names;
use crate::preflight::extensions::PAGINATION;
use crate::preflight::operations;

/// One operation, as the table of the client will have it.
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
    operations::all(root)
        .into_iter()
        .filter_map(|(path, _, method, operation)| {
            let id = operation.text("operationId")?;
            let paginated = operation
                .member("x-paginated")
                .map(|keys| PAGINATION.map(|key| keys.text(key).unwrap_or_default()));
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
        })
        .collect()
}
