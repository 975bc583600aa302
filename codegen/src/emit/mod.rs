//! Runs progenitor over a prepared document.

mod blame;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle};
use serde_json::Value;

use crate::document::{Place, pointer_token};
use crate::errors::{Errors, Report};
use crate::in_place::Moved;
use crate::names;
use crate::normalise::secret_schema;
use crate::refs::{Component, target_name};

/// Type that every `format: password` string becomes.
pub(crate) const SECRET: &str = "crate::Secret";
/// State that the machine-written client carries for the hand-written transport.
const INNER: &str = "crate::transport::Inner";
/// Schemas whose type is written by hand, because no mechanical one would read every shape that servers send.
pub(crate) const REPLACED: [(&str, &str); 1] = [("ApprovedScopes", "crate::ApprovedScopes")];
/// Sorted, so that the same record gives the same bytes on the wire.
const MAP: &str = "::std::collections::BTreeMap";

/// A schema, and the type that stands for it.
pub(crate) type Replaced<'a> = &'a [(&'a str, &'a str)];

/// The client and its types as one syntax tree. `moved` says where in the document at `root` stands what the prepared
/// `document` has elsewhere.
pub(crate) fn client(
    root: &Place<'_>,
    document: &Value,
    moved: &Moved,
    replaced: Replaced<'_>,
    file: &str,
) -> Result<syn::File, Errors> {
    let spec: OpenAPI = serde_path_to_error::deserialize(document.clone()).map_err(|error| {
        let place = nearest(root, &moved.original(&pointer(error.path())));
        let mut report = Report::new(file);
        let message = format!("does not have the form of an OpenAPI 3.0 document: {}", error.inner());
        report.note(&place, message, "compare this element with the OpenAPI 3.0.3 specification");
        report.into_errors()
    })?;
    run(&spec, replaced).map_err(|reason| blame::blame(root, document, moved, replaced, &reason, file))
}

/// What the hand-written types stand for: each with the generated types that its schema refers to.
pub(crate) fn replacements(document: &Value, replaced: Replaced<'_>) -> BTreeMap<String, BTreeSet<String>> {
    fn references(schema: &Value, found: &mut BTreeSet<String>) {
        match schema {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                let name = reference.and_then(|reference| target_name(reference, Component::Schema));
                found.extend(name.map(names::type_name));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let schemas = document.pointer("/components/schemas");
    replaced
        .iter()
        .filter_map(|(name, replacement)| {
            let mut found = BTreeSet::new();
            references(schemas?.get(name)?, &mut found);
            Some(((*replacement).to_owned(), found))
        })
        .collect()
}

/// One run of the generator; its panics are answers like its errors.
fn run(spec: &OpenAPI, replaced: Replaced<'_>) -> Result<syn::File, String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut generator = Generator::new(&settings(replaced)?);
        let tokens = generator.generate_tokens(spec).map_err(|error| error.to_string())?;
        syn::parse2::<syn::File>(tokens).map_err(|error| format!("the generated code is not Rust: {error}"))
    }));
    match outcome {
        Ok(result) => result,
        Err(payload) => {
            let text = payload
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| payload.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            Err(format!("the generator panicked: {text}"))
        }
    }
}

fn settings(replaced: Replaced<'_>) -> Result<GenerationSettings, String> {
    let inner = syn::parse_str::<proc_macro2::TokenStream>(INNER).map_err(|error| error.to_string())?;
    let secret = serde_json::from_value(secret_schema()).map_err(|error| error.to_string())?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(inner)
        .with_map_type(MAP)
        .with_conversion(secret, SECRET, std::iter::empty());
    for (schema, replacement) in replaced {
        settings.with_replacement(*schema, *replacement, std::iter::empty());
    }
    Ok(settings)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map_while(|segment| match segment {
            Segment::Map { key } => Some(format!("/{}", pointer_token(key))),
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// The element at the pointer, or the closest one around it that exists.
pub(crate) fn nearest<'a>(root: &Place<'a>, pointer: &str) -> Place<'a> {
    let mut pointer = pointer;
    loop {
        if let Some(place) = root.find(pointer) {
            return place;
        }
        pointer = pointer.rfind('/').map_or("", |end| &pointer[..end]);
    }
}
