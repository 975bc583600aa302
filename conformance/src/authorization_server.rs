//! Requests to the authorization server of an MCP server, and what a run remembers of their answers. No I/O here.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use descope_mcp_operations::AUTHORIZATION_SERVER;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{
    call::RunMark,
    exchange::{Answer, Exchange},
    json::Members,
    model::{ClientRecord, Model},
    plan::{ClientLabel, ServerLabel, TokenAuth},
};

/// What an endpoint's path says where the project id goes.
pub const PROJECT: &str = "{projectId}";

/// The grant that spends nothing.
const CLIENT_CREDENTIALS: &str = "client_credentials";
/// A verifier and its S256 challenge, as RFC 7636 appendix B gives them: plans need no arithmetic of their own.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const OTHER_VERIFIER: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Where a client that registers itself is at home, unless its server says where clients may be.
const REDIRECT_URI: &str = "https://client.example.com/callback";
/// The resource (RFC 8707) that plans name.
pub const RESOURCE: &str = "https://resource.example.com/mcp";
/// Sent with every request for a code; it has what careless servers trip over.
pub const STATE: &str = "a state+with &=% blanks";
/// A client id that is the URL of a metadata document. The name is reserved: nobody can serve a document there.
const DOCUMENT_URL: &str = "https://client.conformance.invalid/oauth/client.json";

/// A request to an endpoint of an authorization server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are named by what they hold")]
pub enum Ask {
    /// The metadata of the authorization server.
    Metadata { server: ServerLabel, at: MetadataPlace },
    /// The keys of the project.
    Keys,
    /// A code, as a browser would whose user need not be asked.
    Code { client: ClientLabel, how: CodeRequest },
    /// Tokens for the last code.
    Redeem { client: ClientLabel, how: Redemption },
    /// Tokens for a refresh token.
    Refresh { client: ClientLabel, token: RefreshToken },
    /// The end of the grant, by its newest refresh token.
    Revoke { client: ClientLabel },
    /// To be registered as a client without a secret (RFC 7591).
    Register { client: ClientLabel, server: ServerLabel },
    /// To be registered as a client with a secret.
    RegisterConfidential { client: ClientLabel, server: ServerLabel },
    /// A token by the client's own right, for [`RESOURCE`].
    TokenForResource { client: ClientLabel },
}

/// Where metadata is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetadataPlace {
    /// After the issuer's path, by the name of OpenID Connect.
    AfterOpenid,
    /// After the issuer's path, by the name of RFC 8414.
    AfterOauth,
    /// Before the issuer's path, by the name of OpenID Connect.
    BeforeOpenid,
    /// Before the issuer's path, by the name of RFC 8414.
    BeforeOauth,
}

/// How a code is asked for; all but the first must give none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeRequest {
    /// Rightly.
    Rightly,
    /// Without a code challenge.
    WithoutChallenge,
    /// With a challenge that is the verifier itself.
    PlainChallenge,
    /// To a redirect URI that begins like the registered one.
    LongerRedirect,
    /// By a client whose id is the URL of a document.
    ByDocument,
}

/// How a code is redeemed; all but the first must be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Redemption {
    /// Rightly, and for the first time.
    Rightly,
    /// With another verifier than the one that it is bound to.
    OtherVerifier,
    /// Rightly, once more.
    Again,
}

/// Which refresh token of a grant is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshToken {
    /// The one that was given last.
    Newest,
    /// The one that was spent for it.
    Spent,
}

/// What a client's last request for a code led to.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// The code.
    pub code: String,
    /// Whether it was redeemed.
    pub redeemed: bool,
    /// Every refresh token, newest last.
    pub refresh_tokens: Vec<String>,
    /// Access tokens.
    pub access_tokens: Vec<String>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether it was revoked, or may have been for something that was done wrongly.
    pub over: bool,
    /// Whether the client's secret was rotated since.
    pub outlived_a_secret: bool,
}

