//! Which redirect URIs a client may register, and when a given one is one of them.
//!
//! Basis: RFC 8252, RFC 9700 and the MCP specification: HTTPS, or HTTP on the machine itself; compared exactly, except
//! that a loopback address may come with any port. That `localhost` counts as a loopback address is a tolerance that
//! desktop clients need.

use url::Url;

use crate::loopback::is_loopback_url;

/// More would only fill the store.
const MAX_REDIRECT_URIS: usize = 20;
const MAX_URI_BYTES: usize = 2_048;
/// Schemes that a browser acts on itself, so a redirect to them would run code or leave the web. They are refused even
/// where private-use schemes are allowed.
const NEVER_PRIVATE_USE: [&str; 14] = [
    "javascript",
    "data",
    "vbscript",
    "file",
    "filesystem",
    "blob",
    "about",
    "view-source",
    "http",
    "https",
    "ws",
    "wss",
    "ftp",
    "mailto",
];

/// What is wrong with a list of redirect URIs, in words that name the place.
///
/// # Errors
/// For an empty or overlong list and the first URI that is not allowed.
pub(crate) fn check_all<'a>(
    uris: impl ExactSizeIterator<Item = &'a str>,
    private_use: bool,
) -> Result<(), String> {
    if uris.len() == 0 {
        return Err(String::from("redirect_uris must have at least one URI"));
    }
    if uris.len() > MAX_REDIRECT_URIS {
        return Err(format!("redirect_uris must have at most {MAX_REDIRECT_URIS} URIs"));
    }
    for (index, uri) in uris.enumerate() {
        check(uri, private_use).map_err(|problem| format!("redirect_uris[{index}] {problem}"))?;
    }
    Ok(())
}

/// What is wrong with one redirect URI.
fn check(uri: &str, private_use: bool) -> Result<(), &'static str> {
    if uri.len() > MAX_URI_BYTES {
        return Err("is too long");
    }
    // The parser would drop or rewrite what these hold, and what is compared later is the text.
    if uri.bytes().any(|byte| byte <= b' ' || byte == 0x7f || byte == b'\\' || byte >= 0x80) {
        return Err("must not hold spaces, control characters, backslashes or characters outside ASCII");
    }
    if uri.contains('*') {
        return Err("must not hold a wildcard");
    }
    let parsed = Url::parse(uri).map_err(|_| "is not an absolute URI")?;
    if parsed.fragment().is_some() {
        return Err("must not have a fragment");
    }
    if !parsed.username().is_empty() || parsed.password().is_some() || authority(uri).contains('@') {
        return Err("must not hold credentials");
    }
    match parsed.scheme() {
        // The parser forgives slashes: it reads `https:///a` as the host `a`.
        "https" | "http" if authority(uri).is_empty() => Err("names no host"),
        "https" => Ok(()),
        "http" if is_loopback_url(&parsed) => Ok(()),
        "http" => Err("must use https unless it is on the loopback interface"),
        scheme if NEVER_PRIVATE_USE.contains(&scheme) => Err("has a scheme that is never allowed"),
        _ if private_use => Ok(()),
        _ => Err("must use https; private-use schemes are not allowed here"),
    }
}

/// Whether this redirect URI is one of those that are registered.
pub(crate) fn is_one_of<'a>(mut registered: impl Iterator<Item = &'a str>, given: &str) -> bool {
    registered.any(|registered| registered == given || same_but_for_the_loopback_port(registered, given))
}

/// RFC 8252 section 7.3: scheme, host, path and query stay exact.
fn same_but_for_the_loopback_port(registered: &str, given: &str) -> bool {
    match (without_loopback_port(registered), without_loopback_port(given)) {
        (Some(registered), Some(given)) => registered == given,
        _ => false,
    }
}

/// The parts of an HTTP URI on loopback around its port, cut out of the text itself: a parser would normalise the path,
/// and two that differ must not become one.
fn without_loopback_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    for host in ["127.0.0.1", "[::1]", "localhost"] {
        if let Some(port) = authority.strip_prefix(host) {
            let port_ok = port.is_empty()
                || port.strip_prefix(':').is_some_and(|digits| {
                    digits.parse::<u16>().is_ok() && digits.bytes().all(|digit| digit.is_ascii_digit())
                });
            return port_ok.then_some((host, tail));
        }
    }
    None
}

/// What stands between the two slashes and the path.
fn authority(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_https_and_http_on_loopback() {
        for uri in [
            "https://a.example/cb",
            "https://a.example:8443/cb?x=1",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:65535/",
            "http://[::1]:7/cb",
            "http://localhost:3999/callback",
        ] {
            assert_eq!(check(uri, false), Ok(()), "{uri}");
        }
    }

    #[test]
    fn refuses_every_other_redirect() {
        for uri in [
            "",
            "/cb",
            "a.example/cb",
            "http://a.example/cb",
            "http://127.0.0.1.a.example/cb",
            "http://localhost.a.example/",
            "https://a.example/cb#",
            "https://a.example/cb#x",
            "https://u:p@a.example/cb",
            "https://@a.example/cb",
            "https://*.a.example/cb",
            "https://a.example/*",
            "https://a.example/c b",
            "https://a.example\\@b.example/",
            "https://a.example/\n",
            "https:///cb",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "cursor://callback",
            &format!("https://a.example/{}", "x".repeat(MAX_URI_BYTES)),
        ] {
            assert!(check(uri, false).is_err(), "{uri}");
        }
    }

    #[test]
    fn private_use_schemes_are_an_option_that_never_admits_code() {
        assert_eq!(check("cursor://callback", true), Ok(()));
        assert_eq!(check("com.example.app:/callback", true), Ok(()));
        for uri in ["javascript:alert(1)", "data:text/html,x", "file:///x", "http://a.example/", "ws://a"] {
            assert!(check(uri, true).is_err(), "{uri}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        let one_of = |registered: &str, given: &str| is_one_of([registered].into_iter(), given);
        for (registered, given) in [
            ("https://a.example/cb", "https://a.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb"),
            ("http://127.0.0.1:1/cb?x=1", "http://127.0.0.1:2/cb?x=1"),
            ("http://[::1]:1/cb", "http://[::1]/cb"),
            ("http://localhost:1/cb", "http://localhost:2/cb"),
        ] {
            assert!(one_of(registered, given), "{registered} {given}");
        }
        for (registered, given) in [
            ("https://a.example/cb", "https://a.example/cb/"),
            ("https://a.example/cb", "https://a.example/cbx"),
            ("https://a.example/cb", "https://a.example/cb?x"),
            ("https://a.example/cb", "https://a.example:444/cb"),
            ("https://a.example/cb", "https://A.example/cb"),
            ("https://a.example/cb", "https://a.example.evil.example/cb"),
            ("https://a.example/cb", "http://a.example/cb"),
            ("http://127.0.0.1/cb", "https://127.0.0.1/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb/../x"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1@evil.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:+1/cb"),
            ("http://127.0.0.1/cb", "http://localhost/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.2/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/CB"),
        ] {
            assert!(!one_of(registered, given), "{registered} {given}");
        }
    }
}
