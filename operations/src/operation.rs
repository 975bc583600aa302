//! One operation and the document that describes it. The fields are public and the types are not `non_exhaustive`,
//! because the generator writes tables of other documents into other crates.

use crate::{Access, Basis, Pagination, Schema};

/// What one OpenAPI document says.
#[derive(Debug, Clone, Copy)]
pub struct Document {
    /// Path of the document in the repository.
    pub source: &'static str,
    /// `info.title`.
    pub title: &'static str,
    /// `info.version`.
    pub version: &'static str,
    /// Its operations, in its order.
    pub operations: &'static [Operation],
}

impl Document {
    /// The operation with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

/// One operation: what it does, what it takes, what it answers with.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The operationId, such as `LoadMcpServer`.
    pub id: &'static str,
    /// The HTTP method in upper case.
    pub method: &'static str,
    /// The path, starting with a slash, with path parameters in braces.
    pub path: &'static str,
    /// The first tag: the resource that the operation works on.
    pub group: Option<&'static str>,
    /// One line for menus and tables.
    pub summary: &'static str,
    /// What a caller should know, in prose.
    pub description: &'static str,
    /// Whether it changes anything. `Write` where the document does not say.
    pub access: Access,
    /// Whether it may be sent again when the outcome is unknown. `false` where the document does not say.
    pub idempotent: bool,
    /// How its answer comes in pages.
    pub paginated: Option<Pagination>,
    /// On an operation that replaces a whole record: id of the one that loads it.
    pub replaces: Option<&'static str>,
    /// Where each argument goes. See [`Argument::name`] for how names are chosen.
    pub arguments: &'static [Argument],
    /// What is sent as the body.
    pub body: Body,
    /// Schema of the object of all arguments.
    pub input: Schema,
    /// Arguments that satisfy the schema, as JSON text: the examples of the document.
    pub example: Option<&'static str>,
    /// Schema of the JSON body of a success; `None` where the document describes none.
    pub output: Option<Schema>,
    /// Members of the arguments that are secrets.
    pub input_secrets: &'static [SecretMember],
    /// Members of a success that are secrets.
    pub output_secrets: &'static [SecretMember],
    /// How sure the facts are. `Assumed` where the document does not say.
    pub basis: Basis,
    /// Where the facts come from.
    pub source: Option<&'static str>,
}

impl Operation {
    /// The argument of this name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&'static Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    /// Whether a success holds a secret, as far as the document says.
    #[must_use]
    pub fn answers_with_secret(&self) -> bool {
        !self.output_secrets.is_empty()
    }
}

/// One argument: a parameter, or a member of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// Its name among all arguments of the operation.
    ///
    /// This is the name on the wire, unless the operation has that name in more than one place. Then every one of them
    /// is qualified by its place: `path_id`, `query_id`, `header_id`, `body_id`. Should such a name be taken, `_` is
    /// appended until it is not.
    pub name: &'static str,
    /// Its name on the wire: of the parameter, or of the member of the body.
    pub wire_name: &'static str,
    /// Where it goes.
    pub place: Place,
    /// Whether it must be there.
    pub required: bool,
}

/// Where an argument goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// In place of `{wire_name}` in the path.
    Path,
    /// Into the query.
    Query {
        /// How a list is sent: `true` repeats the name for each item, `false` joins the items with commas.
        repeated: bool,
    },
    /// Into a header.
    Header,
    /// Into the JSON object that is the body.
    Member,
    /// It is the body, which need not be an object.
    Body,
}

/// What is sent as the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Body {
    /// Nothing.
    None,
    /// A JSON object of the arguments whose place is [`Place::Member`].
    Object {
        /// Whether an empty object is sent when there is no such argument.
        required: bool,
        /// Whether arguments that [`Operation::arguments`] does not list are sent in it.
        open: bool,
    },
    /// The JSON value of the one argument whose place is [`Place::Body`].
    Value,
    /// Something else than JSON, of this media type.
    Other {
        /// Such as `application/x-www-form-urlencoded`.
        media_type: &'static str,
    },
}

/// A member with `format: password`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretMember {
    /// JSON pointer (RFC 6901) in which `*` stands for every item of a list and for every member of a map.
    pub pointer: &'static str,
    /// Whether the schema requires it, and everything around it.
    pub required: bool,
}