/// A request to an authorization server, ready to be sent.
#[derive(Clone)]
pub struct WebRequest {
    /// Its operationId in the authorization server's document.
    pub operation: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path below the target, with [`PROJECT`] where the project's id goes.
    pub path: String,
    /// The query, if it is one by method; else the form.
    pub parameters: Vec<(&'static str, String)>,
    /// A JSON body instead of a form.
    pub json: Option<Value>,
    /// Client id and secret for the scheme Basic.
    pub basic: Option<(String, String)>,
}

impl WebRequest {
    /// Whether it can be sent again without harm.
    pub fn is_idempotent(&self) -> bool {
        // The document cannot tell the grants of the token endpoint apart: only this one spends nothing.
        let spends_nothing =
            |(name, value): &(&str, String)| *name == "grant_type" && value == CLIENT_CREDENTIALS;
        self.parameters.iter().any(spends_nothing)
            || AUTHORIZATION_SERVER.find(self.operation).is_some_and(|operation| operation.idempotent)
    }
}

// By hand: parameters hold secrets.
impl std::fmt::Debug for WebRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Ask {
    /// What is sent. `None` if its subject was never made, or is not known well enough to ask.
    pub fn request(&self, model: &Model, mark: &RunMark) -> Option<WebRequest> {
        match self {
            Self::Metadata { server, at } => Some(metadata(&model.servers.get(server)?.id, *at)),
            Self::Keys => {
                Some(get("GetWellKnownJWKS", format!("/{PROJECT}/.well-known/jwks.json"), Vec::new()))
            }
            Self::Code { client, how } => code(model, model.clients.get(client)?, *how),
            Self::Redeem { client, how } => {
                let client = model.clients.get(client)?;
                let grant = client.grant.as_ref()?;
                if grant.redeemed != (*how == Redemption::Again) {
                    return None;
                }
                let verifier = if *how == Redemption::OtherVerifier { OTHER_VERIFIER } else { VERIFIER };
                let parameters = vec![
                    ("grant_type", "authorization_code".to_owned()),
                    ("code", grant.code.clone()),
                    ("redirect_uri", redirect_uri(client)?),
                    ("code_verifier", verifier.to_owned()),
                ];
                token_request(model, client, parameters)
            }
            Self::Refresh { client, token } => {
                let client = model.clients.get(client)?;
                let age = if *token == RefreshToken::Newest { 0 } else { 1 };
                let token = client.grant.as_ref()?.refresh_tokens.iter().rev().nth(age)?;
                let parameters =
                    vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token.clone())];
                token_request(model, client, parameters)
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
                    basic: None,
                })
            }
            Self::Register { server, .. } => registration(model, mark, *server, "none"),
            Self::RegisterConfidential { server, .. } => {
                registration(model, mark, *server, "client_secret_post")
            }
            Self::TokenForResource { client } => {
                let client = model.clients.get(client)?;
                let parameters =
                    vec![("grant_type", CLIENT_CREDENTIALS.to_owned()), ("resource", RESOURCE.to_owned())];
                token_request(model, client, parameters)
            }
        }
    }

    /// The client that asks, or is to be one.
    pub fn client(&self) -> Option<ClientLabel> {
        match self {
            Self::Metadata { .. } | Self::Keys => None,
            Self::Code { client, .. }
            | Self::Redeem { client, .. }
            | Self::Refresh { client, .. }
            | Self::Revoke { client }
            | Self::TokenForResource { client }
            | Self::Register { client, .. }
            | Self::RegisterConfidential { client, .. } => Some(*client),
        }
    }
}

fn get(operation: &'static str, path: String, parameters: Vec<(&'static str, String)>) -> WebRequest {
    WebRequest { operation, method: "GET", path, parameters, json: None, basic: None }
}

/// The path of a server's issuer.
pub fn issuer_path(server_id: &str, project_id: &str) -> String {
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
    let server = model.servers.get(&client.server)?;
    if !client.record.is_alive() || !server.is_alive() {
        return None;
    }
    let mut redirect_uri = redirect_uri(client)?;
    if how == CodeRequest::LongerRedirect {
        redirect_uri.push_str(".evil");
    }
    let client_id = if how == CodeRequest::ByDocument { DOCUMENT_URL } else { &client.client_id };
    let mut parameters = vec![
        ("response_type", "code".to_owned()),
        ("client_id", client_id.to_owned()),
        ("redirect_uri", redirect_uri),
        ("state", STATE.to_owned()),
    ];
    match how {
        CodeRequest::WithoutChallenge => {}
        CodeRequest::PlainChallenge => parameters
            .extend([("code_challenge", VERIFIER.to_owned()), ("code_challenge_method", "plain".to_owned())]),
        _ => parameters
            .extend([("code_challenge", CHALLENGE.to_owned()), ("code_challenge_method", "S256".to_owned())]),
    }
    let path = format!("/oauth2{}/authorize", issuer_path(&server.id, PROJECT));
    Some(get("ThirdPartyApplicationAuthorizeGetByMcpServerID", path, parameters))
}

