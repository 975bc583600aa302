//! Writes the table of operations: everything that a document says about each, as data of `descope-mcp-operations`.

mod arguments;
mod schema;
mod secrets;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::{Map, Value, json};

use crate::document::{self, Place, pointer_token};
use crate::errors::{Errors, Report};
use crate::facts::Facts;
use crate::{facts, format, preflight, stack};
use arguments::{Argument, Body, Whither};
use schema::{Definitions, text};
use secrets::{Secrets, Walk};

/// Makes the table of the operations of a document: one file, whose path is up to the caller.
///
/// The file has one public item, `DOCUMENT`. It takes its types from the module `operations` of the scope around it
/// (`use descope_mcp_operations as operations;`, say), so that tables can be written into any crate.
///
/// Unlike [`crate::generate`] it asks no more of the document than what the table says: any method, any JSON.
///
/// # Errors
///
/// Every problem of the document at once, each with file, line, column, JSON pointer and cure.
pub fn generate_table(spec_text: &str, spec_name: &str) -> Result<String, Errors> {
    stack::with_room(spec_name, || {
        let tree = document::parse(spec_text, spec_name)?;
        let root = Place::root(&tree);
        let mut report = Report::new(spec_name);
        preflight::check_facts(&root, &mut report);
        let mut definitions = Definitions::default();
        let mut rows = Vec::new();
        for (path, item, method, operation) in document::operations(&root) {
            if let Some(facts) = facts::of(path, method, &operation) {
                rows.push(row(&root, &item, &operation, &facts, &mut definitions, &mut report));
            }
        }
        report.into_result()?;
        let file = file(&root, spec_name, &definitions, rows);
        let file = syn::parse2(file).map_err(|error| {
            let mut report = Report::new(spec_name);
            let message = format!("the table cannot be read back: {error}");
            report.note(&root, message, "report this as a bug");
            report.into_errors()
        })?;
        Ok(format::text(&file, spec_name))
    })
}

/// One operation, ready to be written.
struct Row {
    tokens: TokenStream,
    input: Value,
    output: Option<Value>,
}

