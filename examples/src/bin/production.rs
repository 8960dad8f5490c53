//! An endpoint as it runs in production: PostgreSQL, a configuration that is checked at start, metrics for Prometheus,
//! health, new secrets without a restart, maintenance, and a stop that loses nothing. `docs/operations.md` is its manual.
//!
//! ```console
//! $ printf 'whsec_4f1c9d0a77b2e8d6\n' > secrets
//! $ DATABASE_URL=postgres://game@localhost/game AGHANIM_SECRETS_FILE=secrets cargo run --bin production
//! ```
//!
//! `--help` lists every variable. Operators use the second address, which only this machine can reach:
//!
//! | Request to 127.0.0.1:9000 | Does |
//! |---|---|
//! | `GET /metrics` | shows the metrics in Prometheus' format |
//! | `GET /live`, `GET /ready` | show the health, as the first address does |
//! | `GET /secrets` | shows the fingerprint and last use of each secret |
//! | `PUT /paused/item.*` | answers these events with 503 until `DELETE /paused/item.*` |
//!
//! SIGHUP reads the file of secrets at once; it is read every few seconds anyway. SIGTERM ends the process: readiness goes
//! red, new deliveries get 503 for as long as the load balancer needs to notice, what is under way is finished, exit 0.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use aghanim_hooks::events::{AnyOrder, ItemAdd, ItemRemove, Player, PlayerVerify};
use aghanim_hooks::idempotency::{Postgres, PostgresStore, Tx};
use aghanim_hooks::observer::{MetricKind, Metrics};
use aghanim_hooks::signature::Secrets;
use aghanim_hooks::{Control, Event, Rejection, Webhooks, webhook, webhooks};
use aghanim_hooks_serve::{Server, told_to_stop};
use anyhow::Context;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Router, response::IntoResponse};
use clap::Parser;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor as _, PgPool};
use tokio::net::TcpListener;
use tokio::time::{interval, sleep, timeout};

/// Every option is an environment variable too. A wrong one ends the process at once, with its name.
#[derive(Parser)]
struct Config {
    /// The database, `postgres://USER:PASSWORD@HOST/DATABASE`
    #[arg(long, env, hide_env_values = true)]
    database_url: String,
    /// The most connections to the database
    #[arg(long, env, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=1000))]
    database_connections: u32,
    /// The file of the webhook's secrets: one in a line, the current one first
    #[arg(long, env)]
    aghanim_secrets_file: PathBuf,
    /// The address for Aghanim's deliveries
    #[arg(long, env, default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    /// The address for operators and Prometheus: keep it away from the internet
    #[arg(long, env, default_value = "127.0.0.1:9000")]
    admin_listen: SocketAddr,
    /// The most connections of clients
    #[arg(long, env, default_value_t = 1024)]
    connections: usize,
    /// The most purchases that are handled at once: fewer than connections to the database
    #[arg(long, env, default_value_t = 16)]
    purchases_at_once: usize,
    /// Seconds from an event to its answer, at most
    #[arg(long, env, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout: u64,
    /// Seconds from SIGTERM until no client is accepted: what the load balancer needs to see that readiness is red
    #[arg(long, env, default_value_t = 5)]
    drain: u64,
}

impl Config {
    /// Refuses options that are valid one by one but contradict each other.
    fn check(&self) -> anyhow::Result<()> {
        let connections = usize::try_from(self.database_connections)?;
        anyhow::ensure!(
            self.purchases_at_once < connections,
            "PURCHASES_AT_ONCE is {}, and DATABASE_CONNECTIONS {connections}: leave connections for other events",
            self.purchases_at_once
        );
        let same = self.listen == self.admin_listen && self.listen.port() != 0;
        anyhow::ensure!(!same, "LISTEN and ADMIN_LISTEN are both {}", self.listen);
        Ok(())
    }
}

#[webhook("player.verify")]
async fn verify_player(event: PlayerVerify) -> Player {
    Player::builder().player_id(event.player_id.clone()).name(event.player_id).build()
}

const TABLE: &str = "SELECT pg_advisory_xact_lock(4242); CREATE TABLE IF NOT EXISTS inventory \
    (player_id text, sku text, quantity bigint NOT NULL, PRIMARY KEY (player_id, sku))";
const CHANGE: &str = "INSERT INTO inventory (player_id, sku, quantity) VALUES ($1, $2, $3) \
    ON CONFLICT (player_id, sku) DO UPDATE SET quantity = inventory.quantity + excluded.quantity";

/// The key, the items and the answer become durable in one commit.
#[webhook("item.add")]
async fn add_items(mut tx: Tx<Postgres>, mut event: ItemAdd) -> Result<(), Rejection> {
    // Rows are locked in one order, so that two events for one player cannot deadlock.
    event.items.sort_unstable_by(|a, b| a.sku.cmp(&b.sku));
    for item in &event.items {
        let change = i64::from(item.checked_quantity()?);
        sqlx::query(CHANGE).bind(&event.player_id).bind(&item.sku).bind(change).execute(&mut *tx).await?;
    }
    Ok(())
}

#[webhook("item.remove")]
async fn remove_items(mut tx: Tx<Postgres>, mut event: ItemRemove) -> Result<(), Rejection> {
    event.items.sort_unstable_by(|a, b| a.sku.cmp(&b.sku));
    for item in &event.items {
        let change = -i64::from(item.checked_quantity()?);
        sqlx::query(CHANGE).bind(&event.player_id).bind(&item.sku).bind(change).execute(&mut *tx).await?;
    }
    Ok(())
}

