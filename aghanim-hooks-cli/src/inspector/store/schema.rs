//! The history's tables, and the file that holds them.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

/// The version of the tables. A file of another version is not read.
const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    event TEXT,
    event_id TEXT,
    key TEXT,
    scope TEXT,
    key_seen INTEGER NOT NULL,
    environment TEXT,
    verdict TEXT NOT NULL,
    reason TEXT,
    status INTEGER,
    failure TEXT,
    micros INTEGER,
    fits INTEGER,
    why TEXT,
    origin TEXT NOT NULL,
    parent INTEGER,
    chaos TEXT NOT NULL,
    size INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    head BLOB NOT NULL,
    answer_head BLOB,
    answer_body BLOB,
    body BLOB NOT NULL
);
CREATE INDEX of_scope ON deliveries (scope, id);
CREATE INDEX of_event ON deliveries (event, id);
CREATE TABLE totals (count INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO totals VALUES (0, 0);
CREATE TRIGGER added AFTER INSERT ON deliveries BEGIN
    UPDATE totals SET count = count + 1, bytes = bytes + new.stored;
END;
CREATE TRIGGER removed AFTER DELETE ON deliveries BEGIN
    UPDATE totals SET count = count - 1, bytes = bytes - old.stored;
END;
CREATE TRIGGER changed AFTER UPDATE OF stored ON deliveries BEGIN
    UPDATE totals SET bytes = bytes + new.stored - old.stored;
END;
PRAGMA user_version = 1;
PRAGMA application_id = 1095190605;
";

/// The mark of our files, the value of `application_id` above: "AGHM".
const OURS: [u8; 4] = *b"AGHM";

/// The first bytes of every SQLite file.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Opens the history: this file, or one in memory.
pub(super) async fn open(file: Option<&Path>) -> anyhow::Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .busy_timeout(Duration::from_secs(10))
        .synchronous(SqliteSynchronous::Normal)
        // Deleted bodies are overwritten.
        .pragma("secure_delete", "ON");
    let pool = SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None);
    let pool = match file {
        None => pool.min_connections(1).max_connections(1).connect_with(options.in_memory(true)).await?,
        Some(file) => {
            if is_foreign(file) {
                bail!("{} is not a history: name another file with --history", file.display());
            }
            create(file).with_context(|| format!("can't make {}", file.display()))?;
            let options = options.filename(file).journal_mode(SqliteJournalMode::Wal);
            // The size of the journal file, once it has been written back.
            let options = options.pragma("journal_size_limit", "4194304");
            let opened = pool.max_connections(4).connect_with(options).await;
            opened.with_context(|| format!("can't open {}", file.display()))?
        }
    };
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema").fetch_one(&mut *transaction).await?;
    if version == 0 && tables == 0 {
        sqlx::raw_sql(TABLES).execute(&mut *transaction).await?;
    } else if version != VERSION {
        let file = file.unwrap_or(Path::new("the history"));
        bail!("{} is of another version: name another file with --history", file.display());
    }
    transaction.commit().await?;
    if file.is_some() && version == 0 {
        // Writes the mark into the file itself, where the next process looks for it.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await?;
    }
    Ok(pool)
}

/// True for a file of another program, which must not be changed in any way.
fn is_foreign(file: &Path) -> bool {
    let mut head = Vec::new();
    let read = std::fs::File::open(file).and_then(|file| file.take(100).read_to_end(&mut head));
    if read.is_err() || head.is_empty() {
        return false;
    }
    // See "The Database Header" in SQLite's file format. Without tables, the schema's number is 0.
    let (schema, mark) = (head.get(40..44), head.get(68..72));
    !head.starts_with(SQLITE) || mark != Some(&OURS) && schema != Some(&[0; 4])
}

/// Creates the file, or takes an existing one, so that only its owner can read it. SQLite gives the files beside it the
/// same mode.
fn create(file: &Path) -> std::io::Result<()> {
    if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(file)?;
    #[cfg(unix)]
    opened.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    drop(opened);
    Ok(())
}
