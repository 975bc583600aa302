//! Changes the generated tree, and splits it into modules.
//!
//! progenitor's output is taken as it comes except for what settings cannot express; each submodule does one such
//! thing. They work on the syntax tree, never on text.

mod comments;
mod lenient;
mod nulls;
mod prelude;
mod secrets;
mod setters;
pub(crate) mod shape;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;
use syn::{File, ImplItem, Item, Type, parse_quote};

use crate::document::Dialect;

/// Splits the output of progenitor into the files of the module.
///
/// `replacements` are the hand-written types, with the generated ones that they hold.
pub(crate) fn modules(
    generated: File,
    table: TokenStream,
    replacements: &BTreeMap<String, BTreeSet<String>>,
    dialect: Dialect,
) -> syn::Result<Vec<(&'static str, File)>> {
    let mut client = Vec::new();
    let mut types = Vec::new();
    for item in generated.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                types.extend(module.content.map(|(_, items)| items).unwrap_or_default());
            }
            // Its one line would only hide a re-export of ours.
            Item::Mod(module) if module.ident == "prelude" => {}
            other => client.push(other),
        }
    }
    restrict_constructors(&mut client, dialect);
    drop_unused_error_module(&mut types);
    prelude::spell_out(&mut types);
    keep_extra_apart(&mut types);
    unknown::show_names_only(&mut types);
    secrets::seal(&mut types, &client, replacements);
    if dialect == Dialect::Own {
        lenient::read_all_forms(&mut types);
    }
    let defaults = nulls::read_as_empty(&mut types);
    derive_more(&mut types, &defaults);
    comments::complete(&mut types);
    comments::complete(&mut client);
    let types = setters::add(types);

    let client: File = syn::parse2(quote! {
        use super::types;
        #(#client)*
    })?;
    Ok(vec![
        ("client.rs", client),
        ("mod.rs", root()?),
        ("operations.rs", syn::parse2(table)?),
        ("types.rs", syn::parse2(quote!(#(#types)*))?),
    ])
}

fn root() -> syn::Result<File> {
    syn::parse2(quote! {
        //! The machine-written client: one method per operation, its types, and the table of operations.
        #![allow(
            clippy::all,
            clippy::unwrap_used,
            rustdoc::bare_urls,
            rustdoc::broken_intra_doc_links,
            rustdoc::invalid_html_tags,
            unreachable_pub,
            unused_imports,
            reason = "written by a generator; descriptions are prose of the document, not Rustdoc"
        )]

        mod client;
        /// Facts about every operation.
        pub mod operations;
        /// What operations send and answer with.
        pub mod types;

        pub use client::{Client, ClientInfo, Error, ResponseValue};
        pub use operations::OPERATIONS;
    })
}

/// `Client::new` builds an HTTP client of its own and unwraps it; ours is always handed in.
///
/// Our crate checks where its credentials may go before it hands one in, so nobody else may. A crate of somebody
/// else's document has no such rule, and no other constructor.
fn restrict_constructors(items: &mut [Item], dialect: Dialect) {
    for item in items {
        let Item::Impl(block) = item else { continue };
        if block.trait_.is_some() {
            continue;
        }
        block.items.retain(|item| !matches!(item, ImplItem::Fn(function) if function.sig.ident == "new"));
        for item in &mut block.items {
            let ImplItem::Fn(function) = item else { continue };
            if dialect == Dialect::Own && function.sig.ident == "new_with_client" {
                function.vis = parse_quote!(pub(crate));
            }
        }
    }
}

/// The error of checked conversions is written even where no type has one.
fn drop_unused_error_module(items: &mut Vec<Item>) {
    let used = items
        .iter()
        .filter(|item| !matches!(item, Item::Mod(_)))
        .any(|item| quote!(#item).to_string().contains("ConversionError"));
    if !used {
        items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "error"));
    }
}

/// Unknown members are collected in a field called `extra`, also where the document has a member of that name.
fn keep_extra_apart(items: &mut [Item]) {
    for item in items {
        let Item::Struct(item) = item else { continue };
        let declared =
            item.fields.iter().filter(|field| field.ident.as_ref().is_some_and(|name| name == "extra"));
        if declared.count() < 2 {
            continue;
        }
        for field in item.fields.iter_mut().filter(|field| shape::has_serde_key(&field.attrs, "flatten")) {
            field.ident = Some(parse_quote!(extra_members));
        }
    }
}

/// Equality for every type (an unchanged record need not be written back), `Default` where it exists, and room for
/// new members: a field that the API adds must not break callers.
fn derive_more(items: &mut [Item], defaults: &nulls::Defaults) {
    for item in items {
        let (attrs, name, open) = match item {
            Item::Struct(item) => {
                let name = item.ident.to_string();
                // Without a default, callers can only make one by naming all of its fields.
                let open = matches!(item.fields, syn::Fields::Named(_)) && defaults.has_own(&name);
                (&mut item.attrs, name, open)
            }
            Item::Enum(item) => (&mut item.attrs, item.ident.to_string(), true),
            _ => continue,
        };
        let derived = shape::derives(attrs);
        if derived.is_empty() {
            continue;
        }
        let mut more: Vec<syn::Path> = Vec::new();
        if !derived.contains("PartialEq") {
            more.push(parse_quote!(PartialEq));
        }
        if defaults.derived(&name) && !derived.contains("Default") {
            more.push(parse_quote!(Default));
        }
        shape::change_derives(attrs, |paths| paths.extend(more));
        if open {
            attrs.push(parse_quote!(#[non_exhaustive]));
        }
    }
}

/// Every type that an item's fields mention, in order.
pub(crate) fn field_types(item: &Item) -> Vec<&Type> {
    match item {
        Item::Struct(item) => item.fields.iter().map(|field| &field.ty).collect(),
        Item::Enum(item) => {
            item.variants.iter().flat_map(|variant| variant.fields.iter().map(|field| &field.ty)).collect()
        }
        _ => Vec::new(),
    }
}

/// Name of a struct or enum.
pub(crate) fn type_name(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Enum(item) => Some(item.ident.to_string()),
        _ => None,
    }
}
