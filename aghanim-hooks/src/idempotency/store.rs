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

/// A boxed future: what lets a store be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How long answers are kept unless a store is told otherwise: 30 days.
pub const DEFAULT_RETENTION: Duration = Duration::from_hours(30 * 24);

/// Remembers what has been claimed, and what was answered.
///
/// The endpoint asks it for each event that bears an idempotency key. There are two ways through it:
///
/// - **With a lease**, for a handler without [`Tx`](super): [`claim`](Self::claim) is durable when it returns; then the
///   handler runs; then [`complete`](Self::complete) keeps its answer, or [`release`](Self::release) frees the key. A
///   claim that is neither completed nor released lapses after its lease, and the next attempt takes it over.
/// - **In a transaction**, for a handler with [`Tx`](super), where the store has them: [`begin`](Self::begin) claims the
///   key inside an open transaction; the handler writes in it; [`Transaction::commit`] keeps claim, writes and answer
///   together.
///
/// Implement it for a database of your own; lease methods are enough. `claim` must be atomic (two attempts never both
/// get [`Claimed::Mine`]), and a store that has an owner's word must check it: `complete` and `release` by another
/// owner change nothing. A duplicate within one process never reaches the store while the first is on its way.
///
/// Errors are answered with a retryable 503 and logged; a store needn't retry by itself.
pub trait IdempotencyStore: fmt::Debug + Send + Sync + 'static {
    /// How long an answer is kept at least. [`Duration::MAX`] stands for ever.
    ///
    /// The endpoint refuses to be built when this is less than its time window, past and future together: see
    /// [`Tolerance`](crate::signature::Tolerance).
    fn retention(&self) -> Duration;

    /// What was answered, if anything: nothing is claimed.
    fn lookup<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Record>, StoreError>>;

    /// Claims a key for the time of its lease, durably.
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>>;

    /// Keeps the answer of a claim. False when the claim's owner does not hold it any more: nothing is kept then.
    fn complete<'a>(&'a self, claim: &'a Claim, answer: &'a StoredAnswer) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Frees the key of a claim that came to nothing, if the claim's owner still holds it.
    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>>;

    /// The database whose transactions this store hands to handlers: the `NAME` that sqlx gives it, such as
    /// `PostgreSQL`. None by default.
    fn transactions(&self) -> Option<&'static str> {
        None
    }

    /// The connections of the store's pool, for health checks and metrics. None by default.
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

/// So that several endpoints can share a store.
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
    /// Puts the handler's [`Tx`](super) among the request's extensions.
    fn lend(&mut self, extensions: &mut Extensions);

    /// Keeps the handler's writes and its answer, durably.
    ///
    /// An error when the handler still has what it was lent.
    fn commit(self: Box<Self>, answer: &StoredAnswer) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Undoes the handler's writes, and keeps its answer all the same: a final refusal.
    ///
    /// Where the key was free for a moment in between, another attempt may have been faster: then its outcome counts.
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

/// How a claim ended.
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
    /// The same, with something else in hand where the key is free.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Claimed<U> {
        match self {
            Self::Mine(held) => Claimed::Mine(change(held)),
            Self::Answered(record) => Claimed::Answered(record),
            Self::InFlight => Claimed::InFlight,
        }
    }
}

/// An answer, and what it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Of the `event_data` that was answered.
    pub fingerprint: Fingerprint,
    /// What is sent again.
    pub answer: StoredAnswer,
}

impl Record {
    /// This answer to this data.
    #[must_use]
    pub fn new(fingerprint: Fingerprint, answer: StoredAnswer) -> Self {
        Self { fingerprint, answer }
    }
}

/// An answer as it is sent: all of it that is not the connection's.
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
    /// An answer from what a store kept.
    ///
    /// # Errors
    /// When the status or the content type can't be one: the store holds something else.
    pub fn new(status: u16, content_type: &[u8], body: impl Into<Bytes>) -> Result<Self, StoreError> {
        Ok(Self {
            status: StatusCode::from_u16(status).map_err(StoreError::new)?,
            content_type: HeaderValue::from_bytes(content_type).map_err(StoreError::new)?,
            body: body.into(),
        })
    }
}

/// A store could not do what it was asked.
///
/// Whatever it was, the event is answered with a retryable 503, and this is logged.
#[derive(Debug)]
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    /// An error with this cause.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }

    /// Whether an error, or what caused it, is trouble with the database itself and not with what it was asked: a lost
    /// connection, a full disk, a deadlock. Asking again later is the way out.
    #[cfg_attr(not(any(feature = "sqlite", feature = "postgres")), expect(unused_variables))]
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
