//! The one connection that writes, and the task that owns it.
//!
//! SQLite has one writer at a time, and a commit that survives a power failure costs a sync of the disk. So whoever
//! waits while another writes shares the next transaction: each delivery in it stands behind a savepoint of its own, so
//! that it can fail alone; one commit makes all of them durable; and nobody is told anything before it.
//!
//! SQLite's calls block, so the connection has a thread of its own, and each round trip there and back costs more than
//! what is done there. So the end of one delivery and the beginning of the next are one.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot};

use super::statements::{Found, Statements, execute};
use super::turn::{End, Given, Shared, Turn};
use crate::idempotency::{Claim, Claimed, StoreError, StoredAnswer};

/// A transaction takes in no more than this many, and for no longer than this, so that the first is not kept waiting.
const BATCH: usize = 128;
const BATCH_TIME: Duration = Duration::from_millis(10);

/// A handler that takes longer than this has its next transaction to itself, so that others don't wait for its end.
const SLOW: Duration = Duration::from_millis(20);

/// Who keeps the transaction for longer than this is named in the log, each time.
const KEPT: Duration = Duration::from_secs(30);

/// Event types known to be slow are forgotten when there are more than this.
const SLOW_TYPES: usize = 1000;

/// Longer names are not worth remembering, in bytes.
const SLOW_NAME: usize = 255;

pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked for.
pub(super) enum Job {
    Claim(Claim, Reply<Claimed>),
    Complete(Claim, StoredAnswer, Reply<bool>),
    Release(Claim, Reply<()>),
    Begin(Option<Claim>, Reply<Claimed<Turn>>),
    Prune(Duration, Reply<u64>),
}

/// What the connection's hooks go by.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// Whether the connection may commit: only when the writer says so, whatever a handler does with it.
    pub(super) may_commit: AtomicBool,
    /// Whether to open another before going on: a connection that was opened while the file could only be read, say,
    /// would never write again.
    pub(super) is_suspect: AtomicBool,
}

pub(super) struct Writer {
    pub(super) pool: SqlitePool,
    pub(super) sql: Statements,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) gate: Arc<Gate>,
    pub(super) slow: HashSet<String>,
}

/// A delivery that has ended, and whose answer is written together with whatever comes next.
struct Ended {
    claim: Claim,
    answer: StoredAnswer,
}

/// What to say to someone once the batch is durable, or is not.
type Told = Box<dyn FnOnce(Result<(), &str>) + Send>;

fn told<T: Send + 'static>(reply: Reply<T>, value: T) -> Told {
    Box::new(move |committed| {
        // Whoever does not wait any more finds it when asking again.
        drop(reply.send(committed.map(|()| value).map_err(|error| StoreError::new(error.to_owned()))));
    })
}

impl Writer {
    pub(super) async fn run(mut self) {
        let mut next = None;
        loop {
            let job = match next.take() {
                Some(job) => job,
                None => match self.jobs.recv().await {
                    Some(job) => job,
                    None => break,
                },
            };
            match self.pool.begin_with(self.sql.begin.text()).await {
                Ok(shared) => next = self.batch(shared, job).await,
                Err(error) => {
                    self.gate.is_suspect.store(true, Ordering::Release);
                    job.fail(StoreError::new(error));
                }
            }
        }
        self.pool.close().await;
    }

    /// Does this and whatever else waits in one transaction, and says what needs one of its own.
    async fn batch(&mut self, shared: Shared, first: Job) -> Option<Job> {
        let mut tell = Vec::new();
        let (written, next) = self.write(shared, first, &mut tell).await;
        let committed = match written {
            Ok(shared) => self.commit(shared).await,
            Err(error) => Err(error),
        };
        let committed = committed.map_err(|error| {
            self.gate.is_suspect.store(true, Ordering::Release);
            tracing::error!(%error, "a transaction of the SQLite store came to nothing");
            error.to_string()
        });
        for tell in tell {
            tell(committed.as_ref().copied().map_err(String::as_str));
        }
        next
    }

    async fn write(
        &mut self,
        mut shared: Shared,
        first: Job,
        tell: &mut Vec<Told>,
    ) -> (Result<Shared, StoreError>, Option<Job>) {
        let started = Instant::now();
        let mut next = Some(first);
        let mut ended = None;
        while let Some(job) = next.take() {
            shared = match self.work(shared, job, &mut ended, tell).await {
                Ok(shared) => shared,
                // Dropped, it has been rolled back.
                Err(error) => return (Err(error), None),
            };
            if tell.len() < BATCH && started.elapsed() < BATCH_TIME {
                next = self.jobs.try_recv().ok();
            }
            if next.as_ref().is_some_and(|job| self.is_slow(job)) {
                break;
            }
        }
        match self.finish(&mut shared, ended).await {
            Ok(()) => (Ok(shared), next),
            Err(error) => (Err(error), next),
        }
    }

    async fn finish(&self, shared: &mut Shared, ended: Option<Ended>) -> Result<(), StoreError> {
        match ended {
            Some(Ended { claim, answer }) => self.sql.answer(&self.sql.answer_and_leave, shared, &claim, &answer).await,
            None => Ok(()),
        }
    }

    async fn commit(&self, shared: Shared) -> Result<(), StoreError> {
        self.gate.may_commit.store(true, Ordering::Release);
        let committed = shared.commit().await.map_err(StoreError::new);
        self.gate.may_commit.store(false, Ordering::Release);
        committed
    }

