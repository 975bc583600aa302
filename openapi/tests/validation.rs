//! What the checks of bodies say, and what they never say.

use descope_mcp_openapi::{Document, Violation, ViolationKind};
use serde_json::{Value, json};

fn request(operation: &str, body: Value) -> Vec<Violation> {
    Document::management().validate_request(operation, &body)
}

fn response(operation: &str, status: u16, body: Value) -> Vec<Violation> {
    Document::management().validate_response(operation, status, &body)
}

/// Pointer, kind and message of the only violation.
fn only(violations: Vec<Violation>) -> (String, ViolationKind, String) {
    let [Violation { pointer, kind, message, .. }] = violations.as_slice() else {
        panic!("not exactly one: {violations:?}");
    };
    (pointer.clone(), *kind, message.clone())
}

#[track_caller]
fn assert_only(violations: Vec<Violation>, pointer: &str, kind: ViolationKind, message: &str) {
    assert_eq!(only(violations), (pointer.to_owned(), kind, message.to_owned()));
}

#[test]
fn names_each_missing_member() {
    let violations = request("CreateMcpServerClient", json!({}));
    let found: Vec<_> = violations.iter().map(|v| (v.pointer.as_str(), v.kind, v.message.as_str())).collect();
    assert_eq!(
        found,
        [
            ("/mcpServerId", ViolationKind::Missing, "mcpServerId is required"),
            ("/name", ViolationKind::Missing, "name is required"),
        ]
    );
}

#[test]
fn refuses_update_without_id() {
    let violations = request("UpdateMcpServer", json!({"server": {"name": "orders"}}));
    assert_only(violations, "/server/id", ViolationKind::Missing, "server.id is required");
}

#[test]
fn a_required_member_may_not_be_null_and_an_optional_one_may() {
    let violations = request("CreateMcpServer", json!({"name": null}));
    assert_only(violations, "/name", ViolationKind::WrongType, "name must be a string, but it is null");
    for member in ["tags", "description", "sessionSettings", "approvedScopes", "skipConsentScreen"] {
        assert_eq!(request("CreateMcpServer", json!({"name": "orders", member: null})), [], "{member}");
    }
}

#[test]
fn says_which_type_an_optional_member_takes() {
    let violations = request("CreateMcpServer", json!({"name": "orders", "tags": "red"}));
    assert_only(
        violations,
        "/tags",
        ViolationKind::WrongType,
        "tags must be an array or null, but it is a string",
    );
    let violations = request("CreateMcpServer", json!({"name": "orders", "cimdSettings": true}));
    let message = "cimdSettings must be an object or null, but it is a boolean";
    assert_only(violations, "/cimdSettings", ViolationKind::WrongType, message);
}

#[test]
fn finds_the_place_deep_in_an_optional_part() {
    let policies = json!({"policies": [{"enabled": true}, {"enabled": "yes"}]});
    let body = json!({"name": "orders", "cimdSettings": {"domainPolicies": policies}});
    assert_only(
        request("CreateMcpServer", body),
        "/cimdSettings/domainPolicies/policies/1/enabled",
        ViolationKind::WrongType,
        "cimdSettings.domainPolicies.policies[1].enabled must be a boolean or null, but it is a string",
    );
}

#[test]
fn takes_approved_scopes_in_both_forms() {
    let flat = json!([{"name": "orders:read", "description": "Look", "optional": true}, {"values": ["x"]}]);
    assert_eq!(request("CreateMcpServer", json!({"name": "orders", "approvedScopes": flat})), []);
    let object = json!({"permissionsScopes": [{"name": "orders:read"}], "attributesScopes": null});
    assert_eq!(request("CreateMcpServer", json!({"name": "orders", "approvedScopes": object})), []);
}

