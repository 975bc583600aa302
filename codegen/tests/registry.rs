//! The table of operations: what it is made of, and which documents it refuses.

use descope_mcp_codegen::generate_table;

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
