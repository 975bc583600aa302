//! How names of the document become Rust names, and where two of them become the same one.
//!
//! Mirrors what progenitor does with names (heck, with a suffix for keywords), because two elements that end up
//! with one Rust name are silently merged or do not compile.

use heck::{ToPascalCase, ToSnakeCase};

/// Name of the method that calls an operation.
pub(crate) fn method(operation_id: &str) -> String {
    keyword_safe(prepared(operation_id).to_snake_case())
}

/// Name of the field that holds a member.
pub(crate) fn field(member: &str) -> String {
    keyword_safe(prepared(member).to_snake_case())
}

/// Name of the type made from a schema.
pub(crate) fn type_name(schema: &str) -> String {
    keyword_safe(prepared(schema).to_pascal_case())
}

fn prepared(name: &str) -> String {
    name.replace('\'', "").replace(|c: char| !(c.is_alphanumeric() || c == '_'), "-")
}

fn keyword_safe(name: String) -> String {
    if syn::parse_str::<syn::Ident>(&name).is_ok() { name } else { format!("{name}_") }
}
