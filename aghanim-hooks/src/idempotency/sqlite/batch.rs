//! One transaction of the writer, shared by the deliveries that wait at the same time.

use std::time::{Duration, Instant};

use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::job::Job;
use super::reply::{Pending, Reply, lost};
use super::slow::SlowTypes;
use super::statements::{Found, Statements, execute};
use super::turn::{End, Given, PlainEnd, Shared, Turn};
use crate::idempotency::{Claim, Claimed, StoreError, StoredAnswer};

/// A batch has at most this many outcomes and takes new jobs for at most this long, so that its first delivery does not
/// wait long for the commit.
const MOST: usize = 128;
const LONGEST: Duration = Duration::from_millis(10);

/// A handler that keeps its `Tx` for longer than this is logged, and again after the same time.
const KEPT: Duration = Duration::from_secs(30);

/// A transaction, the deliveries' outcomes in it, and their replies, which wait for its commit.
///
/// Each delivery has a savepoint, so that it can fail alone. An error of a method is the end of the whole batch.
pub(super) struct Batch<'a> {
    sql: &'a Statements,
    slow: &'a mut SlowTypes,
    started: Instant,
    /// `None` once the transaction was lost. It has been rolled back then.
    shared: Option<Shared>,
    /// The last delivery's answer. It is written together with the next delivery's first statement.
    unwritten: Option<Unwritten>,
    replies: Vec<Pending>,
}

struct Unwritten {
    claim: Claim,
    answer: StoredAnswer,
}

impl<'a> Batch<'a> {
    pub(super) fn new(sql: &'a Statements, slow: &'a mut SlowTypes, shared: Shared) -> Self {
        Self { sql, slow, started: Instant::now(), shared: Some(shared), unwritten: None, replies: Vec::new() }
    }

    /// True while another job may join.
    pub(super) fn has_room(&self) -> bool {
        self.replies.len() < MOST && self.started.elapsed() < LONGEST
    }

    /// True if a job's handler is known to be slow: it gets a batch of its own.
    pub(super) fn is_too_slow(&self, job: &Job) -> bool {
        job.event_type().is_some_and(|event_type| self.slow.contains(event_type))
    }

    /// Takes the transaction, with everything written, for its commit.
    pub(super) async fn finish(&mut self) -> Result<Shared, StoreError> {
        self.write_answer().await?;
        self.shared.take().ok_or_else(lost)
    }

    /// Tells everyone in the batch how it ended. What has not been committed is rolled back.
    pub(super) fn end(self, committed: Result<(), &str>) {
        drop(self.shared);
        for reply in self.replies {
            reply.send(committed);
        }
    }

    pub(super) async fn run(&mut self, job: Job) -> Result<(), StoreError> {
        // A turn that claims a key writes the last answer itself.
        if !matches!(job, Job::Begin(..)) {
            self.write_answer().await?;
        }
        match job {
            Job::Claim(claim, reply) => {
                let claimed = self.claim(&claim).await?;
                self.reply(reply, claimed);
            }
            Job::Complete(claim, answer, reply) => {
                let completed = self.sql.complete(connection(&mut self.shared)?, &claim, &answer).await?;
                self.reply(reply, completed);
            }
            Job::Release(claim, reply) => {
                self.sql.release(connection(&mut self.shared)?, &claim).await?;
                self.reply(reply, ());
            }
            Job::Prune(retention, reply) => {
                let pruned = self.sql.prune(connection(&mut self.shared)?, retention).await?;
                self.reply(reply, pruned);
            }
            Job::Begin(claim, reply) if !reply.is_closed() => self.begin(claim, reply).await?,
            Job::Open(reply) if !reply.is_closed() => self.open(reply).await?,
            Job::Begin(..) | Job::Open(_) => {}
        }
        Ok(())
    }

