//! A last look at the text before anybody gets it: a name that stands twice or leads nowhere would not compile.
//!
//! Nothing of this kind is expected, because names are decided before. Should it happen nevertheless, it is an error with
//! a place in the document, and not a crate that somebody else finds broken.

use std::collections::BTreeSet;

use quote::{ToTokens, quote};
use serde_json::Value;
use syn::visit::{self, Visit};
use syn::{Fields, FnArg, ImplItem, Item, ItemImpl, Pat};

use crate::document::{self, Place, pointer_token};
use crate::emit;
use crate::errors::{Errors, Report};
use crate::format::GeneratedFile;
use crate::in_place::Moved;
use crate::names;
use crate::polish::{field_types, shape, type_name};

const CURE: &str =
    "rename what is called so here; if that does not help, report it as a bug of the generator";

/// What a finding is about, as the generated code calls it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Type(String),
    Method(String),
    Module,
}

/// Refuses files that would not compile because of their names. `document` is what they were made from, `moved` where that
/// stands in the document at `root`.
pub(crate) fn check(
    root: &Place<'_>,
    document: &Value,
    moved: &Moved,
    files: &[GeneratedFile],
    spec_name: &str,
) -> Result<(), Errors> {
    let mut report = Report::new(spec_name);
    let mut types = BTreeSet::new();
    let mut parsed = Vec::new();
    for file in files {
        match syn::parse_file(&file.contents) {
            Ok(tree) => parsed.push((file.path.as_str(), tree)),
            Err(error) => {
                let message = format!("the generated {} cannot be read back: {error}", file.path);
                report.note(root, message, "report this as a bug");
            }
        }
    }
    let mut found = BTreeSet::new();
    for (path, tree) in &parsed {
        twice(&tree.items, &mut found);
        if *path == "types.rs" {
            types.extend(tree.items.iter().filter_map(type_name));
            dangling_fields(&tree.items, &types, &mut found);
        }
    }
    for (_, tree) in parsed.iter().filter(|(path, _)| *path == "client.rs") {
        dangling_arguments(&tree.items, &types, &mut found);
    }
    for (owner, message) in found {
        report.note(&place_of(&owner, root, document, moved), message, CURE);
    }
    report.into_result()
}

/// Where the document says what became of a type or method; the whole of it if that is not known.
fn place_of<'a>(owner: &Owner, root: &Place<'a>, document: &Value, moved: &Moved) -> Place<'a> {
    match owner {
        Owner::Type(name) => {
            let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
            let schema = schemas.into_iter().flatten().find(|(schema, _)| names::type_name(schema) == *name);
            let pointer = schema.map(|(schema, _)| format!("/components/schemas/{}", pointer_token(schema)));
            pointer.map_or_else(|| root.clone(), |pointer| emit::nearest(root, &moved.original(&pointer)))
        }
        Owner::Method(name) => {
            let operation = document::operations(root)
                .into_iter()
                .map(|(.., operation)| operation)
                .find(|operation| operation.text("operationId").is_some_and(|id| names::method(id) == *name));
            operation.unwrap_or_else(|| root.clone())
        }
        Owner::Module => root.clone(),
    }
}

