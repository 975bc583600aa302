//! Why a request got no complete answer.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use descope_mcp_management::ConnectFailure;

/// Why a request got no complete answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// What kind of failure it is.
    pub kind: Kind,
    /// The failure and its causes, without the URL.
    pub reason: String,
}

/// What kept an answer from coming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The host name has no address.
    UnknownHost,
    /// Whoever signed the certificate is not trusted.
    UntrustedCertificate,
    /// The certificate is for another name.
    CertificateOfAnother,
    /// The certificate is not valid now.
    CertificateOutOfDate,
    /// What answers does not speak TLS.
    NotTls,
    /// A proxy does not let the request through.
    Proxy,
    /// There is no connection, for another reason.
    NoConnection,
    /// Nothing came in time.
    Silence,
    /// The connection broke, or the answer cannot be read.
    Broken,
    /// The run is to end, and does not wait any longer.
    NotAwaited,
    /// The run may send no more requests.
    NotAllowed,
}

impl NoAnswer {
    /// What an error of the HTTP client means. `limit` is how long a request may take.
    pub(crate) fn of(error: &reqwest::Error, limit: Duration) -> Self {
        let mut reason = match (error.is_timeout(), error.is_connect()) {
            (true, _) => format!("no answer within {} s", limit.as_secs()),
            (false, true) => "cannot connect".to_owned(),
            (false, false) => "the connection broke".to_owned(),
        };
        let mut kind = match (error.is_timeout(), error.is_connect()) {
            (true, _) => Kind::Silence,
            (false, true) => Kind::NoConnection,
            (false, false) => Kind::Broken,
        };
        if error.is_connect()
            && let Some(failure) = ConnectFailure::of(error)
        {
            kind = Kind::of(failure);
        }
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !reason.ends_with(&text) && kind != Kind::Silence {
                reason = format!("{reason}: {text}");
            }
            cause = error.source();
        }
        Self { kind, reason }
    }

    /// A broken connection, or an answer that cannot be read.
    pub(crate) fn broken(reason: impl Into<String>) -> Self {
        Self { kind: Kind::Broken, reason: reason.into() }
    }

    /// Whether nothing was sent, so that the request changed nothing.
    pub(crate) fn was_never_sent(&self) -> bool {
        match self.kind {
            Kind::UnknownHost
            | Kind::UntrustedCertificate
            | Kind::CertificateOfAnother
            | Kind::CertificateOutOfDate
            | Kind::NotTls
            | Kind::Proxy
            | Kind::NoConnection => true,
            Kind::Silence | Kind::Broken | Kind::NotAwaited | Kind::NotAllowed => false,
        }
    }
}

impl Kind {
    fn of(failure: ConnectFailure) -> Self {
        match failure {
            ConnectFailure::UnknownHost | ConnectFailure::NameServer => Self::UnknownHost,
            ConnectFailure::UntrustedCertificate => Self::UntrustedCertificate,
            ConnectFailure::CertificateOfAnother => Self::CertificateOfAnother,
            ConnectFailure::CertificateOutOfDate => Self::CertificateOutOfDate,
            ConnectFailure::NotTls => Self::NotTls,
            ConnectFailure::ProxyCredentials | ConnectFailure::ProxyRefusal | ConnectFailure::NoProxy => {
                Self::Proxy
            }
            _ => Self::NoConnection,
        }
    }

    /// Whether the same request may get through a moment later.
    pub(crate) fn may_pass(self) -> bool {
        match self {
            Self::NoConnection | Self::Proxy | Self::Broken | Self::Silence => true,
            Self::UnknownHost
            | Self::UntrustedCertificate
            | Self::CertificateOfAnother
            | Self::CertificateOutOfDate
            | Self::NotTls
            | Self::NotAwaited
            | Self::NotAllowed => false,
        }
    }

    /// What to do about it.
    pub fn cure(self) -> &'static str {
        match self {
            Self::UnknownHost => {
                "check the host name in --target, and whether this machine can resolve names"
            }
            Self::UntrustedCertificate => {
                "if an authority of your own signed it, name the certificate of that authority with --ca FILE (PEM)"
            }
            Self::CertificateOfAnother => "name the target by a host name that its certificate has",
            Self::CertificateOutOfDate => "renew the certificate, or set the clock of this machine",
            Self::NotTls => "the target does not speak TLS at this port: is http:// meant?",
            Self::Proxy => {
                "the proxy is the one that HTTPS_PROXY or ALL_PROXY names; NO_PROXY names exceptions"
            }
            Self::NoConnection => "is the server running, and is this its port?",
            Self::Silence => "something there accepts connections and does not answer; its logs may tell why",
            Self::Broken | Self::NotAwaited => {
                "what the target answers cannot be read as HTTP; its logs may tell why"
            }
            Self::NotAllowed => "allow more requests with --requests N",
        }
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
