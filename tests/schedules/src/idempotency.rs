//! The module `crate::idempotency` of the copied sources: the library's own, and a `Tx` for the stand-in database.

use std::ops::DerefMut;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use aghanim_hooks::idempotency::*;
use http::Extensions;

use crate::sqlx::Sqlite;

type Lent = Box<dyn DerefMut<Target = crate::sqlx::SqliteConnection> + Send>;

/// A connection that is lent to a handler. It needs no lock of shuttle's, because nothing waits for it.
pub(crate) struct Tx<Db> {
    pub(crate) lent: Lent,
    database: std::marker::PhantomData<Db>,
}

#[derive(Clone)]
struct Slot(Arc<Mutex<Option<Tx<Sqlite>>>>);

impl Tx<Sqlite> {
    pub(crate) fn lend(lent: impl DerefMut<Target = crate::sqlx::SqliteConnection> + Send + 'static) -> (Self, ()) {
        (Self { lent: Box::new(lent), database: std::marker::PhantomData }, ())
    }

    pub(crate) fn leave_in(self, extensions: &mut Extensions) {
        extensions.insert(Slot(Arc::new(Mutex::new(Some(self)))));
    }

    /// Takes the `Tx`, like the handler's parameter.
    pub(crate) fn taken_from(extensions: &mut Extensions) -> Self {
        let slot = extensions.remove::<Slot>().expect("a `Tx` that was left here");
        slot.0.lock().unwrap_or_else(PoisonError::into_inner).take().expect("a `Tx` that nobody took")
    }
}
