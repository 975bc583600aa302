//! The base URL of requests. The management key is sent over TLS or on loopback, and only to the base URL.

use std::net::IpAddr;

use reqwest::Url;

use crate::config::ConfigError;

/// A base URL that the management key may be sent to.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    /// Without a slash at the end.
    text: String,
    is_loopback: bool,
}

impl BaseUrl {
    /// Parses a base URL, and makes sure that the key is not sent unencrypted.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        // People put passwords and keys into all of these parts.
        let shown = if text.contains(['@', '?', '#']) { "[not shown]" } else { text };
        let refuse = |reason: &str| ConfigError::BaseUrl { url: shown.to_owned(), reason: reason.to_owned() };
        let url = Url::parse(text.trim()).map_err(|error| refuse(&format!("is not a URL: {error}")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("has a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has a query or fragment"));
        }
        let is_loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            "http" => {
                return Err(refuse(
                    "would send the management key in clear: use https (http only on loopback)",
                ));
            }
            _ => return Err(refuse("is neither https nor http")),
        }
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), is_loopback })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether requests stay on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Whether a request to that URL goes to this base URL: same scheme, host and port, and a path below it.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        // Both are in the one form that the parser gives them.
        url.as_str().strip_prefix(&*self.text).is_some_and(|rest| rest.starts_with('/'))
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_https_anywhere_and_http_on_loopback_only() {
        for (url, is_loopback) in [
            ("https://api.descope.com", false),
            ("https://127.0.0.1", true),
            ("https://LOCALHOST:8443", true),
            ("http://localhost:1", true),
            ("http://127.9.9.9/x/", true),
            ("http://127.1", true),
            ("http://[::1]:80", true),
        ] {
            assert_eq!(BaseUrl::parse(url).unwrap().is_loopback(), is_loopback, "{url}");
        }
        for url in [
            "http://api.descope.com",
            "http://localhost.evil.example",
            "http://10.0.0.1",
            "http://0.0.0.0:1",
            "http://[::]:1",
            "ftp://127.0.0.1",
        ] {
            assert!(BaseUrl::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn refuses_what_is_no_base_url_and_shows_no_password() {
        for url in
            ["", "descope", "https://u:hunter2@h.example", "https://h.example/?a=b", "https://h.example/#x"]
        {
            let error = BaseUrl::parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn keeps_a_path_and_drops_slashes_at_the_end() {
        assert_eq!(
            BaseUrl::parse("https://h.example/descope//").unwrap().as_str(),
            "https://h.example/descope"
        );
    }

    #[test]
    fn covers_what_is_below_it_and_nothing_else() {
        let covers = |base: &str, url: &str| BaseUrl::parse(base).unwrap().covers(&Url::parse(url).unwrap());
        for (base, url) in [
            ("https://h.example", "https://h.example/v1"),
            ("https://h.example:443/", "https://H.example/v1?a=b"),
            ("https://h.example/a b/", "https://h.example/a b/v1"),
        ] {
            assert!(covers(base, url), "{base} {url}");
        }
        for url in [
            "http://h.example/a/v1",
            "https://h.example:8443/a/v1",
            "https://h.example.evil.example/a/v1",
            "https://h.example@evil.example/a/v1",
            "https://u:p@h.example/a/v1",
            "https://h.example/b/v1",
            "https://h.example/ab/v1",
            "https://h.example/a/../v1",
            "https://h.example/a/%2e%2e/v1",
        ] {
            assert!(!covers("https://h.example/a", url), "{url}");
        }
    }
}
