//! What every part of `authorization-server.yaml` must have, and how forms and queries are checked by it. `README.md`
//! states the same rules in prose.

use std::collections::BTreeSet;

use descope_mcp_openapi::{Document, ViolationKind};
use descope_mcp_operations::{AUTHORIZATION_SERVER, Basis};
use serde_json::{Map, Value, json};

const AUTHORIZE: &str = "ThirdPartyApplicationAuthorizeGetByMcpServerID";
const TOKEN: &str = "ThirdPartyApplicationTokenEndpointByMcpServerID";
const REGISTER: &str = "RegisterMcpServerClient";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn document() -> &'static Document {
    Document::authorization_server()
}

fn schemas() -> &'static Map<String, Value> {
    document().as_value()["components"]["schemas"].as_object().expect("schemas are a map")
}

fn has_text(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
}

/// What a place is or refers to.
fn resolved(value: &Value) -> &Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => document().as_value().pointer(&reference[1..]).expect("references resolve"),
        None => value,
    }
}

fn raw(path: &str, method: &str) -> &'static Value {
    &document().as_value()["paths"][path][method.to_ascii_lowercase()]
}

fn kinds(violations: &[descope_mcp_openapi::Violation]) -> Vec<(&str, ViolationKind)> {
    violations.iter().map(|violation| (violation.pointer.as_str(), violation.kind)).collect()
}

#[test]
fn has_discovery_keys_authorize_token_revoke_userinfo_and_register() {
    let server = "/{projectId}/{mcpServerId}";
    let mut expected: Vec<_> = [
        ("GET", format!("/v1/apps/agentic{server}/.well-known/openid-configuration")),
        ("GET", format!("/v1/apps/agentic{server}/.well-known/oauth-authorization-server")),
        ("GET", format!("/.well-known/openid-configuration/v1/apps/agentic{server}")),
        ("GET", format!("/.well-known/oauth-authorization-server/v1/apps/agentic{server}")),
        ("GET", "/{projectId}/.well-known/jwks.json".to_owned()),
        ("GET", "/v2/keys/{projectId}".to_owned()),
        ("GET", format!("/oauth2/v1/apps/agentic{server}/authorize")),
        ("POST", format!("/oauth2/v1/apps/agentic{server}/authorize")),
        ("POST", format!("/oauth2/v1/apps/agentic{server}/token")),
        ("POST", "/oauth2/v1/apps/{projectId}/revoke".to_owned()),
        ("POST", "/oauth2/v1/apps/revoke".to_owned()),
        ("GET", "/oauth2/v1/apps/{projectId}/userinfo".to_owned()),
        ("POST", "/oauth2/v1/apps/{projectId}/userinfo".to_owned()),
        ("POST", format!("/v1/mgmt/mcp/client{server}/register")),
    ]
    .into_iter()
    .map(|(method, path)| (path, method.to_owned()))
    .collect();
    expected.sort();
    let found: Vec<_> =
        document().operations().map(|operation| (operation.path.clone(), operation.method.clone())).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_operation_has_its_texts_sources_and_path_parameters() {
    for operation in document().operations() {
        let id = &operation.id;
        assert!(
            !operation.summary.is_empty() && !operation.description.is_empty() && operation.tag.is_some()
        );
        let facts = AUTHORIZATION_SERVER.find(id).unwrap();
        assert_eq!(facts.source.is_none(), facts.basis == Basis::Assumed, "{id}");
        let in_path: BTreeSet<_> =
            operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let declared: BTreeSet<_> = operation
            .parameters()
            .iter()
            .filter(|parameter| parameter.place == "path" && parameter.required)
            .map(|parameter| parameter.name.as_str())
            .collect();
        assert_eq!(declared, in_path, "{id}");
        for parameter in operation.parameters() {
            assert!(["path", "query"].contains(&parameter.place.as_str()), "{id} {}", parameter.name);
            assert!(!parameter.description.is_empty(), "{id} {}", parameter.name);
        }
    }
}

#[test]
fn every_body_has_an_example_that_fits_and_shows_no_secret_that_could_be_one() {
    let mut examples = 0;
    for operation in document().operations() {
        let id = &operation.id;
        let raw = raw(&operation.path, &operation.method);
        let body = resolved(&raw["requestBody"]);
        if let Some(example) = body.pointer("/content/application~1json/example") {
            assert_eq!(document().validate_request(id, example), [], "{id}");
            examples += 1;
        }
        if let Some(example) = body["content"][FORM].get("example") {
            let pairs: Vec<_> = example
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str().or(value[0].as_str()).unwrap()))
                .collect();
            assert_eq!(document().validate_form(id, pairs), [], "{id}");
            examples += 1;
        }
        for (status, response) in raw["responses"].as_object().unwrap() {
            let content = &resolved(response)["content"];
            let Some(content) = content.get(JSON) else { continue };
            let example = content.get("example").unwrap_or_else(|| panic!("{id} {status} has no example"));
            let status = status.replace('X', "0").parse().unwrap();
            assert_eq!(document().validate_response(id, status, example), [], "{id} {status}");
            assert_eq!(document().unknown_members(id, status, example), [""; 0], "{id} {status}");
            examples += 1;
        }
    }
    assert!(examples > 40, "{examples}");

    fn visit(name: &str, value: &Value, secrets: &BTreeSet<&str>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| visit(name, value, secrets)),
            Value::Array(items) => items.iter().for_each(|item| visit(name, item, secrets)),
            Value::String(text) if secrets.contains(name) => {
                assert!(text.starts_with("example-"), "{name}: {text}");
            }
            _ => {}
        }
    }
    let secrets: BTreeSet<_> = schemas()
        .keys()
        .flat_map(|schema| document().members(schema))
        .filter(|member| member.secret)
        .map(|member| member.name.as_str())
        .collect();
    assert!(secrets.contains("client_secret") && secrets.contains("refresh_token"));
    let with_examples = [&document().as_value()["paths"], &document().as_value()["components"]["responses"]];
    with_examples.into_iter().for_each(|part| visit("", part, &secrets));
}

