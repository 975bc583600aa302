//! Requests to the authorization server of an MCP server. No I/O here.

use serde_json::{Value, json};

use super::ask::{
    Ask, CodeRequest, MetadataPlace, RESOURCE, Redemption, RefreshToken, STATE, UserInfoMethod,
};
use super::request_token::TokenAuth;
use crate::json::Members;
use crate::labels::ServerLabel;
use crate::model::grant::Grant;
use crate::model::{ClientRecord, Model};
use crate::wire::request::{CLIENT_CREDENTIALS, PROJECT, WebCredentials, WebRequest};
use crate::wire::run_mark::RunMark;

/// A verifier and its S256 challenge, as RFC 7636 appendix B gives them: plans need no arithmetic of their own.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const OTHER_VERIFIER: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Where a client that registers itself is at home, unless its server says where clients may be.
const REDIRECT_URI: &str = "https://client.example.com/callback";
/// A client id that is the URL of a metadata document. The name is reserved: nobody can serve a document there.
const DOCUMENT_URL: &str = "https://client.conformance.invalid/oauth/client.json";

impl Ask {
    /// What is sent. `None` if its subject was never made, or is not known well enough to ask.
    pub(super) fn request(&self, model: &Model, mark: &RunMark) -> Option<WebRequest> {
        match self {
            Self::Metadata { server, at } => Some(metadata(&model.servers.get(server)?.id, *at)),
            Self::Keys => {
                Some(get("GetWellKnownJWKS", format!("/{PROJECT}/.well-known/jwks.json"), Vec::new()))
            }
            Self::KeysForSdks => Some(get("GetKeysV2", format!("/v2/keys/{PROJECT}"), Vec::new())),
            Self::UserInfo { client, by } => {
                let (operation, method) = match by {
                    UserInfoMethod::Get => ("ThirdPartyApplicationUserInfoEndpointGetByProjectID", "GET"),
                    UserInfoMethod::Post => ("ThirdPartyApplicationUserInfoEndpointPostByProjectID", "POST"),
                };
                let grant = model.clients.get(client)?.grant.as_ref().filter(|grant| !grant.over)?;
                Some(WebRequest {
                    operation,
                    method,
                    path: format!("/oauth2/v1/apps/{PROJECT}/userinfo"),
                    parameters: Vec::new(),
                    json: None,
                    credentials: WebCredentials::AccessToken(grant.access_tokens.last()?.clone()),
                })
            }
            Self::Code { client, how } => code(model, model.clients.get(client)?, *how),
            Self::Redeem { client, how } => {
                let client = model.clients.get(client)?;
                let grant = client.grant.as_ref()?;
                if grant.redeemed != (*how == Redemption::Again) {
                    return None;
                }
                let verifier = if *how == Redemption::OtherVerifier { OTHER_VERIFIER } else { VERIFIER };
                let parameters = code_parameters(client, grant, verifier)?;
                token_request(model, client, parameters, credentials(client)?)
            }
            Self::Refresh { client, token } => {
                let client = model.clients.get(client)?;
                let tokens = &client.grant.as_ref()?.refresh_tokens;
                let newest = tokens.last()?;
                let token = match token {
                    RefreshToken::Newest => newest,
                    // A target may give the same one again.
                    RefreshToken::Spent => tokens.iter().rev().nth(1).filter(|spent| *spent != newest)?,
                };
                let parameters =
                    vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token.clone())];
                token_request(model, client, parameters, credentials(client)?)
            }
            Self::Revoke { client } => {
                let client = model.clients.get(client)?;
                let grant = client.grant.as_ref().filter(|grant| !grant.over)?;
                let mut parameters = vec![("token", grant.refresh_tokens.last()?.clone())];
                parameters.extend(credentials(client)?);
                Some(WebRequest {
                    operation: "ThirdPartyApplicationRevocationEndpointByProjectID",
                    method: "POST",
                    path: format!("/oauth2/v1/apps/{PROJECT}/revoke"),
                    parameters,
                    json: None,
                    credentials: WebCredentials::None,
                })
            }
            Self::Register { server, .. } => {
                registration(model, mark, *server, "none", &["authorization_code", "refresh_token"])
            }
            Self::RegisterConfidential { server, .. } => {
                registration(model, mark, *server, "client_secret_post", &["authorization_code"])
            }
            Self::RegisterForItself { server, .. } => {
                let grants = ["authorization_code", CLIENT_CREDENTIALS];
                registration(model, mark, *server, "client_secret_post", &grants)
            }
            Self::CodeOfRegistered { client, wrongly } => {
                let how = if *wrongly { CodeRequest::WithoutChallenge } else { CodeRequest::Rightly };
                code(model, model.clients.get(client)?, how)
            }
            Self::TokenForResource { client } => {
                let client = model.clients.get(client)?;
                let parameters =
                    vec![("grant_type", CLIENT_CREDENTIALS.to_owned()), ("resource", RESOURCE.to_owned())];
                token_request(model, client, parameters, credentials(client)?)
            }
            Self::NearMiss { client, miss } => miss.request(model, model.clients.get(client)?),
            Self::Borrow { clients: [borrower, owner], what } => {
                what.request(model, model.clients.get(borrower)?, model.clients.get(owner)?)
            }
        }
    }
}

