//! Whether a server trusts the host of a document.
//!
//! Documented: patterns are `example.com`, `*.example.com` or `*`. The finer rules are assumed: the host of the client id
//! is compared in lower case and ASCII, label by label, without port and final dot; a plain name means that host only; a
//! wildcard stands for one label or more before the name, not for the name itself; `*` means every host; a star
//! anywhere else matches nothing. A server without an enabled policy trusts nobody. A listed domain lifts no rule
//! about addresses.

use url::Host;

/// Whether one of the patterns names the host, which is in lower case and ASCII and has no final dot.
pub(super) fn admits<'a>(mut patterns: impl Iterator<Item = &'a str>, host: &str) -> bool {
    patterns.any(|pattern| matches(pattern, host))
}

fn matches(pattern: &str, host: &str) -> bool {
    let pattern = pattern.trim();
    if pattern == "*" {
        return true;
    }
    match pattern.strip_prefix("*.") {
        // An address has no subdomains.
        Some(parent) => {
            is_name(host)
                && normal(parent).is_some_and(|parent| {
                    host.strip_suffix(&parent)
                        .and_then(|below| below.strip_suffix('.'))
                        .is_some_and(|labels| !labels.is_empty())
                })
        }
        None => normal(pattern).is_some_and(|pattern| pattern == host),
    }
}

/// A pattern's name in the form of the host; `None` if it is no host name.
fn normal(name: &str) -> Option<String> {
    if name.contains('*') {
        return None;
    }
    let parsed = Host::parse(name.strip_suffix('.').unwrap_or(name)).ok()?;
    Some(parsed.to_string())
}

fn is_name(host: &str) -> bool {
    matches!(Host::parse(host), Ok(Host::Domain(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_a_host_its_subdomains_or_everything() {
        for (pattern, host) in [
            ("a.example", "a.example"),
            ("A.Example.", "a.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("*.a.example", "x.a.example"),
            ("*.a.example", "x.y.a.example"),
            ("*", "a.example"),
            ("*", "93.184.216.34"),
            ("93.184.216.34", "93.184.216.34"),
            ("[::1]", "[::1]"),
        ] {
            assert!(matches(pattern, host), "{pattern} {host}");
        }
    }

    #[test]
    fn a_pattern_names_nothing_else() {
        for (pattern, host) in [
            ("a.example", "x.a.example"),
            ("a.example", "xa.example"),
            ("*.a.example", "a.example"),
            ("*.a.example", "evila.example"),
            ("*.a.example", "a.example.evil.example"),
            ("*.*.example", "x.a.example"),
            ("x*.a.example", "xy.a.example"),
            ("a.*", "a.example"),
            ("**", "a.example"),
            ("*.", "a.example"),
            ("", "a.example"),
            ("https://a.example", "a.example"),
            ("a.example:443", "a.example"),
            ("*.216.34", "93.184.216.34"),
        ] {
            assert!(!matches(pattern, host), "{pattern} {host}");
        }
        assert!(!admits(std::iter::empty(), "a.example"));
    }
}