/// Finds items, fields, variants, methods and arguments that have the name of another one beside them.
fn twice(items: &[Item], found: &mut BTreeSet<(Owner, String)>) {
    let (mut types, mut values, mut methods, mut traits) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for item in items {
        match item {
            Item::Fn(item) if !values.insert(item.sig.ident.to_string()) => {
                found.insert((Owner::Module, format!("two functions are called {}", item.sig.ident)));
            }
            Item::Const(item) if item.ident != "_" && !values.insert(item.ident.to_string()) => {
                found.insert((Owner::Module, format!("two constants are called {}", item.ident)));
            }
            Item::Mod(item) => twice(item.content.as_ref().map_or(&[][..], |(_, items)| items), found),
            Item::Impl(block) => twice_in_block(block, &mut methods, &mut traits, found),
            _ => {}
        }
        let Some(name) = type_name(item) else { continue };
        let owner = Owner::Type(name.clone());
        if !types.insert(name.clone()) {
            found.insert((owner.clone(), format!("two types are called {name}")));
        }
        let fields: Vec<&Fields> = match item {
            Item::Struct(item) => vec![&item.fields],
            Item::Enum(item) => {
                let mut variants = BTreeSet::new();
                for variant in item.variants.iter().filter(|variant| !variants.insert(&variant.ident)) {
                    found.insert((
                        owner.clone(),
                        format!("two variants of {name} are called {}", variant.ident),
                    ));
                }
                item.variants.iter().map(|variant| &variant.fields).collect()
            }
            _ => Vec::new(),
        };
        for fields in fields {
            let mut known = BTreeSet::new();
            for field in
                fields.iter().filter_map(|field| field.ident.as_ref()).filter(|name| !known.insert(*name))
            {
                found.insert((owner.clone(), format!("two fields of {name} are called {field}")));
            }
        }
    }
}