fn get(operation: &'static str, path: String, parameters: Vec<(&'static str, String)>) -> WebRequest {
    WebRequest { operation, method: "GET", path, parameters, json: None, credentials: WebCredentials::None }
}

/// The path of a server's issuer.
pub(crate) fn issuer_path(server_id: &str, project_id: &str) -> String {
    format!("/v1/apps/agentic/{project_id}/{server_id}")
}

fn metadata(server_id: &str, at: MetadataPlace) -> WebRequest {
    let issuer = issuer_path(server_id, PROJECT);
    let (operation, path) = match at {
        MetadataPlace::AfterOpenid => (
            "GetAgenticThirdPartyAppsWellKnownConfigurationOpenID",
            format!("{issuer}/.well-known/openid-configuration"),
        ),
        MetadataPlace::AfterOauth => (
            "GetAgenticThirdPartyAppsWellKnownConfigurationAuthServer",
            format!("{issuer}/.well-known/oauth-authorization-server"),
        ),
        MetadataPlace::BeforeOpenid => {
            ("GetInsertedOpenIDConfiguration", format!("/.well-known/openid-configuration{issuer}"))
        }
        MetadataPlace::BeforeOauth => (
            "GetInsertedAuthorizationServerMetadata",
            format!("/.well-known/oauth-authorization-server{issuer}"),
        ),
    };
    get(operation, path, Vec::new())
}

fn code(model: &Model, client: &ClientRecord, how: CodeRequest) -> Option<WebRequest> {
    let mut redirect_uri = redirect_uri(client)?;
    if how == CodeRequest::LongerRedirect {
        redirect_uri.push_str(".evil");
    }
    let mut request = to_authorization_endpoint(model, client, &redirect_uri)?;
    match how {
        CodeRequest::WithoutChallenge => {
            request.parameters.retain(|(name, _)| !name.starts_with("code_challenge"));
        }
        CodeRequest::PlainChallenge => {
            set(&mut request, "code_challenge", VERIFIER);
            set(&mut request, "code_challenge_method", "plain");
        }
        CodeRequest::ByDocument => set(&mut request, "client_id", DOCUMENT_URL),
        CodeRequest::Rightly | CodeRequest::LongerRedirect => {}
    }
    Some(request)
}

fn set(request: &mut WebRequest, name: &str, value: &str) {
    for (_, old) in request.parameters.iter_mut().filter(|(known, _)| *known == name) {
        value.clone_into(old);
    }
}

