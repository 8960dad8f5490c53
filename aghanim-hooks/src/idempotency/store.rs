use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderValue;
use http::{Extensions, StatusCode};

use super::{Claim, Fingerprint, Key};

/// A boxed future, so that a store can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The time for which answers are kept unless a store sets another: 30 days.
pub const DEFAULT_RETENTION: Duration = Duration::from_hours(30 * 24);

/// Stores which keys are claimed, and how they were answered.
///
/// The endpoint uses it for each event with an idempotency key, in one of two ways:
///
/// - **With a lease**, for a handler without [`Tx`](super). [`claim`](Self::claim) is durable when it returns. Then the
///   handler runs. Then [`complete`](Self::complete) stores its answer, or [`release`](Self::release) frees the key. A
///   claim that is neither completed nor released lapses with its lease, and the next attempt takes it over.
/// - **In a transaction**, for a handler with [`Tx`](super), if the store has transactions. [`begin`](Self::begin) claims
///   the key inside an open transaction. The handler writes in it. [`Transaction::commit`] makes claim, writes and answer
///   durable together.
///
/// Implement it for a database of your own; the lease methods are enough. `claim` must be atomic: two attempts never both
/// get [`Claimed::Mine`]. `complete` and `release` must check the owner: for another owner they change nothing. A
/// duplicate within one process does not reach the store while the first is in flight.
///
/// Errors are answered with a retryable 503 and logged. A store does not have to retry.
pub trait IdempotencyStore: fmt::Debug + Send + Sync + 'static {
    /// Returns how long an answer is kept at least. [`Duration::MAX`] means for ever.
    ///
    /// The endpoint refuses to be built when this is less than its time window, past and future together: see
    /// [`Tolerance`](crate::signature::Tolerance).
    fn retention(&self) -> Duration;

    /// Returns the answer to this key, if there is one. Nothing is claimed.
    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>>;

    /// Claims a key for the time of its lease, durably.
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>>;

    /// Stores the answer of a claim. False if the claim's owner no longer holds it; then nothing is stored.
    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Frees the key of a claim, if the claim's owner still holds it.
    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Returns the database whose transactions this store gives to handlers, by sqlx's `NAME`, such as `PostgreSQL`.
    /// `None` by default.
    fn transactions(&self) -> Option<&'static str> {
        None
    }

    /// The connections of the store's pool, for health checks and metrics. `None` by default.
    fn connections(&self) -> Option<Connections> {
        None
    }

    /// Opens a transaction and claims the key in it.
    ///
    /// Called only if [`transactions`](Self::transactions) names the database of the handler's `Tx`. The future may be
    /// dropped at any point: it must then leave nothing open.
    fn begin<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed<Box<dyn Transaction>>, StoreError>> {
        let _ = claim;
        Box::pin(async { Err(StoreError::no_transactions()) })
    }

    /// Opens a transaction for an event without a key.
    ///
    /// Called only if [`transactions`](Self::transactions) names the database of the handler's `Tx`. The future may be
    /// dropped at any point: it must then leave nothing open.
    fn open(&self) -> BoxFuture<'_, Result<Box<dyn PlainTransaction>, StoreError>> {
        Box::pin(async { Err(StoreError::no_transactions()) })
    }
}

/// Lets several endpoints share a store.
impl<T: IdempotencyStore + ?Sized> IdempotencyStore for Arc<T> {
    fn retention(&self) -> Duration {
        (**self).retention()
    }

    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>> {
        (**self).lookup(key)
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        (**self).claim(claim)
    }

    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>> {
        (**self).complete(claim, answer)
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        (**self).release(claim)
    }

    fn transactions(&self) -> Option<&'static str> {
        (**self).transactions()
    }

    fn connections(&self) -> Option<Connections> {
        (**self).connections()
    }

    fn begin<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed<Box<dyn Transaction>>, StoreError>> {
        (**self).begin(claim)
    }

    fn open(&self) -> BoxFuture<'_, Result<Box<dyn PlainTransaction>, StoreError>> {
        (**self).open()
    }
}

/// An open transaction that holds a claim.
///
/// Dropped, it rolls back and leaves the key free.
pub trait Transaction: Send {
    /// Puts the handler's [`Tx`](super) into the request's extensions.
    fn lend(&mut self, extensions: &mut Extensions);

