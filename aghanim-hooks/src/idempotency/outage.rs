use sqlx::Error;

/// True if the database is in trouble, and the statement is not wrong.
pub(super) fn is_outage(error: &Error) -> bool {
    match error {
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => true,
        Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            #[cfg(feature = "sqlite")]
            if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                return is_sqlite_outage(&code);
            }
            #[cfg(feature = "postgres")]
            if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                return is_postgres_outage(&code);
            }
            false
        }
        _ => false,
    }
}

/// True for SQLite's codes of an outage.
///
/// The primary code is in the low byte: BUSY, LOCKED, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL,
/// NOTADB. `CONSTRAINT_COMMITHOOK` means that the transaction was ended too early.
#[cfg(feature = "sqlite")]
fn is_sqlite_outage(code: &str) -> bool {
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 9 | 10 | 11 | 13 | 14 | 15 | 26) || code == 531)
}

/// True for PostgreSQL's codes of an outage.
///
/// They are told by their class: connection, other transactions, resources, objects in use, operator, system.
/// `in_failed_sql_transaction` follows an earlier error.
#[cfg(feature = "postgres")]
fn is_postgres_outage(code: &str) -> bool {
    ["08", "40", "53", "55", "57", "58", "25P02"].iter().any(|class| code.starts_with(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_from_mistakes() {
        assert!(is_outage(&Error::PoolTimedOut));
        assert!(!is_outage(&Error::RowNotFound));
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn sqlite() {
        for trouble in ["5", "13", "1032", "778"] {
            assert!(is_sqlite_outage(trouble), "{trouble}");
        }
        for mistake in ["1", "19", "2067", "787", ""] {
            assert!(!is_sqlite_outage(mistake), "{mistake}");
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn postgres() {
        for trouble in ["08006", "40001", "40P01", "53300", "53100", "57P01", "55P03", "58030", "25P02"] {
            assert!(is_postgres_outage(trouble), "{trouble}");
        }
        for mistake in ["23505", "42P01", "22P02", "25001", ""] {
            assert!(!is_postgres_outage(mistake), "{mistake}");
        }
    }
}
