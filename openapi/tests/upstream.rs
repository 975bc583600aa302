//! Compares `descope-mcp.yaml` with Descope's own published document, where a copy of that is at hand.
//!
//! The copy is not part of this repository; without it the test prints a sentence and passes. See `README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use descope_mcp_openapi::Document;
use serde_json::Value;

/// Schemas that go by another name here, since upstream's have dots or say less.
const RENAMED: [(&str, &str); 7] = [
    ("managementv1.McpServerDynamicClientRegistration", "DynamicRegistration"),
    ("managementv1.ThirdPartyApplicationSessionSettings", "SessionSettings"),
    ("CIMDSettings", "CimdSettings"),
    ("CIMDDomainPolicies", "CimdDomainPolicies"),
    ("CIMDDomainPolicy", "CimdDomainPolicy"),
    ("DynamicClientRegistrationApprovedScopes", "CategorizedScopes"),
    ("projectv1.ApplicationScope", "Scope"),
];

/// Schemas that only we have: the error envelope, and the choice between two forms of approved scopes, which
/// stands where upstream has the categorized form alone.
const OURS: [&str; 2] = ["Error", "ApprovedScopes"];
const CHOICE: (&str, &str) = ("ApprovedScopes", "CategorizedScopes");

const PREFIX: &str = "/v1/mgmt/mcp/server";

fn upstream() -> Option<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/upstream");
    let file =
        fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path()).find(|path| {
            path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
        })?;
    Some(serde_saphyr::from_str(&fs::read_to_string(file).ok()?).expect("upstream's document is YAML"))
}

/// path -> method -> (operationId, request schema, 200 schema), each schema by our name.
type Operations = BTreeMap<String, BTreeMap<String, [String; 3]>>;

/// schema -> member -> shape, such as `string`, `int32`, `[string]`, `{Scope}`.
type Members = BTreeMap<String, BTreeMap<String, String>>;

fn operations(document: &Value) -> Operations {
    let mut found = Operations::new();
    for (path, item) in map(&document["paths"]).filter(|(path, _)| path.starts_with(PREFIX)) {
        for (method, operation) in map(item) {
            let schema = |holder: &Value| shape(&holder["content"]["application/json"]["schema"]);
            let id = operation["operationId"].as_str().expect("an operationId").to_owned();
            let facts = [id, schema(&operation["requestBody"]), schema(&operation["responses"]["200"])];
            found.entry(path.clone()).or_default().insert(method.clone(), facts);
        }
    }
    found
}

fn members(document: &Value, names: &BTreeSet<String>) -> Members {
    let mut found = Members::new();
    for (name, schema) in map(&document["components"]["schemas"]) {
        let name = our_name(name);
        if names.contains(&name) {
            let properties = map(&schema["properties"]);
            found.insert(name, properties.map(|(member, value)| (member.clone(), shape(value))).collect());
        }
    }
    found
}

/// The entries of an object; none of anything else.
fn map(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn our_name(upstream: &str) -> String {
    let renamed = RENAMED.iter().find(|(theirs, _)| *theirs == upstream);
    renamed.map_or(upstream, |(_, ours)| *ours).to_owned()
}

/// What a value looks like on the wire, without how it is described.
fn shape(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = our_name(reference.rsplit('/').next().unwrap_or_default());
        let (choice, written) = CHOICE;
        return if name == choice { format!("{{{written}}}") } else { format!("{{{name}}}") };
    }
    // Descriptions beside a reference are only possible through `allOf`.
    if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return shape(only);
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => format!("[{}]", shape(&schema["items"])),
        // That it is a secret is ours to say.
        (Some("string"), Some("password")) => "string".to_owned(),
        (Some(kind), None) => kind.to_owned(),
        (_, Some(format)) => format.to_owned(),
        (None, None) => "anything".to_owned(),
    }
}

#[test]
fn paths_operations_and_members_are_exactly_upstreams() {
    let Some(upstream) = upstream() else {
        println!("skipped: no copy of Descope's document in ../shared/upstream to compare with");
        return;
    };
    let ours = Document::management().as_value();
    assert_eq!(operations(&upstream).len(), 14);
    assert_eq!(operations(ours), operations(&upstream));

    let own: BTreeSet<_> = OURS.iter().map(|name| (*name).to_owned()).collect();
    let all: BTreeSet<_> = ours["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    let shared: BTreeSet<_> = all.difference(&own).cloned().collect();
    assert!(own.is_subset(&all), "a schema that is declared ours is gone");
    assert_eq!(members(ours, &shared), members(&upstream, &shared));
}

#[test]
fn every_declared_renaming_is_still_needed() {
    let Some(upstream) = upstream() else {
        println!("skipped: no copy of Descope's document in ../shared/upstream to compare with");
        return;
    };
    for (theirs, ours) in RENAMED {
        assert!(upstream["components"]["schemas"].get(theirs).is_some(), "upstream no longer has {theirs}");
        assert!(upstream["components"]["schemas"].get(ours).is_none(), "upstream has {ours} now");
        assert!(Document::management().schema(ours).is_some(), "{ours} is gone");
    }
}

#[test]
fn no_description_is_a_sentence_of_upstreams() {
    let Some(upstream) = upstream() else {
        println!("skipped: no copy of Descope's document in ../shared/upstream to compare with");
        return;
    };
    fn texts<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    match member.as_str() {
                        Some(text) if ["description", "summary"].contains(&key.as_str()) => {
                            // Shorter texts, such as a name, can be the same by chance.
                            if text.len() > 40 {
                                found.insert(text);
                            }
                        }
                        _ => texts(member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
            _ => {}
        }
    }
    let (mut ours, mut theirs) = (BTreeSet::new(), BTreeSet::new());
    texts(Document::management().as_value(), &mut ours);
    texts(&upstream, &mut theirs);
    assert!(ours.len() > 50 && theirs.len() > 50, "nothing was compared");
    assert_eq!(ours.intersection(&theirs).collect::<Vec<_>>(), [&""; 0]);
}
