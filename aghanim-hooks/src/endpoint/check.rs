use std::fmt;
use std::time::Duration;

use super::handlers::Handlers;
use super::precedence::Found;
use super::settings::Settings;
use crate::environment::Environment;
use crate::handler::Entry;
use crate::idempotency::IdempotencyStore;
use crate::later::is_queue_name;
use crate::pattern::{covers, nearest};
use crate::signature::Tolerance;

/// An error in an endpoint's settings: they contradict each other or the handlers.
///
/// Its text says which setting to change. See [`Webhooks::check`](super::Webhooks::check).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A signed request is accepted for longer than answers are kept, so it could take effect twice.
    Retention {
        /// How long the store keeps answers.
        retention: Duration,
        /// The longest time for which a request is accepted: [`Tolerance::past`](crate::signature::Tolerance::past) and
        /// [`Tolerance::future`](crate::signature::Tolerance::future) together.
        window: Duration,
    },
    /// A handler takes a `Tx`, and there is no store to get one from.
    NoStore {
        /// The handler.
        handler: &'static str,
        /// The database of its `Tx`.
        database: &'static str,
    },
    /// A handler takes a `Tx` of a database that is not the store's.
    OtherDatabase {
        /// The handler.
        handler: &'static str,
        /// The database of its `Tx`.
        database: &'static str,
        /// The database of the store, if it has transactions.
        store: Option<&'static str>,
    },
    /// Two handlers take the same pattern. Within one list this is a compile error; this is for [merged](crate::Handlers::merge)
    /// ones.
    TwoHandlers {
        /// The pattern.
        pattern: &'static str,
        /// The first handler, with its module.
        first: String,
        /// The second handler, with its module.
        second: String,
    },
    /// A handler takes the events of one environment, and no handler takes those of the other; see
    /// [`Webhooks::require_both_environments`](super::Webhooks::require_both_environments).
    OneEnvironment {
        /// The pattern.
        pattern: &'static str,
        /// The handler.
        handler: &'static str,
        /// The environment whose events it takes.
        only: Environment,
    },
    /// A `later` handler, and no engine that would keep its jobs.
    NoEngine {
        /// The handler.
        handler: &'static str,
    },
    /// A `later` handler, and a store that can't keep a job in the same commit.
    StoreWithoutEngine {
        /// The handler.
        handler: &'static str,
        /// The engine's database.
        database: &'static str,
    },
    /// The queue of [`Webhooks::later_queue`](super::Webhooks::later_queue) has a name that engines do not accept.
    QueueName {
        /// The name.
        queue: &'static str,
    },
    /// A key is required, and there is no store that would use it.
    KeyWithoutStore {
        /// The pattern given to [`Webhooks::require_key`](super::Webhooks::require_key).
        event: String,
    },
    /// A key is required for an event that no handler takes.
    KeyWithoutHandler {
        /// The pattern given to [`Webhooks::require_key`](super::Webhooks::require_key).
        event: String,
        /// A similar pattern of the handlers, if there is one.
        nearest: Option<&'static str>,
    },
    /// A limit of concurrency names an event that no handler takes.
    ConcurrencyWithoutHandler {
        /// The pattern given to [`Webhooks::concurrency`](super::Webhooks::concurrency).
        event: String,
        /// A similar pattern of the handlers, if there is one.
        nearest: Option<&'static str>,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retention { retention, window } => {
                write!(
                    f,
                    "the idempotency store forgets answers after {} s, but a signed request is accepted for {} s: \
                     sent again in between, it would take effect twice. Raise the store's `retention` to at least \
                     `Duration::from_secs({1})`, or lower `Tolerance::past` and `Tolerance::future`, which count together, \
                     to at most `Duration::from_secs({0})`",
                    retention.as_secs(),
                    window.as_secs().saturating_add(u64::from(window.subsec_nanos() > 0)),
                )?;
                if *window == Duration::MAX {
                    f.write_str("; `retention(Duration::MAX)` keeps answers for ever")?;
                }
                Ok(())
            }
            Self::NoStore { handler, database } => write!(
                f,
                "the handler `{handler}` takes a `Tx` of {database}, but the endpoint has no store to get it from: \
                 add `.idempotency({})`",
                store_of(database)
            ),
            Self::OtherDatabase { handler, database, store: Some(store) } => write!(
                f,
                "the handler `{handler}` takes a `Tx` of {database}, but the endpoint's store is on {store}: \
                 give both the same database"
            ),
            Self::OtherDatabase { handler, database, store: None } => write!(
                f,
                "the handler `{handler}` takes a `Tx` of {database}, but the endpoint's store has no transactions: \
                 use `.idempotency({})`",
                store_of(database)
            ),
            Self::TwoHandlers { pattern, first, second } => {
                write!(f, "`{pattern}` has two handlers, `{first}` and `{second}`: remove one of them from its list")
            }
            Self::OneEnvironment { pattern, handler, only } => write!(
                f,
                "`{handler}` takes `{pattern}` with `only = \"{only}\"`, and no handler takes it from the other \
                 environment: add one, or remove `require_both_environments`"
            ),
            Self::NoEngine { handler } => write!(
                f,
                "the handler `{handler}` is called later, but the endpoint has no engine to keep its jobs: add \
                 `.later(River::new(pool).migrate().await?)` from the crate `aghanim-hooks-river`"
            ),
            Self::StoreWithoutEngine { handler, database } => write!(
                f,
                "the handler `{handler}` is called later, and its jobs are kept in {database}: the endpoint needs a store \
                 on the same database, so that key, answer and job are one commit. Add `.idempotency({})`",
                store_of(database)
            ),
            Self::QueueName { queue } => write!(
                f,
                "`later_queue(\"{}\")`: a queue's name has at most 64 lowercase letters and digits, with single `_` or `-` \
                 between them",
                queue.escape_debug()
            ),
            Self::KeyWithoutStore { event } => write!(
                f,
                "`require_key(\"{event}\")` asks for a key that nothing would use: add a store with `.idempotency(…)`"
            ),
            Self::KeyWithoutHandler { event, nearest } => {
                write!(f, "`require_key(\"{event}\")`: no handler takes `{event}`")?;
                did_you_mean(f, *nearest)
            }
            Self::ConcurrencyWithoutHandler { event, nearest } => {
                write!(f, "`concurrency(\"{event}\", …)`: no handler takes `{event}`")?;
                did_you_mean(f, *nearest)
            }
        }
    }
}

