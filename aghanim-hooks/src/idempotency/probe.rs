//! Whether a handler takes a `Tx`, known to the compiler by the type, whatever name it was written under.

use std::marker::PhantomData;

/// A parameter's type, asked for its `TRANSACTION`.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never made")]
pub struct Probe<T>(PhantomData<T>);

/// The answer of every type that has no answer of its own: an inherent constant goes before that of a trait.
#[doc(hidden)]
pub trait NoTransactionOfItsOwn {
    const TRANSACTION: Option<&'static str> = None;
}

impl<T> NoTransactionOfItsOwn for Probe<T> {}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl<Db: sqlx::Database> Probe<super::Tx<Db>> {
    /// The database's name.
    #[doc(hidden)]
    pub const TRANSACTION: Option<&'static str> = Some(Db::NAME);
}

/// The one transaction among a handler's parameters.
///
/// # Panics
/// When there are several.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn only_transaction(parameters: &[Option<&'static str>]) -> Option<&'static str> {
    let mut found = None;
    let mut i = 0;
    while i < parameters.len() {
        if parameters[i].is_some() {
            assert!(found.is_none(), "a handler takes one `Tx`: an event has one transaction");
            found = parameters[i];
        }
        i += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_transaction_is_found_wherever_it_stands() {
        assert_eq!(only_transaction(&[]), None);
        assert_eq!(only_transaction(&[None, Some("SQLite"), None]), Some("SQLite"));
        assert_eq!(Probe::<String>::TRANSACTION, None);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_transaction_is_known_by_its_type() {
        type Ours = crate::idempotency::Tx<sqlx::Sqlite>;
        assert_eq!(Probe::<Ours>::TRANSACTION, Some("SQLite"));
        assert_eq!(Probe::<Option<Ours>>::TRANSACTION, None);
    }

    #[test]
    #[should_panic(expected = "a handler takes one `Tx`")]
    fn two_are_one_too_many() {
        let _ = only_transaction(&[Some("SQLite"), Some("PostgreSQL")]);
    }
}
