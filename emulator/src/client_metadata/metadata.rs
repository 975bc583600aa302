//! What a client says about itself (RFC 7591 section 2), and the rules for it.
//!
//! Members that are not listed here are ignored, as the RFC asks. Descope documents extensions (`sessionSettings`,
//! `audienceWhitelist`, `skipConsentScreen` and others); they are ignored too, because anyone may register, and nobody
//! should set the rules for himself (assumed).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::error::RegistrationError;

const MAX_NAME_CHARS: usize = 200;
const MAX_TEXT_CHARS: usize = 2_048;
const MAX_CONTACTS: usize = 10;

/// How a client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthMethod {
    /// Not at all: it is public.
    None,
    /// With its secret in the Authorization header.
    #[default]
    ClientSecretBasic,
    /// With its secret among the parameters.
    ClientSecretPost,
}

/// The grants that clients can register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GrantType {
    /// A code from the authorization endpoint.
    AuthorizationCode,
    /// A refresh token.
    RefreshToken,
    /// The client for itself.
    ClientCredentials,
}

impl GrantType {
    /// Every grant that there is.
    pub(crate) const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];
    /// Those that need a user's consent.
    pub(crate) const OF_USERS: [Self; 2] = [Self::AuthorizationCode, Self::RefreshToken];
}

/// The effective metadata, without what the client's record has members for: name, redirect URIs, scopes and logo.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Metadata {
    pub(crate) token_endpoint_auth_method: AuthMethod,
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) response_types: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) application_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tos_uri: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) contacts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) software_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) software_version: Option<String>,
    /// Whether it comes from a document at the client id.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) metadata_document: bool,
}

/// What the client's record holds of what was registered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Described {
    pub(crate) client_name: Option<String>,
    pub(crate) logo_uri: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    /// The scopes that were asked for, each once; `None` if nothing was said.
    pub(crate) scopes: Option<Vec<String>>,
}

impl Metadata {
    /// Reads the metadata of a body that fits the OpenAPI document, and fills in what the RFC says is the default.
    /// `default_method` is what an absent authentication method means, `offered` the grants that can be registered.
    ///
    /// # Errors
    /// `invalid_client_metadata`, naming the member.
    pub(crate) fn of_request(
        body: &Map<String, Value>,
        default_method: AuthMethod,
        offered: &[GrantType],
    ) -> Result<(Self, Described), RegistrationError> {
        let grant_types = grant_types(body, offered)?;
        let response_types = response_types(body, &grant_types)?;
        let metadata = Self {
            token_endpoint_auth_method: method(body, default_method)?,
            response_types,
            grant_types,
            application_type: application_type(body)?,
            client_uri: web_page(body, "client_uri")?,
            policy_uri: web_page(body, "policy_uri")?,
            tos_uri: web_page(body, "tos_uri")?,
            contacts: contacts(body)?,
            description: text(body, "description", MAX_TEXT_CHARS)?,
            software_id: text(body, "software_id", MAX_TEXT_CHARS)?,
            software_version: text(body, "software_version", MAX_TEXT_CHARS)?,
            metadata_document: false,
        };
        if metadata.token_endpoint_auth_method == AuthMethod::None
            && metadata.grant_types.contains(&GrantType::ClientCredentials)
        {
            return refuse(
                "grant_types must not hold client_credentials for a client without authentication",
            );
        }
        let described = Described {
            client_name: text(body, "client_name", MAX_NAME_CHARS)?,
            logo_uri: web_page(body, "logo_uri")?,
            redirect_uris: texts(body, "redirect_uris").map(str::to_owned).collect(),
            scopes: scopes(body),
        };
        Ok((metadata, described))
    }

    /// What was stored. This program wrote it; a part that another version named otherwise falls back to its default.
    pub(crate) fn of_stored(members: &Map<String, Value>) -> Self {
        serde_json::from_value(Value::Object(members.clone())).unwrap_or_default()
    }

    /// As it is stored, and as it is answered but for [`Metadata::metadata_document`].
    pub(crate) fn to_members(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(members)) => members,
            // A struct of texts and lists is an object.
            _ => Map::new(),
        }
    }

    pub(crate) fn uses_codes(&self) -> bool {
        self.grant_types.contains(&GrantType::AuthorizationCode)
    }
}

fn refuse<T>(problem: impl Into<String>) -> Result<T, RegistrationError> {
    Err(RegistrationError::ClientMetadata(problem.into()))
}

