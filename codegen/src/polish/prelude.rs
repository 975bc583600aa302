//! The one name of the standard library that the generator writes without its path: a schema can have it too.

use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Item, Path, PathArguments, parse_quote};

use super::type_name;

const STRING: &str = "String";

/// Lets conversions from text take the `String` of the standard library where a schema is called so.
pub(super) fn spell_out(items: &mut [Item]) {
    if !items.iter().any(|item| type_name(item).as_deref() == Some(STRING)) {
        return;
    }
    for item in items {
        let Item::Impl(block) = item else { continue };
        // Elsewhere the name means the schema.
        if block.trait_.as_ref().is_some_and(|(path, _)| is_conversion_from_text(path)) {
            Spelled.visit_item_impl_mut(block);
        }
    }
}

/// Whether a trait is `TryFrom<String>`.
fn is_conversion_from_text(path: &Path) -> bool {
    let Some(last) = path.segments.last().filter(|last| last.ident == "TryFrom") else { return false };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    arguments.args.iter().any(|argument| match argument {
        GenericArgument::Type(syn::Type::Path(ty)) => ty.path.is_ident(STRING),
        _ => false,
    })
}

struct Spelled;

impl VisitMut for Spelled {
    fn visit_path_mut(&mut self, path: &mut Path) {
        if path.is_ident(STRING) {
            *path = parse_quote!(::std::string::String);
        }
        visit_mut::visit_path_mut(self, path);
    }

    /// The type itself is the schema's.
    fn visit_item_impl_mut(&mut self, block: &mut syn::ItemImpl) {
        let this = block.self_ty.clone();
        visit_mut::visit_item_impl_mut(self, block);
        block.self_ty = this;
    }
}
