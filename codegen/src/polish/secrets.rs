//! Types that hold a secret cannot be serialised by accident.
//!
//! `Secret` itself has no `Serialize`. A type that only answers use loses its own; a type that a request sends
//! keeps it, and only its secret members are written, through the one function that may.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Field, Item, ItemImpl, Signature, parse_quote};

use super::{field_types, shape, type_name};

/// How a field's type mentions the secret type.
const SECRET_NAME: &str = "crate::Secret";

/// Takes `Serialize` away, or directs it, on every type that holds a secret.
pub(super) fn seal(types: &mut [Item], client: &[Item], replacements: &BTreeMap<String, BTreeSet<String>>) {
    let mut mentions = mentions(types);
    mentions.extend(replacements.clone());
    let holders: BTreeSet<String> =
        mentions.keys().filter(|name| reaches(&mentions, name, SECRET_NAME)).cloned().collect();
    let mut sent = parameters(client);
    for root in sent.clone() {
        sent.extend(below(&mentions, &root));
    }
    for item in types.iter_mut() {
        let Some(name) = type_name(item) else { continue };
        if !holders.contains(&name) {
            continue;
        }
        if sent.contains(&name) {
            DirectSecrets.visit_item_mut(item);
        } else if let Item::Struct(syn::ItemStruct { attrs, .. }) | Item::Enum(syn::ItemEnum { attrs, .. }) =
            item
        {
            shape::change_derives(attrs, |paths| {
                paths.retain(|path| path.segments.last().is_none_or(|segment| segment.ident != "Serialize"));
            });
        }
    }
}

/// Type name to everything its fields mention.
fn mentions(types: &[Item]) -> BTreeMap<String, BTreeSet<String>> {
    types
        .iter()
        .filter_map(|item| {
            let all = field_types(item).into_iter().flat_map(shape::mentioned).collect();
            Some((type_name(item)?, all))
        })
        .collect()
}

/// Everything that can be reached from a type through fields, the type itself excluded.
fn below(mentions: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut open = vec![from.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        for next in mentions.get(&name).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

fn reaches(mentions: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    below(mentions, from).contains(to)
}

/// Types that are parameters of the client's methods.
fn parameters(client: &[Item]) -> BTreeSet<String> {
    struct Parameters(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Parameters {
        fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
            if block.trait_.is_none() {
                visit::visit_item_impl(self, block);
            }
        }

        fn visit_signature(&mut self, signature: &'ast Signature) {
            for input in &signature.inputs {
                if let syn::FnArg::Typed(argument) = input {
                    let names = shape::mentioned(&argument.ty);
                    self.0.extend(
                        names.iter().filter_map(|name| name.strip_prefix("types::")).map(str::to_owned),
                    );
                }
            }
        }
    }
    let mut parameters = Parameters(BTreeSet::new());
    for item in client {
        parameters.visit_item(item);
    }
    parameters.0
}

struct DirectSecrets;

impl VisitMut for DirectSecrets {
    fn visit_field_mut(&mut self, field: &mut Field) {
        if shape::mentioned(&field.ty).contains(SECRET_NAME) {
            field.attrs.push(parse_quote!(#[serde(serialize_with = "crate::secret::serialize_for_request")]));
        }
        visit_mut::visit_field_mut(self, field);
    }
}
