//! A receiver behind a URL.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aghanim_hooks::testing::RawAnswer;
use aghanim_hooks::testing::conformance::{Answering, Target, Unanswered, Wire};
use anyhow::{Context as _, bail};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// An endpoint that is spoken to over HTTP/1.1, one connection for each request.
#[derive(Clone)]
pub struct UrlTarget {
    uri: Uri,
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
    timeout: Duration,
}

impl UrlTarget {
    /// The endpoint at this URL, which has this time to answer.
    ///
    /// # Errors
    /// When the URL is not `http://…` or `https://…`, or the machine has no root certificates for the latter.
    pub fn new(url: &str, timeout: Duration) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("`{url}` is no URL"))?;
        let host = uri.host().with_context(|| format!("`{url}` has no host: write http://127.0.0.1:8000/webhook"))?;
        let (tls, port) = match uri.scheme_str() {
            Some("http") => (None, 80),
            Some("https") => (Some(connector()?), 443),
            _ => bail!("`{url}` is neither http:// nor https://"),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self { port: uri.port_u16().unwrap_or(port), host, uri, tls, timeout })
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.uri.to_string()
    }

    async fn exchange(&self, wire: Wire) -> Result<RawAnswer, Unanswered> {
        let unreachable = |error: &dyn std::fmt::Display| Unanswered::Unreachable(format!("{}: {error}", self.uri));
        let stream = TcpStream::connect((&*self.host, self.port)).await.map_err(|error| unreachable(&error))?;
        // A header in one packet and a body in the next must not wait for each other.
        stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
        match &self.tls {
            None => self.speak(stream, wire).await,
            Some(tls) => {
                let name = ServerName::try_from(self.host.clone()).map_err(|error| unreachable(&error))?;
                let stream = tls.connect(name, stream).await.map_err(|error| unreachable(&error))?;
                self.speak(stream, wire).await
            }
        }
    }

    async fn speak<S>(&self, stream: S, wire: Wire) -> Result<RawAnswer, Unanswered>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let broken = |error: hyper::Error| Unanswered::Broken(cause(&error));
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(self.request(wire)).await.map_err(broken)?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(broken)?.to_bytes();
        connection.abort();
        Ok(RawAnswer::new(head.status, head.headers, body))
    }

    fn request(&self, wire: Wire) -> Request<UnsyncBoxBody<Bytes, Infallible>> {
        let length = wire.body.len();
        let pieces = wire.pieces();
        let body = if let [(pause, Some(body))] = &pieces[..]
            && pause.is_zero()
        {
            Full::new(body.clone()).boxed_unsync()
        } else {
            let pieces = stream::iter(pieces).filter_map(|(pause, piece)| async move {
                tokio::time::sleep(pause).await;
                piece.map(|piece| Ok::<_, Infallible>(Frame::data(piece)))
            });
            StreamBody::new(pieces).boxed_unsync()
        };
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        let path = self.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        *request.uri_mut() = path.parse().expect("part of a URL that was parsed");
        *request.headers_mut() = wire.headers;
        let authority = self.uri.authority().expect("a URL with a host has an authority").host();
        let host = self.uri.port().map_or_else(|| authority.to_owned(), |port| format!("{authority}:{port}"));
        request.headers_mut().insert(HOST, HeaderValue::from_str(&host).expect("a host can be in a header"));
        request.headers_mut().insert(CONTENT_LENGTH, length.into());
        request
    }
}

impl Target for UrlTarget {
    fn send(&self, wire: Wire) -> Answering<'_> {
        Box::pin(async move {
            let exchange = tokio::time::timeout(self.timeout, self.exchange(wire));
            exchange.await.unwrap_or(Err(Unanswered::Timeout(self.timeout)))
        })
    }
}

/// An error and what caused it, in one line.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn connector() -> anyhow::Result<TlsConnector> {
    let mut roots = rustls::RootCertStore::empty();
    let certificates = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(certificates.certs);
    if roots.is_empty() {
        bail!("this machine has no root certificates, which https:// needs");
    }
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
