//! The places where a body does not match its schema, in words and without the offending values.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::pointer::{join, label};

/// One place where a body does not match its schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Violation {
    /// JSON pointer to the place in the body; for a missing member, to where it should be. Empty for the body itself.
    pub pointer: String,
    /// A sentence that names the member. Lower case, no full stop, never the offending value: it may be a secret.
    pub message: String,
    /// The kind of violation.
    pub kind: ViolationKind,
}

/// The kinds of violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ViolationKind {
    /// A required member is absent.
    Missing,
    /// The value has another JSON type, null included.
    WrongType,
    /// The type is right, but the value is not: a range, a length, an enumeration, or no or several matching
    /// alternatives.
    WrongValue,
    /// The schema is closed and does not have a member of this name.
    Unknown,
    /// A parameter of a form or query occurs more than once.
    Repeated,
    /// The document has no operation with this id, so nothing could be validated.
    UnknownOperation,
    /// The document has no standalone schema with this name.
    UnknownSchema,
    /// The operation lists neither this status nor a range that contains it.
    UnexpectedStatus,
}

impl Violation {
    fn new(pointer: String, kind: ViolationKind, message: String) -> Self {
        Self { pointer, message, kind }
    }

    /// Every violation that a validator finds, in the order of their pointers.
    pub(crate) fn all(validator: &Validator, value: &Value) -> Vec<Self> {
        let mut violations = Vec::new();
        if validator.is_valid(value) {
            return violations;
        }
        for error in validator.iter_errors(value) {
            Self::from_error(&error, &mut violations);
        }
        violations.sort();
        violations.dedup();
        violations
    }

    pub(crate) fn unknown_operation(id: &str) -> Self {
        let message = format!("the document has no operation `{id}`");
        Self::new(String::new(), ViolationKind::UnknownOperation, message)
    }

    pub(crate) fn unexpected_status(id: &str, status: u16) -> Self {
        let message = format!("the document lists no status {status} for {id}");
        Self::new(String::new(), ViolationKind::UnexpectedStatus, message)
    }

    pub(crate) fn unknown_schema(name: &str) -> Self {
        let message = format!("the document has no schema `{name}` with `x-standalone`");
        Self::new(String::new(), ViolationKind::UnknownSchema, message)
    }

    pub(crate) fn missing(pointer: &str) -> Self {
        let message = format!("{} is required", label(pointer));
        Self::new(pointer.to_owned(), ViolationKind::Missing, message)
    }

    pub(crate) fn repeated(pointer: &str) -> Self {
        let message = format!("{} stands more than once", label(pointer));
        Self::new(pointer.to_owned(), ViolationKind::Repeated, message)
    }

    /// Turns one finding of the validator into violations: several when an alternative was meant but not met.
    fn from_error(error: &ValidationError<'_>, out: &mut Vec<Self>) {
        let pointer = error.instance_path().as_str().to_owned();
        let name = label(&pointer);
        let (kind, problem) = match error.kind() {
            ValidationErrorKind::Required { property } => {
                out.push(Self::missing(&join(&pointer, property.as_str().unwrap_or_default())));
                return;
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                if let Some(types) = wrong_type(error, &pointer) {
                    (ViolationKind::WrongType, type_problem(&types, error.instance()))
                } else {
                    let mut meant = context.iter().filter(|branch| !is_of_another_type(branch, &pointer));
                    if let (Some(branch), None) = (meant.next(), meant.next()) {
                        branch.iter().for_each(|inner| Self::from_error(inner, out));
                        return;
                    }
                    (ViolationKind::WrongValue, "fits none of its alternatives".to_owned())
                }
            }
            ValidationErrorKind::Type { kind } => {
                (ViolationKind::WrongType, type_problem(&types_of(kind), error.instance()))
            }
            ValidationErrorKind::Minimum { limit } => {
                (ViolationKind::WrongValue, format!("must be at least {limit}"))
            }
            ValidationErrorKind::Maximum { limit } => {
                (ViolationKind::WrongValue, format!("must be at most {limit}"))
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                // Names are the caller's own; of values nothing is said.
                for name in unexpected {
                    let pointer = join(&pointer, name);
                    let message = format!("{} is not known here", label(&pointer));
                    out.push(Self::new(pointer, ViolationKind::Unknown, message));
                }
                return;
            }
            // The validator's own text may quote the value; the keyword cannot.
            other => (ViolationKind::WrongValue, format!("does not fit the keyword `{}`", other.keyword())),
        };
        out.push(Self::new(pointer, kind, format!("{name} {problem}")));
    }
}

/// The types that a value at `pointer` should have had, if its type is all that the error is about.
fn wrong_type(error: &ValidationError<'_>, pointer: &str) -> Option<Vec<String>> {
    if error.instance_path().as_str() != pointer {
        return None;
    }
    match error.kind() {
        ValidationErrorKind::Type { kind } => Some(types_of(kind)),
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let mut types = Vec::new();
            for branch in context {
                types.extend(branch.iter().find_map(|inner| wrong_type(inner, pointer))?);
            }
            Some(types)
        }
        _ => None,
    }
}

fn is_of_another_type(branch: &[ValidationError<'_>], pointer: &str) -> bool {
    branch.iter().any(|error| wrong_type(error, pointer).is_some())
}

fn types_of(kind: &TypeKind) -> Vec<String> {
    match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect(),
    }
}

fn type_problem(expected: &[String], instance: &Value) -> String {
    // Null last: it is the least of what a writer wants to know.
    let (nulls, mut types): (Vec<_>, Vec<_>) = expected.iter().partition(|name| *name == "null");
    types.sort();
    types.dedup();
    let wanted: Vec<_> =
        types.into_iter().chain(nulls.into_iter().take(1)).map(|n| with_article(n)).collect();
    let actual = match instance {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("must be {}, but it is {}", wanted.join(" or "), with_article(actual))
}

fn with_article(json_type: &str) -> String {
    match json_type {
        "null" => "null".to_owned(),
        "array" | "object" | "integer" => format!("an {json_type}"),
        _ => format!("a {json_type}"),
    }
}