#[test]
fn finds_the_place_in_whichever_form_of_approved_scopes_was_meant() {
    let flat = json!({"name": "orders", "approvedScopes": [{"name": 1}]});
    let (pointer, kind, _) = only(request("CreateMcpServer", flat));
    assert_eq!((pointer.as_str(), kind), ("/approvedScopes/0/name", ViolationKind::WrongType));

    let object = json!({"name": "orders", "approvedScopes": {"connectionsScopes": [{"values": {}}]}});
    let (pointer, kind, _) = only(request("CreateMcpServer", object));
    let expected = "/approvedScopes/connectionsScopes/0/values";
    assert_eq!((pointer.as_str(), kind), (expected, ViolationKind::WrongType));

    assert_only(
        request("CreateMcpServer", json!({"name": "orders", "approvedScopes": 3})),
        "/approvedScopes",
        ViolationKind::WrongType,
        "approvedScopes must be an array or an object or null, but it is a number",
    );
}

#[test]
fn whole_numbers_must_fit_32_bits() {
    let body = json!({"mcpServerId": "MS1", "limit": 4_294_967_296_u64});
    let message = "limit must be at most 2147483647";
    assert_only(request("SearchMcpServerClients", body), "/limit", ViolationKind::WrongValue, message);
    let (_, kind, _) = only(request("SearchMcpServerClients", json!({"mcpServerId": "MS1", "page": 0.5})));
    assert_eq!(kind, ViolationKind::WrongType);
}

#[test]
fn a_body_that_is_no_object_is_named_as_such() {
    let violations = request("LoadMcpServer", json!(["MS1"]));
    let message = "the body must be an object, but it is an array";
    assert_only(violations, "", ViolationKind::WrongType, message);
}

#[test]
fn never_quotes_a_value() {
    let secret = "s3cret-value-that-must-not-appear";
    let bodies = [
        json!({"cleartext": [secret]}),
        json!({"cleartext": {secret: secret}}),
        json!([secret]),
        json!(secret),
        json!({"cleartext": null, "other": secret}),
    ];
    for body in bodies {
        let violations = response("RotateMcpServerClientSecret", 200, body);
        assert!(!violations.is_empty());
        assert!(!format!("{violations:?}").contains(secret), "{violations:?}");
    }
}

#[test]
fn checks_responses_by_their_status() {
    assert_eq!(response("DeleteMcpServer", 200, json!({})), []);
    let violations = response("LoadMcpServer", 200, json!({}));
    assert_only(violations, "/server", ViolationKind::Missing, "server is required");

    let envelope = json!({"errorCode": "E011002", "errorDescription": null});
    assert_eq!(response("LoadMcpServer", 404, envelope.clone()), []);
    assert_eq!(response("LoadMcpServer", 503, envelope), []);
    let (pointer, ..) = only(response("LoadMcpServer", 400, json!({"errorCode": 11002})));
    assert_eq!(pointer, "/errorCode");

    let message = "the document lists no status 302 for LoadMcpServer";
    let violations = response("LoadMcpServer", 302, json!({}));
    assert_only(violations, "", ViolationKind::UnexpectedStatus, message);
}

#[test]
fn an_operation_that_does_not_exist_fits_nothing() {
    let message = "the document has no operation `DropMcpServer`";
    assert_only(request("DropMcpServer", json!({})), "", ViolationKind::UnknownOperation, message);
    assert_only(response("DropMcpServer", 200, json!({})), "", ViolationKind::UnknownOperation, message);
    assert!(Document::management().unknown_members("DropMcpServer", 200, &json!({"a": 1})).is_empty());
}

#[test]
fn members_that_the_document_does_not_know_fit_and_are_listed() {
    let body = json!({
        "server": {
            "id": "MS1",
            "projectId": "P1",
            "approvedScopes": {"permissionsScopes": [{"name": "a", "risk": {"level": null}}]},
            "sessionSettings": {"enabled": true, "idle/timeout": 5},
            "cimdSettings": null,
        },
        "took": 3,
    });
    assert_eq!(response("LoadMcpServer", 200, body.clone()), []);
    assert_eq!(
        Document::management().unknown_members("LoadMcpServer", 200, &body),
        [
            "/server/approvedScopes/permissionsScopes/0/risk",
            "/server/projectId",
            "/server/sessionSettings/idle~1timeout",
            "/took",
        ]
    );
    let unknown = Document::management().unknown_members("DeleteMcpServer", 200, &json!({"ok": true}));
    assert_eq!(unknown, ["/ok"], "an answer without members knows none");
}
