//! How names of the document become Rust names, and where two of them become the same one.
//!
//! Mirrors what progenitor and typify do with names, because two elements that end up with one Rust name are silently
//! merged or do not compile.

use heck::{ToPascalCase, ToSnakeCase};
use unicode_ident::{is_xid_continue, is_xid_start};

/// Name of the method that calls an operation.
pub(crate) fn method(operation_id: &str) -> String {
    identifier(operation_id, str::to_snake_case, "_")
}

/// Name of the argument that carries a parameter.
pub(crate) fn argument(parameter: &str) -> String {
    method(parameter)
}

/// Name of the field that holds a member.
pub(crate) fn field(member: &str) -> String {
    identifier(member, str::to_snake_case, "x")
}

/// Name of the type made from a schema.
pub(crate) fn type_name(schema: &str) -> String {
    identifier(schema, str::to_pascal_case, "X")
}

/// `before_digit` goes before a name that does not start like an identifier: the two generators differ there.
fn identifier(name: &str, case: fn(&str) -> String, before_digit: &str) -> String {
    let name = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => case(&name.replace('\'', "").replace(|c: char| !is_xid_continue(c), "-")),
    };
    let name = match name.chars().next() {
        None => case("x"),
        Some(first) if is_xid_start(first) => name,
        Some(_) => format!("{before_digit}{name}"),
    };
    if syn::parse_str::<syn::Ident>(&name).is_ok() && name != "gen" { name } else { format!("{name}_") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_becomes_an_identifier() {
        for name in ["type", "self", "gen", "", "!", "1st", "+1", "été", "日本", "a'b", "_", "__", "\u{301}"]
        {
            for made in [method(name), field(name), type_name(name)] {
                assert!(syn::parse_str::<syn::Ident>(&made).is_ok(), "{name:?} becomes {made:?}");
            }
        }
    }
}
