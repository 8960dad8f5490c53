use sqlx::Error;

/// Whether the database is in trouble, and not the statement wrong.
pub(super) fn is_outage(error: &Error) -> bool {
    match error {
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => true,
        Error::Database(error) => error.code().is_some_and(|code| is_outage_code(&code)),
        _ => false,
    }
}

fn is_outage_code(code: &str) -> bool {
    match (code.len(), code.parse::<u32>()) {
        // PostgreSQL's SQLSTATE has five characters: a connection, another transaction, resources, an operator, the
        // system; and a transaction that is over because of something before.
        (5, _) => ["08", "40", "53", "55", "57", "58", "25P"].iter().any(|class| code.starts_with(class)),
        // SQLite's primary code is in the low byte: BUSY, LOCKED, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN,
        // PROTOCOL; and a commit that nobody but the store may make.
        (_, Ok(code)) => matches!(code & 0xff, 5 | 6 | 8 | 9 | 10 | 11 | 13 | 14 | 15) || code == 531,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_from_mistakes() {
        for trouble in ["08006", "40001", "40P01", "53300", "53100", "57P01", "55P03", "58030", "25P02", "5", "13", "1032"] {
            assert!(is_outage_code(trouble), "{trouble}");
        }
        for mistake in ["23505", "42P01", "22P02", "1", "19", "2067", "787", ""] {
            assert!(!is_outage_code(mistake), "{mistake}");
        }
        assert!(is_outage(&Error::PoolTimedOut));
        assert!(!is_outage(&Error::RowNotFound));
    }
}
