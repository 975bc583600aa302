//! The server under test and the right to call it.

use std::fmt;

use descope_mcp_management::{BaseUrl, BaseUrlError, ManagementKey, ProjectId};
use reqwest::Certificate;
use url::Url;

/// The server under test.
#[derive(Clone)]
pub struct Target {
    /// Base URL, without a trailing slash in its path.
    pub base_url: Url,
    /// The project to work in.
    pub project_id: ProjectId,
    /// The key of that project.
    pub management_key: ManagementKey,
    /// What to call it in reports.
    pub name: String,
    /// Certificates of authorities that are trusted besides those that the operating system trusts.
    pub authorities: Vec<Certificate>,
}

/// Parses the URL of a target by the rule of the typed client: `http` only on loopback, because every request contains the
/// management key.
pub fn parse_url(text: &str) -> Result<Url, BaseUrlError> {
    text.parse::<BaseUrl>().map(|base| base.as_url().clone())
}

/// Whether a URL stays on this machine.
pub fn is_loopback(url: &Url) -> bool {
    url.as_str().parse::<BaseUrl>().is_ok_and(|base| base.is_loopback())
}

impl Target {
    /// The URL of a path below the base URL.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({} at {})", self.name, self.base_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_url_of_a_target() {
        for bad in
            ["", "api.descope.com", "ftp://example.com", "https://", "http://example.com", "https://a/?q=1"]
        {
            assert!(parse_url(bad).is_err(), "{bad}");
        }
        for good in
            ["https://api.descope.com", "http://127.0.0.1:1", "http://[::1]:1/base", "http://localhost:8787/"]
        {
            assert!(parse_url(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_not_repeated() {
        let error = parse_url("https://user:hunter2@example.com").unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