    async fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError> {
        let connection = connection(&mut self.shared)?;
        Ok(match self.sql.look(&self.sql.look, connection, &claim.key).await? {
            Found::Nothing => {
                self.sql.claim(connection, claim).await?;
                Claimed::Mine(())
            }
            Found::Answered(record) => Claimed::Answered(record),
            Found::Held => Claimed::InFlight,
        })
    }

    /// Runs a turn that claims a key.
    async fn begin(&mut self, claim: Claim, reply: Reply<Claimed<Turn<End>>>) -> Result<(), StoreError> {
        let (sql, connection) = (self.sql, connection(&mut self.shared)?);
        let found = match self.unwritten.take() {
            Some(last) => sql.answer_and_look(connection, &last.claim, &last.answer, &claim.key).await?,
            None => sql.look(&sql.enter_and_look, connection, &claim.key).await?,
        };
        let claimed = match found {
            Found::Nothing => return self.run_claimed_turn(claim, reply).await,
            Found::Answered(record) => Claimed::Answered(record),
            Found::Held => Claimed::InFlight,
        };
        execute(sql.leave.query(), connection).await?;
        self.reply(reply, claimed);
        Ok(())
    }

    async fn run_claimed_turn(&mut self, claim: Claim, reply: Reply<Claimed<Turn<End>>>) -> Result<(), StoreError> {
        let started = Instant::now();
        let event_type = claim.key.event_type();
        let end = self.lend(Some(event_type), |turn| drop(reply.send(Ok(Claimed::Mine(turn))))).await?;
        self.slow.record(event_type, started.elapsed());
        let (sql, connection) = (self.sql, connection(&mut self.shared)?);
        match end {
            Some(End::Commit(answer, reply)) => {
                self.unwritten = Some(Unwritten { claim, answer });
                self.reply(reply, ());
            }
            Some(End::Refuse(answer, reply)) => {
                sql.answer(&sql.undo_and_answer, connection, &claim, &answer).await?;
                self.reply(reply, Claimed::Mine(()));
            }
            None => execute(sql.undo.query(), connection).await?,
        }
        Ok(())
    }

    /// Runs a turn without a claim.
    async fn open(&mut self, reply: Reply<Turn<PlainEnd>>) -> Result<(), StoreError> {
        execute(self.sql.enter.query(), connection(&mut self.shared)?).await?;
        let end = self.lend(None, |turn| drop(reply.send(Ok(turn)))).await?;
        let (sql, connection) = (self.sql, connection(&mut self.shared)?);
        match end {
            Some(reply) => {
                execute(sql.leave.query(), connection).await?;
                self.reply(reply, ());
            }
            None => execute(sql.undo.query(), connection).await?,
        }
        Ok(())
    }

    /// Lends the transaction to a delivery, and waits until it comes back. Returns the end of the turn, if it has one.
    async fn lend<E: Send + 'static>(
        &mut self,
        event_type: Option<&str>,
        give: impl FnOnce(Turn<E>),
    ) -> Result<Option<E>, StoreError> {
        let (turn, Given { home, end }) = Turn::new(self.shared.take().ok_or_else(lost)?);
        // If the caller is gone, the turn is dropped, and comes back at once.
        give(turn);
        self.shared = Some(returned(home, event_type).await?);
        Ok(end.await.ok())
    }

    async fn write_answer(&mut self) -> Result<(), StoreError> {
        let Some(Unwritten { claim, answer }) = self.unwritten.take() else { return Ok(()) };
        self.sql.answer(&self.sql.answer_and_leave, connection(&mut self.shared)?, &claim, &answer).await
    }

    fn reply<T: Send + 'static>(&mut self, reply: Reply<T>, value: T) {
        self.replies.push(Pending::new(reply, value));
    }
}

/// Borrows this one field, so that the others can be borrowed too.
fn connection(shared: &mut Option<Shared>) -> Result<&mut SqliteConnection, StoreError> {
    shared.as_deref_mut().ok_or_else(lost)
}

