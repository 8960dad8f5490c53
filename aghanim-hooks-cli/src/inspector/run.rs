//! Starts and stops the two listeners.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::api::{self, Api};
use super::chaos::Chaos;
use super::guard::{Guard, guard};
use super::hub::{Ended, Hub};
use super::patterns::Pattern;
use super::receiver::Receiver;
use super::record::Record;
use super::signing::Signing;
use super::store::{Limits, Store};
use super::{deliveries, files};

/// Everything that can be set.
pub(crate) struct Settings {
    /// The address for deliveries.
    pub(crate) address: SocketAddr,
    /// The page's port. Its address is always the loopback one.
    pub(crate) page_port: u16,
    pub(crate) receiver: Receiver,
    pub(crate) signing: Option<Signing>,
    pub(crate) events: Vec<Pattern>,
    pub(crate) chaos: Chaos,
    /// The history's file. `None` keeps it in memory.
    pub(crate) history: Option<PathBuf>,
    pub(crate) limits: Limits,
    pub(crate) record: Option<Record>,
}

/// An inspector that runs.
pub(crate) struct Running {
    pub(crate) api: Arc<Api>,
    pub(crate) ended: mpsc::UnboundedReceiver<Ended>,
    /// The page's address, with the token in its fragment.
    pub(crate) page_url: String,
    stop: watch::Sender<bool>,
    deliveries: JoinHandle<()>,
    page: JoinHandle<()>,
}

/// Binds both listeners and serves.
///
/// # Errors
/// When an address is in use, or the history can't be opened.
pub(crate) async fn start(settings: Settings) -> anyhow::Result<Running> {
    let listener = bind(settings.address, "--port").await?;
    let page = bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), settings.page_port), "--page-port").await?;
    let (address, page_address) = (listener.local_addr()?, page.local_addr()?);
    let store = Store::open(settings.history.as_deref(), settings.limits).await?;
    let (sender, ended) = mpsc::unbounded_channel();
    let Settings { receiver, signing, events, chaos, .. } = settings;
    let hub = Arc::new(Hub::new(store, receiver, signing, events, chaos, sender));
    let api = Api { hub: Arc::clone(&hub), record: settings.record, deliveries_url: format!("http://{address}") };
    let api = Arc::new(api);
    let guarding = Arc::new(Guard::new(page_address)?);
    let page_url = format!("http://{page_address}/#token={}", guarding.token());
    let app = api::routes(Arc::clone(&api)).merge(files::routes()).layer(from_fn_with_state(guarding, guard));
    let (stop, stopping) = watch::channel(false);
    let deliveries = tokio::spawn(deliveries::serve(listener, hub, stopping));
    let page = tokio::spawn(async move {
        // It serves until this task is aborted.
        if let Err(error) = axum::serve(page, app).await {
            anstream::eprintln!("error: the page is no longer served: {error}");
        }
    });
    Ok(Running { api, ended, page_url, stop, deliveries, page })
}

async fn bind(address: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("can't listen on {address}: choose another {option}"))
}

impl Running {
    /// Finishes the open deliveries for a short time, and closes the history.
    pub(crate) async fn stop(self) {
        // An error says that the listener has ended already.
        let _ = self.stop.send(true);
        let _ = self.deliveries.await;
        self.page.abort();
        let closing = self.api.hub.store.close();
        if tokio::time::timeout(Duration::from_secs(3), closing).await.is_err() {
            anstream::eprintln!("warning: the history is still in use");
        }
    }
}
