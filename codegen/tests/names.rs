//! Schemas that are written in place get names that nothing else has, so that each type is what its schema says.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]
#![allow(clippy::print_stdout, reason = "says what was not compared")]

#[path = "support/scratch.rs"]
mod scratch;

use std::fs;
use std::path::Path;

use descope_mcp_codegen::{CrateOptions, GeneratedFile, generate, generate_crate};

/// What stands in place of a member `part` of a schema `Order`, and a component that has the name which the member
/// would give its type.
const IN_PLACE: [(&str, &str, &str); 11] = [
    (
        "reference",
        "{nullable: true, description: d, allOf: [{$ref: '#/components/schemas/OrderPart'}]}",
        "OrderPart",
    ),
    ("composition", "{allOf: [{$ref: '#/components/schemas/OrderPart'}, {description: d}]}", "OrderPart"),
    ("alternatives", "{anyOf: [{$ref: '#/components/schemas/OrderPart'}, {type: string}]}", "OrderPart"),
    ("record", "{type: object, properties: {a: {type: integer}}}", "OrderPart"),
    ("nullable_record", "{type: object, nullable: true, properties: {a: {type: integer}}}", "OrderPart"),
    ("closed_record", "{type: object, additionalProperties: false}", "OrderPart"),
    ("items", "{type: array, items: {type: object, properties: {a: {type: integer}}}}", "OrderPartItem"),
    (
        "values",
        "{type: object, additionalProperties: {type: object, properties: {a: {type: integer}}}}",
        "OrderPartValue",
    ),
    (
        "inner_record",
        "{type: object, properties: {b: {type: object, properties: {a: {type: integer}}}}}",
        "OrderPartB",
    ),
    (
        "inside_of_alternatives",
        "{oneOf: [{type: object, properties: {b: {type: object, properties: {a: {type: integer}}}}}, {type: string}]}",
        "OrderPartVariant0B",
    ),
    (
        "alternative_that_may_be_null",
        "{oneOf: [{type: object, nullable: true, properties: {a: {type: integer}}}, {type: string}]}",
        "OrderPartVariant0",
    ),
];