/// Waits for the transaction for as long as a handler keeps it. It cannot be taken away from the handler.
async fn returned(mut home: oneshot::Receiver<Shared>, event_type: Option<&str>) -> Result<Shared, StoreError> {
    loop {
        match tokio::time::timeout(KEPT, &mut home).await {
            Ok(shared) => return shared.map_err(|_| lost()),
            Err(_) => tracing::error!(
                event_type,
                "a handler keeps its `Tx`: the store writes nothing until the handler drops it"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idempotency::sqlite::schema::migrate;
    use crate::idempotency::{Fingerprint, Key, Transaction};

    fn claim(event_type: &str) -> Claim {
        let key = Key::new("", false, event_type, "k");
        Claim::new(key, Fingerprint::new(b"{}"), Duration::from_mins(1), Instant::now() + Duration::from_mins(1))
    }

    #[tokio::test]
    async fn a_batch_has_room_for_a_bounded_number_of_jobs_and_a_bounded_time() {
        let pool = sqlx::SqlitePool::connect_lazy("sqlite::memory:").unwrap();
        let (sql, mut slow) = (Statements::new("t"), SlowTypes::default());
        let mut batch = Batch::new(&sql, &mut slow, pool.begin().await.unwrap());
        batch.started += Duration::from_mins(1);
        for _ in 0..MOST {
            assert!(batch.has_room(), "{}", batch.replies.len());
            batch.reply(oneshot::channel().0, ());
        }
        assert!(!batch.has_room(), "enough jobs");
        batch.replies.clear();
        assert!(batch.has_room());
        batch.started = Instant::now().checked_sub(LONGEST).unwrap();
        assert!(!batch.has_room(), "enough time");
    }

    #[tokio::test]
    async fn a_handler_that_was_slow_gets_a_batch_of_its_own() {
        let pool = sqlx::SqlitePool::connect_lazy("sqlite::memory:").unwrap();
        let (sql, mut slow) = (Statements::new("t"), SlowTypes::default());
        slow.record("item.add", Duration::from_secs(1));
        let batch = Batch::new(&sql, &mut slow, pool.begin().await.unwrap());
        assert!(batch.is_too_slow(&Job::Begin(claim("item.add"), oneshot::channel().0)));
        assert!(!batch.is_too_slow(&Job::Begin(claim("order.paid"), oneshot::channel().0)));
        assert!(!batch.is_too_slow(&Job::Claim(claim("item.add"), oneshot::channel().0)), "no handler is waited for");
    }

    #[tokio::test]
    async fn a_claim_sees_the_answer_of_the_turn_before_it_in_the_same_batch() {
        let path = std::env::temp_dir().join(format!("aghanim-hooks-{}-batch.db", std::process::id()));
        migrate(&path, "t").await.unwrap();
        let pool = sqlx::SqlitePool::connect(path.to_str().unwrap()).await.unwrap();
        let (sql, mut slow) = (Statements::new("t"), SlowTypes::default());
        let mut batch = Batch::new(&sql, &mut slow, pool.begin().await.unwrap());
        let (reply, turn) = oneshot::channel();
        let committed = tokio::spawn(async move {
            let Ok(Ok(Claimed::Mine(turn))) = turn.await else { panic!("not free") };
            Transaction::commit(Box::new(turn), &StoredAnswer::new(200, b"application/json", "{}").unwrap()).await
        });
        batch.run(Job::Begin(claim("item.add"), reply)).await.unwrap();
        let (reply, duplicate) = oneshot::channel();
        batch.run(Job::Claim(claim("item.add"), reply)).await.unwrap();
        batch.finish().await.unwrap().commit().await.unwrap();
        batch.end(Ok(()));
        committed.await.unwrap().unwrap();
        let duplicate = duplicate.await.unwrap().unwrap();
        assert!(matches!(duplicate, Claimed::Answered(_)), "{duplicate:?}");
        pool.close().await;
        std::fs::remove_file(&path).unwrap();
    }
}