/// A right request for a code, but for its redirect URI.
pub(super) fn to_authorization_endpoint(
    model: &Model,
    client: &ClientRecord,
    redirect_uri: &str,
) -> Option<WebRequest> {
    let server = model.servers.get(&client.server)?;
    if !client.record.is_alive() || !server.is_alive() {
        return None;
    }
    let parameters = vec![
        ("response_type", "code".to_owned()),
        ("client_id", client.client_id.clone()),
        ("redirect_uri", redirect_uri.to_owned()),
        ("state", STATE.to_owned()),
        ("code_challenge", CHALLENGE.to_owned()),
        ("code_challenge_method", "S256".to_owned()),
    ];
    let path = format!("/oauth2{}/authorize", issuer_path(&server.id, PROJECT));
    Some(get("ThirdPartyApplicationAuthorizeGetByMcpServerID", path, parameters))
}

/// What redeems a code.
pub(super) fn code_parameters(
    client: &ClientRecord,
    grant: &Grant,
    verifier: &str,
) -> Option<Vec<(&'static str, String)>> {
    Some(vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", grant.code.clone()),
        ("redirect_uri", redirect_uri(client)?),
        ("code_verifier", verifier.to_owned()),
    ])
}

fn registration(
    model: &Model,
    mark: &RunMark,
    server: ServerLabel,
    auth_method: &str,
    grants: &[&str],
) -> Option<WebRequest> {
    let server = model.servers.get(&server).filter(|record| record.is_alive())?;
    // A server that approves redirect URIs may take no other.
    let approved = server.members().and_then(first_redirect_uri);
    let redirect_uri = approved.unwrap_or_else(|| REDIRECT_URI.to_owned());
    Some(WebRequest {
        operation: "RegisterMcpServerClient",
        method: "POST",
        path: format!("/v1/mgmt/mcp/client/{PROJECT}/{}/register", server.id),
        parameters: Vec::new(),
        json: Some(json!({
            "client_name": format!("{} registered by itself", mark.prefix),
            "redirect_uris": [redirect_uri],
            "grant_types": grants,
            "response_types": ["code"],
            "token_endpoint_auth_method": auth_method,
        })),
        credentials: WebCredentials::None,
    })
}

/// A request to the token endpoint of a client's server, authenticated so.
pub(super) fn token_request(
    model: &Model,
    client: &ClientRecord,
    mut parameters: Vec<(&'static str, String)>,
    credentials: Vec<(&'static str, String)>,
) -> Option<WebRequest> {
    let server = &model.servers.get(&client.server)?.id;
    parameters.extend(credentials);
    Some(to_token_endpoint(server, parameters))
}

fn to_token_endpoint(server_id: &str, parameters: Vec<(&'static str, String)>) -> WebRequest {
    WebRequest {
        operation: "ThirdPartyApplicationTokenEndpointByMcpServerID",
        method: "POST",
        path: format!("/oauth2{}/token", issuer_path(server_id, PROJECT)),
        parameters,
        json: None,
        credentials: WebCredentials::None,
    }
}

/// A request for a token by a client's own right.
pub(super) fn client_credentials(
    server_id: &str,
    client_id: &str,
    secret: String,
    method: TokenAuth,
) -> WebRequest {
    let mut request = to_token_endpoint(server_id, vec![("grant_type", CLIENT_CREDENTIALS.to_owned())]);
    match method {
        TokenAuth::Basic => {
            request.credentials = WebCredentials::Basic { client_id: client_id.to_owned(), secret };
        }
        TokenAuth::Post => {
            request.parameters.extend([("client_id", client_id.to_owned()), ("client_secret", secret)]);
        }
    }
    request
}

pub(super) fn credentials(client: &ClientRecord) -> Option<Vec<(&'static str, String)>> {
    if !client.record.is_alive() || !(client.secret_is_known || client.is_public) {
        return None;
    }
    let mut credentials = vec![("client_id", client.client_id.clone())];
    if !client.is_public {
        credentials.push(("client_secret", client.secrets.last()?.clone()));
    }
    Some(credentials)
}

/// The first redirect URI of a client that can be used as it is.
pub(super) fn redirect_uri(client: &ClientRecord) -> Option<String> {
    first_redirect_uri(client.record.members()?)
}

fn first_redirect_uri(record: &Members) -> Option<String> {
    let uris = record.get("approvedCallbackUrls")?.as_array()?;
    uris.iter().filter_map(Value::as_str).find(|uri| uri.starts_with("https://")).map(str::to_owned)
}