fn document(part: &str, taken: &str) -> String {
    format!(
        "openapi: 3.0.3
info: {{title: Names, version: '1'}}
paths:
  /a:
    get:
      operationId: LoadOrder
      responses: {{'200': {{description: d, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Order'}}}}}}}}}}
components:
  schemas:
    Order: {{type: object, properties: {{part: {part}, other: {{$ref: '#/components/schemas/{taken}'}}}}}}
    {taken}: {{type: object, properties: {{n: {{type: string}}}}}}
"
    )
}

/// The modules made from a document, as one of ours and as one of somebody else's.
fn both(text: &str) -> [(&'static str, Vec<GeneratedFile>); 2] {
    let own = generate(text, "names.yaml").unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let any = generate_crate(text, "names.yaml", &CrateOptions::new("names"));
    let any = any.unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    assert_eq!(any.left_out, [], "{text}");
    [("own", own), ("any", scratch::module_of(any))]
}

fn types(module: &[GeneratedFile]) -> &str {
    &module.iter().find(|file| file.path == "types.rs").unwrap().contents
}

/// The fields of a struct, each as `name: type` without the paths of the standard library.
fn fields(types: &str, name: &str) -> Vec<String> {
    let record = syn::parse_file(types).unwrap().items.into_iter().find_map(|item| match item {
        syn::Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    });
    let record = record.unwrap_or_else(|| panic!("no struct {name} in {types}"));
    let text = |field: &syn::Field| {
        let (name, ty) = (field.ident.as_ref().unwrap(), &field.ty);
        let ty = quote::quote!(#ty).to_string().replace(' ', "");
        format!("{name}: {}", ty.replace("::std::option::", "").replace("::std::string::", ""))
    };
    record.fields.iter().map(text).collect()
}

#[test]
fn a_component_keeps_its_name_and_what_stands_in_place_gets_another_one() {
    let mut modules = Vec::new();
    for (name, part, taken) in IN_PLACE {
        let text = document(part, taken);
        for (dialect, module) in both(&text) {
            let of_component = fields(types(&module), taken);
            assert!(
                of_component.contains(&"n: Option<String>".to_owned()),
                "{name}, {dialect}: {taken} has {of_component:?}"
            );
            modules.push((format!("{dialect}_{name}"), module));
        }
    }
    scratch::check_together("names-in-place", modules).unwrap_or_else(|said| panic!("{said}"));
}

#[test]
fn what_is_in_place_in_an_operation_gets_a_name_that_no_component_has() {
    let record = |member: &str, other: &str| {
        let other = format!("other: {{$ref: '#/components/schemas/{other}'}}");
        format!("{{type: object, properties: {{{member}: {{type: integer}}, {other}}}}}")
    };
    let json = |schema: &str| format!("content: {{application/json: {{schema: {schema}}}}}");
    let text = format!(
        "openapi: 3.0.3
info: {{title: Names, version: '1'}}
paths:
  /a:
    post:
      operationId: PlaceOrder
      parameters: [{{name: filter, in: query, schema: {}}}]
      requestBody: {{{}}}
      responses:
        '200': {{description: d, {}}}
        4XX: {{$ref: '#/components/responses/Refused'}}
        5XX: {{$ref: '#/components/responses/Refused'}}
components:
  responses:
    Refused: {{description: d, {}}}
  schemas:
    PlaceOrderFilter: {{type: object, properties: {{n: {{type: string}}}}}}
    PlaceOrderBody: {{type: object, properties: {{n: {{type: string}}}}}}
    PlaceOrderResponse: {{type: object, properties: {{n: {{type: string}}}}}}
    PlaceOrderErrorItem: {{type: object, properties: {{n: {{type: string}}}}}}
",
        record("asked", "PlaceOrderFilter"),
        json(&record("sent", "PlaceOrderBody")),
        json(&record("answered", "PlaceOrderResponse")),
        json(&format!("{{type: array, items: {}}}", record("refused", "PlaceOrderErrorItem"))),
    );
    for (dialect, module) in both(&text) {
        for (component, member) in [
            ("PlaceOrderFilter", "asked"),
            ("PlaceOrderBody", "sent"),
            ("PlaceOrderResponse", "answered"),
            ("PlaceOrderErrorItem", "refused"),
        ] {
            assert_eq!(fields(types(&module), component)[0], "n: Option<String>", "{dialect}");
            let in_place = fields(types(&module), &format!("{component}2")).join(", ");
            let expected = [format!("{member}: Option<i64>"), format!("other: Option<{component}>")];
            assert!(expected.iter().all(|field| in_place.contains(field)), "{dialect}: {in_place}");
        }
        scratch::check_together("names-in-operations", [(dialect.to_owned(), module)])
            .unwrap_or_else(|said| panic!("{said}"));
    }
}

#[test]
fn two_schemas_in_place_never_share_a_type() {
    let part = "{type: object, properties: {b: {type: object, properties: {a: {type: integer}}}}}, \
                partB: {type: object, properties: {c: {type: string}}}";
    for (dialect, module) in both(&document(part, "Else")) {
        let types = types(&module);
        let both = [fields(types, "OrderPartB"), fields(types, "OrderPartB2")].concat().join(", ");
        assert!(both.contains("a: Option<i64>") && both.contains("c: Option<String>"), "{dialect}: {both}");
    }
}

#[test]
fn success_and_error_have_types_of_their_own_unless_they_are_the_same() {
    let response = |status: &str, member: &str| {
        let schema = format!("{{type: object, properties: {{{member}: {{type: string}}}}}}");
        format!("{status}: {{description: {member}, content: {{application/json: {{schema: {schema}}}}}}}")
    };
    let text = |error: &str| {
        format!(
            "openapi: 3.0.3\ninfo: {{title: Names, version: '1'}}\npaths:\n  /a:\n    get: {{operationId: Load, responses: {{{}, {}, {}}}}}\n",
            response("'200'", "done"),
            response("4XX", error),
            response("5XX", error),
        )
    };
    for (dialect, module) in both(&text("code")) {
        assert!(fields(types(&module), "LoadResponse")[0].starts_with("done"), "{dialect}");
        assert!(fields(types(&module), "LoadError")[0].starts_with("code"), "{dialect}");
    }
    for (dialect, module) in both(&text("done")) {
        assert!(!types(&module).contains("LoadError"), "{dialect}");
    }
}

#[test]
fn names_do_not_depend_on_the_order_of_the_document() {
    let schemas = [
        "    Order: {type: object, properties: {part: {type: object, properties: {a: {type: integer}}}}}\n",
        "    OrderPart: {type: object, properties: {n: {type: string}}}\n",
    ];
    let text = |schemas: [&str; 2]| {
        let before = document("{}", "Else");
        format!("{}  schemas:\n{}", before.split("  schemas:\n").next().unwrap(), schemas.concat())
    };
    let [one, other] = [text(schemas), text([schemas[1], schemas[0]])];
    assert_ne!(one, other);
    assert_eq!(both(&one).map(|(_, module)| module), both(&other).map(|(_, module)| module));
}

/// Documents that were once taken and did not compile, where somebody has put them beside the repository.
#[test]
fn every_document_of_a_folder_of_cases_compiles_or_is_refused_with_a_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/spec");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: {} is not here", folder.display());
        return;
    };
    let mut modules = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&path).unwrap();
        let name: String = path
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .to_lowercase()
            .replace(|c: char| !c.is_alphanumeric(), "_");
        let refused = |findings: &[descope_mcp_codegen::Finding]| {
            assert!(findings.iter().all(|finding| finding.line.is_some()), "{name}: {findings:?}");
        };
        match generate(&text, "case.yaml") {
            Ok(module) => modules.push((format!("own_{name}"), module)),
            Err(errors) => refused(errors.findings()),
        }
        match generate_crate(&text, "case.yaml", &CrateOptions::new("case")) {
            Ok(made) => modules.push((format!("any_{name}"), scratch::module_of(made))),
            Err(errors) => refused(errors.findings()),
        }
    }
    scratch::check_together("spec-cases", modules).unwrap_or_else(|said| panic!("{said}"));
}