    /// Makes the handler's writes and its answer durable.
    ///
    /// An error if the handler still has its `Tx`.
    fn commit(self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Undoes the handler's writes and stores its answer, which is a final refusal.
    ///
    /// If the store frees the key in between, another attempt may be faster. Then the outcome of that attempt is returned.
    fn refuse(self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<Claimed, StoreError>>;

    /// Undoes everything, and frees the key.
    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>>;
}

/// An open transaction without a claim, for an event without a key.
///
/// Dropped, it rolls back.
pub trait PlainTransaction: Send {
    /// Puts the handler's [`Tx`](super) into the request's extensions.
    fn lend(&mut self, extensions: &mut Extensions);

    /// Makes the handler's writes durable.
    ///
    /// An error if the handler still has its `Tx`, or if the transaction has failed or ended already.
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Undoes the handler's writes.
    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>>;
}

/// The connections of a store's pool at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Connections in use.
    pub busy: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// The number that the pool may grow to.
    pub most: u32,
}

/// The outcome of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed<T = ()> {
    /// The key was free: it belongs to this attempt.
    Mine(T),
    /// The key has been answered already.
    Answered(Record),
    /// Another attempt holds it, in another process.
    InFlight,
}

impl<T> Claimed<T> {
    /// Changes the value of [`Mine`](Self::Mine).
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Claimed<U> {
        match self {
            Self::Mine(held) => Claimed::Mine(change(held)),
            Self::Answered(record) => Claimed::Answered(record),
            Self::InFlight => Claimed::InFlight,
        }
    }
}

/// An answer, and the fingerprint of the data that it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The fingerprint of the answered `event_data`.
    pub fingerprint: Fingerprint,
    /// The answer, which is replayed to duplicates.
    pub answer: StoredAnswer,
}

impl Record {
    /// Returns a record of this answer to this data.
    #[must_use]
    pub fn new(fingerprint: Fingerprint, answer: StoredAnswer) -> Self {
        Self { fingerprint, answer }
    }
}

/// An answer as it is stored and sent: status, content type and body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredAnswer {
    /// The status.
    pub status: StatusCode,
    /// The header `content-type`.
    pub content_type: HeaderValue,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl StoredAnswer {
    /// Returns an answer from its stored parts.
    ///
    /// # Errors
    /// The status or the content type is not valid in HTTP.
    pub fn new(status: u16, content_type: &[u8], body: impl Into<Bytes>) -> Result<Self, StoreError> {
        Ok(Self {
            status: StatusCode::from_u16(status).map_err(StoreError::new)?,
            content_type: HeaderValue::from_bytes(content_type).map_err(StoreError::new)?,
            body: body.into(),
        })
    }
}

/// An error of a store. The event is answered with a retryable 503, and the error is logged.
#[derive(Debug)]
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    /// Returns an error with this cause.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }

    /// True if the error, or one of its causes, is an outage of the database and no mistake in a statement: a lost
    /// connection, a full disk, a deadlock. A later retry may succeed.
    #[cfg_attr(
        not(any(feature = "sqlite", feature = "postgres")),
        expect(unused_variables, reason = "only a database has outages")
    )]
    pub(crate) fn is_outage(error: &(dyn Error + 'static)) -> bool {
        #[cfg(any(feature = "sqlite", feature = "postgres"))]
        {
            let mut cause = Some(error);
            while let Some(error) = cause {
                if let Some(error) = error.downcast_ref::<sqlx::Error>() {
                    return super::outage::is_outage(error);
                }
                cause = error.source();
            }
        }
        false
    }

    /// The database's error, if that is the cause.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn database(&self) -> Option<&sqlx::Error> {
        self.0.downcast_ref()
    }

    fn no_transactions() -> Self {
        Self::new("this store has no transactions")
    }

    /// The handler still has its [`Tx`](super).
    #[must_use]
    pub fn transaction_kept() -> Self {
        Self::new("the handler kept its `Tx`, so nothing was committed: it must be dropped before the handler returns")
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(fmt::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("outer")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    /// The text is the cause's own, so the next cause is the cause's cause.
    #[test]
    fn an_error_stands_for_its_cause() {
        let error = StoreError::new(Outer(fmt::Error));
        assert_eq!(error.to_string(), "outer");
        assert!(error.source().is_some_and(<dyn Error>::is::<fmt::Error>));
    }

    #[test]
    fn answers_are_kept_for_thirty_days() {
        assert_eq!(DEFAULT_RETENTION.as_secs(), 2_592_000);
    }
}
