use axum::Router;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use super::clients::grant;
use super::game::{self, Failed};
use super::{Setup, Subject};
use crate::{Response, signed};

/// A game in this process, on a runtime of its own, so that it can die alone.
///
/// Its endpoints share one pool, with their stores and with the handlers: a pool that the game passes in.
#[derive(Debug)]
pub struct Instance {
    /// Until it is dropped.
    runtime: Option<Runtime>,
    endpoints: Vec<Router>,
    pool: PgPool,
}

impl Instance {
    /// Starts a game on PostgreSQL, with an endpoint for each of these.
    ///
    /// # Panics
    /// When the database can't be reached.
    pub async fn start(setups: Vec<Setup>, pool: PgPoolOptions, database: PgConnectOptions) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let started = runtime.spawn(async move {
            let pool = pool.connect_with(database).await?;
            let mut endpoints = Vec::new();
            for setup in setups {
                endpoints.push(game::router(&setup, Subject::secret(), Some(pool.clone())).await?);
            }
            Ok::<_, Failed>((endpoints, pool))
        });
        let (endpoints, pool) = started.await.expect("no panic").expect("a database");
        Self { runtime: Some(runtime), endpoints, pool }
    }

    /// The pool that all of it shares.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Delivers the grant of a key to an endpoint. A client that hangs up does the same as to abort the task.
    ///
    /// # Panics
    /// When there is no such endpoint.
    pub fn deliver(&self, endpoint: usize, key: &str) -> JoinHandle<Response> {
        let router = self.endpoints[endpoint].clone();
        let request = signed(&Subject::secret(), grant(key)).to_http();
        let delivery = async move {
            match router.oneshot(request).await {
                Ok(response) => Response::of(response).await,
                Err(impossible) => match impossible {},
            }
        };
        self.runtime.as_ref().expect("a runtime").spawn(delivery)
    }
}

impl Drop for Instance {
    /// Ends it in the middle of whatever it does. Nothing of its memory remains.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
