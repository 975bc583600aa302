//! Writes the table of operations.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::facts::Facts;

/// The file with the types of the table, one constant per operation, and the table of all of them.
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
    let types = types();
    quote! {
        #types

        #(#constants)*

        /// Every operation of the document, in its order.
        pub const OPERATIONS: &[OperationFacts] = &[#(#names),*];
    }
}

/// The types of the table, the same for every document.
fn types() -> TokenStream {
    quote! {
        /// Facts about one operation, from the x- keys of the document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct OperationFacts {
            /// The operationId, such as `LoadMcpServer`.
            pub id: &'static str,
            /// The method of the machine-written client that calls it, such as `load_mcp_server`.
            pub function: &'static str,
            /// The HTTP method in upper case.
            pub method: &'static str,
            /// The path, starting with a slash.
            pub path: &'static str,
            /// One line that says what it does.
            pub summary: &'static str,
            /// Whether it changes anything. `Write` where the document does not say.
            pub access: Access,
            /// Whether it may be sent again when it is unknown whether it was carried out. `false` where the document does
            /// not say.
            pub idempotent: bool,
            /// Present on operations that answer page by page.
            pub paginated: Option<Pagination>,
            /// On an operation that replaces a whole record: the operationId of the one that loads it.
            pub replaces: Option<&'static str>,
            /// How sure the facts are. `Assumed` where the document does not say.
            pub basis: Basis,
            /// Where the facts come from.
            pub source: Option<&'static str>,
        }

        /// Whether an operation changes anything.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Access {
            /// It only reads.
            Read,
            /// It changes or deletes something.
            Write,
        }

        /// How sure a fact is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Basis {
            /// An official document says so.
            Documented,
            /// Seen on the live service.
            Observed,
            /// Inferred.
            Assumed,
        }

        /// Which members page through a list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Pagination {
            /// Member of the answer with the items of the page.
            pub items: &'static str,
            /// Member of the request with the number of the page.
            pub page: &'static str,
            /// Member of the request with the most items per page.
            pub limit: &'static str,
            /// Member of the answer with the number of items on all pages.
            pub total: &'static str,
        }
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
