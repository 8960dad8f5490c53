//! Futures that are dropped at a chosen poll.

use std::pin::pin;
use std::task::Poll;

use futures_util::future::poll_fn;

/// When a future is dropped after its last poll.
#[derive(Debug, Clone, Copy)]
pub enum Dropped {
    /// At once: what it waits for is still under way.
    AtOnce,
    /// When it is woken: what it waits for is there, and it does not get it.
    Woken,
}

/// Polls a future so many times and drops it. `Some` if it completed before.
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
