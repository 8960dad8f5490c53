//! A stand-in for sqlx's SQLite: one database in memory, transactions with one savepoint.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use shuttle::sync::{Arc, Mutex};

use crate::idempotency::{Record, StoreError};

#[derive(Debug)]
pub(crate) struct Sqlite;

/// Everything that is kept: answers by key, and the handlers' writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    pub(crate) answers: BTreeMap<[u8; 32], Record>,
    pub(crate) writes: Vec<String>,
}

#[derive(Debug, Default)]
pub(crate) struct SqliteConnection {
    pub(crate) tables: Tables,
    pub(crate) savepoint: Option<Tables>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct SqlitePool(Arc<Mutex<Tables>>);

#[derive(Debug)]
pub(crate) struct Transaction<'a, Db> {
    connection: SqliteConnection,
    pool: SqlitePool,
    lifetime: PhantomData<(&'a (), Db)>,
}

impl SqlitePool {
    pub(crate) async fn begin_with(&self, _: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        shuttle::future::yield_now().await;
        let connection = SqliteConnection { tables: self.committed(), savepoint: None };
        Ok(Transaction { connection, pool: self.clone(), lifetime: PhantomData })
    }

    pub(crate) async fn close(&self) {}

    /// The committed rows.
    pub(crate) fn committed(&self) -> Tables {
        self.0.lock().expect("no panic").clone()
    }
}

impl<Db> Transaction<'_, Db> {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        shuttle::future::yield_now().await;
        assert!(self.connection.savepoint.is_none(), "a commit inside a delivery's savepoint");
        *self.pool.0.lock().expect("no panic") = self.connection.tables;
        Ok(())
    }
}

impl<Db> Deref for Transaction<'_, Db> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl<Db> DerefMut for Transaction<'_, Db> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}
