//! Targets whose certificate is not one that everybody trusts.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use descope_mcp_conformance::cli::exit_code;
use descope_mcp_conformance::embedded::Embedded;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use support::program::{PROXY_VARIABLES, against, ended};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// An emulator behind a server that speaks TLS, and the certificate of the authority that signed the server's.
struct Encrypted {
    embedded: Embedded,
    port: u16,
    authority: PathBuf,
    folder: TempDir,
}

impl Encrypted {
    /// The certificate is for this host name, and valid or not any more.
    async fn new(name: &str, is_valid: bool) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = authority.self_signed(&authority_key).unwrap().pem();
        let key = KeyPair::generate().unwrap();
        let mut server = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if !is_valid {
            server.not_after = date_time_ymd(2001, 1, 1);
        }
        let server = server.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![server.der().clone()], key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, pem).unwrap();
        let embedded = Embedded::start().await.unwrap();
        let port = serve(config, embedded.target().base_url.port().unwrap()).await;
        Self { embedded, port, authority, folder }
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut target = self.embedded.target();
        target.base_url = format!("https://localhost:{}", self.port).parse().unwrap();
        let mut command = against(&target);
        command.arg("--journal").arg(self.folder.path().join("journal.jsonl")).args(arguments);
        command
    }
}

/// Takes the encryption off and passes on what is inside, until the test ends.
async fn serve(config: ServerConfig, to: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((outside, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust the certificate goes away.
                let Ok(mut outside) = acceptor.accept(outside).await else { return };
                let mut inside = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let _ = copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_certificate_of_a_private_authority_is_named_with_the_cure_which_works() {
    let target = Encrypted::new("localhost", true).await;
    let says = ["the certificate of https://localhost", "UnknownIssuer"];
    for arguments in [&["--profile", "smoke"][..], &["--cleanup", "conformance-0123456789abcdef"]] {
        let refused = ended(target.program(arguments)).await;
        refused.assert_refused(exit_code::BAD_CERTIFICATE, &says, "--ca FILE");
        let mut command = target.program(arguments);
        command.arg("--ca").arg(&target.authority);
        // Neither does an authority of one's own make loopback something to ask through a proxy.
        command.envs(PROXY_VARIABLES.map(|name| (name, "http://127.0.0.1:9")));
        let passed = ended(command).await;
        assert_eq!(passed.code, Some(exit_code::PASS.into()), "{}{}", passed.stdout, passed.stderr);
    }
}

#[tokio::test]
async fn what_else_is_wrong_with_a_certificate_is_named() {
    let cases =
        [("another.example", true, "by a host name that its certificate has"), ("localhost", false, "renew")];
    for (name, is_valid, cure) in cases {
        let target = Encrypted::new(name, is_valid).await;
        let mut command = target.program(&[]);
        command.arg("--ca").arg(&target.authority);
        let says = ["the certificate of https://localhost"];
        ended(command).await.assert_refused(exit_code::BAD_CERTIFICATE, &says, cure);
    }
}

#[tokio::test]
async fn a_port_that_does_not_speak_tls_is_named() {
    let embedded = Embedded::start().await.unwrap();
    let mut target = embedded.target();
    target.base_url.set_scheme("https").unwrap();
    ended(against(&target)).await.assert_refused(
        exit_code::UNREACHABLE,
        &["cannot reach"],
        "is http:// meant?",
    );
}

#[tokio::test]
async fn a_file_without_certificates_is_named_before_the_first_request() {
    let embedded = Embedded::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (empty, missing) = (folder.path().join("empty.pem"), folder.path().join("missing.pem"));
    std::fs::write(&empty, "nothing").unwrap();
    for path in [empty, missing] {
        let mut command = against(&embedded.target());
        command.arg("--ca").arg(&path);
        let refused = ended(command).await;
        assert_eq!(refused.code, Some(exit_code::BAD_FILE.into()), "{}", refused.stderr);
        assert!(refused.stderr.contains(path.to_str().unwrap()), "{}", refused.stderr);
    }
}

#[tokio::test]
async fn the_command_that_repeats_a_run_names_the_authority_too() {
    let target = Encrypted::new("localhost", true).await;
    let report = target.folder.path().join("report.json");
    let mut command = target.program(&["--profile", "smoke", "--only", "server/create"]);
    command.arg("--ca").arg(&target.authority).arg("--report").arg(format!("json={}", report.display()));
    let passed = ended(command).await;
    assert_eq!(passed.code, Some(exit_code::PASS.into()), "{}{}", passed.stdout, passed.stderr);
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let repeat = report["repeat"].as_str().unwrap();
    assert!(repeat.contains(&format!("--ca {}", target.authority.display())), "{repeat}");
}
