//! A document of somebody else becomes a crate that compiles, less what it says itself cannot be done.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

#[path = "support/scratch.rs"]
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
