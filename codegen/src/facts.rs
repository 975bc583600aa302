//! The x- keys of a document: the one place that reads those of operations. `openapi/README.md` says what each means.
//!
//! Everything else takes what they state from here: checks of a document as [`Stated`], the tables as [`Facts`]. What
//! runs later takes it from the tables.

use crate::document::{self, Place};
use crate::names;

/// Values of `x-access`.
pub(crate) const ACCESS: [&str; 2] = ["read", "write"];
/// Values of `x-basis`, from most to least sure.
pub(crate) const BASIS: [&str; 3] = ["documented", "observed", "assumed"];
/// Keys of `x-paginated`.
pub(crate) const PAGINATION: [&str; 4] = ["items", "page", "limit", "total"];

/// The keys that say how an operation behaves.
pub const RULES: [&str; 4] = ["x-access", "x-idempotent", "x-paginated", "x-replaces"];

/// What a key states.
#[derive(Debug, Clone)]
pub enum Stated<'a, T> {
    /// The key is not there.
    Nothing,
    /// The key is there, and its value is none that it may have.
    Wrong(Place<'a>),
    /// The value, and where it stands.
    This(T, Place<'a>),
}

impl<'a, T> Stated<'a, T> {
    fn of(place: Option<Place<'a>>, read: impl FnOnce(&Place<'a>) -> Option<T>) -> Self {
        let Some(place) = place else { return Self::Nothing };
        match read(&place) {
            Some(value) => Self::This(value, place),
            None => Self::Wrong(place),
        }
    }

    /// The value, if there is a right one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::This(value, _) => Some(value),
            Self::Nothing | Self::Wrong(_) => None,
        }
    }

    /// Where something is wrong with a key that must be there: at its value, or at `holder`, which lacks it.
    pub fn fault(&self, holder: &Place<'a>) -> Option<Place<'a>> {
        match self {
            Self::Nothing => Some(holder.clone()),
            Self::Wrong(place) => Some(place.clone()),
            Self::This(..) => None,
        }
    }
}

/// Whether an operation changes anything (`x-access`): `read` or `write`.
pub fn access<'a>(operation: &Place<'a>) -> Stated<'a, &'a str> {
    Stated::of(operation.member("x-access"), |place| place.str().filter(|value| ACCESS.contains(value)))
}

/// Whether an operation may be sent again (`x-idempotent`).
pub fn idempotent<'a>(operation: &Place<'a>) -> Stated<'a, bool> {
    Stated::of(operation.member("x-idempotent"), Place::bool)
}

/// The operation that loads what this one replaces (`x-replaces`).
pub fn replaces<'a>(operation: &Place<'a>) -> Stated<'a, &'a str> {
    Stated::of(operation.member("x-replaces"), Place::str)
}

/// How the answer of an operation comes in pages (`x-paginated`).
pub(crate) fn paginated<'a>(operation: &Place<'a>) -> Option<Place<'a>> {
    operation.member("x-paginated")
}

/// How sure the document is of anything (`x-basis`): `documented`, `observed` or `assumed`.
pub fn basis<'a>(place: &Place<'a>) -> Stated<'a, &'a str> {
    Stated::of(place.member("x-basis"), |place| place.str().filter(|value| BASIS.contains(value)))
}

/// Where the document knows anything from (`x-source`).
pub fn source<'a>(place: &Place<'a>) -> Stated<'a, &'a str> {
    Stated::of(place.member("x-source"), Place::str)
}

/// Everything that is stated about one operation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Facts<'a> {
    /// The operationId.
    pub id: &'a str,
    /// Name of the method of the machine-written client.
    pub function: String,
    /// The HTTP method in upper case.
    pub method: String,
    /// The path.
    pub path: &'a str,
    /// One line that says what it does.
    pub summary: &'a str,
    /// Without `x-access` an operation counts as writing: the careful reading.
    pub writes: bool,
    /// Without `x-idempotent` an operation counts as not repeatable: the careful reading.
    pub idempotent: bool,
    /// Names of the members for items, page, limit and total, in this order.
    pub paginated: Option<[&'a str; 4]>,
    /// The operation that loads what this one replaces.
    pub replaces: Option<&'a str>,
    /// Without `x-basis` a fact counts as assumed.
    pub basis: &'a str,
    /// Where it is known from.
    pub source: Option<&'a str>,
}

/// The facts of every operation, in document order. The document has passed preflight.
pub(crate) fn collect<'a>(root: &Place<'a>) -> Vec<Facts<'a>> {
    let all = document::operations(root).into_iter();
    all.filter_map(|(path, _, method, operation)| of(path, method, &operation)).collect()
}

/// The facts of one operation; `None` if it has no id, which preflight refuses.
pub fn of<'a>(path: &'a str, method: &str, operation: &Place<'a>) -> Option<Facts<'a>> {
    let id = operation.text("operationId")?;
    Some(Facts {
        id,
        function: names::method(id),
        method: method.to_uppercase(),
        path,
        summary: operation.text("summary").unwrap_or_default().trim(),
        writes: access(operation).value() != Some("read"),
        idempotent: idempotent(operation).value().unwrap_or(false),
        paginated: paginated(operation).map(|keys| PAGINATION.map(|key| keys.text(key).unwrap_or_default())),
        replaces: replaces(operation).value(),
        basis: basis(operation).value().unwrap_or("assumed"),
        source: source(operation).value(),
    })
}
