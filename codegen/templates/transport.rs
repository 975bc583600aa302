//! What every request gets on its way: the place for retries, logs and limits.

use progenitor_client::{ClientHooks, Error, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};

use crate::Secret;
use crate::generated::Client;

/// Header that the generated code adds to every request, whether or not the API knows it.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// State of a client: headers that every request gets.
#[derive(Debug, Clone, Default)]
pub struct Inner {
    headers: HeaderMap,
}

impl Inner {
    /// These headers.
    #[must_use]
    pub fn new(headers: HeaderMap) -> Self {
        Self { headers }
    }

    /// `Authorization: Bearer …`.
    ///
    /// # Errors
    ///
    /// If the token has characters that no header may have.
    pub fn bearer(token: &Secret) -> Result<Self, InvalidHeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))?;
        value.set_sensitive(true);
        Ok(Self { headers: HeaderMap::from_iter([(AUTHORIZATION, value)]) })
    }
}

impl ClientHooks<Inner> for Client {
    async fn pre<E>(&self, request: &mut reqwest::Request, _: &OperationInfo) -> Result<(), Error<E>> {
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        for (name, value) in &self.inner.headers {
            headers.insert(name, value.clone());
        }
        Ok(())
    }
}
