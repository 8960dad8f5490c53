use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::refusal::Refusal;

pin_project! {
    /// Reads a whole body of at most `limit` bytes, whether its length was announced or not, within `timeout`.
    ///
    /// A future with a name, so that a stranger's request costs no box. A body that comes in one piece is not copied.
    pub(super) struct ReadBody {
        body: Body,
        limit: usize,
        whole: Whole,
        timeout: Duration,
        // Most bodies are there at once: a timer is set only for those that are not.
        #[pin]
        timer: Option<Sleep>,
    }
}

/// What has been read so far.
enum Whole {
    Nothing,
    Piece(Bytes),
    Pieces(BytesMut),
}

impl ReadBody {
    pub(super) fn new(body: Body, limit: usize, timeout: Duration) -> Self {
        Self { body, limit, whole: Whole::Nothing, timeout, timer: None }
    }
}

impl Future for ReadBody {
    type Output = Result<Bytes, Refusal>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let limit = *this.limit;
        loop {
            // What is announced counts before it comes.
            let announced = usize::try_from(this.body.size_hint().lower()).unwrap_or(usize::MAX);
            if announced > limit - this.whole.len() {
                return Poll::Ready(Err(Refusal::TooLarge { limit }));
            }
            let frame = match Pin::new(&mut *this.body).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    if this.timer.is_none() {
                        this.timer.set(Some(tokio::time::sleep(*this.timeout)));
                    }
                    if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                        ready!(timer.poll(cx));
                    }
                    return Poll::Ready(Err(Refusal::TooSlow { timeout: *this.timeout }));
                }
            };
            match frame {
                Some(Ok(frame)) => {
                    // What is not data is a trailer, and nothing of ours.
                    let Ok(data) = frame.into_data() else { continue };
                    if data.len() > limit - this.whole.len() {
                        return Poll::Ready(Err(Refusal::TooLarge { limit }));
                    }
                    let left = usize::try_from(this.body.size_hint().lower()).unwrap_or(usize::MAX);
                    this.whole.push(data, left.min(limit));
                }
                Some(Err(error)) => return Poll::Ready(Err(Refusal::broken_off(error))),
                None => return Poll::Ready(Ok(this.whole.take())),
            }
        }
    }
}

impl Whole {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Piece(piece) => piece.len(),
            Self::Pieces(pieces) => pieces.len(),
        }
    }

    /// Adds a piece; so many bytes are announced to follow it.
    fn push(&mut self, piece: Bytes, left: usize) {
        match self {
            Self::Nothing => *self = Self::Piece(piece),
            Self::Piece(first) => {
                let known = first.len() + piece.len();
                let mut pieces = BytesMut::with_capacity(known + left.max(known));
                pieces.extend_from_slice(first);
                pieces.extend_from_slice(&piece);
                *self = Self::Pieces(pieces);
            }
            Self::Pieces(pieces) => pieces.extend_from_slice(&piece),
        }
    }

    fn take(&mut self) -> Bytes {
        match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => Bytes::new(),
            Self::Piece(piece) => piece,
            Self::Pieces(pieces) => pieces.freeze(),
        }
    }
}
