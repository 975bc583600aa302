//! Why there is no connection to send a request on.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use rustls::CertificateError;

/// What kept a connection from being made. Nothing was sent.
///
/// `Display` says what is wrong and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectFailure {
    /// The host name has no address.
    UnknownHost,
    /// The host name could not be looked up now.
    NameServer,
    /// Whoever signed the certificate is not trusted.
    UntrustedCertificate,
    /// The certificate is for another name.
    CertificateOfAnother,
    /// The certificate is not valid now.
    CertificateOutOfDate,
    /// What answers does not speak TLS.
    NotTls,
    /// The two sides do not agree on TLS, for another reason.
    Tls,
    /// The proxy wants a user name and password (status 407).
    ProxyCredentials,
    /// The proxy answers, and does not let the connection through.
    ProxyRefusal,
    /// There is no proxy at its address.
    NoProxy,
    /// Nothing accepts connections at that address.
    Refused,
    /// There is no connection in time.
    Timeout,
    /// Anything else, such as a network that cannot be reached.
    Other,
}

impl ConnectFailure {
    /// What an error of an HTTP client says, by its sources. `None` if it is not about a connection that was not made.
    #[must_use]
    pub fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(failure) = Self::of_one(error) {
                return Some(failure);
            }
            cause = error.source();
        }
        None
    }

    /// Whether a second attempt can succeed although nobody changes anything.
    #[must_use]
    pub fn may_pass(self) -> bool {
        match self {
            Self::NameServer | Self::NoProxy | Self::Refused | Self::Timeout | Self::Other => true,
            Self::UnknownHost
            | Self::UntrustedCertificate
            | Self::CertificateOfAnother
            | Self::CertificateOutOfDate
            | Self::NotTls
            | Self::Tls
            | Self::ProxyCredentials
            | Self::ProxyRefusal => false,
        }
    }

    fn of_one(error: &(dyn StdError + 'static)) -> Option<Self> {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            // The chain of sources leaves out what I/O errors wrap.
            let wrapped = error.get_ref().and_then(|wrapped| Self::of(wrapped));
            return wrapped
                .or_else(|| (error.kind() == io::ErrorKind::ConnectionRefused).then_some(Self::Refused));
        }
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Some(Self::of_tls(error));
        }
        // hyper-util gives no type for these.
        let text = error.to_string();
        if let Some(what) = text.strip_prefix("tunnel error: ") {
            return Some(match what {
                "proxy authorization required" => Self::ProxyCredentials,
                "failed to create underlying connection" => Self::NoProxy,
                _ => Self::ProxyRefusal,
            });
        }
        (text == "dns error").then(|| {
            let mut why = String::new();
            let mut cause = error.source();
            while let Some(error) = cause {
                why += &error.to_string();
                cause = error.source();
            }
            // How the C libraries put it that a name server did not answer.
            if why.contains("Temporary failure") || why.contains("Try again") {
                Self::NameServer
            } else {
                Self::UnknownHost
            }
        })
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => match error {
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Self::CertificateOutOfDate,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    Self::CertificateOfAnother
                }
                _ => Self::UntrustedCertificate,
            },
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            _ => Self::Tls,
        }
    }
}

impl fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownHost => {
                "the host name has no address; check the base URL, and whether this machine can resolve names"
            }
            Self::NameServer => {
                "the host name could not be looked up; check the name servers of this machine"
            }
            Self::UntrustedCertificate => {
                "the certificate is not trusted; if an authority of your own signed it, trust that authority"
            }
            Self::CertificateOfAnother => "the certificate is for another host name; check the base URL",
            Self::CertificateOutOfDate => {
                "the certificate is not valid now; renew it, or set the clock of this machine"
            }
            Self::NotTls => {
                "what answers at that port does not speak TLS; check scheme and port of the base URL"
            }
            Self::Tls => "the two sides do not agree on TLS",
            Self::ProxyCredentials => {
                "the proxy wants a user name and password; put them into the URL of HTTPS_PROXY"
            }
            Self::ProxyRefusal => {
                "the proxy does not let the connection through; allow the host there, or name it in NO_PROXY"
            }
            Self::NoProxy => "there is no connection to the proxy; check HTTPS_PROXY and ALL_PROXY",
            Self::Refused => "nothing accepts connections there; check host and port of the base URL",
            Self::Timeout => "there was no connection in time",
            Self::Other => "no connection could be made",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_found_among_the_sources_and_in_what_they_wrap() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::other(tls));
        assert_eq!(ConnectFailure::of(&wrapped), Some(ConnectFailure::UntrustedCertificate));
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(ConnectFailure::of(&refused), Some(ConnectFailure::Refused));
        assert_eq!(ConnectFailure::of(&io::Error::other("x")), None);
    }
}
