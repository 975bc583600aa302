//! The base URL of requests. The management key is sent over TLS or on loopback, and only to the base URL.

use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use reqwest::Url;

/// The base URL of the management API, to which the management key may be sent.
///
/// Every request contains the key. A base URL must therefore use `https`, or `http` on loopback (`127.0.0.0/8`, `::1`,
/// `localhost`). [`allow_plain_http`](Self::allow_plain_http) accepts other `http` URLs. A path is kept as a prefix of
/// the paths of the operations, without slashes at its end.
///
/// ```
/// use descope_mcp_management::BaseUrl;
///
/// let url: BaseUrl = "https://api.euc1.descope.com/".parse()?;
/// assert_eq!(url.as_str(), "https://api.euc1.descope.com");
/// assert!("http://10.0.0.7:8080".parse::<BaseUrl>().is_err());
/// # Ok::<(), descope_mcp_management::BaseUrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// Without a slash at the end.
    text: String,
    url: Url,
}

/// Why a string is not a base URL. The message says what is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("base URL {url:?} {reason}; give one such as https://api.descope.com")]
pub struct BaseUrlError {
    /// The given string; `[not shown]` if it could contain a password or a key.
    url: String,
    reason: String,
}

impl BaseUrl {
    /// Parses a base URL and accepts `http` to any host, which sends the management key unencrypted. Use it only in a
    /// network in which every machine may read the key. Requests over `http` never go through a proxy.
    ///
    /// # Errors
    ///
    /// If the string is not an absolute `http` or `https` URL, or if it has a user name, password, query or fragment.
    ///
    /// ```
    /// # use descope_mcp_management::BaseUrl;
    /// let url = BaseUrl::allow_plain_http("http://emulator:8787")?;
    /// assert!(!url.is_loopback());
    /// # Ok::<(), descope_mcp_management::BaseUrlError>(())
    /// ```
    pub fn allow_plain_http(text: &str) -> Result<Self, BaseUrlError> {
        Self::parse(text, true)
    }

    fn parse(text: &str, may_be_plain: bool) -> Result<Self, BaseUrlError> {
        // People put passwords and keys into all of these parts.
        let shown = if text.contains(['@', '?', '#']) { "[not shown]" } else { text };
        let refuse = |reason: &str| BaseUrlError { url: shown.to_owned(), reason: reason.to_owned() };
        let mut url = Url::parse(text.trim()).map_err(|error| refuse(&format!("is not a URL: {error}")))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(refuse("is neither https nor http"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("has a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has a query or fragment"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        let base = Self { text: url.as_str().trim_end_matches('/').to_owned(), url };
        if base.is_encrypted() || base.is_loopback() || may_be_plain {
            Ok(base)
        } else {
            Err(refuse("would send the management key unencrypted: use https (http only on loopback)"))
        }
    }

    /// The URL as a string, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL. It ends with a slash if it has no path, as the URL standard requires.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.url
    }

    /// Whether requests stay on this machine. Of host names, only `localhost` counts as loopback; names are not resolved.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether a request to that URL goes to this base URL: same scheme, host and port, and a path below it.
    pub(crate) fn covers(&self, url: &Url) -> bool {
        // Both are in the one form that the parser gives them.
        url.as_str().strip_prefix(&*self.text).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        Self::parse(text, false)
    }
}

impl TryFrom<&str> for BaseUrl {
    type Error = BaseUrlError;

    fn try_from(text: &str) -> Result<Self, BaseUrlError> {
        text.parse()
    }
}

impl TryFrom<&String> for BaseUrl {
    type Error = BaseUrlError;

    fn try_from(text: &String) -> Result<Self, BaseUrlError> {
        text.parse()
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = BaseUrlError;

    fn try_from(text: String) -> Result<Self, BaseUrlError> {
        text.parse()
    }
}

impl From<Infallible> for BaseUrlError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<BaseUrl, BaseUrlError> {
        text.parse()
    }

    const PLAIN: [&str; 5] = [
        "http://api.descope.com",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "http://0.0.0.0:1",
        "http://[::]:1",
    ];

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
            assert_eq!(parse(url).unwrap().is_loopback(), is_loopback, "{url}");
        }
        for url in PLAIN {
            let error = parse(url).unwrap_err().to_string();
            assert!(error.contains("would send the management key unencrypted"), "{error}");
        }
    }

    #[test]
    fn plain_http_to_another_machine_must_be_allowed_and_then_that_is_all_it_allows() {
        for url in PLAIN {
            let base = BaseUrl::allow_plain_http(url).unwrap();
            assert!(!base.is_loopback() && !base.is_encrypted(), "{url}");
        }
        assert!(BaseUrl::allow_plain_http("https://h.example").unwrap().is_encrypted());
        for url in ["ftp://127.0.0.1", "http://u:p@h.example", "http://h.example/?a=b", "h.example"] {
            BaseUrl::allow_plain_http(url).unwrap_err();
        }
    }

    #[test]
    fn refuses_what_is_no_base_url_and_shows_no_password() {
        for url in [
            "",
            "descope",
            "https://",
            "data:text/plain,x",
            "ftp://127.0.0.1",
            "https://u:hunter2@h.example",
            "https://h.example/?a=hunter2",
            "https://h.example/#hunter2",
        ] {
            let error = parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn keeps_a_path_and_drops_slashes_at_the_end() {
        for (given, text, url) in [
            ("https://h.example/descope//", "https://h.example/descope", "https://h.example/descope"),
            ("https://h.example//", "https://h.example", "https://h.example/"),
            (" https://H.example:443 ", "https://h.example", "https://h.example/"),
        ] {
            let base = parse(given).unwrap();
            assert_eq!((base.as_str(), base.as_url().as_str()), (text, url));
            assert_eq!(base.to_string(), text);
        }
    }

    #[test]
    fn covers_what_is_below_it_and_nothing_else() {
        let covers = |base: &str, url: &str| parse(base).unwrap().covers(&Url::parse(url).unwrap());
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
