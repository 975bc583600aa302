//! The parameters of a token request, from a form (RFC 6749) or a JSON object (as Descope documents it).

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use secrecy::SecretString;
use serde_json::Value;

use super::oauth_error::OAuthError;
use crate::body;

/// Parameters by name. Empty ones are left out, as RFC 6749 section 3.2 has it. No Debug: some are secrets.
pub(super) struct Parameters(HashMap<String, SecretString>);

impl Parameters {
    /// # Errors
    /// `invalid_request` for another content type, for a repeated parameter and for what cannot be read.
    pub(super) async fn read(request: Request) -> Result<Self, OAuthError> {
        let json = body::is_json(request.headers());
        let form = body::media_type(request.headers())
            .is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
        if !json && !form {
            return Err(OAuthError::InvalidRequest(
                "the Content-Type must be application/x-www-form-urlencoded or application/json",
            ));
        }
        let bytes = Bytes::from_request(request, &()).await.map_err(body::unreadable)?;
        if json { Self::of_json(&bytes) } else { Self::of_form(&bytes) }
    }

    fn of_form(bytes: &[u8]) -> Result<Self, OAuthError> {
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            if value.is_empty() {
                continue;
            }
            if parameters.insert(name.into_owned(), value.into_owned().into()).is_some() {
                return Err(OAuthError::InvalidRequest("a parameter is repeated"));
            }
        }
        Ok(Self(parameters))
    }

    fn of_json(bytes: &[u8]) -> Result<Self, OAuthError> {
        let Ok(Value::Object(members)) = serde_json::from_slice(bytes) else {
            return Err(OAuthError::InvalidRequest("the body is not a JSON object"));
        };
        let mut parameters = HashMap::new();
        for (name, value) in members {
            match value {
                Value::Null => {}
                Value::String(text) if text.is_empty() => {}
                Value::String(text) => {
                    parameters.insert(name, text.into());
                }
                _ => return Err(OAuthError::InvalidRequest("a parameter is not a text")),
            }
        }
        Ok(Self(parameters))
    }

    /// Takes a parameter that may be a secret.
    pub(super) fn take(&mut self, name: &str) -> Option<SecretString> {
        self.0.remove(name)
    }

    /// Takes a parameter that is none.
    pub(super) fn take_text(&mut self, name: &str) -> Option<String> {
        use secrecy::ExposeSecret;
        Some(self.0.remove(name)?.expose_secret().to_owned())
    }
}
