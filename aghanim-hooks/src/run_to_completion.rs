use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// A future that always runs to its end.
///
/// While it is awaited, it runs in the caller's task. If it is dropped early, as happens when a client hangs up, it
/// continues in a new task. Spawning it at the start would have the same effect, but would cost a task per delivery.
pub(crate) struct RunToCompletion<F>(Option<Pin<Box<F>>>)
where
    F: Future<Output: Send> + Send + 'static;

impl<F> RunToCompletion<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    pub(crate) fn new(future: F) -> Self {
        Self(Some(Box::pin(future)))
    }
}

impl<F> Future for RunToCompletion<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // Taken out while it is polled, so that a future that panicked is not polled again.
        let mut future = self.0.take().expect("polled after completion");
        let polled = future.as_mut().poll(cx);
        if polled.is_pending() {
            self.0 = Some(future);
        }
        polled
    }
}

impl<F> Drop for RunToCompletion<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    fn drop(&mut self) {
        // Without a runtime nothing can poll the rest.
        if let Some(future) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(future);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use futures_util::FutureExt;
    use tokio::sync::Notify;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn returns_the_output() {
        assert_eq!(RunToCompletion::new(async { 7 }).await, 7);
    }

    #[tokio::test]
    async fn continues_in_a_task_when_dropped() {
        let (start, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (started, finished) = (Arc::clone(&start), Arc::clone(&done));
        let mut work = RunToCompletion::new(async move {
            started.notified().await;
            finished.notify_one();
        });
        assert!((&mut work).now_or_never().is_none());
        drop(work);
        start.notify_one();
        timeout(Duration::from_secs(10), done.notified()).await.expect("the future did not run to its end");
    }

    #[tokio::test]
    async fn does_not_continue_after_a_panic() {
        let mut work = Box::pin(RunToCompletion::new(async { panic!("a bug") }));
        let polled = std::panic::AssertUnwindSafe(work.as_mut()).catch_unwind().await;
        assert!(polled.is_err());
        assert!(work.0.is_none());
    }
}
