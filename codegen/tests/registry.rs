//! The table of operations: what it is made of, and which documents it refuses.

#[path = "support/scratch.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "the other tests have use for the rest of it")]
mod scratch;

use descope_mcp_codegen::{GeneratedFile, generate_table};

const DOCUMENT: &str = include_str!("fixtures/every_method.yaml");

fn table(text: &str) -> String {
    generate_table(text, "every_method.yaml").expect("a table")
}

fn refused(text: &str) -> String {
    generate_table(text, "d.yaml").expect_err("no table").to_string()
}

fn row<'t>(table: &'t str, id: &str) -> &'t str {
    let start = table.find(&format!("id: \"{id}\"")).expect(id);
    let end = table[start..].find("\n        Operation {").map_or(table.len(), |end| start + end);
    &table[start..end]
}

/// The tokens of a row, without the line breaks of the formatter.
fn flat(row: &str) -> String {
    row.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_name_that_occurs_in_two_places_is_qualified_and_never_takes_the_name_of_another() {
    let row = flat(row(&table(DOCUMENT), "ReplaceItem"));
    for argument in [
        r#"name: "path_id_", wire_name: "id", place: Place::Path, required: true"#,
        r#"name: "body_id", wire_name: "id", place: Place::Member, required: true"#,
        r#"name: "path_id", wire_name: "path_id", place: Place::Member, required: false"#,
        r#"name: "name", wire_name: "name", place: Place::Member, required: false"#,
    ] {
        assert!(row.contains(argument), "{argument} in {row}");
    }
}

#[test]
fn secrets_are_listed_through_references_lists_and_maps() {
    let table = table(DOCUMENT);
    let row = flat(row(&table, "CreateItems"));
    for pointer in ["/byName/*", "/items/*/cleartext"] {
        assert!(row.contains(&format!("SecretMember {{ pointer: \"{pointer}\"")), "{pointer} in {row}");
    }
    let row = flat(self::row(&table, "ChangeItem"));
    assert!(row.contains("input_secrets: &[ SecretMember { pointer: \"/password\""), "{row}");
}

#[test]
fn a_secret_without_end_is_refused() {
    let text = DOCUMENT.replace(
        "        name: {type: string, nullable: true}\n        path_id",
        "        name: {type: string, format: password}\n        path_id",
    );
    let error = refused(&text);
    assert!(error.contains("a secret in a schema that holds itself"), "{error}");
}

#[test]
fn misspelt_facts_are_refused_with_their_place() {
    let error = refused(&DOCUMENT.replacen("x-access: read", "x-access: raed", 1));
    assert!(
        error.contains("/paths/~1v1~1items~1{id}/get/x-access: `x-access` has an unknown value"),
        "{error}"
    );
    let error = refused(&DOCUMENT.replace("in: header", "in: cookie"));
    assert!(error.contains("no path, query or header parameter"), "{error}");
}

#[test]
fn the_same_text_gives_the_same_bytes() {
    assert_eq!(table(DOCUMENT), table(DOCUMENT));
}

#[test]
fn a_reference_that_leads_nowhere_is_refused() {
    let text = DOCUMENT.replacen(
        "schema: {$ref: '#/components/schemas/Item'}",
        "schema: {$ref: '#/components/schemas/No'}",
        1,
    );
    let error = refused(&text);
    assert!(error.contains("leads nowhere"), "{error}");
}

/// Not ours, and no part of the repository: checked where there is a copy.
#[test]
fn the_management_operations_that_descope_publishes_become_a_table_that_compiles() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/upstream/descope-openapi-2026-08-03.yml");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not here", path.display());
        return;
    };
    let mut document: serde_json::Value = serde_saphyr::from_str(&text).expect("YAML");
    let paths = document["paths"].as_object_mut().expect("paths");
    paths.retain(|path, _| path.starts_with("/v1/mgmt/"));
    let errors = refused(&document.to_string());
    assert!(errors.contains("GET /v1/mgmt/fga/mappable/resources has no operationId"), "{errors}");

    // A table names operations by their ids: those that have none, or one that is taken, get one here.
    let mut taken = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object_mut().expect("paths") {
        for (method, operation) in item.as_object_mut().expect("a path item") {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            if id.is_empty() || !taken.insert(id) {
                operation["operationId"] = format!("{method} {path}").into();
            }
        }
    }
    // What registration takes and answers is published nowhere: a secret could be in it.
    let errors = generate_table(&document.to_string(), "published.json").expect_err("no table");
    let mut unknown = std::collections::BTreeSet::new();
    for finding in errors.findings() {
        assert!(finding.message.contains("leads nowhere"), "{finding}");
        unknown.insert(finding.pointer.split('/').nth(2).expect("a path").replace("~1", "/"));
    }
    assert_eq!(unknown.len(), 2, "{unknown:?}");
    assert!(unknown.iter().all(|path| path.ends_with("/register")), "{unknown:?}");
    document["paths"].as_object_mut().expect("paths").retain(|path, _| !unknown.contains(path));

    let made = table(&document.to_string());
    let count = |method: &str| made.matches(&format!("            method: \"{method}\"")).count();
    let counts = ["GET", "PUT", "PATCH", "DELETE", "POST"].map(count);
    println!("{counts:?} operations in {} bytes, without {unknown:?}", made.len());
    assert_eq!(counts.iter().sum::<usize>() + unknown.len(), 281);
    // It marks no member as a password: which ones are secrets is for a document of ours to say.
    assert!(!made.contains("SecretMember {"));
    compiles(&made);
}

/// Checks that a table compiles beside the crate that has its types.
fn compiles(table: &str) {
    let operations = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../operations");
    let manifest = format!(
        "[package]\nname = \"a-table\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [dependencies]\ndescope-mcp-operations = {{ path = {operations:?} }}\n[workspace]\n"
    );
    let file = |path: &str, contents: &str| GeneratedFile { path: path.into(), contents: contents.into() };
    let files = [
        file("Cargo.toml", &manifest),
        file("src/lib.rs", "pub use descope_mcp_operations as operations;\npub mod table;\n"),
        file("src/table.rs", table),
    ];
    scratch::check(&scratch::write("published-table", &files)).unwrap_or_else(|said| panic!("{said}"));
}
