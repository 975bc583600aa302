//! Declared differences: what is declared is accepted, what is not is reported, and what is none any more too.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use descope_mcp_openapi::MANAGEMENT_YAML;
use descope_mcp_spec::diff::{Deviations, Options, changes, suggestions};
use descope_mcp_spec::{Place, parse};

/// A change of our document in its text.
fn edited(before: &str, after: &str) -> String {
    assert!(MANAGEMENT_YAML.contains(before), "the document has no {before:?} any more");
    MANAGEMENT_YAML.replacen(before, after, 1)
}

fn server(member: &str) -> String {
    edited("    McpServer:\n", "    McpServer:\n      x-test: 1\n")
        .replacen("      x-test: 1\n      type: object\n", "      type: object\n", 1)
        .replacen(
            "        forceAddAllAuthorizationInfo:\n",
            &format!("{member}        forceAddAllAuthorizationInfo:\n"),
            2,
        )
}

const REGION: &str = "        region:\n          type: string\n";

#[test]
fn declared_differences_are_told_from_others_and_stale_ones_are_named() {
    let (before, after) =
        (parse(MANAGEMENT_YAML, "ours").unwrap(), parse(&server(REGION), "theirs").unwrap());
    let found = changes(&Place::root(&before), &Place::root(&after), Options::default());
    assert!(found.len() >= 2, "{found:#?}");
    let declared = Deviations::parse(
        "- {change: member-added, at: [CreateMcpServerRequest.*, '*.moon'], reason: wanted}\n\
         - {change: member-removed, at: McpServer.logo, reason: gone}\n",
        "deviations.yaml",
    )
    .unwrap()
    .declare(found);
    let at = |changes: &[descope_mcp_spec::diff::Change]| -> Vec<String> {
        changes.iter().map(|change| change.at.clone()).collect()
    };
    assert!(at(&declared.undeclared).iter().all(|at| !at.starts_with("CreateMcpServerRequest.")));
    assert_eq!(declared.declared[0].1, "wanted");
    let stale: Vec<_> = declared.stale.iter().map(|(deviation, at)| (deviation.line, at.as_str())).collect();
    assert_eq!(stale, [(1, "*.moon"), (2, "McpServer.logo")]);
}

#[test]
fn a_list_that_is_wrong_is_refused_with_every_place() {
    let text = "- {change: member-vanished, at: A.b, reason: x}\n- {at: [], why: y}\n- {change: member-added, at: A.b}\n";
    let errors = Deviations::parse(text, "deviations.yaml").unwrap_err().to_string();
    for expected in [
        "deviations.yaml:1:",
        "unknown variant `member-vanished`",
        "`change` is missing",
        "`why` means nothing here",
        "`at` names no place",
        "deviations.yaml:3:",
        "`reason` is missing",
    ] {
        assert!(errors.contains(expected), "{expected} in {errors}");
    }
    assert!(
        Deviations::parse("change: x", "deviations.yaml").unwrap_err().to_string().contains("not a list")
    );
}

#[test]
fn a_suggestion_is_yaml_for_its_place_in_our_conventions() {
    let theirs = "        zone:\n          $ref: '#/components/schemas/geo.v1.Zone'\n";
    let schema = "    geo.v1.Zone:\n      type: object\n      required: [code]\n      properties:\n        code:\n          type: string\n        near:\n          type: array\n          items:\n            $ref: '#/components/schemas/geo.v1.Zone'\n";
    let text = server(theirs).replacen("    McpServer:\n", &format!("{schema}    McpServer:\n"), 1);
    let (before, after) = (parse(MANAGEMENT_YAML, "ours").unwrap(), parse(&text, "theirs").unwrap());
    let (before, after) = (Place::root(&before), Place::root(&after));
    let suggested = suggestions(&after, &changes(&before, &after, Options::default()), &before);
    for expected in [
        "/properties\nzone:\n  allOf:\n    - $ref: '#/components/schemas/Zone'\n  nullable: true\n",
        "# at /components/schemas/Zone\nZone:\n  type: object\n",
        "  required: [code]\n",
        "    near:\n      type: array\n      items:\n        $ref: '#/components/schemas/Zone'\n      nullable: true\n",
        "  additionalProperties: {}\n",
        "x-source: fact/published-document\n",
    ] {
        assert!(suggested.contains(expected), "{expected} in {suggested}");
    }
    // What is to be pasted is YAML.
    for piece in suggested.split("\n\n").filter(|piece| !piece.trim().is_empty()) {
        parse(piece, "piece").unwrap_or_else(|error| panic!("{error} in {piece}"));
    }
}