#[test]
fn every_schema_and_member_is_described_and_says_how_sure_we_are() {
    for (name, schema) in schemas() {
        assert!(has_text(schema, "description") && has_text(schema, "x-basis"), "{name}");
        assert_eq!(has_text(schema, "x-source"), schema["x-basis"] != "assumed", "{name}");
        let members = schema.get("properties").and_then(Value::as_object);
        for (member, value) in members.into_iter().flatten() {
            assert!(has_text(value, "description"), "{name}.{member}");
            assert!(value.get("$ref").is_none(), "{name}.{member} is a bare $ref: use allOf");
            let own = value.get("x-basis").and_then(Value::as_str);
            let sourced = own.is_some_and(|basis| basis != "assumed");
            assert_eq!(has_text(value, "x-source"), sourced, "{name}.{member}");
        }
    }
}

#[test]
fn objects_are_open_and_nothing_narrows_a_value() {
    for (name, schema) in schemas() {
        if schema.get("anyOf").is_none() {
            assert_eq!(
                (&schema["type"], &schema["additionalProperties"]),
                (&json!("object"), &json!({})),
                "{name}"
            );
        }
        for (member, value) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            for key in
                ["enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"]
            {
                assert!(value.get(key).is_none(), "{name}.{member} has `{key}`");
            }
        }
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            assert!(document().members(name).iter().any(|member| required == member.name.as_str()), "{name}");
        }
    }
}

