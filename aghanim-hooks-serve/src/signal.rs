use std::future::{Future, pending};
use std::io;

/// Waits for Ctrl-C or SIGTERM, whichever comes first.
///
/// For [`Server::serve`](crate::Server::serve). The signals are caught from the call on, not from the first poll: a
/// SIGTERM in between is not missed.
///
/// If the signals can't be caught, a warning is logged, and the future never ends.
pub fn told_to_stop() -> impl Future<Output = ()> + Send {
    #[cfg(unix)]
    let caught = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::interrupt()).and_then(|interrupt| Ok((interrupt, signal(SignalKind::terminate())?)))
    };
    #[cfg(not(unix))]
    let caught = Ok(());
    async move {
        if let Err(error) = wait(caught).await {
            tracing::warn!(%error, "signals can't be caught: only a kill ends this process");
            pending::<()>().await;
        }
    }
}

#[cfg(unix)]
async fn wait(caught: io::Result<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>) -> io::Result<()> {
    let (mut interrupt, mut terminate) = caught?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn wait(caught: io::Result<()>) -> io::Result<()> {
    caught?;
    tokio::signal::ctrl_c().await
}
