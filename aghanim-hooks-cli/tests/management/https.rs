//! `https://` with a certificate that was made for the test.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aghanim_hooks::Secret;
use aghanim_hooks_tests::receiver::receiver;
use axum::Router;
use axum::serve::Listener;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use snapbox::cmd::Command;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::api::{Api, KEY};
use super::{run, stderr, stdout, text};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // A client that does not trust the certificate hangs up.
            if let Ok((stream, address)) = self.tcp.accept().await
                && let Ok(stream) = self.acceptor.accept(stream).await
            {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

/// A server whose certificate is for `localhost`, and the file with its issuer's.
struct Tls {
    port: u16,
    issuer: PathBuf,
    task: tokio::task::JoinHandle<()>,
    directory: TempDir,
}

impl Drop for Tls {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Tls {
    async fn start(router: Router) -> Self {
        let directory = TempDir::new().unwrap();
        let mut issuer = CertificateParams::new(Vec::new()).unwrap();
        // Two issuers of one name would be one to a client.
        issuer.distinguished_name.push(DnType::CommonName, text(directory.path()));
        issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(issuer, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let path = directory.path().join("issuer.pem");
        write_pem(&path, issuer.der());
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = tcp.local_addr().unwrap().port();
        let listener = TlsListener { tcp, acceptor: TlsAcceptor::from(Arc::new(config)) };
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, issuer: path, task, directory }
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.port)
    }
}

fn write_pem(path: &Path, der: &[u8]) {
    let lines: Vec<_> =
        STANDARD.encode(der).as_bytes().chunks(64).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    std::fs::write(path, pem).unwrap();
}

/// The command, which trusts the issuer in this file.
fn command(issuer: &Path, arguments: &[&str]) -> Command {
    Command::new(snapbox::cmd::cargo_bin!("aghanim-hooks"))
        .env("AGHANIM_WEBHOOK_SECRET", SECRET)
        .env("AGHANIM_API_KEY", KEY)
        .env("NO_COLOR", "1")
        .env("SSL_CERT_FILE", issuer)
        .env_remove("SSL_CERT_DIR")
        .args(arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_behind_tls_is_triggered_checked_and_replayed() {
    let tls = Tls::start(receiver(Secret::new(SECRET).unwrap(), None)).await;
    let url = tls.url("localhost", "/webhook");
    let recorded = tls.directory.path().join("recorded");
    let trigger = ["trigger", "item.add", "--to", &url, "--key", "k1", "--record", text(&recorded)];
    let output = run(command(&tls.issuer, &trigger)).await.code(0);
    assert!(stdout(&output).starts_with("item.add: accepted  "), "{}", stdout(&output));
    let file = std::fs::read_dir(recorded).unwrap().next().unwrap().unwrap().path();
    run(command(&tls.issuer, &["replay", text(&file)])).await.code(0);
    let output = run(command(&tls.issuer, &["check", &url])).await.code(0);
    assert!(stdout(&output).contains("passed: ") && stdout(&output).contains(" 0 failed"), "{}", stdout(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_a_stranger_or_for_another_name_is_refused_with_what_to_do() {
    let tls = Tls::start(receiver(Secret::new(SECRET).unwrap(), None)).await;
    let stranger = Tls::start(Router::new()).await;
    let trigger = |url: &str, issuer: &Path| {
        let output = command(issuer, &["trigger", "item.add", "--to", url]);
        async { run(output).await.code(3) }
    };
    let output = trigger(&tls.url("localhost", "/webhook"), &stranger.issuer).await;
    assert!(stdout(&output).contains("name its certificate in SSL_CERT_FILE"), "{}", stdout(&output));
    let output = trigger(&tls.url("127.0.0.1", "/webhook"), &tls.issuer).await;
    assert!(stdout(&output).contains("not valid for name"), "{}", stdout(&output));
    let nowhere = ["trigger", "item.add", "--to", &tls.url("localhost", "/webhook")];
    let output = run(command(Path::new("/nowhere.pem"), &nowhere)).await.code(2);
    assert!(stderr(&output).contains("no root certificates"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_management_api_is_spoken_to_over_tls() {
    let api = Api::with_two().await;
    let tls = Tls::start(api.router()).await;
    let list = ["webhooks", "list", "--api", &tls.url("localhost", "/s2s")];
    let output = run(command(&tls.issuer, &list)).await.code(0);
    assert_eq!(stdout(&output).lines().count(), 2);
    let stranger = Tls::start(Router::new()).await;
    let output = run(command(&stranger.issuer, &[&list[..], &["--retries", "0"]].concat())).await.code(3);
    assert!(stderr(&output).contains("SSL_CERT_FILE"), "{}", stderr(&output));
}
