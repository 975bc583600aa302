//! Chainable setters: `Record::default().name("orders").tags(["a", "b"])`.
//!
//! Records are `#[non_exhaustive]`, so that a member the API adds later breaks nobody; setters are how callers fill
//! them in.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Field, Fields, Item, ItemStruct, Type};

use super::shape;

/// Puts the setters of each record right behind it.
pub(super) fn add(items: Vec<Item>) -> Vec<TokenStream> {
    items
        .into_iter()
        .map(|item| {
            let setters = match &item {
                Item::Struct(record) => block(record),
                _ => None,
            };
            quote!(#item #setters)
        })
        .collect()
}

fn block(record: &ItemStruct) -> Option<TokenStream> {
    let Fields::Named(fields) = &record.fields else { return None };
    let setters: Vec<_> = fields.named.iter().filter_map(setter).collect();
    if setters.is_empty() {
        return None;
    }
    let name = &record.ident;
    Some(quote! {
        impl #name {
            #(#setters)*
        }
    })
}

fn setter(field: &Field) -> Option<TokenStream> {
    let name = field.ident.as_ref()?;
    if shape::has_serde_key(&field.attrs, "flatten") {
        return None;
    }
    // Names that callers expect to mean something else on a type.
    let function = match name.to_string().as_str() {
        "default" | "clone" | "eq" | "fmt" => format_ident!("with_{name}"),
        _ => name.clone(),
    };
    let (optional, ty) = match shape::argument_of(&field.ty, "Option") {
        Some(inner) => (true, inner),
        None => (false, &field.ty),
    };
    let (argument, value) = conversion(ty);
    let value = if optional { quote!(::std::option::Option::Some(#value)) } else { value };
    let doc = format!(" Sets `{name}`.");
    Some(quote! {
        #[doc = #doc]
        #[must_use]
        pub fn #function(mut self, value: #argument) -> Self {
            self.#name = #value;
            self
        }
    })
}

/// What a setter takes for a field of that type, and how it becomes the field's value.
fn conversion(ty: &Type) -> (TokenStream, TokenStream) {
    if let Some(item) = shape::argument_of(ty, "Vec") {
        return if shape::last_name(item).as_deref() == Some("String") {
            let argument = quote! {
                impl ::std::iter::IntoIterator<Item = impl ::std::convert::Into<#item>>
            };
            (argument, quote!(value.into_iter().map(::std::convert::Into::into).collect()))
        } else {
            (quote!(impl ::std::iter::IntoIterator<Item = #item>), quote!(value.into_iter().collect()))
        };
    }
    match shape::last_name(ty).as_deref() {
        Some("bool" | "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "f32" | "f64") => {
            (quote!(#ty), quote!(value))
        }
        _ => (quote!(impl ::std::convert::Into<#ty>), quote!(value.into())),
    }
}
