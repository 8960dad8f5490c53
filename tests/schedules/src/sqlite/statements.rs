//! The effects of the statements, without SQL.

use std::time::Duration;

use crate::idempotency::{Claim, Key, Record, StoreError, StoredAnswer};
use crate::sqlx::SqliteConnection;

type Result<T> = std::result::Result<T, StoreError>;

#[derive(Clone, Copy)]
pub(crate) enum Sql {
    Begin,
    Look,
    Enter,
    EnterAndLook,
    AnswerAndLeave,
    UndoAndAnswer,
    Leave,
    Undo,
}

impl Sql {
    pub(crate) fn text(self) -> &'static str {
        "BEGIN IMMEDIATE"
    }

    pub(crate) fn query(self) -> Self {
        self
    }

    fn before(self, connection: &mut SqliteConnection) {
        match self {
            Self::Enter | Self::EnterAndLook => {
                let entered = connection.savepoint.replace(connection.tables.clone());
                assert!(entered.is_none(), "two deliveries at a time");
            }
            Self::UndoAndAnswer | Self::Undo => {
                connection.tables = connection.savepoint.clone().expect("a delivery's savepoint");
            }
            _ => {}
        }
    }

    fn after(self, connection: &mut SqliteConnection) {
        if matches!(self, Self::AnswerAndLeave | Self::UndoAndAnswer | Self::Leave | Self::Undo) {
            connection.savepoint.take().expect("a delivery's savepoint");
        }
    }
}

pub(crate) struct Statements {
    pub(crate) begin: Sql,
    pub(crate) look: Sql,
    pub(crate) enter: Sql,
    pub(crate) enter_and_look: Sql,
    pub(crate) answer_and_leave: Sql,
    pub(crate) undo_and_answer: Sql,
    pub(crate) leave: Sql,
    pub(crate) undo: Sql,
}

pub(crate) enum Found {
    Nothing,
    Answered(Record),
    Held,
}

impl Statements {
    pub(crate) fn new() -> Self {
        Self {
            begin: Sql::Begin,
            look: Sql::Look,
            enter: Sql::Enter,
            enter_and_look: Sql::EnterAndLook,
            answer_and_leave: Sql::AnswerAndLeave,
            undo_and_answer: Sql::UndoAndAnswer,
            leave: Sql::Leave,
            undo: Sql::Undo,
        }
    }

    pub(crate) async fn look(&self, sql: &Sql, connection: &mut SqliteConnection, key: &Key) -> Result<Found> {
        shuttle::future::yield_now().await;
        sql.before(connection);
        Ok(connection.tables.answers.get(key.digest()).cloned().map_or(Found::Nothing, Found::Answered))
    }

    pub(crate) async fn answer(
        &self,
        sql: &Sql,
        connection: &mut SqliteConnection,
        claim: &Claim,
        answer: &StoredAnswer,
    ) -> Result<()> {
        shuttle::future::yield_now().await;
        sql.before(connection);
        let record = Record::new(claim.fingerprint, answer.clone());
        let before = connection.tables.answers.insert(*claim.key.digest(), record);
        assert!(before.is_none(), "an answered key is answered again");
        sql.after(connection);
        Ok(())
    }

    pub(crate) async fn answer_and_look(
        &self,
        connection: &mut SqliteConnection,
        claim: &Claim,
        answer: &StoredAnswer,
        next: &Key,
    ) -> Result<Found> {
        self.answer(&Sql::AnswerAndLeave, connection, claim, answer).await?;
        self.look(&Sql::EnterAndLook, connection, next).await
    }

    pub(crate) async fn claim(&self, _: &mut SqliteConnection, _: &Claim) -> Result<()> {
        Err(StoreError::new("the schedules have no leases"))
    }

    pub(crate) async fn complete(&self, _: &mut SqliteConnection, _: &Claim, _: &StoredAnswer) -> Result<bool> {
        Ok(false)
    }

    pub(crate) async fn release(&self, _: &mut SqliteConnection, _: &Claim) -> Result<()> {
        Ok(())
    }

    pub(crate) async fn prune(&self, _: &mut SqliteConnection, _: Duration) -> Result<u64> {
        Ok(0)
    }
}

pub(crate) async fn execute(sql: Sql, connection: &mut SqliteConnection) -> Result<()> {
    shuttle::future::yield_now().await;
    sql.before(connection);
    sql.after_alone(connection);
    Ok(())
}

impl Sql {
    /// Ends the delivery, except after a statement that only enters.
    fn after_alone(self, connection: &mut SqliteConnection) {
        if !matches!(self, Self::Enter) {
            self.after(connection);
        }
    }
}
