//! Which client ids are URLs of metadata documents, and which such URLs are allowed.
//!
//! Basis: the Internet draft on client-ID metadata documents, which the MCP specification names: HTTPS, a path, no
//! credentials, fragment or dot segments. The rules look at the text as it was sent, since a parser would remove what they
//! forbid; URLs are compared as texts and never normalised. A query is discouraged there and refused here, as is the
//! path `/`, which SDKs refuse too (assumed).

use url::Url;

use crate::loopback::is_loopback_url;

const MAX_URL_BYTES: usize = 2_048;

/// A URL that keeps the rules.
#[derive(Clone, Debug)]
pub(crate) struct DocumentUrl {
    text: String,
    parsed: Url,
}

impl DocumentUrl {
    /// # Errors
    /// Which rule the text breaks. `loopback_http` admits HTTP on the loopback interface.
    pub(crate) fn parse(text: &str, loopback_http: bool) -> Result<Self, &'static str> {
        if text.len() > MAX_URL_BYTES {
            return Err("it is too long");
        }
        if text.bytes().any(|byte| !byte.is_ascii_graphic() || b"\\\"<>^`{|}".contains(&byte)) {
            return Err("it holds characters that no URL has");
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or("it must use https")?;
        if text.contains('#') {
            return Err("it must not have a fragment");
        }
        if text.contains('?') {
            return Err("it must not have a query");
        }
        let (authority, path) = match rest.find('/') {
            Some(start) => rest.split_at(start),
            None => return Err("it must have a path"),
        };
        if authority.is_empty() {
            return Err("it names no host");
        }
        if authority.contains('@') {
            return Err("it must not hold credentials");
        }
        if path == "/" {
            return Err("it must have a path other than /");
        }
        if path.split('/').any(is_dot_segment) {
            return Err("it must not have dot segments");
        }
        let parsed = Url::parse(text).map_err(|_| "it is not a URL")?;
        if parsed.host().is_none() || parsed.port() == Some(0) {
            return Err("it names no host");
        }
        if parsed.scheme() == "http" && !(loopback_http && is_loopback_url(&parsed)) {
            return Err("it must use https");
        }
        Ok(Self { text: text.to_owned(), parsed })
    }

    /// As it was sent.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn url(&self) -> &Url {
        &self.parsed
    }

    /// The host in lower case and ASCII (IDNA), without a dot at its end. Never empty.
    pub(crate) fn host(&self) -> &str {
        let host = self.parsed.host_str().unwrap_or_default();
        host.strip_suffix('.').unwrap_or(host)
    }
}

/// `.` and `..`, also with their dots percent-encoded, which parsers take for the same.
fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_https_urls_with_a_path_and_keeps_their_text() {
        for (text, host) in [
            ("https://a.example/client.json", "a.example"),
            ("https://A.Example:8443/x", "a.example"),
            ("https://a.example./x", "a.example"),
            ("https://bücher.example/x".replace('ü', "%C3%BC").as_str(), "xn--bcher-kva.example"),
            ("https://a.example/a..b/.well-known/x...", "a.example"),
            ("https://93.184.216.34/x", "93.184.216.34"),
        ] {
            let url = DocumentUrl::parse(text, false).unwrap();
            assert_eq!((url.as_str(), url.host()), (text, host));
        }
    }

    #[test]
    fn refuses_every_url_that_breaks_a_rule_of_its_text() {
        for text in [
            "https://a.example",
            "https://a.example/",
            "https://a.example/x?",
            "https://a.example/x?y=1",
            "https://a.example/x#",
            "https://a.example/x#y",
            "https://u@a.example/x",
            "https://u:p@a.example/x",
            "https://@a.example/x",
            "https://a.example/./x",
            "https://a.example/../x",
            "https://a.example/x/..",
            "https://a.example/%2e%2E/x",
            "https://a.example/.%2e/x",
            "https:///a.example/x",
            "https:a.example/x",
            "https://a.example\\x",
            "https://a.example/x y",
            "https://a.example/x\n",
            " https://a.example/x",
            "HTTPS://a.example/x",
            "http://a.example/x",
            "http://127.0.0.1/x",
            "https://a.example:0/x",
            "https://a.example:99999/x",
            "https://[::1/x",
            &format!("https://a.example/{}", "x".repeat(MAX_URL_BYTES)),
        ] {
            assert!(DocumentUrl::parse(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn http_is_for_loopback_and_only_where_it_is_switched_on() {
        for text in ["http://127.0.0.1:9/x", "http://localhost:9/x", "http://[::1]:9/x"] {
            assert!(DocumentUrl::parse(text, true).is_ok(), "{text}");
            assert!(DocumentUrl::parse(text, false).is_err(), "{text}");
        }
        for text in ["http://a.example/x", "http://10.0.0.1/x", "http://localhost.a.example/x"] {
            assert!(DocumentUrl::parse(text, true).is_err(), "{text}");
        }
    }
}