/// Grants that are not offered are left out of the effective metadata. The RFC allows that (section 3.2.1) and has the
/// client read the answer, which says so: a client lists what it could use and can do without some of it. If nothing is
/// left, there is nothing to register.
fn grant_types(
    body: &Map<String, Value>,
    offered: &[GrantType],
) -> Result<Vec<GrantType>, RegistrationError> {
    let mut asked = texts(body, "grant_types").peekable();
    if asked.peek().is_none() {
        return Ok(vec![GrantType::AuthorizationCode]);
    }
    let mut grants = Vec::new();
    for name in asked {
        let grant = match name {
            "authorization_code" => GrantType::AuthorizationCode,
            "refresh_token" => GrantType::RefreshToken,
            "client_credentials" => GrantType::ClientCredentials,
            _ => continue,
        };
        if offered.contains(&grant) && !grants.contains(&grant) {
            grants.push(grant);
        }
    }
    if grants.iter().all(|grant| *grant == GrantType::RefreshToken) {
        return refuse(match offered.contains(&GrantType::ClientCredentials) {
            true => "grant_types must hold authorization_code or client_credentials",
            false => "grant_types must hold authorization_code",
        });
    }
    Ok(grants)
}

fn response_types(body: &Map<String, Value>, grants: &[GrantType]) -> Result<Vec<String>, RegistrationError> {
    let mut asked = texts(body, "response_types").peekable();
    let codes = grants.contains(&GrantType::AuthorizationCode);
    if asked.peek().is_some() && codes && !asked.any(|name| name == "code") {
        return refuse("response_types must hold code for the grant authorization_code");
    }
    Ok(if codes { vec![String::from("code")] } else { Vec::new() })
}

fn method(body: &Map<String, Value>, default: AuthMethod) -> Result<AuthMethod, RegistrationError> {
    Ok(match body.get("token_endpoint_auth_method").and_then(Value::as_str) {
        None | Some("") => default,
        Some("none") => AuthMethod::None,
        Some("client_secret_basic") => AuthMethod::ClientSecretBasic,
        Some("client_secret_post") => AuthMethod::ClientSecretPost,
        Some(_) => {
            return refuse(
                "token_endpoint_auth_method must be none, client_secret_basic or client_secret_post",
            );
        }
    })
}

fn application_type(body: &Map<String, Value>) -> Result<Option<String>, RegistrationError> {
    match text(body, "application_type", MAX_NAME_CHARS)? {
        Some(kind) if kind != "web" && kind != "native" => refuse("application_type must be web or native"),
        kind => Ok(kind),
    }
}

fn contacts(body: &Map<String, Value>) -> Result<Vec<String>, RegistrationError> {
    let contacts: Vec<_> = texts(body, "contacts").map(str::to_owned).collect();
    if contacts.len() > MAX_CONTACTS
        || contacts.iter().any(|contact| contact.chars().count() > MAX_NAME_CHARS)
    {
        return refuse(format!("contacts must have at most {MAX_CONTACTS} short texts"));
    }
    Ok(contacts)
}

/// Each scope once, in the order they were asked for.
fn scopes(body: &Map<String, Value>) -> Option<Vec<String>> {
    let asked = body.get("scope").and_then(Value::as_str).filter(|scope| !scope.trim().is_empty())?;
    let mut scopes: Vec<String> = Vec::new();
    for scope in asked.split_ascii_whitespace() {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Some(scopes)
}

/// A URL that a person may click on or whose picture is shown to him, so it must be of the web.
fn web_page(body: &Map<String, Value>, member: &str) -> Result<Option<String>, RegistrationError> {
    let Some(url) = text(body, member, MAX_TEXT_CHARS)? else { return Ok(None) };
    let of_the_web =
        Url::parse(&url).is_ok_and(|parsed| matches!(parsed.scheme(), "https" | "http") && parsed.has_host());
    if of_the_web { Ok(Some(url)) } else { refuse(format!("{member} must be a URL of https or http")) }
}

fn text(
    body: &Map<String, Value>,
    member: &str,
    longest: usize,
) -> Result<Option<String>, RegistrationError> {
    let Some(text) = body.get(member).and_then(Value::as_str).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text.chars().count() > longest {
        return refuse(format!("{member} must have at most {longest} characters"));
    }
    if text.chars().any(char::is_control) {
        return refuse(format!("{member} must not hold control characters"));
    }
    Ok(Some(text.to_owned()))
}

fn texts<'a>(body: &'a Map<String, Value>, member: &str) -> impl Iterator<Item = &'a str> {
    body.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
