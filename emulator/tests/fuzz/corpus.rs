//! Good requests for every route, from which bad ones are made.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use descope_mcp_openapi::Document;
use serde_json::{Value, json};

/// A request that the emulator understands.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// What the requests may name: made for the fuzzing, and lost if it goes wrong.
pub(crate) struct Named {
    /// Address and port of the emulator.
    pub(crate) host: String,
    pub(crate) project: String,
    pub(crate) key: String,
    pub(crate) server: String,
    pub(crate) client: String,
    pub(crate) client_id: String,
    pub(crate) secret: String,
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Where discovery documents are, apart from the issuer.
const WELL_KNOWN: [&str; 2] = ["openid-configuration", "oauth-authorization-server"];

pub(crate) fn requests(named: &Named) -> Vec<Request> {
    let mut requests: Vec<_> =
        management(named).into_iter().map(|(path, body)| managed(named, path, &body)).collect();
    requests.push(Request { method: String::from("GET"), ..managed(named, "/v1/mgmt/license", &json!({})) });
    let (project, server) = (&named.project, &named.server);
    for name in WELL_KNOWN {
        for issuer in [format!("/v1/apps/agentic/{project}/{server}"), format!("/v1/apps/{project}")] {
            requests.push(got(format!("{issuer}/.well-known/{name}")));
            requests.push(got(format!("/.well-known/{name}{issuer}")));
        }
    }
    requests.push(got(format!("/{project}/.well-known/jwks.json")));
    requests.push(got(format!("/v2/keys/{project}")));
    for apps in [
        format!("/oauth2/v1/apps/agentic/{project}/{server}"),
        format!("/oauth2/v1/apps/{project}"),
        String::from("/oauth2/v1/apps"),
    ] {
        requests.extend(authorization(named, &apps));
    }
    let mut consent = posted("/oauth2/v1/apps/consent", FORM, "ticket=abc&decision=approve&scope=read");
    // As a browser sends it; otherwise nothing of it is read.
    consent.headers.push((String::from("Host"), named.host.clone().into_bytes()));
    consent.headers.push((String::from("Origin"), format!("http://{}", named.host).into_bytes()));
    requests.push(consent);
    let register = json!({
        "client_name": "fuzz", "redirect_uris": ["https://app.example/cb", "http://127.0.0.1/cb"],
        "token_endpoint_auth_method": "client_secret_basic", "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"], "scope": "read write", "logo_uri": "https://app.example/logo.png",
        "client_uri": "https://app.example", "contacts": ["a@app.example"],
    });
    requests.push(posted(
        &format!("/v1/mgmt/mcp/client/{project}/{server}/register"),
        JSON,
        &register.to_string(),
    ));
    requests
}

/// Path and body of each management operation. Deletions name nothing that exists, so that later requests still find
/// what they name.
fn management(named: &Named) -> Vec<(&'static str, Value)> {
    let (server, client) = (&named.server, &named.client);
    let full = json!({
        "name": "fuzz", "description": "d", "logo": "https://a.example/l.png", "tags": ["a", "b"],
        "dynamicRegistration": {"enabled": true, "disableApprovedScopesAsDefault": false, "flowId": "f"},
        "audienceWhitelist": ["https://mcp.example/mcp"],
        "approvedScopes": {
            "permissionsScopes": [{"name": "read", "description": "r", "optional": true, "values": []}],
            "attributesScopes": [], "connectionsScopes": [{"name": "cal", "values": ["https://a"]}],
        },
        "approvedCallbackUrls": ["https://app.example/cb", "http://127.0.0.1/cb"],
        "sessionSettings": {
            "enabled": true, "refreshTokenExpiration": 4, "refreshTokenExpirationUnit": "weeks",
            "sessionTokenExpiration": 10, "sessionTokenExpirationUnit": "minutes",
            "keySessionTokenExpiration": 10, "keySessionTokenExpirationUnit": "minutes",
        },
        "cimdSettings": {"enabled": false, "domainPolicies": {"policies": [{"domainPattern": "*.example.com", "enabled": true}]}},
        "skipConsentScreen": true, "forceAddAllAuthorizationInfo": false, "loginPageURL": "https://a.example/?flow=f",
    });
    let mut update = full.clone();
    update["id"] = json!(server);
    let mut create = full;
    create["consentFlowId"] = json!("inbound-apps-user-consent");
    create["consentFlowHostingURL"] = json!("https://a.example/?x=1#y");
    let members = json!({
        "id": client, "mcpServerId": server, "name": "fuzz", "approvedCallbackUrls": ["https://app.example/cb"],
        "scopes": ["read"], "tags": ["agent"], "logo": "", "allowedTenants": ["T1"],
        "forceAddAllAuthorizationInfo": true,
    });
    let named = json!({"id": client, "mcpServerId": server});
    let search = json!({
        "mcpServerId": server, "page": 0, "limit": 10, "text": "fuz", "name": "f", "clientId": "", "status": "active",
        "registrationMethod": "manual", "tag": "agent", "sort": [{"field": "name", "desc": true}, {"field": "createdTime"}],
    });
    let mut bodies = vec![
        ("/v1/mgmt/mcp/server/create", create),
        ("/v1/mgmt/mcp/server/update", json!({"server": update})),
        ("/v1/mgmt/mcp/server/load", json!({"id": server})),
        ("/v1/mgmt/mcp/server/delete", json!({"id": "MS000000000000000000000000000"})),
        ("/v1/mgmt/mcp/servers/delete", json!({"ids": ["MS1", "MS2"]})),
        ("/v1/mgmt/mcp/servers/all", json!({})),
        ("/v1/mgmt/mcp/server/client/create", members.clone()),
        ("/v1/mgmt/mcp/server/client/update", members),
        ("/v1/mgmt/mcp/server/client/load", named.clone()),
        ("/v1/mgmt/mcp/server/clients/search", search),
        ("/v1/mgmt/mcp/server/client/delete", json!({"id": "TPA1", "mcpServerId": server})),
        ("/v1/mgmt/mcp/server/clients/delete", json!({"ids": ["TPA1", "TPA2"], "mcpServerId": server})),
        ("/v1/mgmt/mcp/server/client/secret", named.clone()),
        ("/v1/mgmt/mcp/server/client/secret/rotate", named),
    ];
    // An operation that nobody wrote a better body for gets the example of the document.
    let document = Document::management();
    for operation in document.operations() {
        if bodies.iter().all(|(path, _)| *path != operation.path) {
            let post = &document.as_value()["paths"][&operation.path]["post"];
            let example = &post["requestBody"]["content"]["application/json"]["example"];
            bodies.push((&operation.path, example.clone()));
        }
    }
    bodies
}

