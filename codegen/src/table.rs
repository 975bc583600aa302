//! Writes what the transport of the client must know of every operation. Everything else that the document says about
//! them is in the table of operations: [`crate::generate_table`].

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{GenericArgument, ImplItem, Item, PathArguments, ReturnType, Type};

use crate::document::{Dialect, Place};
use crate::facts::Facts;
use crate::registry;

/// The file with the type of the facts, one constant per operation, and the list of all of them.
///
/// `generated` is the client, from which the types of answers are taken.
pub(crate) fn file(
    root: &Place<'_>,
    facts: &[Facts<'_>],
    generated: &syn::File,
    dialect: Dialect,
) -> TokenStream {
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
    let facts_type = facts_type();
    let check = match dialect {
        Dialect::Own => check_secret_answer(root, facts, generated),
        Dialect::Foreign => TokenStream::new(),
    };
    quote! {
        #facts_type

        #(#constants)*

        /// Every operation of the document, in its order.
        pub const OPERATIONS: &[OperationFacts] = &[#(#names),*];

        #check
    }
}

/// The type of the facts, the same for every document.
fn facts_type() -> TokenStream {
    quote! {
        /// What sending an operation goes by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct OperationFacts {
            /// The operationId, such as `LoadMcpServer`.
            pub id: &'static str,
            /// The method of the machine-written client that calls it, such as `load_mcp_server`.
            pub function: &'static str,
            /// Whether it may change anything. `true` where the document does not say.
            pub writes: bool,
            /// Whether it may be sent again when it is unknown whether it was carried out. `false` where the document does
            /// not say.
            pub idempotent: bool,
        }
    }
}

fn constant(facts: &Facts<'_>, name: &syn::Ident) -> TokenStream {
    let Facts { id, function, method, path, writes, idempotent, .. } = facts;
    let doc = format!(" {id}: `{method} {path}`.");
    quote! {
        #[doc = #doc]
        pub const #name: OperationFacts = OperationFacts {
            id: #id,
            function: #function,
            writes: #writes,
            idempotent: #idempotent,
        };
    }
}

/// Reads answers that hold secrets before the client does: it would put what it cannot read into its error.
fn check_secret_answer(root: &Place<'_>, facts: &[Facts<'_>], generated: &syn::File) -> TokenStream {
    let arms =
        facts.iter().filter(|facts| registry::answers_with_secret(root, facts.id)).filter_map(|facts| {
            let function = &facts.function;
            let answer = answer_type(generated, function)?;
            Some(quote!(#function => ::serde_json::from_slice::<#answer>(body).map(drop)))
        });
    let arms: Vec<_> = arms.collect();
    let (import, unused) = match arms.is_empty() {
        true => (TokenStream::new(), quote!(let _ = body;)),
        false => (
            quote!(
                use super::types;
            ),
            TokenStream::new(),
        ),
    };
    quote! {
        /// Whether the answer of an operation that gives a secret out can be read, and if not, where it does not fit. Other
        /// operations have no such answer.
        ///
        /// # Errors
        ///
        /// What the parser says. It can quote the answer.
        pub(crate) fn check_secret_answer(function: &str, body: &[u8]) -> Result<(), ::serde_json::Error> {
            #import
            #unused
            match function {
                #(#arms,)*
                _ => Ok(()),
            }
        }
    }
}

/// The type of the answer of a method: `T` of `Result<ResponseValue<T>, _>`.
fn answer_type<'f>(generated: &'f syn::File, function: &str) -> Option<&'f Type> {
    let blocks = generated.items.iter().filter_map(|item| match item {
        Item::Impl(block) => Some(&block.items),
        _ => None,
    });
    let method = blocks.flatten().find_map(|item| match item {
        ImplItem::Fn(method) if method.sig.ident == function => Some(method),
        _ => None,
    })?;
    let ReturnType::Type(_, result) = &method.sig.output else { return None };
    first_argument(first_argument(result)?)
}

fn first_argument(of: &Type) -> Option<&Type> {
    let Type::Path(path) = of else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(argument) => Some(argument),
        _ => None,
    }
}