fn registration(model: &Model, mark: &RunMark, server: ServerLabel, auth_method: &str) -> Option<WebRequest> {
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
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": auth_method,
        })),
        basic: None,
    })
}

fn token_request(
    model: &Model,
    client: &ClientRecord,
    mut parameters: Vec<(&'static str, String)>,
) -> Option<WebRequest> {
    let server = &model.servers.get(&client.server)?.id;
    parameters.extend(credentials(client)?);
    Some(to_token_endpoint(server, parameters))
}

fn to_token_endpoint(server_id: &str, parameters: Vec<(&'static str, String)>) -> WebRequest {
    WebRequest {
        operation: "ThirdPartyApplicationTokenEndpointByMcpServerID",
        method: "POST",
        path: format!("/oauth2{}/token", issuer_path(server_id, PROJECT)),
        parameters,
        json: None,
        basic: None,
    }
}

/// A request for a token by a client's own right.
pub fn client_credentials(server_id: &str, client_id: &str, secret: String, method: TokenAuth) -> WebRequest {
    let mut request = to_token_endpoint(server_id, vec![("grant_type", CLIENT_CREDENTIALS.to_owned())]);
    match method {
        TokenAuth::Basic => request.basic = Some((client_id.to_owned(), secret)),
        TokenAuth::Post => {
            request.parameters.extend([("client_id", client_id.to_owned()), ("client_secret", secret)]);
        }
    }
    request
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

fn credentials(client: &ClientRecord) -> Option<[(&'static str, String); 2]> {
    if !client.record.is_alive() || !client.secret_is_known {
        return None;
    }
    Some([("client_id", client.client_id.clone()), ("client_secret", client.secrets.last()?.clone())])
}

/// The first redirect URI of a client that can be used as it is.
fn redirect_uri(client: &ClientRecord) -> Option<String> {
    first_redirect_uri(client.record.members()?)
}

fn first_redirect_uri(record: &Members) -> Option<String> {
    let uris = record.get("approvedCallbackUrls")?.as_array()?;
    uris.iter().filter_map(Value::as_str).find(|uri| uri.starts_with("https://")).map(str::to_owned)
}

/// The parameters of a redirect back to the client, or `None` if the answer is none.
pub fn redirected(answer: &Answer) -> Option<(String, Members)> {
    let url = Url::parse(answer.header("location")?).ok().filter(|_| (300..400).contains(&answer.status))?;
    let parameters = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned().into()));
    let parameters = parameters.collect();
    let mut place = url;
    place.set_query(None);
    Some((place.to_string(), parameters))
}

/// The code that an answer gives, if it gives one.
pub fn given_code(exchange: &Exchange) -> Option<String> {
    let (_, parameters) = redirected(exchange.answer()?)?;
    parameters.get("code")?.as_str().filter(|code| !code.is_empty()).map(str::to_owned)
}

impl Model {
    /// Takes in what an authorization server answered.
    pub(crate) fn learn(&mut self, ask: &Ask, exchange: &Exchange) {
        let success = exchange.success().filter(|_| !exchange.is_unclear());
        match ask {
            Ask::Metadata { server, .. } => {
                if let Some(body) = success {
                    self.metadata.entry(*server).or_insert_with(|| body.clone());
                }
            }
            Ask::Keys => self.keys = success.cloned().or(self.keys.take()),
            // A clear refusal has made nothing.
            Ask::Register { .. } | Ask::RegisterConfidential { .. }
                if exchange.refusal().is_some() && !exchange.after_unclear_try => {}
            Ask::Register { client, server } | Ask::RegisterConfidential { client, server } => {
                self.learn_registration(*client, *server, success);
            }
            Ask::TokenForResource { .. } => {}
            Ask::Code { client, how: CodeRequest::Rightly } => {
                if let Some(client) = self.clients.get_mut(client) {
                    let grant = |code| Grant { code, ..Grant::default() };
                    client.grant = given_code(exchange).map(grant);
                }
            }
            Ask::Code { .. } => {}
            // Whether the code or the token was used up is unknown, and so is what it gave.
            Ask::Redeem { client, .. } | Ask::Refresh { client, .. } if exchange.answer().is_none() => {
                if let Some(client) = self.clients.get_mut(client) {
                    client.grant = None;
                }
            }
            Ask::Redeem { client, how } => {
                let Some(grant) = self.grant_of(*client) else { return };
                grant.redeemed = true;
                // A code that was brought wrongly or twice may take everything down with it.
                grant.over |= *how != Redemption::Rightly || success.is_none();
                grant.take_tokens(success);
            }
            Ask::Refresh { client, token } => {
                let Some(grant) = self.grant_of(*client) else { return };
                grant.over |= *token == RefreshToken::Spent || success.is_none();
                grant.take_tokens(success);
            }
            Ask::Revoke { client } => {
                // Only a clear success says that it is revoked; the body may be empty.
                let revoked = exchange.answer().is_some_and(Answer::is_success);
                if let Some(grant) = self.grant_of(*client) {
                    grant.over = true;
                    grant.revoked |= revoked;
                }
            }
        }
    }

    fn grant_of(&mut self, client: ClientLabel) -> Option<&mut Grant> {
        self.clients.get_mut(&client)?.grant.as_mut()
    }

    fn learn_registration(&mut self, label: ClientLabel, server: ServerLabel, success: Option<&Value>) {
        match success.and_then(|body| body["client_id"].as_str().map(|id| (id, body))) {
            Some((client_id, body)) => {
                let secret = body["client_secret"].as_str().filter(|secret| !secret.is_empty());
                let made = ClientRecord::registered(server, client_id, secret.map(str::to_owned));
                self.clients.insert(label, made);
            }
            // Whatever it says, a client may have been made.
            None => {
                self.servers_with_possible_orphans.insert(server);
            }
        }
    }
}

impl Grant {
    fn take_tokens(&mut self, success: Option<&Value>) {
        let text = |member: &str| success.and_then(|body| body[member].as_str()).map(str::to_owned);
        self.access_tokens.extend(text("access_token"));
        self.refresh_tokens.extend(text("refresh_token"));
    }
}

impl std::fmt::Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Metadata { server, at } => {
                let place = match at {
                    MetadataPlace::AfterOpenid => "openid-configuration after the issuer",
                    MetadataPlace::AfterOauth => "oauth-authorization-server after the issuer",
                    MetadataPlace::BeforeOpenid => "openid-configuration before the issuer's path",
                    MetadataPlace::BeforeOauth => "oauth-authorization-server before the issuer's path",
                };
                write!(f, "read the metadata of {server} ({place})")
            }
            Self::Keys => f.write_str("read the published keys"),
            Self::Code { client, how } => {
                write!(f, "ask for a code as {client}")?;
                f.write_str(match how {
                    CodeRequest::Rightly => "",
                    CodeRequest::WithoutChallenge => ", without a code challenge",
                    CodeRequest::PlainChallenge => ", with a plain code challenge",
                    CodeRequest::LongerRedirect => ", to a longer redirect URI",
                    CodeRequest::ByDocument => "'s neighbour, whose id is the URL of a document",
                })
            }
            Self::Redeem { client, how } => {
                write!(f, "redeem the code of {client}")?;
                f.write_str(match how {
                    Redemption::Rightly => "",
                    Redemption::OtherVerifier => " with another verifier",
                    Redemption::Again => " again",
                })
            }
            Self::Refresh { client, token: RefreshToken::Newest } => {
                write!(f, "refresh the tokens of {client}")
            }
            Self::Refresh { client, token: RefreshToken::Spent } => {
                write!(f, "refresh the tokens of {client} with a spent refresh token")
            }
            Self::Revoke { client } => write!(f, "revoke the grant of {client}"),
            Self::Register { client, server } => write!(f, "register {client} with {server}"),
            Self::RegisterConfidential { client, server } => {
                write!(f, "register {client} with {server}, with a secret")
            }
            Self::TokenForResource { client } => write!(f, "ask for a token as {client} for a resource"),
        }
    }
}
