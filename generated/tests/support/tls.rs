//! A server that speaks TLS, with certificates that last as long as a test, and a proxy.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// An authority that nobody trusts unless told to.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
    der: rcgen::Certificate,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = parameters.self_signed(&key).unwrap();
        Self { pem: der.pem(), der, issuer: Issuer::new(parameters, key) }
    }

    /// A certificate and its key in PEM.
    pub(crate) fn client_pem(&self) -> String {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec!["a client".to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        certificate.pem() + &key.serialize_pem()
    }

    /// The settings of a server with this name, whose certificate is valid or not any more, and which asks for a certificate
    /// of this authority if told to.
    pub(crate) fn server(&self, name: &str, is_valid: bool, asks_for_certificate: bool) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if !is_valid {
            parameters.not_after = date_time_ymd(2001, 1, 1);
        }
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = if asks_for_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(self.der.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
            ServerConfig::builder().with_client_cert_verifier(verifier)
        } else {
            ServerConfig::builder().with_no_client_auth()
        };
        config.with_single_cert(vec![certificate.der().clone()], key).unwrap()
    }
}

/// Takes the encryption off and passes on what is inside to a server on loopback, until the test ends. Returns its port.
pub(crate) async fn encrypted(config: ServerConfig, to: String) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((outside, _)) = listener.accept().await {
            let (acceptor, to) = (acceptor.clone(), to.clone());
            tokio::spawn(async move {
                // A client that does not trust the certificate goes away.
                let Ok(mut outside) = acceptor.accept(outside).await else { return };
                let mut inside = TcpStream::connect(to).await.unwrap();
                let _ = copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    port
}

/// A proxy that connects every host to one port on loopback, or refuses to.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// `answer` is the status line to a request with these credentials (Basic, encoded); without them, it is a 407.
    pub(crate) async fn start(answer: &'static str, credentials: &'static str, to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((outside, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let mut outside = BufReader::new(outside);
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        if outside.read_line(&mut head).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let may_pass = head.to_ascii_lowercase().contains(
                        &format!("proxy-authorization: basic {credentials}\r\n").to_ascii_lowercase(),
                    );
                    seen.lock().unwrap().push(head);
                    let status = if may_pass { answer } else { "407 Proxy Authentication Required" };
                    let mut outside = outside.into_inner();
                    outside.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).await.unwrap();
                    if status.starts_with("200") {
                        let mut inside = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                        let _ = copy_bidirectional(&mut outside, &mut inside).await;
                    }
                });
            }
        });
        Self { port, heads }
    }

    /// The heads of the requests that it got.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}
