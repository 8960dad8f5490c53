//! A receiver behind a URL.

use std::io;
use std::time::Duration;

use aghanim_hooks::testing::RawAnswer;
use aghanim_hooks::testing::conformance::{Answering, Target, Unanswered, Wire};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::header::CONTENT_LENGTH;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;

use crate::transport::{Failure, Server};

/// The body of a request. An error in it ends the connection.
pub type Outgoing = UnsyncBoxBody<Bytes, io::Error>;

/// An endpoint that is spoken to over HTTP/1.1, one connection for each request.
#[derive(Clone)]
pub struct UrlTarget {
    server: Server,
    timeout: Duration,
}

impl UrlTarget {
    /// The endpoint at this URL, which has this time to answer.
    ///
    /// # Errors
    /// Fails if the URL is neither `http://…` nor `https://…`, or if the machine has no root certificates for the latter.
    pub fn new(url: &str, timeout: Duration) -> anyhow::Result<Self> {
        Ok(Self { server: Server::new(url)?, timeout })
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The URL's path and query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.server.path()
    }

    /// Sends a request, whose URI is a path, as it is. Only `Host` is set, and the length or the chunks of the body.
    ///
    /// # Errors
    /// Fails if there is no answer in time.
    pub async fn forward(&self, request: Request<Outgoing>) -> Result<RawAnswer, Unanswered> {
        let exchange = tokio::time::timeout(self.timeout, self.exchange(request));
        exchange.await.unwrap_or(Err(Unanswered::Timeout(self.timeout)))
    }

    async fn exchange(&self, request: Request<Outgoing>) -> Result<RawAnswer, Unanswered> {
        match self.server.send(request).await {
            Ok(answer) => {
                let (head, body) = answer.into_parts();
                Ok(RawAnswer::new(head.status, head.headers, body))
            }
            Err(Failure::Unreachable(reason)) => Err(Unanswered::Unreachable(reason)),
            Err(Failure::Broken(reason)) => Err(Unanswered::Broken(reason)),
        }
    }

    fn request(&self, wire: Wire) -> Request<Outgoing> {
        let length = wire.body.len();
        let pieces = wire.pieces();
        let body = if let [(pause, Some(body))] = &pieces[..]
            && pause.is_zero()
        {
            whole(body.clone())
        } else {
            let pieces = stream::iter(pieces).filter_map(|(pause, piece)| async move {
                tokio::time::sleep(pause).await;
                piece.map(|piece| Ok::<_, io::Error>(Frame::data(piece)))
            });
            StreamBody::new(pieces).boxed_unsync()
        };
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.server.path().parse().expect("part of a URL that was parsed");
        *request.headers_mut() = wire.headers;
        request.headers_mut().insert(CONTENT_LENGTH, length.into());
        request
    }
}

impl Target for UrlTarget {
    fn send(&self, wire: Wire) -> Answering<'_> {
        Box::pin(self.forward(self.request(wire)))
    }
}

/// A body that is sent at once.
#[must_use]
pub fn whole(body: Bytes) -> Outgoing {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

/// The first half of a body, after which the connection ends.
#[must_use]
pub fn half(body: &Bytes) -> Outgoing {
    let half = body.slice(..body.len() / 2);
    let broken = io::Error::new(io::ErrorKind::BrokenPipe, "the body was cut on purpose");
    StreamBody::new(stream::iter([Ok(Frame::data(half)), Err(broken)])).boxed_unsync()
}