fn authorization(named: &Named, apps: &str) -> Vec<Request> {
    let client_id = named.client_id.replace('=', "%3D");
    let query = format!(
        "response_type=code&client_id={client_id}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s&scope=read\
         &code_challenge={CHALLENGE}&code_challenge_method=S256&resource=https%3A%2F%2Fmcp.example%2Fmcp&nonce=n"
    );
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", named.client_id, named.secret)));
    let json = json!({"grant_type": "client_credentials", "client_id": named.client_id, "client_secret": named.secret});
    let code = format!(
        "grant_type=authorization_code&code=abc&code_verifier={VERIFIER}&client_id={client_id}\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcb&resource=https%3A%2F%2Fmcp.example%2Fmcp"
    );
    let mut requests = vec![
        got(format!("{apps}/authorize?{query}")),
        posted(&format!("{apps}/authorize"), FORM, &query),
        posted(&format!("{apps}/authorize"), JSON, &json!({"response_type": "code", "client_id": named.client_id, "resource": ["https://mcp.example/mcp"]}).to_string()),
        posted(&format!("{apps}/token"), JSON, &json.to_string()),
        posted(&format!("{apps}/token"), FORM, &code),
        posted(&format!("{apps}/token"), FORM, "grant_type=refresh_token&refresh_token=abc&scope=read"),
        posted(&format!("{apps}/token"), FORM, "grant_type=client_credentials&scope=read&resource=https%3A%2F%2Fmcp.example%2Fmcp"),
        posted(&format!("{apps}/revoke"), FORM, &format!("token=abc&token_type_hint=refresh_token&client_id={client_id}")),
        got(format!("{apps}/userinfo")),
        posted(&format!("{apps}/userinfo"), FORM, ""),
    ];
    for index in [5, 6, 7] {
        requests[index].headers.push((String::from("Authorization"), basic.clone().into_bytes()));
    }
    for index in [8, 9] {
        let token = b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJVMSJ9.".to_vec();
        requests[index].headers.push((String::from("Authorization"), token));
    }
    requests
}

/// A management request.
pub(crate) fn managed(named: &Named, path: &str, body: &Value) -> Request {
    let mut request = posted(path, JSON, &body.to_string());
    let credentials = format!("Bearer {}:{}", named.project, named.key);
    request.headers.push((String::from("Authorization"), credentials.into_bytes()));
    request
}

fn posted(path: &str, content_type: &str, body: &str) -> Request {
    Request {
        method: String::from("POST"),
        target: path.to_owned(),
        headers: vec![(String::from("Content-Type"), content_type.as_bytes().to_vec())],
        body: body.as_bytes().to_vec(),
    }
}

fn got(target: String) -> Request {
    Request { method: String::from("GET"), target, headers: Vec::new(), body: Vec::new() }
}
