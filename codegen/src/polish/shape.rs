//! Looking at generated types: what a field holds.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, GenericArgument, Path, PathArguments, Token, Type, parse_quote};

/// The argument of `Name<T>`, whatever path leads to `Name`.
pub(crate) fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last.ident != name {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Last segment of a path type: `String` of `::std::string::String`.
pub(crate) fn last_name(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

/// The names of every type mentioned in a type, arguments included. A path of one segment is a type of the module;
/// others come out with their segments joined by `::`.
pub(crate) fn mentioned(ty: &Type) -> BTreeSet<String> {
    struct Names(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_path(&mut self, path: &'ast Path) {
            let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.0.insert(names.join("::"));
            visit::visit_path(self, path);
        }
    }
    let mut names = Names(BTreeSet::new());
    names.visit_type(ty);
    names.0
}

/// Last segments of everything that the `#[derive]` attribute lists.
pub(crate) fn derives(attrs: &[Attribute]) -> BTreeSet<String> {
    let derive = attrs.iter().find(|attr| attr.path().is_ident("derive"));
    let paths = derive.map(derived_paths).unwrap_or_default();
    paths.iter().filter_map(|path| Some(path.segments.last()?.ident.to_string())).collect()
}

/// Changes what the `#[derive]` attribute lists; an item without one is left alone.
pub(crate) fn change_derives(attrs: &mut [Attribute], change: impl FnOnce(&mut Vec<Path>)) {
    if let Some(derive) = attrs.iter_mut().find(|attr| attr.path().is_ident("derive")) {
        let mut paths = derived_paths(derive);
        change(&mut paths);
        *derive = parse_quote!(#[derive(#(#paths),*)]);
    }
}

fn derived_paths(derive: &Attribute) -> Vec<Path> {
    // A list that cannot be read is empty: the generator wrote it a moment ago.
    derive
        .parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
        .map(|paths| paths.into_iter().collect())
        .unwrap_or_default()
}

/// Whether a `#[serde(..)]` attribute has one of these keys.
pub(crate) fn has_any_serde_key(attrs: &[Attribute], keys: &[&str]) -> bool {
    keys.iter().any(|key| has_serde_key(attrs, key))
}

/// Whether a `#[serde(..)]` attribute has this key.
pub(crate) fn has_serde_key(attrs: &[Attribute], key: &str) -> bool {
    attrs.iter().filter(|attr| attr.path().is_ident("serde")).any(|attr| {
        attr.meta.require_list().is_ok_and(|list| {
            list.tokens
                .to_token_stream()
                .into_iter()
                .any(|token| matches!(&token, proc_macro2::TokenTree::Ident(ident) if ident == key))
        })
    })
}