/// The same for the methods of one block, and for the block itself if it implements a trait.
fn twice_in_block(
    block: &ItemImpl,
    methods: &mut BTreeSet<(String, String)>,
    traits: &mut BTreeSet<String>,
    found: &mut BTreeSet<(Owner, String)>,
) {
    let ty = &block.self_ty;
    let name = shape::last_name(ty).unwrap_or_default();
    if let Some((path, _)) = &block.trait_ {
        let implemented = quote!(#path for #ty).to_string();
        if !traits.insert(implemented.clone()) {
            found.insert((Owner::Type(name), format!("{implemented} is implemented twice")));
        }
        return;
    }
    for item in &block.items {
        let ImplItem::Fn(method) = item else { continue };
        let ident = method.sig.ident.to_string();
        // Those of the client belong to operations, those of a record to its schema.
        let owner = if name == "Client" { Owner::Method(ident.clone()) } else { Owner::Type(name.clone()) };
        if !methods.insert((ty.to_token_stream().to_string(), ident.clone())) {
            found.insert((owner.clone(), format!("two methods of {name} are called {ident}")));
        }
        let mut arguments = BTreeSet::new();
        for argument in &method.sig.inputs {
            if let FnArg::Typed(argument) = argument
                && let Pat::Ident(argument) = argument.pat.as_ref()
                && !arguments.insert(&argument.ident)
            {
                found.insert((
                    owner.clone(),
                    format!("two arguments of {ident} are called {}", argument.ident),
                ));
            }
        }
    }
}

/// Finds types of fields that are not there.
fn dangling_fields(items: &[Item], types: &BTreeSet<String>, found: &mut BTreeSet<(Owner, String)>) {
    const OF_THE_LANGUAGE: [&str; 15] = [
        "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "isize", "usize", "str",
        "char",
    ];
    for item in items {
        let Some(owner) = type_name(item) else { continue };
        for ty in field_types(item) {
            for name in shape::mentioned(ty) {
                // Longer paths lead out of the module.
                if !name.contains("::") && !types.contains(&name) && !OF_THE_LANGUAGE.contains(&name.as_str())
                {
                    found.insert((
                        Owner::Type(owner.clone()),
                        format!("{owner} holds a type {name}, which is not there"),
                    ));
                }
            }
        }
    }
}

/// Finds types that the client's methods take or give and that are not there.
fn dangling_arguments(items: &[Item], types: &BTreeSet<String>, found: &mut BTreeSet<(Owner, String)>) {
    struct Methods<'t> {
        types: &'t BTreeSet<String>,
        method: String,
        missing: BTreeSet<(String, String)>,
    }
    impl<'ast> Visit<'ast> for Methods<'_> {
        fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
            self.method = method.sig.ident.to_string();
            visit::visit_impl_item_fn(self, method);
        }

        fn visit_path(&mut self, path: &'ast syn::Path) {
            let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            if let [module, name] = names.as_slice()
                && module == "types"
                && !self.types.contains(name)
            {
                self.missing.insert((self.method.clone(), name.clone()));
            }
            visit::visit_path(self, path);
        }
    }
    let mut methods = Methods { types, method: String::new(), missing: BTreeSet::new() };
    items.iter().for_each(|item| methods.visit_item(item));
    for (method, name) in methods.missing {
        found.insert((
            Owner::Method(method.clone()),
            format!("{method} needs a type {name}, which is not there"),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse;
    use crate::in_place::move_out;

    const SPEC: &str = "paths:
  /a: {get: {operationId: load-order}}
components:
  schemas:
    order: {type: object, properties: {part: {type: object, properties: {a: {}}}}}
";

    /// The findings about files with these texts, each as `pointer: message`.
    fn findings(types: &str, client: &str) -> Vec<String> {
        let tree = parse(SPEC, "spec.yaml").unwrap();
        let mut document = tree.to_json();
        let moved = move_out(&mut document, &[]);
        let file = |path: &str, contents: &str| GeneratedFile {
            path: path.to_owned(),
            contents: contents.to_owned(),
        };
        let files = [file("types.rs", types), file("client.rs", client)];
        match check(&Place::root(&tree), &document, &moved, &files, "spec.yaml") {
            Ok(()) => Vec::new(),
            Err(errors) => {
                let findings = errors.findings().iter();
                findings.map(|finding| format!("{}: {}", finding.pointer, finding.message)).collect()
            }
        }
    }

    #[test]
    fn each_name_that_stands_twice_or_nowhere_is_told_with_its_place_in_the_document() {
        let order = "/components/schemas/order";
        let part = format!("{order}/properties/part");
        for (types, client, expected) in [
            ("struct Order; enum Order {}", "", format!("{order}: two types are called Order")),
            ("struct Order { a: u8, a: u8 }", "", format!("{order}: two fields of Order are called a")),
            ("enum OrderPart { A, A }", "", format!("{part}: two variants of OrderPart are called A")),
            (
                "enum OrderPart { A { b: u8, b: u8 } }",
                "",
                format!("{part}: two fields of OrderPart are called b"),
            ),
            (
                "struct Order; impl Order { fn a() {} } impl Order { fn a() {} }",
                "",
                format!("{order}: two methods of Order are called a"),
            ),
            (
                "struct Order; impl From<u8> for Order {} impl From<u8> for Order {}",
                "",
                format!("{order}: From < u8 > for Order is implemented twice"),
            ),
            (
                "struct Order { part: ::std::option::Option<Nobody> }",
                "",
                format!("{order}: Order holds a type Nobody, which is not there"),
            ),
            ("mod defaults { fn a() {} fn a() {} }", "", ": two functions are called a".to_owned()),
            (
                "",
                "impl Client { fn load_order(&self, a: u8, a: u8) {} }",
                "/paths/~1a/get: two arguments of load_order are called a".to_owned(),
            ),
            (
                "",
                "impl Client { fn load_order(&self) -> Option<types::Nobody> {} }",
                "/paths/~1a/get: load_order needs a type Nobody, which is not there".to_owned(),
            ),
            ("struct", "", ": the generated types.rs cannot be read back: ".to_owned()),
        ] {
            let found = findings(types, client);
            let [finding] = found.as_slice() else { panic!("{types} {client}: {found:?}") };
            assert!(finding.starts_with(&expected), "{expected} in {finding}");
        }
    }

    #[test]
    fn names_that_stand_once_pass() {
        let types = "struct Order { a: u8, part: Option<OrderPart>, own: super::Secret }
            enum OrderPart { A(::std::string::String), B { a: u8 } }
            impl From<u8> for Order {} impl From<u16> for Order {} impl Order { fn a() {} }";
        let client = "impl Client { fn load_order(&self, a: &types::Order) -> types::OrderPart {} }";
        // `Option` without a path is a type of the module, which has none.
        assert_eq!(
            findings(&types.replace("Option<", "::std::option::Option<"), client),
            Vec::<String>::new()
        );
        assert_eq!(findings(types, client).len(), 1);
    }
}