    /// One job. An error is the end of the transaction; what fails alone is told so here.
    async fn work(
        &mut self,
        mut shared: Shared,
        job: Job,
        ended: &mut Option<Ended>,
        tell: &mut Vec<Told>,
    ) -> Result<Shared, StoreError> {
        if !matches!(job, Job::Begin(Some(_), _)) {
            self.finish(&mut shared, ended.take()).await?;
        }
        match job {
            Job::Claim(claim, reply) => {
                let claimed = match self.sql.look(&self.sql.look, &mut shared, &claim.key).await? {
                    Found::Nothing => {
                        self.sql.claim(&mut shared, &claim).await?;
                        Claimed::Mine(())
                    }
                    Found::Answered(record) => Claimed::Answered(record),
                    Found::Held => Claimed::InFlight,
                };
                tell.push(told(reply, claimed));
            }
            Job::Complete(claim, answer, reply) => {
                let kept = self.sql.complete(&mut shared, &claim, &answer).await?;
                tell.push(told(reply, kept));
            }
            Job::Release(claim, reply) => {
                self.sql.release(&mut shared, &claim).await?;
                tell.push(told(reply, ()));
            }
            Job::Prune(retention, reply) => {
                let pruned = self.sql.prune(&mut shared, retention).await?;
                tell.push(told(reply, pruned));
            }
            Job::Begin(_, reply) if reply.is_closed() => {}
            Job::Begin(claim, reply) => {
                let found = match (&claim, ended.take()) {
                    (Some(claim), Some(Ended { claim: before, answer })) => {
                        self.sql.answer_and_look(&mut shared, &before, &answer, &claim.key).await?
                    }
                    (Some(claim), None) => self.sql.look(&self.sql.enter_and_look, &mut shared, &claim.key).await?,
                    (None, _) => {
                        execute(self.sql.enter.query(), &mut shared).await?;
                        Found::Nothing
                    }
                };
                let answered = match found {
                    Found::Nothing => return self.give(shared, claim, reply, ended, tell).await,
                    Found::Answered(record) => Claimed::Answered(record),
                    Found::Held => Claimed::InFlight,
                };
                execute(self.sql.leave.query(), &mut shared).await?;
                tell.push(told(reply, answered));
            }
        }
        Ok(shared)
    }

    /// Gives a delivery its turn, and keeps or undoes what it wrote.
    async fn give(
        &mut self,
        shared: Shared,
        claim: Option<Claim>,
        reply: Reply<Claimed<Turn>>,
        ended: &mut Option<Ended>,
        tell: &mut Vec<Told>,
    ) -> Result<Shared, StoreError> {
        let started = Instant::now();
        let (turn, Given { home, end }) = Turn::new(shared);
        // Refused, it is dropped, and comes home at once.
        drop(reply.send(Ok(Claimed::Mine(turn))));
        let mut shared = self.wait_for(home, claim.as_ref()).await?;
        let end = end.await.ok();
        if let Some(claim) = &claim {
            self.remember(claim.key.event_type(), started.elapsed());
        }
        match (end, claim) {
            (Some(End::Commit(answer, reply)), Some(claim)) => {
                *ended = Some(Ended { claim, answer });
                tell.push(told(reply, ()));
            }
            (Some(End::Commit(_, reply)), None) => {
                execute(self.sql.leave.query(), &mut shared).await?;
                tell.push(told(reply, ()));
            }
            (Some(End::Refuse(answer, reply)), Some(claim)) => {
                self.sql.answer(&self.sql.undo_and_answer, &mut shared, &claim, &answer).await?;
                tell.push(told(reply, Claimed::Mine(())));
            }
            (Some(End::Refuse(_, reply)), None) => {
                execute(self.sql.undo.query(), &mut shared).await?;
                tell.push(told(reply, Claimed::Mine(())));
            }
            (None, _) => execute(self.sql.undo.query(), &mut shared).await?,
        }
        Ok(shared)
    }

    /// Waits until the delivery gives the transaction back, however long it keeps it: it can't be taken away.
    async fn wait_for(&self, mut home: oneshot::Receiver<Shared>, claim: Option<&Claim>) -> Result<Shared, StoreError> {
        loop {
            match tokio::time::timeout(KEPT, &mut home).await {
                Ok(shared) => return shared.map_err(|_| lost()),
                Err(_) => tracing::error!(
                    event_type = claim.map(|claim| claim.key.event_type()),
                    "a handler keeps its `Tx`: nothing else can be written until it is dropped"
                ),
            }
        }
    }

    fn is_slow(&self, job: &Job) -> bool {
        matches!(job, Job::Begin(Some(claim), _) if self.slow.contains(claim.key.event_type()))
    }

    fn remember(&mut self, event_type: &str, took: Duration) {
        if took < SLOW {
            self.slow.remove(event_type);
        } else if !self.slow.contains(event_type) && event_type.len() <= SLOW_NAME {
            if self.slow.len() >= SLOW_TYPES {
                self.slow.clear();
            }
            self.slow.insert(event_type.to_owned());
        }
    }
}

impl Job {
    fn fail(self, error: StoreError) {
        match self {
            Self::Claim(_, reply) => drop(reply.send(Err(error))),
            Self::Complete(_, _, reply) => drop(reply.send(Err(error))),
            Self::Release(_, reply) => drop(reply.send(Err(error))),
            Self::Begin(_, reply) => drop(reply.send(Err(error))),
            Self::Prune(_, reply) => drop(reply.send(Err(error))),
        }
    }
}

/// The writer is gone, or its transaction with it.
#[cold]
pub(super) fn lost() -> StoreError {
    StoreError::new("the SQLite store lost its connection")
}
