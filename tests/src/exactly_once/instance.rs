use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use super::clients::grant;
use super::{Setup, Subject, game};
use crate::{Response, signed};

/// An endpoint of a game in this process.
#[derive(Debug, Clone)]
pub struct Endpoint {
    router: Router,
    troubled: Arc<AtomicBool>,
}

impl Endpoint {
    /// Opens the store and makes the endpoint. The store and the handlers share a pool if one is given.
    ///
    /// # Panics
    /// Panics if the store can't be opened.
    pub async fn open(setup: &Setup, shared: Option<PgPool>) -> Self {
        let (router, troubled) = game::router(setup, Subject::secret(), shared).await.expect("a store that opens");
        Self { router, troubled }
    }

    /// Delivers the grant of a key. A client that hangs up drops this future.
    pub fn deliver(&self, key: &str) -> impl Future<Output = Response> + Send + use<> {
        let router = self.router.clone();
        let request = signed(&Subject::secret(), grant(key)).to_http();
        async move {
            match router.oneshot(request).await {
                Ok(response) => Response::of(response).await,
                Err(impossible) => match impossible {},
            }
        }
    }

    /// Turns [`Behaviour::Fail`](super::Behaviour::Fail) and [`Behaviour::Panic`](super::Behaviour::Panic) on or off.
    pub fn set_troubled(&self, troubled: bool) {
        self.troubled.store(troubled, Ordering::Relaxed);
    }
}

/// A game in this process, on a runtime of its own, so that it can die alone.
///
/// Its endpoints share one pool, with their stores and with the handlers: a pool that the game passes in.
#[derive(Debug)]
pub struct Instance {
    /// Its runtime, until it is dropped.
    runtime: Option<Runtime>,
    endpoints: Vec<Endpoint>,
    pool: PgPool,
}

impl Instance {
    /// Starts a game on PostgreSQL, with an endpoint for each of these.
    ///
    /// # Panics
    /// Panics if the database can't be reached.
    pub async fn start(setups: Vec<Setup>, pool: PgPoolOptions, database: PgConnectOptions) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let started = runtime.spawn(async move {
            let pool = pool.connect_with(database).await?;
            let mut endpoints = Vec::new();
            for setup in setups {
                endpoints.push(Endpoint::open(&setup, Some(pool.clone())).await);
            }
            Ok::<_, sqlx::Error>((endpoints, pool))
        });
        let (endpoints, pool) = started.await.expect("no panic").expect("a database");
        Self { runtime: Some(runtime), endpoints, pool }
    }

    /// The pool that its endpoints, stores and handlers share.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Delivers the grant of a key to an endpoint. Aborting the task is the same as a client that hangs up.
    ///
    /// # Panics
    /// Panics if there is no such endpoint.
    pub fn deliver(&self, endpoint: usize, key: &str) -> JoinHandle<Response> {
        self.runtime.as_ref().expect("a runtime").spawn(self.endpoints[endpoint].deliver(key))
    }
}

impl Drop for Instance {
    /// Ends it in the middle of its work. All its memory is lost.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
