//! A `null` or absent member reads as empty.
//!
//! Optional members are `Option` and take care of themselves. The other ones would make a whole answer unreadable
//! because of one `null`, so they fall back to their default.

use std::collections::BTreeSet;

use syn::{Fields, Item, Type, parse_quote};

use super::{shape, type_name};

/// Types outside of the module that have a default.
const FOREIGN: [&str; 18] = [
    "Option",
    "String",
    "Vec",
    "BTreeMap",
    "Value",
    "bool",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "u64",
    "f32",
    "f64",
    "Secret",
    "UnknownMembers",
];

/// Which generated types have a default.
#[derive(Debug)]
pub(super) struct Defaults {
    own: BTreeSet<String>,
    /// Those whose default is written out by the generator.
    written: BTreeSet<String>,
}

impl Defaults {
    /// Whether the type shall derive `Default`.
    pub(super) fn derived(&self, name: &str) -> bool {
        self.own.contains(name) && !self.written.contains(name)
    }

    /// Whether a generated type of that name has a default, derived or written out.
    pub(super) fn has_own(&self, name: &str) -> bool {
        self.own.contains(name)
    }

    /// Whether a value of the type can be made from nothing.
    pub(super) fn has(&self, ty: &Type) -> bool {
        let Some(name) = shape::last_name(ty) else {
            return matches!(ty, Type::Tuple(unit) if unit.elems.is_empty());
        };
        if let Some(inner) = shape::argument_of(ty, "Box") {
            return self.has(inner);
        }
        FOREIGN.contains(&name.as_str()) || name == "ApprovedScopes" || self.own.contains(&name)
    }
}

/// Makes every field that has a default read `null` and absence as that default; answers which types have one.
pub(super) fn read_as_empty(items: &mut [Item]) -> Defaults {
    let defaults = find(items);
    for item in items {
        let Item::Struct(item) = item else { continue };
        let Fields::Named(fields) = &mut item.fields else { continue };
        for field in &mut fields.named {
            let optional = shape::argument_of(&field.ty, "Option").is_some();
            let keys = ["flatten", "default", "deserialize_with", "with"];
            let handled = shape::has_any_serde_key(&field.attrs, &keys);
            if !optional && !handled && defaults.has(&field.ty) {
                field
                    .attrs
                    .push(parse_quote!(#[serde(default, deserialize_with = "crate::wire::null_as_default")]));
            }
        }
    }
    defaults
}

fn find(items: &[Item]) -> Defaults {
    let written = items
        .iter()
        .filter_map(|item| match item {
            Item::Impl(block) => {
                let (path, _) = block.trait_.as_ref()?;
                (path.segments.last()?.ident == "Default").then(|| shape::last_name(&block.self_ty))?
            }
            _ => None,
        })
        .collect::<BTreeSet<_>>();
    let mut defaults = Defaults { own: written.clone(), written };
    // Until nothing more is found: a struct has a default as soon as all of its fields have.
    loop {
        let found: Vec<_> = items
            .iter()
            .filter_map(|item| match item {
                Item::Struct(item) if item.fields.iter().all(|field| defaults.has(&field.ty)) => {
                    type_name(&Item::Struct(item.clone()))
                }
                _ => None,
            })
            .filter(|name| !defaults.own.contains(name))
            .collect();
        if found.is_empty() {
            return defaults;
        }
        defaults.own.extend(found);
    }
}