#[test]
fn nulls_are_admitted_in_what_clients_send_and_never_in_what_is_answered() {
    let answered: BTreeSet<_> = document()
        .operations()
        .flat_map(|operation| [200, 201, 400].map(|status| operation.response_schema(status)))
        .flatten()
        .collect();
    assert!(answered.contains("RegisterMcpServerClientResponse"));
    for name in answered.iter().filter(|name| **name != "Refusal") {
        assert!(document().members(name).iter().all(|member| !member.nullable), "{name}");
    }
    for name in ["RegisterMcpServerClientRequest", "ClientMetadataDocument", "AuthorizationRequest"] {
        for member in document().members(name).iter().filter(|member| !member.secret) {
            assert_eq!(member.nullable, !member.required, "{name}.{}", member.name);
        }
    }
}

#[test]
fn a_form_is_checked_like_the_object_that_it_stands_for() {
    let form = |pairs: &[(&str, &str)]| document().validate_form(TOKEN, pairs.iter().copied());
    assert_eq!(form(&[("grant_type", "client_credentials"), ("unknown", "x")]), []);
    assert_eq!(kinds(&form(&[("grant_type", "")])), [("/grant_type", ViolationKind::Missing)]);
    let twice = form(&[("grant_type", "a"), ("scope", "secret-1"), ("scope", "secret-2")]);
    assert_eq!(kinds(&twice), [("/scope", ViolationKind::Repeated)]);
    assert_eq!(twice[0].message, "scope stands more than once");
    // A list may be repeated, and an operation without a form has nothing to check.
    let post = "ThirdPartyApplicationAuthorizePOSTByMcpServerID";
    let lists = [("client_id", "c"), ("resource", "a"), ("resource", "b")];
    assert_eq!(document().validate_form(post, lists), []);
    assert_eq!(document().validate_form(REGISTER, [("x", "y"), ("x", "y")]), []);
    assert_eq!(document().validate_form("Nothing", [])[0].kind, ViolationKind::UnknownOperation);
}

#[test]
fn a_query_is_checked_for_what_is_missing_and_what_is_repeated() {
    let query = |pairs: &[(&str, &str)]| document().validate_query(AUTHORIZE, pairs.iter().copied());
    assert_eq!(
        query(&[("client_id", "c"), ("resource", "a"), ("resource", "b"), ("x", "1"), ("x", "2")]),
        []
    );
    assert_eq!(kinds(&query(&[("client_id", "")])), [("/client_id", ViolationKind::Missing)]);
    let twice = query(&[("client_id", "c"), ("state", "a"), ("state", "a")]);
    assert_eq!(kinds(&twice), [("/state", ViolationKind::Repeated)]);
    assert_eq!(document().validate_query("Nothing", [])[0].kind, ViolationKind::UnknownOperation);
}

#[test]
fn a_schema_that_stands_alone_can_be_checked_and_others_cannot() {
    let check = |value: Value| document().validate_schema("ClientMetadataDocument", &value);
    let fits =
        json!({"client_id": "u", "client_name": "n", "redirect_uris": ["r"], "logo_uri": null, "new": 1});
    assert_eq!(check(fits), []);
    let violations = check(json!({"client_id": "u", "redirect_uris": "r"}));
    assert_eq!(
        kinds(&violations),
        [("/client_name", ViolationKind::Missing), ("/redirect_uris", ViolationKind::WrongType)]
    );
    for name in ["ClientKey", "Nothing"] {
        assert_eq!(document().validate_schema(name, &json!({}))[0].kind, ViolationKind::UnknownSchema);
    }
}

#[test]
fn a_refusal_has_one_of_two_forms_and_a_registration_may_be_answered_with_200_or_201() {
    let refused = |body: Value| document().validate_response(TOKEN, 400, &body).is_empty();
    assert!(refused(json!({"error": "invalid_grant"})) && refused(json!({"errorCode": "E063302"})));
    assert!(!refused(json!({"message": "no"})));
    for status in [200, 201] {
        assert_eq!(document().validate_response(REGISTER, status, &json!({"client_id": "c"})), []);
        let null = json!({"client_id": "c", "client_secret": null, "scope": null});
        assert_eq!(document().validate_response(REGISTER, status, &null).len(), 2);
    }
}