fn row<'a>(
    root: &Place<'a>,
    item: &Place<'a>,
    operation: &Place<'a>,
    facts: &Facts<'a>,
    definitions: &mut Definitions,
    report: &mut Report,
) -> Row {
    let (arguments, body) = arguments::of(root, item, operation, report);
    let input = input_schema(root, &arguments, &body, definitions);
    let success = success(root, operation);
    let output = success.as_ref().map(|schema| definitions.translate(root, schema));

    let mut walk = Walk::new(root, report);
    for argument in &arguments {
        let token = pointer_token(&argument.name);
        if let Some(schema) = &argument.schema {
            walk.schema(schema, &format!("/{token}"), argument.required);
        }
    }
    let input_secrets = std::mem::take(&mut walk.found);
    if let Some(schema) = &success {
        walk.schema(schema, "", true);
    }
    let output_secrets = walk.found;

    let Facts { id, method, path, summary, idempotent, .. } = facts;
    let group = option(operation.member("tags").and_then(|tags| tags.items().first()?.str()));
    let description = operation.text("description").unwrap_or_default().trim();
    let access = if facts.writes { quote!(Access::Write) } else { quote!(Access::Read) };
    let basis = match facts.basis {
        "documented" => quote!(Basis::Documented),
        "observed" => quote!(Basis::Observed),
        _ => quote!(Basis::Assumed),
    };
    let (replaces, source) = (option(facts.replaces), option(facts.source));
    let paginated = match facts.paginated {
        None => quote!(None),
        Some([items, page, limit, total]) => quote! {
            Some(Pagination { items: #items, page: #page, limit: #limit, total: #total })
        },
    };
    let example = match example(&arguments) {
        None => quote!(None),
        Some(example) => {
            let example = raw(&text(&example));
            quote!(Some(#example))
        }
    };
    let listed = arguments.iter().map(argument_tokens);
    let body = match body {
        Body::None => quote!(Body::None),
        Body::Object { required, open } => quote!(Body::Object { required: #required, open: #open }),
        Body::Value => quote!(Body::Value),
        Body::Other { media_type } => quote!(Body::Other { media_type: #media_type }),
    };
    let (input_secrets, output_secrets) = (secret_tokens(&input_secrets), secret_tokens(&output_secrets));
    let tokens = quote! {
        id: #id,
        method: #method,
        path: #path,
        group: #group,
        summary: #summary,
        description: #description,
        access: #access,
        idempotent: #idempotent,
        paginated: #paginated,
        replaces: #replaces,
        arguments: &[#(#listed),*],
        body: #body,
        example: #example,
        input_secrets: #input_secrets,
        output_secrets: #output_secrets,
        basis: #basis,
        source: #source,
    };
    Row { tokens, input, output }
}

/// Whether a success holds a secret.
pub(crate) fn answers_with_secret(root: &Place<'_>, id: &str) -> bool {
    let all = document::operations(root);
    let Some((.., operation)) = all.iter().find(|(.., o)| o.text("operationId") == Some(id)) else {
        return false;
    };
    // What cannot be listed is refused where the table is made; here it counts as a secret.
    let mut report = Report::new("");
    let mut walk = Walk::new(root, &mut report);
    if let Some(schema) = success(root, operation) {
        walk.schema(&schema, "", true);
    }
    let found = !walk.found.is_empty();
    found || report.into_result().is_err()
}

/// The schema of the first success that the document lists, if it is JSON.
fn success<'a>(root: &Place<'a>, operation: &Place<'a>) -> Option<Place<'a>> {
    let responses = operation.member("responses")?.members();
    let (_, response) = responses.into_iter().find(|(status, _)| status.starts_with('2'))?;
    arguments::json_schema(root, &response)
}

/// The schema of the one object of all arguments.
fn input_schema(
    root: &Place<'_>,
    arguments: &[Argument<'_>],
    body: &Body<'_>,
    definitions: &mut Definitions,
) -> Value {
    let mut properties = Map::new();
    for argument in arguments {
        let mut schema = argument.schema.as_ref().map_or(json!({}), |s| definitions.translate(root, s));
        if let (Some(description), Some(members)) = (argument.description, schema.as_object_mut()) {
            members.insert("description".to_owned(), description.trim().into());
        }
        properties.insert(argument.name.clone(), schema);
    }
    let required: Vec<_> =
        arguments.iter().filter(|argument| argument.required).map(|a| a.name.as_str()).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !matches!(body, Body::Object { open: true, .. }) {
        schema["additionalProperties"] = false.into();
    }
    schema
}

/// The examples of all arguments, if every required one has one and there is any.
fn example(arguments: &[Argument<'_>]) -> Option<Value> {
    let mut members = Map::new();
    for argument in arguments {
        match &argument.example {
            Some(example) => {
                members.insert(argument.name.clone(), example.node.to_json());
            }
            None if argument.required => return None,
            None => {}
        }
    }
    Some(Value::Object(members))
}

fn argument_tokens(argument: &Argument<'_>) -> TokenStream {
    let Argument { name, wire_name, required, .. } = argument;
    let place = match argument.place {
        Whither::Path => quote!(Place::Path),
        Whither::Query { repeated } => quote!(Place::Query { repeated: #repeated }),
        Whither::Header => quote!(Place::Header),
        Whither::Member => quote!(Place::Member),
        Whither::Body => quote!(Place::Body),
    };
    quote!(Argument { name: #name, wire_name: #wire_name, place: #place, required: #required })
}

fn secret_tokens(secrets: &Secrets) -> TokenStream {
    let listed = secrets
        .iter()
        .map(|(pointer, required)| quote!(SecretMember { pointer: #pointer, required: #required }));
    quote!(&[#(#listed),*])
}

fn file(root: &Place<'_>, spec_name: &str, definitions: &Definitions, rows: Vec<Row>) -> TokenStream {
    let mut constants = Vec::new();
    let mut taken = BTreeSet::from(["DOCUMENT".to_owned()]);
    let mut names = BTreeMap::new();
    for (name, schema) in definitions.iter() {
        let constant = format_ident!("{}", constant_name(name, &mut taken));
        let schema = raw(&text(schema));
        constants.push(quote! {
            const #constant: Definition = Definition { name: #name, schema: #schema };
        });
        names.insert(name.clone(), constant);
    }
    let schema = |value: &Value| {
        let needed = definitions.needed(value);
        let needed = needed.iter().filter_map(|name| names.get(name));
        let root = raw(&text(value));
        quote!(Schema { root: #root, definitions: &[#(#needed),*] })
    };
    let rows = rows.iter().map(|row| {
        let Row { tokens, input, output } = row;
        let input = schema(input);
        let output = match output.as_ref().map(schema) {
            Some(output) => quote!(Some(#output)),
            None => quote!(None),
        };
        quote!(Operation { #tokens input: #input, output: #output })
    });
    let info = |key: &str| root.member("info").and_then(|info| info.text(key)).unwrap_or_default();
    let (title, version) = (info("title"), info("version"));
    quote! {
        use super::operations::*;

        #(#constants)*

        /// Everything that the document says about its operations.
        pub static DOCUMENT: Document = Document {
            source: #spec_name,
            title: #title,
            version: #version,
            operations: &[#(#rows),*],
        };
    }
}

fn constant_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let words = heck::AsSnakeCase(name).to_string();
    let mut constant = format!("SCHEMA_{}", words.chars().map(plain).collect::<String>());
    while !taken.insert(constant.clone()) {
        constant.push('_');
    }
    constant
}

/// JSON as a literal without escapes, which a reader of the file and of its differences can read.
fn raw(text: &str) -> TokenStream {
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}").parse().unwrap_or_else(|_| quote!(#text))
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        None => quote!(None),
        Some(text) => quote!(Some(#text)),
    }
}
