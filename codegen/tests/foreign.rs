//! A document of somebody else becomes a crate that compiles, less what it says itself cannot be done.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/scratch.rs"]
#[allow(dead_code, reason = "the other tests have use for the rest of it")]
mod scratch;

use std::fs;
use std::path::Path;

use descope_mcp_codegen::{CrateOptions, GeneratedCrate, generate_crate};

const FOREIGN: &str = include_str!("fixtures/foreign.yaml");

fn made(text: &str, options: &CrateOptions) -> GeneratedCrate {
    generate_crate(text, "foreign.yaml", options).unwrap_or_else(|errors| panic!("{errors}"))
}

fn file<'a>(made: &'a GeneratedCrate, path: &str) -> &'a str {
    &made.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).contents
}

#[test]
fn a_careless_document_becomes_a_crate_that_compiles_and_tells_what_it_lacks() {
    let made = made(FOREIGN, &CrateOptions::new("some-shop").paths("/v1/shop"));
    let left_out: Vec<_> = made
        .left_out
        .iter()
        .map(|one| (one.operation_id.as_str(), one.finding.pointer.as_str(), one.finding.line.unwrap()))
        .collect();
    let pointer =
        |path: &str, rest: &str| format!("/paths/~1v1~1shop~1{path}/post/requestBody/content/{rest}");
    let cancel = pointer("order~1cancel", "application~1json/schema/$ref");
    let upload = pointer("upload", "multipart~1form-data");
    assert_eq!(left_out, [("CancelOrder", cancel.as_str(), 36), ("Upload", upload.as_str(), 61)]);
    assert_eq!(made.operations, 4);

    let table = file(&made, "src/generated/operations.rs");
    for expected in [
        "\"create_order\"",
        "\"load_order\"",
        "\"delete_v1_shop_order_order_id\"",
        "\"patch_v1_shop_order_order_id\"",
    ] {
        assert!(table.contains(&format!("function: {expected}")), "{expected} in {table}");
    }
    assert!(!table.contains("other_thing") && table.contains("writes: true"));
    let client = file(&made, "src/generated/client.rs");
    assert!(client.contains("pub fn new_with_client("), "it is the only constructor: {client}");
    let types = file(&made, "src/generated/types.rs");
    for expected in [
        "pub card: ::std::option::Option<crate::Secret>",
        "pub extra_members: crate::UnknownMembers,",
        "pub approved_scopes: ::std::option::Option<ApprovedScopes>",
        "pub note: ::std::option::Option<::std::string::String>",
    ] {
        assert!(types.contains(expected), "{expected} in {types}");
    }
    assert!(!types.contains("Unused"));
    let folder = scratch::write("foreign-fixture", &made.files);
    scratch::check(&folder).unwrap_or_else(|said| panic!("{said}"));
}

#[test]
fn the_same_document_gives_the_same_crate() {
    let options = CrateOptions::new("some-shop");
    assert_eq!(made(FOREIGN, &options).files, made(FOREIGN, &options).files);
}

#[test]
fn a_path_means_itself_and_what_is_below_it() {
    for (prefix, operations) in
        [("/v1", 5), ("/v1/other/", 1), ("/v1/shop/order", 4), ("/v1/shop/order/{orderId}", 3)]
    {
        assert_eq!(made(FOREIGN, &CrateOptions::new("a").paths(prefix)).operations, operations, "{prefix}");
    }
    let options = CrateOptions::new("a").paths("/v1/sho");
    let errors = generate_crate(FOREIGN, "foreign.yaml", &options).unwrap_err().to_string();
    assert!(errors.contains("no operation has a path at or below '/v1/sho'"), "{errors}");
}

#[test]
fn a_document_of_which_nothing_is_left_gives_the_reasons() {
    let options = CrateOptions::new("a").paths("/v1/shop/upload");
    let errors = generate_crate(FOREIGN, "foreign.yaml", &options).unwrap_err();
    let [finding] = errors.findings() else { panic!("{errors}") };
    assert!(finding.message.contains("multipart/form-data"), "{errors}");
}

/// Two paths that are described elsewhere in the document, and three operations that are not in it.
const BY_REFERENCE: &str = "openapi: 3.1.0
paths:
  /a/{id}:
    get: {operationId: LoadA, responses: {'200': {description: d, content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}}}
  /b/{id}: {$ref: '#/paths/~1a~1%7Bid%7D'}
  /c: {$ref: '#/components/pathItems/C'}
  /d: {$ref: 'other.yaml#/d'}
  /e:
    get: {$ref: '#/paths/~1a~1{id}/get'}
    post: {$ref: 'other.yaml#/post'}
    put: {$ref: '#/paths/~1e/put'}
components:
  pathItems:
    C: {delete: {operationId: DeleteC}}
";

#[test]
fn what_a_reference_stands_for_is_generated_or_left_out_with_its_place() {
    let made = made(BY_REFERENCE, &CrateOptions::new("by-reference"));
    let left_out: Vec<_> = made
        .left_out
        .iter()
        .map(|one| {
            let route = format!("{} {}", one.method, one.path);
            (route, one.finding.pointer.as_str(), one.finding.line.unwrap(), one.finding.message.as_str())
        })
        .collect();
    let elsewhere = |reference: &str| format!("$ref '{reference}' leads out of this document");
    let (item, operation) = (elsewhere("other.yaml#/d"), elsewhere("other.yaml#/post"));
    let circle = "$ref '#/paths/~1e/put' leads nowhere, or back to itself";
    assert_eq!(
        left_out,
        [
            ("* /d".to_owned(), "/paths/~1d/$ref", 7, item.as_str()),
            ("POST /e".to_owned(), "/paths/~1e/post/$ref", 10, operation.as_str()),
            ("PUT /e".to_owned(), "/paths/~1e/put/$ref", 11, circle),
        ]
    );
    assert_eq!(made.operations, 4);
    let table = file(&made, "src/generated/operations.rs");
    for (method, path) in [("GET", "/a/{id}"), ("GET", "/b/{id}"), ("DELETE", "/c"), ("GET", "/e")] {
        let route = format!(": `{method} {path}`.\n");
        assert!(table.contains(&route), "{route} in {table}");
    }
    assert_eq!(file(&made, "src/generated/client.rs").matches("Result<ResponseValue<types::").count(), 3);
    scratch::check(&scratch::write("by-reference", &made.files)).unwrap_or_else(|said| panic!("{said}"));
}

