//! What the generated code promises, checked on the code itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its input should stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use descope_mcp_codegen::{NOTICE, generate};
use serde_json::Value;
use syn::{Fields, Item};

const SMALL: &str = include_str!("fixtures/small.yaml");

fn real_spec() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/descope-mcp.yaml");
    fs::read_to_string(path).unwrap()
}

fn files(spec: &str) -> BTreeMap<String, String> {
    let files = generate(spec, "spec.yaml").unwrap_or_else(|errors| panic!("{errors}"));
    files.into_iter().map(|file| (file.path, file.contents)).collect()
}

/// Struct name to field (wire name) to type, without spaces.
fn structs(types: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let file = syn::parse_file(types).unwrap();
    let records = file.items.iter().filter_map(|item| match item {
        Item::Struct(item) => Some(item),
        _ => None,
    });
    records
        .map(|record| {
            let Fields::Named(fields) = &record.fields else {
                return (record.ident.to_string(), BTreeMap::new());
            };
            let fields = fields.named.iter().map(|field| {
                let ty = &field.ty;
                let name = field.ident.as_ref().unwrap().to_string();
                let wire = field.attrs.iter().find_map(|attr| {
                    let text = quote::quote!(#attr).to_string();
                    let (_, rest) = text.split_once("rename = \"")?;
                    Some(rest.split('"').next()?.to_owned())
                });
                let flattened =
                    field.attrs.iter().any(|attr| quote::quote!(#attr).to_string().contains("flatten"));
                let name = if flattened { "<unknown members>".to_owned() } else { wire.unwrap_or(name) };
                (name, quote::quote!(#ty).to_string().replace(' ', ""))
            });
            (record.ident.to_string(), fields.collect())
        })
        .collect()
}

/// Every named schema of the document.
fn schemas(spec: &Value) -> impl Iterator<Item = (&String, &Value)> {
    spec["components"]["schemas"].as_object().unwrap().iter()
}

fn parsed(spec: &str) -> Value {
    serde_saphyr::from_str(spec).unwrap()
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for spec in [SMALL, &real_spec()] {
        assert_eq!(files(spec), files(spec));
    }
}

#[test]
fn the_order_of_members_in_the_document_changes_nothing_but_the_table() {
    let mut before = files(SMALL);
    let moved = SMALL.replacen("        name: {type: string, description: \"The name.\"}\n", "", 1).replacen(
        "        loginPageURL: {type: string, nullable: true}\n        flag",
        "        loginPageURL: {type: string, nullable: true}\n        name: {type: string, description: \"The name.\"}\n        flag",
        1,
    );
    assert_ne!(moved, SMALL);
    let mut after = files(&moved);
    before.remove("operations.rs");
    after.remove("operations.rs");
    assert_eq!(before, after);
}

#[test]
fn every_file_starts_with_the_notice() {
    let files = files(SMALL);
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["client.rs", "mod.rs", "operations.rs", "types.rs"]);
    for (name, contents) in &files {
        assert!(contents.starts_with(&format!("{NOTICE} from spec.yaml. Do not edit.\n")), "{name}");
        assert!(contents.ends_with("}\n") || contents.ends_with(";\n"), "{name}");
    }
}

/// Walks the whole document, also schemas written in place.
fn passwords<'a>(schema: &'a Value, pointer: String, found: &mut Vec<(String, &'a Value)>) {
    match schema {
        Value::Object(members) => {
            if members.get("format").and_then(Value::as_str) == Some("password") {
                found.push((pointer.clone(), schema));
            }
            for (name, member) in members {
                passwords(member, format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                passwords(item, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_password_of_the_real_document_is_a_secret() {
    let text = real_spec();
    let spec = parsed(&text);
    let structs = structs(&files(&text)["types.rs"]);
    let mut found = Vec::new();
    passwords(&spec, String::new(), &mut found);
    assert!(found.len() >= 3, "create, read and rotate answer with a secret: {found:?}");
    for (pointer, _) in found {
        let parts: Vec<_> = pointer.split('/').collect();
        let ["", "components", "schemas", schema, "properties", member] = parts[..] else {
            panic!("{pointer}: teach this test where the type of such a secret is");
        };
        let ty = &structs[schema][member];
        assert!(ty == "crate::Secret" || ty == "::std::option::Option<crate::Secret>", "{pointer} is {ty}");
    }
}

#[test]
fn every_record_of_the_real_document_is_open_and_has_every_member() {
    let text = real_spec();
    let spec = parsed(&text);
    let structs = structs(&files(&text)["types.rs"]);
    let mut records = 0;
    for (name, schema) in schemas(&spec) {
        let Some(members) = schema["properties"].as_object() else { continue };
        records += 1;
        let fields = structs.get(name).unwrap_or_else(|| panic!("no type for schema {name}"));
        assert_eq!(
            fields.get("<unknown members>").map(String::as_str),
            Some("crate::UnknownMembers"),
            "{name} drops members that it does not know: add `additionalProperties: {{}}`"
        );
        for member in members.keys() {
            assert!(fields.contains_key(member), "{name}.{member} has no field");
        }
        let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
        for (member, ty) in fields {
            let optional = !required.iter().any(|name| name.as_str() == Some(member));
            if optional && member != "<unknown members>" {
                assert!(
                    ty.starts_with("::std::option::Option<"),
                    "{name}.{member} cannot tell absent from empty: {ty}"
                );
            }
        }
        for (member, schema) in members {
            assert!(
                schema["properties"].is_null(),
                "{name}.{member}: name the record, so that this test sees it"
            );
        }
    }
    assert!(records > 30, "only {records} records");
}

#[test]
fn every_operation_of_the_real_document_is_in_both_tables() {
    let text = real_spec();
    let spec = parsed(&text);
    let files = files(&text);
    let sent = &files["operations.rs"];
    let table = descope_mcp_codegen::generate_table(&text, "spec.yaml").unwrap();
    let row = |table: &'_ str, id: &str, end: &str| {
        let start =
            table.find(&format!("id: \"{id}\",\n")).unwrap_or_else(|| panic!("{id} is not in the table"));
        table[start..start + table[start..].find(end).unwrap()].to_owned()
    };
    let mut operations = 0;
    for (path, item) in spec["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations += 1;
            let id = operation["operationId"].as_str().unwrap();
            let (sent, row) = (row(sent, id, "};"), row(&table, id, "output: Some("));
            let writes = operation["x-access"] == "write";
            let idempotent = format!("idempotent: {}", operation["x-idempotent"].as_bool().unwrap());
            assert!(
                sent.contains(&format!("writes: {writes}")) && sent.contains(&idempotent),
                "{id}: {sent}"
            );
            for expected in [
                format!("method: \"{}\"", method.to_uppercase()),
                format!("path: \"{path}\""),
                format!("access: Access::{}", if writes { "Write" } else { "Read" }),
                format!(
                    "paginated: {}",
                    if operation["x-paginated"].is_null() { "None" } else { "Some(Pagination {" }
                ),
                idempotent,
            ] {
                assert!(row.contains(&expected), "{id}: no {expected} in {row}");
            }
        }
    }
    assert_eq!(sent.matches("    id: \"").count(), operations);
    assert_eq!(table.matches("            id: \"").count(), operations);
    assert_eq!(text.matches("operationId: ").count(), operations);
}

#[test]
fn answers_with_a_secret_cannot_be_serialised_and_requests_send_it() {
    let types = &files(SMALL)["types.rs"];
    let derives = |name: &str| {
        let end = types.find(&format!("pub struct {name} {{")).unwrap();
        let start = types[..end].rfind("#[derive(").unwrap();
        types[start..end].lines().next().unwrap().to_owned()
    };
    assert!(!derives("CreateThingResponse").contains("Serialize"));
    assert!(!derives("Thing").contains("Serialize"), "holds a secret through a reference");
    assert!(!derives("SearchThingsResponse").contains("Serialize"), "holds a record that holds a secret");
    assert!(derives("CreateThingRequest").contains("::serde::Serialize"));
    assert!(derives("Settings").contains("::serde::Serialize"));
    assert_eq!(types.matches("serialize_with = \"crate::secret::serialize_for_request\"").count(), 1);
}

#[test]
fn a_password_with_limits_or_behind_a_reference_is_still_a_secret() {
    let structs = structs(&files(SMALL)["types.rs"]);
    assert_eq!(structs["CreateThingRequest"]["key"], "::std::option::Option<crate::Secret>");
    assert_eq!(structs["Thing"]["secret"], "crate::Secret");
}

#[test]
fn no_type_holds_a_map_whose_debug_shows_unknown_members() {
    for spec in [SMALL, &real_spec()] {
        let types = &files(spec)["types.rs"];
        assert!(types.contains("pub extra: crate::UnknownMembers,") && !types.contains("serde_json::Map"));
    }
}

#[test]
fn optional_lists_maps_and_references_tell_absent_from_empty() {
    let structs = structs(&files(SMALL)["types.rs"]);
    for (record, member) in [
        ("CreateThingRequest", "plainTags"),
        ("CreateThingRequest", "tags"),
        ("Settings", "labels"),
        ("Thing", "maybeSettings"),
        ("Thing", "approvedScopes"),
    ] {
        let ty = &structs[record][member];
        assert!(ty.starts_with("::std::option::Option<"), "{record}.{member}: {ty}");
    }
    assert_eq!(structs["Thing"]["approvedScopes"], "::std::option::Option<crate::ApprovedScopes>");
}

#[test]
fn limits_defaults_and_enumerations_make_no_types() {
    let spec = SMALL.replacen(
        "        flag: {type",
        "        colour: {type: string, enum: [red, green], default: red}\n        when: {type: string, format: date-time}\n        flag: {type",
        1,
    );
    let types = &files(&spec)["types.rs"];
    let structs = structs(types);
    for member in ["colour", "when"] {
        assert_eq!(structs["CreateThingRequest"][member], "::std::option::Option<::std::string::String>");
    }
    assert!(!types.contains("mod defaults") && !types.contains("ConversionError"));
}

#[test]
fn the_client_is_built_by_the_crate_around_it_only() {
    let client = &files(SMALL)["client.rs"];
    assert!(client.contains("pub(crate) fn new_with_client("), "only the crate decides where its key may go");
    assert!(!client.contains("pub fn new("), "it would unwrap");
    assert!(client.contains("fn assert_client_hooks()"), "a forgotten transport must not compile");
}

#[test]
fn a_member_called_extra_does_not_collide_with_the_unknown_ones() {
    let spec = SMALL.replacen("        flag: {type", "        extra: {type: string}\n        flag: {type", 1);
    let types = &files(&spec)["types.rs"];
    assert!(types.contains("pub extra_members: crate::UnknownMembers,"));
    assert_eq!(structs(types)["CreateThingRequest"]["extra"], "::std::option::Option<::std::string::String>");
}

#[test]
fn every_list_and_integer_of_the_real_document_reads_in_all_its_forms() {
    let types = &files(&real_spec())["types.rs"];
    let mut checked = 0;
    let lines: Vec<_> = types.lines().map(str::trim).collect();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("pub ")) {
        let Some((_, ty)) = line.split_once(": ") else { continue };
        let ty = if ty.ends_with('<') { format!("{ty}{}", lines[index + 1]) } else { ty.to_owned() };
        let reader = match ty {
            ty if ty.contains("::vec::Vec<") => "crate::wire::list",
            ty if ty.contains("Option<i32>") => "integer\"",
            _ => continue,
        };
        let attributes =
            lines[..index].iter().rev().take_while(|line| !line.ends_with(',') || line.contains('"'));
        assert!(attributes.take(12).any(|line| line.contains(reader)), "{line} needs {reader}");
        checked += 1;
    }
    assert!(checked > 20, "{checked}");
}
