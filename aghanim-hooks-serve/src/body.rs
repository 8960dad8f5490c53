use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::table::{Connection, Phase};

/// A request's body that notifies its entry in the table when it is complete.
pub(crate) struct Received {
    body: Incoming,
    connection: Arc<Connection>,
    complete: bool,
}

impl Received {
    /// Fails when the connection is being closed. The request must not be started then.
    pub(crate) fn new(body: Incoming, connection: Arc<Connection>) -> io::Result<Self> {
        let complete = body.is_end_stream();
        if connection.enter(if complete { Phase::Work } else { Phase::Body }) {
            Ok(Self { body, connection, complete })
        } else {
            Err(closed())
        }
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Err(error)) = frame {
            return Poll::Ready(Some(Err(error.into())));
        }
        if !self.complete && (frame.is_none() || self.body.is_end_stream()) {
            self.complete = true;
            // A connection that was closed at this moment must not go to work, or its work would be cut.
            if !self.connection.enter(Phase::Work) {
                return Poll::Ready(Some(Err(closed().into())));
            }
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "closed to make room for another client")
}
