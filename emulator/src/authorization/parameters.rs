//! The parameters of a request, from a form or a query (RFC 6749) or a JSON object (as Descope documents it).

use std::collections::{HashMap, HashSet};

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use descope_mcp_openapi::{Document, ViolationKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::oauth_error::OAuthError;
use crate::body;

/// The one parameter that may come more than once, at the authorization endpoint (RFC 8707).
const REPEATABLE: &str = "resource";

/// Parameters by name. Empty ones are left out, as RFC 6749 section 3.2 has it. No Debug: some are secrets.
#[derive(Default)]
pub(super) struct Parameters {
    values: HashMap<String, SecretString>,
    repeated: HashSet<String>,
    resources: Vec<String>,
}

impl Parameters {
    /// The parameters of a request's body.
    ///
    /// # Errors
    /// `invalid_request` for another content type and for what cannot be read.
    pub(super) async fn read(request: Request) -> Result<Self, OAuthError> {
        let (json, bytes) = body_of(request).await?;
        if json { Self::of_json(&bytes) } else { Ok(Self::of_form(&bytes)) }
    }

    /// The same, each parameter once, and as the document says that this operation takes them.
    ///
    /// # Errors
    /// As [`Parameters::read`], and `invalid_request` for what is missing, repeated or of another type.
    pub(super) async fn read_single(request: Request, operation: &str) -> Result<Self, OAuthError> {
        let (json, bytes) = body_of(request).await?;
        let document = Document::authorization_server();
        let (parameters, violations) = if json {
            let parameters = Self::of_json(&bytes)?;
            let mut body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            // Null is how JSON says that a parameter is left out.
            if let Value::Object(members) = &mut body {
                members.retain(|_, value| !value.is_null());
            }
            (parameters, document.validate_request(operation, &body))
        } else {
            let pairs: Vec<_> = form_urlencoded::parse(&bytes).collect();
            let pairs = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
            (Self::of_form(&bytes), document.validate_form(operation, pairs))
        };
        // Parameters that the document does not know may not be repeated either (RFC 6749 section 3.2).
        if parameters.any_is_repeated() {
            return Err(OAuthError::InvalidRequest("a parameter is repeated"));
        }
        match violations.first().map(|violation| violation.kind) {
            None => Ok(parameters),
            Some(ViolationKind::Missing) => {
                Err(OAuthError::InvalidRequest("a parameter is missing that every such request has"))
            }
            Some(ViolationKind::Repeated) => Err(OAuthError::InvalidRequest("a parameter is repeated")),
            Some(_) => Err(OAuthError::InvalidRequest("a parameter is not a text")),
        }
    }

    /// The parameters of a form or a query.
    pub(super) fn of_form(bytes: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(bytes) {
            parameters.add(&name, value.into_owned());
        }
        parameters
    }

    fn of_json(bytes: &[u8]) -> Result<Self, OAuthError> {
        const NO_TEXT: OAuthError = OAuthError::InvalidRequest("a parameter is not a text");
        let Ok(Value::Object(members)) = serde_json::from_slice(bytes) else {
            return Err(OAuthError::InvalidRequest("the body is not a JSON object"));
        };
        let mut parameters = Self::default();
        for (name, value) in members {
            match value {
                Value::Null => {}
                Value::String(text) => parameters.add(&name, text),
                Value::Array(items) if name == REPEATABLE => {
                    for item in items {
                        let Value::String(text) = item else { return Err(NO_TEXT) };
                        parameters.add(&name, text);
                    }
                }
                _ => return Err(NO_TEXT),
            }
        }
        Ok(parameters)
    }

    fn add(&mut self, name: &str, value: String) {
        if value.is_empty() {
            return;
        }
        if name == REPEATABLE {
            self.resources.push(value);
        } else if self.values.insert(name.to_owned(), value.into()).is_some() {
            self.repeated.insert(name.to_owned());
        }
    }

    /// Looks at a parameter that may be a secret.
    pub(super) fn get(&self, name: &str) -> Option<&SecretString> {
        self.values.get(name)
    }

    /// Takes a parameter that may be a secret.
    pub(super) fn take(&mut self, name: &str) -> Option<SecretString> {
        self.values.remove(name)
    }

    /// Takes a parameter that is none.
    pub(super) fn take_text(&mut self, name: &str) -> Option<String> {
        Some(self.values.remove(name)?.expose_secret().to_owned())
    }

    /// Takes every resource, in the order they came.
    pub(super) fn take_resources(&mut self) -> Vec<String> {
        std::mem::take(&mut self.resources)
    }

    /// Takes the first resource; where each parameter may come once, there is no other.
    pub(super) fn take_resource(&mut self) -> Option<String> {
        self.take_resources().into_iter().next()
    }

    pub(super) fn is_repeated(&self, name: &str) -> bool {
        self.repeated.contains(name)
    }

    pub(super) fn any_is_repeated(&self) -> bool {
        !self.repeated.is_empty()
    }
}

/// Whether the body is JSON (or else a form), and its bytes.
async fn body_of(request: Request) -> Result<(bool, Bytes), OAuthError> {
    let json = body::is_json(request.headers());
    let form = body::media_type(request.headers())
        .is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    if !json && !form {
        return Err(OAuthError::InvalidRequest(
            "the Content-Type must be application/x-www-form-urlencoded or application/json",
        ));
    }
    Ok((json, Bytes::from_request(request, &()).await.map_err(body::unreadable)?))
}