#[webhook("order.*")]
async fn note_order(event: Event<AnyOrder>) {
    tracing::info!(order = event.data.id, "an order changed");
}

async fn database(config: &Config) -> anyhow::Result<PgPool> {
    let pool = PgPoolOptions::new()
        .max_connections(config.database_connections)
        // Shorter than the time for an event, so that a delivery without a connection is still answered, and retried.
        .acquire_timeout(Duration::from_secs(config.timeout) / 2)
        .connect(&config.database_url)
        .await
        .context("DATABASE_URL: can't connect to PostgreSQL")?;
    pool.execute(TABLE).await.context("can't create the table `inventory`")?;
    Ok(pool)
}

/// Installs the recorder of all metrics, with suitable buckets.
fn prometheus() -> anyhow::Result<PrometheusHandle> {
    let mut builder = PrometheusBuilder::new();
    for metric in Metrics::TABLE.iter().filter(|metric| metric.kind == MetricKind::Histogram) {
        let name = Matcher::Full(metric.name.to_owned());
        builder = builder.set_buckets_for_metric(name, Metrics::buckets(metric.name))?;
    }
    Ok(builder.install_recorder()?)
}

/// The routes for operators.
fn admin(control: &Control, prometheus: PrometheusHandle) -> Router {
    let pauses = put(async |State(control): State<Control>, Path(pattern): Path<String>| {
        match control.pause(&pattern, Duration::from_secs(30)) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
        }
    })
    .delete(
        async |State(control): State<Control>, Path(pattern): Path<String>| {
            if control.resume(&pattern) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
        },
    );
    let secrets = get(async |State(control): State<Control>| {
        control.secrets().into_iter().fold(String::new(), |mut text, secret| {
            let used = secret.last_used.and_then(|at| at.elapsed().ok());
            let used = used.map_or("never used".to_owned(), |ago| format!("used {} s ago", ago.as_secs()));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}: {} {used}", secret.index, secret.fingerprint);
            text
        })
    });
    let metrics = get(async move |State(control): State<Control>| {
        control.record_metrics().await;
        prometheus.run_upkeep();
        prometheus.render()
    });
    Router::new()
        .route("/paused/{pattern}", pauses)
        .route("/secrets", secrets)
        .route("/metrics", metrics)
        .merge(control.health_routes())
        .with_state(control.clone())
}

/// Reads the secrets on SIGHUP, at once.
#[cfg(unix)]
async fn reload_on_hangup(control: Control, file: PathBuf) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup())?;
    while hangup.recv().await.is_some() {
        match Secrets::from_file(&file) {
            Ok(secrets) => control.replace_secrets(secrets),
            Err(error) => tracing::error!(%error, "new secrets were refused; the old ones stay valid"),
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let config = Config::parse();
    config.check()?;
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let prometheus = prometheus()?;

    let file = config.aghanim_secrets_file.clone();
    let secrets = Secrets::from_file(&file).context("AGHANIM_SECRETS_FILE")?;
    let store = PostgresStore::options().pool(database(&config).await?).await?;
    let event_timeout = Duration::from_secs(config.timeout);
    let hooks = Webhooks::new(secrets, webhooks![verify_player, add_items, remove_items, note_order])
        .idempotency(store)
        .require_key("item.*")
        .concurrency("item.*", config.purchases_at_once)
        .timeout(event_timeout)
        .observer(Metrics::new());
    hooks.check()?;
    let control = hooks.control();

    #[cfg(unix)]
    tokio::spawn(reload_on_hangup(control.clone(), file.clone()));
    let refreshed = control.clone();
    tokio::spawn(async move {
        refreshed.refresh_secrets(Duration::from_secs(10), async || Secrets::from_file(&file)).await;
    });
    // Checked also for the log: an outage of the store then shows before the next purchase, even without metrics.
    let checked = control.clone();
    tokio::spawn(async move {
        let mut ticks = interval(Duration::from_secs(5));
        loop {
            ticks.tick().await;
            checked.record_metrics().await;
        }
    });

    let listener = TcpListener::bind(config.listen).await.with_context(|| format!("LISTEN={}", config.listen))?;
    let operators = TcpListener::bind(config.admin_listen).await.context("ADMIN_LISTEN")?;
    println!("Webhooks: http://{}/webhook", listener.local_addr()?);
    println!("Operators: http://{}", operators.local_addr()?);
    let admin = admin(&control, prometheus);
    tokio::spawn(Server::new().connections(64).serve(operators, admin, std::future::pending()));

    let app = Router::new().route("/webhook", post(hooks)).merge(control.health_routes());
    let (draining, drain) = (control.clone(), Duration::from_secs(config.drain));
    let terminated = told_to_stop();
    let stop = async move {
        terminated.await;
        draining.drain();
        sleep(drain).await;
    };
    let grace = event_timeout + Duration::from_secs(5);
    let stopped = Server::new().connections(config.connections).grace(grace).serve(listener, app, stop).await?;
    // Waits for handlers without `Tx` whose client has hung up.
    let drained = timeout(grace, control.drained()).await.is_ok();
    tracing::info!(cut = stopped.cut, drained, "stopped");
    Ok(if stopped.cut == 0 && drained { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
