//! Where clients reach the emulator.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use axum::http::Uri;
use url::Origin;

use crate::registration::redirect_uri;
use crate::request_origin;
use crate::start_error::StartError;

/// Scheme, host and port under which clients reach the emulator, such as `https://emulator.example.com`.
///
/// It has no path, because the path-insert forms of discovery put theirs right after the host, and no final slash,
/// because clients compare issuers as strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// `http://` and this address, for a listener that clients reach directly.
    ///
    /// # Errors
    /// [`StartError::PublicUrl`] for an unspecified address (`0.0.0.0`, `[::]`), which names no host, and for one with a
    /// zone, which browsers cannot read.
    pub fn of_listener(address: SocketAddr) -> Result<Self, StartError> {
        if address.ip().is_unspecified() {
            return Err(StartError::PublicUrl {
                url: format!("http://{address}"),
                reason: "an unspecified address names no host; pass --public-url",
            });
        }
        Self::checked(format!("http://{address}"))
    }

    /// The URL, if browsers can read it: consent pages compare origins.
    fn checked(url: String) -> Result<Self, StartError> {
        match request_origin::origin(&url) {
            Some(_) => Ok(Self(url)),
            None => Err(StartError::PublicUrl {
                url: url.chars().take(200).collect(),
                reason: "browsers cannot read its host and port",
            }),
        }
    }

    /// Whether it leads to the machine itself and nowhere else.
    pub fn is_loopback(&self) -> bool {
        redirect_uri::is_on_loopback(&self.0)
    }

    /// What browsers call the origin of the pages here.
    pub(crate) fn origin(&self) -> Option<Origin> {
        request_origin::origin(&self.0)
    }

    /// `http` or `https`.
    pub(crate) fn scheme(&self) -> &str {
        self.0.split_once(':').map_or(self.0.as_str(), |(scheme, _)| scheme)
    }

    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = StartError;

    /// # Errors
    /// [`StartError::PublicUrl`] unless the text is `http://` or `https://`, a host, perhaps a port and a slash.
    fn from_str(text: &str) -> Result<Self, StartError> {
        // Credentials in a URL are refused unread; the message must not repeat them.
        if text.contains('@') {
            return Err(StartError::PublicUrl {
                url: String::from("(hidden)"),
                reason: "it must not hold credentials",
            });
        }
        let refuse = |reason| StartError::PublicUrl { url: text.chars().take(200).collect(), reason };
        if text.contains('#') {
            return Err(refuse("it must not have a fragment"));
        }
        let uri: Uri = text.parse().map_err(|_| refuse("it is not a URL"))?;
        let scheme = uri.scheme_str().ok_or_else(|| refuse("it must start with http:// or https://"))?;
        if !matches!(scheme, "http" | "https") {
            return Err(refuse("it must start with http:// or https://"));
        }
        let authority = uri.authority().ok_or_else(|| refuse("it names no host"))?;
        if authority.host().is_empty() {
            return Err(refuse("it names no host"));
        }
        if uri.path() != "/" || uri.query().is_some() {
            return Err(refuse("it must have neither path nor query"));
        }
        Self::checked(format!("{scheme}://{authority}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin_without_final_slash() {
        for (text, expected) in [
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
            ("https://emulator.example.com/", "https://emulator.example.com"),
            ("http://[::1]:9", "http://[::1]:9"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), expected);
        }
    }

    #[test]
    fn refuses_public_urls_that_are_no_origin() {
        for text in [
            "",
            "emulator",
            "ftp://a",
            "http://",
            "http://a/b",
            "http://a?b",
            "http://a/#f",
            "/a",
            "http://u:p@a",
            "http://1.2.3.4.5",
            "http://a:99999",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
        assert!(!"http://u:hunter2@a".parse::<PublicUrl>().unwrap_err().to_string().contains("hunter2"));
    }

    #[test]
    fn a_listener_at_an_unspecified_address_or_one_with_a_zone_needs_a_public_url() {
        for address in ["0.0.0.0:1", "[::]:1", "[fe80::1%2]:1"] {
            assert!(PublicUrl::of_listener(address.parse().unwrap()).is_err(), "{address}");
        }
        assert_eq!(
            PublicUrl::of_listener("127.0.0.1:1".parse().unwrap()).unwrap().as_str(),
            "http://127.0.0.1:1"
        );
    }
}
