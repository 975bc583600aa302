//! What a service writes in another way than the document says, and what still means the same, can be read.
//!
//! proto3 JSON writes large integers as strings, some writers know floating-point numbers only, and a list may have lost an
//! item. None of these may make a whole answer unreadable. `wire` in the crate has the rules.

use syn::{Fields, Ident, Item, Path, Type, parse_quote};

use super::shape;

const INTEGERS: [&str; 8] = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];

/// Makes lists and integers readable in every form that means the same. Wrapper objects of answers are never sent back, so
/// that an integer there may also be larger than its type.
pub(super) fn read_all_forms(items: &mut [Item]) {
    for item in items {
        let Item::Struct(item) = item else { continue };
        let Fields::Named(fields) = &mut item.fields else { continue };
        for field in &mut fields.named {
            let handled = shape::has_any_serde_key(&field.attrs, &["flatten", "deserialize_with", "with"]);
            let reader = if handled { None } else { reader(&field.ty, &item.ident) };
            if let Some(reader) = reader {
                let reader = quote::quote!(#reader).to_string().replace(' ', "");
                field.attrs.push(parse_quote!(#[serde(default, deserialize_with = #reader)]));
            }
        }
    }
}

/// The function that reads a field of that type, if the derived code would be too strict.
fn reader(ty: &Type, record: &Ident) -> Option<Path> {
    let inner = shape::argument_of(ty, "Option");
    if shape::argument_of(inner.unwrap_or(ty), "Vec").is_some() {
        return Some(match inner {
            Some(_) => parse_quote!(crate::wire::list),
            None => parse_quote!(crate::wire::list_or_empty),
        });
    }
    let is_integer = shape::last_name(inner?).is_some_and(|name| INTEGERS.contains(&name.as_str()));
    is_integer.then(|| {
        if record.to_string().ends_with("Response") {
            parse_quote!(crate::wire::advisory_integer)
        } else {
            parse_quote!(crate::wire::integer)
        }
    })
}
