//! Requests over HTTP/1.1 to one server, with or without TLS. Each has a connection of its own.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Body;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 64 << 20;

/// The server of a URL.
#[derive(Clone)]
pub struct Server {
    uri: Uri,
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
}

/// The reason why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// There was no connection: nothing of the request was sent.
    Unreachable(String),
    /// The connection ended before the whole answer was there. The server may have done what was asked.
    Broken(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Unreachable(reason) | Self::Broken(reason)) = self;
        f.write_str(reason)
    }
}

impl Server {
    /// The server of this URL.
    ///
    /// # Errors
    /// Fails if the URL is neither `http://…` nor `https://…`, or if the machine has no root certificates for the latter.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("`{url}` is not a URL"))?;
        let host = uri.host().with_context(|| format!("`{url}` has no host: write http://127.0.0.1:8000/webhook"))?;
        let (tls, port) = match uri.scheme_str() {
            Some("http") => (None, 80),
            Some("https") => (Some(connector()?), 443),
            _ => bail!("`{url}` is neither http:// nor https://"),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self { port: uri.port_u16().unwrap_or(port), host, uri, tls })
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.uri.to_string()
    }

    /// The URL's path and query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
    }

    /// True if nobody between here and there can read along: TLS, or the same machine.
    #[must_use]
    pub fn is_private(&self) -> bool {
        let address = self.host.parse::<std::net::IpAddr>();
        self.tls.is_some() || self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// Sends a request, whose URI is a path, and returns the whole answer. Redirects are not followed.
    ///
    /// # Errors
    /// Fails if the server can't be reached, or if its answer ends too early.
    ///
    /// # Panics
    /// Never: the host was checked when the URL was parsed.
    pub async fn send<B>(&self, mut request: Request<B>) -> Result<Response<Bytes>, Failure>
    where
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let authority = self.uri.authority().expect("a URL with a host has an authority").host();
        let host = self.uri.port().map_or_else(|| authority.to_owned(), |port| format!("{authority}:{port}"));
        request.headers_mut().insert(HOST, HeaderValue::from_str(&host).expect("a host can be in a header"));
        let unreachable = |error: &dyn fmt::Display| Failure::Unreachable(format!("{}: {error}", self.uri));
        let stream = TcpStream::connect((&*self.host, self.port)).await.map_err(|error| unreachable(&error))?;
        // A header in one packet and a body in the next must not wait for each other.
        stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
        match &self.tls {
            None => speak(stream, request).await,
            Some(tls) => {
                let name = ServerName::try_from(self.host.clone()).map_err(|error| unreachable(&error))?;
                let stream = tls.connect(name, stream).await.map_err(|error| unreachable(&explained(&error)))?;
                speak(stream, request).await
            }
        }
    }
}

async fn speak<S, B>(stream: S, request: Request<B>) -> Result<Response<Bytes>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let broken = |error: hyper::Error| Failure::Broken(cause(&error));
    let mut builder = hyper::client::conn::http1::Builder::new();
    // A request that hyper has read keeps the spelling of its headers' names in its extensions.
    builder.preserve_header_case(true);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Ends the connection when this future ends or is dropped, as it is at a time limit.
    let mut connections = tokio::task::JoinSet::new();
    connections.spawn(connection);
    let answer = sender.send_request(request).await.map_err(broken)?;
    let (head, body) = answer.into_parts();
    let body =
        Limited::new(body, LONGEST_ANSWER).collect().await.map_err(|error| Failure::Broken(cause(error.as_ref())))?;
    Ok(Response::from_parts(head, body.to_bytes()))
}

/// An error and its causes, in one line.
fn cause(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (**error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// An error of the handshake. For a certificate that is not trusted, it says what to set.
fn explained(error: &std::io::Error) -> String {
    let text = error.to_string();
    if text.contains("UnknownIssuer") {
        return format!(
            "{text}: this machine does not trust the issuer: name its certificate in SSL_CERT_FILE, as PEM"
        );
    }
    text
}

fn connector() -> anyhow::Result<TlsConnector> {
    let mut roots = rustls::RootCertStore::empty();
    let certificates = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(certificates.certs);
    if roots.is_empty() {
        let errors: Vec<_> = certificates.errors.iter().map(ToString::to_string).collect();
        bail!(
            "no root certificates, which https:// needs: install the package ca-certificates, or name a PEM file in \
               SSL_CERT_FILE. {}",
            errors.join("; ")
        );
    }
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
