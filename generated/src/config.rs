//! Errors before the first call.

use crate::base_url::BaseUrlError;

/// A setting with which the client cannot be built. The error never quotes a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A required environment variable is not set.
    #[error("{name} is not set; set it to {expected}")]
    MissingVariable {
        /// Name of the variable.
        name: &'static str,
        /// The value that the variable must have.
        expected: &'static str,
    },
    /// The value of an environment variable is not text.
    #[error("{name} is not UTF-8 text; set it again")]
    UnreadableVariable {
        /// Name of the variable.
        name: &'static str,
    },
    /// The project id has characters that cannot be sent.
    #[error("the project id {reason}; copy it from the project page of the console")]
    ProjectId {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The management key has characters that cannot be sent.
    #[error("the management key {reason}; make one under company settings in the console")]
    ManagementKey {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The base URL cannot be used.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlError),
    /// The quota allows no requests.
    #[error("the quota {reason}; give at least one request per some length of time")]
    Quota {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A certificate cannot be read.
    #[error("{what} cannot be read; {expected}")]
    Certificate {
        /// Which certificate.
        what: &'static str,
        /// What to give instead.
        expected: &'static str,
    },
    /// The URL of the proxy cannot be read.
    #[error("the URL of the proxy cannot be read; give one such as http://user:password@proxy.example:3128")]
    Proxy,
    /// A default header cannot be sent.
    #[error("the header {name:?} {reason}; leave it out or give another")]
    Header {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The HTTP client could not be set up, for example because no TLS roots were found.
    #[error("the HTTP client could not be set up")]
    HttpClient(#[source] reqwest::Error),
}

impl ConfigError {
    pub(crate) fn unfit_key(_: http::header::InvalidHeaderValue) -> Self {
        Self::ManagementKey { reason: "cannot be put into a header" }
    }
}
