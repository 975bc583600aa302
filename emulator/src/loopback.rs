//! Which hosts are the machine itself.

use url::{Host, Url};

/// Whether the host is this machine, by address or by the name `localhost`.
pub(crate) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name.as_ref().eq_ignore_ascii_case("localhost"),
    }
}

/// Whether the URL leads to the machine that reads it.
pub(crate) fn is_loopback_url(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback(&host))
}

/// The same of a text, which may be no URL.
pub(crate) fn leads_to_loopback(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| is_loopback_url(&url))
}
