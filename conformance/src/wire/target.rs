//! The server under test and the right to call it.

use std::{fmt, net::IpAddr};

use descope_mcp_management::{ManagementKey, ProjectId};
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
}

/// Why a text is not the URL of a target.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not the URL of a target: {reason}")]
pub struct TargetUrlError {
    text: String,
    reason: String,
}

/// Reads the URL of a target. Plain `http` is for loopback only, since every request carries the management key.
pub fn parse_url(text: &str) -> Result<Url, TargetUrlError> {
    let error = |reason: String| TargetUrlError { text: text.to_owned(), reason };
    let url = Url::parse(text)
        .map_err(|e| error(format!("{e}; expected something like https://api.descope.com")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(error("expected https://HOST or, on loopback, http://HOST:PORT".into()));
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(TargetUrlError {
            // Not quoted: what does not belong in it may be a credential.
            text: format!("{}://{}…", url.scheme(), url.host_str().unwrap_or_default()),
            reason: "a target has no credentials, query or fragment; credentials come from the environment"
                .into(),
        });
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(error("plain http would show the management key to the network; use https".into()));
    }
    Ok(url)
}

/// Whether a URL stays on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
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
