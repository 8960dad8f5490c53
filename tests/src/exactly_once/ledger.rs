use std::collections::HashMap;
use std::str::FromStr;

use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{PgPool, SqlitePool};

use super::Database;

/// The effects, read from the database itself and not through the processes under test.
#[derive(Debug, Clone)]
pub struct Ledger {
    database: Pool,
    kept: Kept,
}

#[derive(Debug, Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The form in which a game stores its grants.
#[derive(Debug, Clone, Copy)]
enum Kept {
    /// A row for each grant, with its own receipt.
    Receipts,
    /// A sum for each player.
    Quantities,
}

/// The effects of one key that a database holds.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    /// The number of effects.
    pub times: i64,
    /// The receipt of each; empty for a game without receipts.
    pub receipts: Vec<String>,
}

/// The table of grants. It has no constraint, because a constraint could hide a second grant.
const GRANTS: &str = "CREATE TABLE grants (player_id TEXT NOT NULL, receipt TEXT NOT NULL)";
const READ_RECEIPTS: &str = "SELECT player_id, receipt, CAST(1 AS BIGINT) FROM grants";
const READ_QUANTITIES: &str = "SELECT player_id, '', quantity FROM inventory";

impl Ledger {
    /// The grants of a [`game`](super::serve), whose table is made here, before the first process starts.
    ///
    /// # Errors
    /// Fails if the database can't be reached, or has the table already.
    pub async fn of_game(database: &Database) -> sqlx::Result<Self> {
        let ledger = Self { database: Pool::open(database).await?, kept: Kept::Receipts };
        match &ledger.database {
            Pool::Sqlite(pool) => sqlx::query(GRANTS).execute(pool).await.map(drop),
            Pool::Postgres(pool) => sqlx::query(GRANTS).execute(pool).await.map(drop),
        }?;
        Ok(ledger)
    }

    /// The inventory of the example `exactly_once`, which makes the table by itself.
    ///
    /// # Errors
    /// Fails if the database can't be reached.
    pub async fn of_example(database: &Database) -> sqlx::Result<Self> {
        Ok(Self { database: Pool::open(database).await?, kept: Kept::Quantities })
    }

    /// Reads the effects of all keys: the key of a grant is the name of the player who gets it.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub async fn read(&self) -> sqlx::Result<HashMap<String, Effects>> {
        let query = match self.kept {
            Kept::Receipts => READ_RECEIPTS,
            Kept::Quantities => READ_QUANTITIES,
        };
        let rows: Vec<(String, String, i64)> = match &self.database {
            Pool::Sqlite(pool) => sqlx::query_as(query).fetch_all(pool).await?,
            Pool::Postgres(pool) => sqlx::query_as(query).fetch_all(pool).await?,
        };
        let mut effects = HashMap::<String, Effects>::new();
        for (player, receipt, quantity) in rows {
            let of_key = effects.entry(player).or_default();
            of_key.times += quantity;
            of_key.receipts.extend(Some(receipt).filter(|receipt| !receipt.is_empty()));
        }
        Ok(effects)
    }
}

impl Pool {
    async fn open(database: &Database) -> sqlx::Result<Self> {
        Ok(match database {
            Database::Sqlite(path) => Self::Sqlite(SqlitePoolOptions::new().connect_with(sqlite(path)).await?),
            Database::Postgres(url) => {
                // Opens a new connection each time, because the server may have been stopped in between.
                let options = PgPoolOptions::new().max_connections(1).max_lifetime(std::time::Duration::ZERO);
                Self::Postgres(options.connect(url).await?)
            }
        })
    }
}

/// Options of the game's own connections to its file: they wait for each other.
pub(super) fn sqlite(path: &std::path::Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::from_str("sqlite:").expect("a URL").filename(path);
    options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).busy_timeout(super::game::BUSY_TIMEOUT)
}
