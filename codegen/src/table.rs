//! Writes the table of operations.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::facts::Facts;

/// The file with one constant per operation and the table of all of them.
pub(crate) fn file(facts: &[Facts<'_>]) -> TokenStream {
    let mut taken = BTreeSet::from(["OPERATIONS".to_owned()]);
    let names: Vec<_> = facts
        .iter()
        .map(|facts| {
            let mut name = facts.function.to_uppercase();
            // Different small letters can have one capital.
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            format_ident!("{name}")
        })
        .collect();
    let constants = facts.iter().zip(&names).map(|(facts, name)| constant(facts, name));
    quote! {
        use crate::operation::{Access, Basis, OperationFacts, Pagination};

        #(#constants)*

        /// Every operation of the document, in its order.
        pub const OPERATIONS: &[OperationFacts] = &[#(#names),*];
    }
}

fn constant(facts: &Facts<'_>, name: &syn::Ident) -> TokenStream {
    let Facts { id, function, method, path, summary, idempotent, .. } = facts;
    let doc = format!(" {id}: `{method} {path}`.");
    let access = if facts.writes { quote!(Access::Write) } else { quote!(Access::Read) };
    let basis = match facts.basis {
        "documented" => quote!(Basis::Documented),
        "observed" => quote!(Basis::Observed),
        _ => quote!(Basis::Assumed),
    };
    let replaces = option(facts.replaces);
    let source = option(facts.source);
    let paginated = match facts.paginated {
        None => quote!(None),
        Some([items, page, limit, total]) => quote! {
            Some(Pagination { items: #items, page: #page, limit: #limit, total: #total })
        },
    };
    quote! {
        #[doc = #doc]
        pub const #name: OperationFacts = OperationFacts {
            id: #id,
            function: #function,
            method: #method,
            path: #path,
            summary: #summary,
            access: #access,
            idempotent: #idempotent,
            paginated: #paginated,
            replaces: #replaces,
            basis: #basis,
            source: #source,
        };
    }
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        None => quote!(None),
        Some(text) => quote!(Some(#text)),
    }
}
