//! Futures that are dropped at a chosen poll.

use std::pin::pin;
use std::task::Poll;

use futures_util::future::poll_fn;

/// The moment at which a future is dropped after its last poll.
#[derive(Debug, Clone, Copy)]
pub enum Dropped {
    /// At once: the operation that it waits for is still running.
    AtOnce,
    /// When it is woken: the operation is done, but the future does not get the result.
    Woken,
}

/// Polls a future this many times and drops it. Returns `Some` if it completed before.
pub async fn poll_and_drop<F: Future>(future: F, polls: usize, dropped: Dropped) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polled = 0;
    poll_fn(|context| {
        if polled == polls {
            return Poll::Ready(None);
        }
        polled += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if polled == polls && matches!(dropped, Dropped::AtOnce) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