#[test]
fn a_document_of_references_to_other_files_is_refused_with_all_of_them() {
    let text = "openapi: 3.0.3\npaths:\n  /a: {get: {$ref: 'a.yaml'}}\n  /b: {$ref: 'b.yaml'}\n";
    let errors = generate_crate(text, "split.yaml", &CrateOptions::new("a")).unwrap_err();
    let places: Vec<_> = errors.findings().iter().map(|finding| finding.pointer.as_str()).collect();
    assert_eq!(places, ["/paths/~1a/get/$ref", "/paths/~1b/$ref"]);
}

#[test]
fn an_operation_whose_types_would_not_compile_is_left_out_with_its_place() {
    let answer = |schema: &str| {
        format!(
            "responses: {{'200': {{description: d, content: {{application/json: {{schema: {{$ref: '#/components/schemas/{schema}'}}}}}}}}}}"
        )
    };
    let part = |member: &str| format!("{{type: object, properties: {{{member}: {{type: string}}}}}}");
    let text = format!(
        "openapi: 3.0.3\npaths:\n  /a: {{get: {{operationId: A, {}}}}}\n  /b: {{get: {{operationId: B, {}}}}}\ncomponents:\n  schemas:\n    Good: {}\n    Both: {{allOf: [{}, {}]}}\n",
        answer("Good"),
        answer("Both"),
        part("a"),
        part("a-b"),
        part("a_b"),
    );
    let made = made(&text, &CrateOptions::new("a"));
    let [left_out] = made.left_out.as_slice() else { panic!("{:?}", made.left_out) };
    assert_eq!((made.operations, left_out.operation_id.as_str(), left_out.finding.line), (1, "B", Some(8)));
    assert_eq!(left_out.finding.message, "two fields of Both are called a_b");
}

#[test]
fn what_is_served_elsewhere_is_left_out_because_the_client_has_one_address() {
    let text = "openapi: 3.0.3
servers: [{url: 'https://api.example.com/'}]
paths:
  /a: {get: {operationId: A, servers: [{url: 'https://api.example.com'}]}}
  /b: {servers: [{url: 'https://upload.example.com'}], post: {operationId: B}}
";
    let made = made(text, &CrateOptions::new("a"));
    let [left_out] = made.left_out.as_slice() else { panic!("{:?}", made.left_out) };
    assert_eq!((left_out.operation_id.as_str(), left_out.finding.line), ("B", Some(5)));
    assert!(left_out.finding.message.contains("https://upload.example.com"), "{}", left_out.finding);
}

#[test]
fn a_list_that_is_sent_in_one_piece_is_text_and_not_several_parameters() {
    let text = "openapi: 3.0.3
paths:
  /a:
    get:
      operationId: A
      parameters:
        - {name: fields, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: ids, in: query, explode: true, schema: {type: array, items: {type: string}}}
";
    let made = made(text, &CrateOptions::new("a"));
    let client = file(&made, "src/generated/client.rs");
    assert!(client.contains("fields: Option<&'a str>"), "{client}");
    assert!(client.contains("ids: Option<&'a ::std::vec::Vec<::std::string::String>>"), "{client}");
}

#[test]
fn an_alternative_of_null_makes_the_others_optional() {
    let text = "openapi: 3.1.0
paths:
  /a: {get: {operationId: A, responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}}}
components:
  schemas:
    Order: {type: object, required: [payer], properties: {payer: {anyOf: [{$ref: '#/components/schemas/Payer'}, {type: 'null'}]}}}
    Payer: {type: object, properties: {name: {type: string}}}
";
    let made = made(text, &CrateOptions::new("a"));
    let types = file(&made, "src/generated/types.rs");
    assert!(types.contains("pub payer: ::std::option::Option<Payer>"), "{types}");
}

#[test]
fn a_bad_name_is_refused_before_anything_is_made() {
    let errors = generate_crate(FOREIGN, "foreign.yaml", &CrateOptions::new("../a")).unwrap_err().to_string();
    assert!(errors.contains("'../a' cannot be the name of a package"), "{errors}");
}

/// The whole document that Descope publishes, where somebody has put it beside the repository.
#[test]
fn the_published_document_of_descope_becomes_a_crate_that_compiles() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream/descope-openapi-2026-08-03.yml");
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: {} is not here", path.display());
        return;
    };
    let options = CrateOptions::new("descope-published").paths("/v1/mgmt");
    let made = generate_crate(&text, "published.yaml", &options).unwrap_or_else(|errors| panic!("{errors}"));
    println!("{} operations, {} left out", made.operations, made.left_out.len());
    assert_eq!(made.operations + made.left_out.len(), 281);
    for one in &made.left_out {
        assert!(one.finding.message.contains("leads nowhere"), "{}", one.finding);
    }
    assert_eq!(made.left_out.len(), 2);
    let folder = scratch::write("descope-published", &made.files);
    scratch::check(&folder).unwrap_or_else(|said| panic!("{said}"));
}
