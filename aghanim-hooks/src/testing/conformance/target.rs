use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use http::HeaderMap;

use crate::signature::Secret;
use crate::testing::envelope::signed_headers;
use crate::testing::{RawAnswer, TestClient};

/// The time that an application in this process has to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A POST, as it goes over the wire.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Wire {
    /// The headers, repeated ones included.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The speed at which the body is sent.
    pub pace: Pace,
}

impl Wire {
    /// A request that is sent at once.
    #[must_use]
    pub fn new(headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { headers, body: body.into(), pace: Pace::AtOnce }
    }

    /// A body that is signed with this text as its timestamp, with the headers that Aghanim sends.
    ///
    /// # Panics
    /// Panics if the timestamp can't be in a header.
    #[must_use]
    pub fn signed(secret: &Secret, timestamp: &str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self::new(signed_headers(secret, timestamp, &body), body)
    }

    /// The body in the pieces in which it goes out, each with the pause before it. The last pause of a body that never
    /// ends has no piece: [`None`].
    #[must_use]
    pub fn pieces(&self) -> Vec<(Duration, Option<Bytes>)> {
        match self.pace {
            Pace::AtOnce => vec![(Duration::ZERO, Some(self.body.clone()))],
            Pace::Pieces { count, pause } => {
                let size = self.body.len().div_ceil(count.max(1)).max(1);
                let starts = (0..self.body.len()).step_by(size);
                starts.map(|at| (pause, Some(self.body.slice(at..self.body.len().min(at + size))))).collect()
            }
            Pace::Stops { pause } => {
                vec![(Duration::ZERO, Some(self.body.slice(..self.body.len() / 2))), (pause, None)]
            }
        }
    }
}

/// The speed at which a body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pace {
    /// All at once.
    AtOnce,
    /// In several pieces, with a pause before each.
    Pieces {
        /// The number of pieces.
        count: usize,
        /// The pause before each piece.
        pause: Duration,
    },
    /// Half of the body, then nothing for this time.
    Stops {
        /// The time for which the connection is held.
        pause: Duration,
    },
}

/// The reason why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unanswered {
    /// The answer did not arrive within this time.
    Timeout(Duration),
    /// The receiver can't be reached.
    Unreachable(String),
    /// The connection ended without an answer.
    Broken(String),
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(time) => write!(f, "no answer within {time:?}"),
            Self::Unreachable(reason) => write!(f, "unreachable: {reason}"),
            Self::Broken(reason) => write!(f, "no answer: {reason}"),
        }
    }
}

impl std::error::Error for Unanswered {}

/// The future of an answer.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<RawAnswer, Unanswered>> + Send + 'a>>;

/// A receiver of webhooks, of any kind: sends it a request, and returns the answer.
///
/// A [`TestClient`] is one. The command `aghanim-hooks check` has another, for URLs.
pub trait Target: Send + Sync {
    /// Sends a POST.
    fn send(&self, wire: Wire) -> Answering<'_>;
}

impl Target for TestClient {
    fn send(&self, wire: Wire) -> Answering<'_> {
        let pieces = stream::iter(wire.pieces()).filter_map(|(pause, piece)| async move {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            piece.map(Ok::<_, std::convert::Infallible>)
        });
        let mut request = Request::new(Body::from_stream(pieces));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.path.parse().unwrap_or_else(|error| panic!("`{}` is not a path: {error}", self.path));
        *request.headers_mut() = wire.headers;
        Box::pin(async move {
            // A server closes the connection when the application panics.
            let answering = AssertUnwindSafe(self.request(request)).catch_unwind();
            match tokio::time::timeout(PATIENCE, answering).await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(_)) => Err(Unanswered::Broken("the application panicked".to_owned())),
                Err(_) => Err(Unanswered::Timeout(PATIENCE)),
            }
        })
    }
}
