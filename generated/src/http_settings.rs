//! What a user may say about connections: certificates, a proxy, headers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, ClientBuilder, Identity, NoProxy, Proxy};

use crate::config::ConfigError;

/// Changes the builder of the HTTP client.
type Configure = Arc<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>;

/// The settings, as they were given. They are read when the client is built.
#[derive(Clone, Default)]
pub(crate) struct HttpSettings {
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) user_agent_suffix: Option<String>,
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) only_these_roots: bool,
    pub(crate) identity: Option<Vec<u8>>,
    pub(crate) proxy: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) configure: Vec<Configure>,
}

/// Headers that every request has of its own.
const RESERVED_HEADERS: [&str; 7] = [
    "authorization",
    "content-length",
    "content-type",
    "host",
    "x-descope-project-id",
    "x-descope-sdk-name",
    "x-descope-sdk-version",
];

impl HttpSettings {
    /// The builder with these settings. What the user does to it comes last.
    pub(crate) fn apply(
        &self,
        mut http: ClientBuilder,
        user_agent: &str,
    ) -> Result<ClientBuilder, ConfigError> {
        let user_agent = match &self.user_agent_suffix {
            Some(suffix) => format!("{user_agent} {suffix}"),
            None => user_agent.to_owned(),
        };
        let user_agent = HeaderValue::from_str(&user_agent).map_err(|_| ConfigError::Header {
            name: "user-agent".to_owned(),
            reason: "has characters that no header can have",
        })?;
        http = http.user_agent(user_agent).default_headers(self.headers()?);
        if let Some(timeout) = self.connect_timeout {
            http = http.connect_timeout(timeout);
        }
        if !self.roots.is_empty() {
            let roots = self.roots()?;
            http =
                if self.only_these_roots { http.tls_certs_only(roots) } else { http.tls_certs_merge(roots) };
        }
        if let Some(pem) = &self.identity {
            let identity = Identity::from_pem(pem).map_err(|_| ConfigError::Certificate {
                what: "the client certificate",
                expected: "give a certificate and its private key, both in PEM, one after the other",
            })?;
            http = http.identity(identity);
        }
        if let Some(url) = &self.proxy {
            // Its error could quote a password.
            let proxy = Proxy::all(url.as_str()).map_err(|_| ConfigError::Proxy)?;
            http = http.proxy(proxy.no_proxy(NoProxy::from_env()));
        }
        Ok(self.configure.iter().fold(http, |http, configure| configure(http)))
    }

    fn roots(&self) -> Result<Vec<Certificate>, ConfigError> {
        let mut roots = Vec::new();
        for pem in &self.roots {
            let read = Certificate::from_pem_bundle(pem).unwrap_or_default();
            if read.is_empty() {
                return Err(ConfigError::Certificate {
                    what: "a root certificate",
                    expected: "give one or more certificates in PEM, as a file that begins with BEGIN CERTIFICATE",
                });
            }
            roots.extend(read);
        }
        Ok(roots)
    }

    fn headers(&self) -> Result<HeaderMap, ConfigError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let refuse = |reason| ConfigError::Header { name: name.clone(), reason };
            let read =
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse("is no name of a header"))?;
            if RESERVED_HEADERS.contains(&read.as_str()) {
                return Err(refuse("is set by the client itself"));
            }
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| refuse("has a value with characters that no header can have"))?;
            // It may be a credential of a gateway.
            value.set_sensitive(true);
            headers.append(read, value);
        }
        Ok(headers)
    }
}

impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy can have a password in its URL, and headers and certificates can be credentials.
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("HttpSettings")
            .field("connect_timeout", &self.connect_timeout)
            .field("user_agent_suffix", &self.user_agent_suffix)
            .field("roots", &self.roots.len())
            .field("only_these_roots", &self.only_these_roots)
            .field("has_identity", &self.identity.is_some())
            .field("has_proxy", &self.proxy.is_some())
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}