fn did_you_mean(f: &mut fmt::Formatter<'_>, nearest: Option<&str>) -> fmt::Result {
    match nearest {
        Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
        None => Ok(()),
    }
}

/// The text of `Display`, since `main` prints an error that it returns with `Debug`.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}

fn store_of(database: &str) -> &'static str {
    match database {
        "SQLite" => "SqliteStore::open(…).await?",
        "PostgreSQL" => "PostgresStore::connect(…).await?",
        _ => "…",
    }
}

/// Checks that the settings fit each other and the handlers.
pub(super) fn check<S>(settings: &Settings, handlers: &Handlers<S>) -> Result<(), ConfigError> {
    let store = settings.once.as_ref().map(|once| &*once.store);
    for entry in handlers.entries() {
        check_later(entry, store, settings)?;
        let Some(database) = entry.transaction else { continue };
        let handler = entry.name;
        let Some(store) = store else { return Err(ConfigError::NoStore { handler, database }) };
        let store = store.transactions();
        if store != Some(database) {
            return Err(ConfigError::OtherDatabase { handler, database, store });
        }
    }
    if let Some(queue) = settings.deferred.queue.filter(|queue| !is_queue_name(queue)) {
        return Err(ConfigError::QueueName { queue });
    }
    if let Some(store) = store {
        let Tolerance { past, future } = settings.shared.ring.tolerance();
        let (retention, window) = (store.retention(), past.saturating_add(future));
        if retention < window {
            return Err(ConfigError::Retention { retention, window });
        }
    }
    for limit in &settings.concurrency {
        if let Err(nearest) = has_handler(&limit.pattern, handlers) {
            return Err(ConfigError::ConcurrencyWithoutHandler { event: limit.pattern.clone(), nearest });
        }
    }
    no_clash(handlers)?;
    if settings.both_environments {
        both_environments(handlers)?;
    }
    settings.key_required.iter().try_for_each(|event| check_required_key(event, store.is_some(), handlers))
}

fn no_clash<S>(handlers: &Handlers<S>) -> Result<(), ConfigError> {
    let place = |entry: &Entry| format!("{}::{}", entry.module, entry.name);
    let entries: Vec<_> = handlers.entries().collect();
    for (i, second) in entries.iter().enumerate() {
        for first in &entries[..i] {
            if let Some(pattern) = first.clash(second) {
                return Err(ConfigError::TwoHandlers { pattern, first: place(first), second: place(second) });
            }
        }
    }
    Ok(())
}

fn both_environments<S>(handlers: &Handlers<S>) -> Result<(), ConfigError> {
    for entry in handlers.entries() {
        let Some(limit) = entry.limit else { continue };
        let lonely = |pattern: &&str| matches!(handlers.find_pattern(pattern), Some(Found::One(_)));
        if let Some(pattern) = entry.patterns.iter().copied().find(lonely) {
            return Err(ConfigError::OneEnvironment { pattern, handler: entry.name, only: limit.only });
        }
    }
    Ok(())
}

fn check_later(entry: &Entry, store: Option<&dyn IdempotencyStore>, settings: &Settings) -> Result<(), ConfigError> {
    if entry.later.is_none() {
        return Ok(());
    }
    let handler = entry.name;
    let Some(engine) = &settings.later else { return Err(ConfigError::NoEngine { handler }) };
    let database = engine.database();
    if store.and_then(IdempotencyStore::transactions) == Some(database) {
        return Ok(());
    }
    Err(ConfigError::StoreWithoutEngine { handler, database })
}

fn check_required_key<S>(event: &str, has_store: bool, handlers: &Handlers<S>) -> Result<(), ConfigError> {
    if !has_store {
        return Err(ConfigError::KeyWithoutStore { event: event.to_owned() });
    }
    has_handler(event, handlers).map_err(|nearest| ConfigError::KeyWithoutHandler { event: event.to_owned(), nearest })
}

/// Fails if no handler takes an event of this pattern. The error suggests a similar one.
fn has_handler<S>(event: &str, handlers: &Handlers<S>) -> Result<(), Option<&'static str>> {
    let patterns: Vec<_> = handlers.events().collect();
    if patterns.iter().any(|pattern| covers(pattern, event) || covers(event, pattern)) {
        return Ok(());
    }
    Err(nearest(&patterns, event))
}
