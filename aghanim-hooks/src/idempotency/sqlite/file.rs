//! Notices when the database's files are deleted, replaced or damaged while the store uses them.
//!
//! SQLite does not notice: it goes on writing to a deleted file, and does not read again the pages that it has in
//! memory. Everything that is acknowledged from then on is lost at the next start.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};

use super::connections;
use crate::idempotency::StoreError;

/// The largest file that `PRAGMA quick_check` reads as a whole, in bytes.
///
/// For a larger file it reads the store's table only.
const CHECKED_WHOLE: u64 = 256 * 1024 * 1024;

/// A check takes at most this part of the time, and there is at least this pause after one.
const PART_OF_TIME: u32 = 20;
const LEAST_PAUSE: Duration = Duration::from_millis(100);

/// Part of every message.
const STOPPED: &str = "nothing is acknowledged until this is repaired";

/// The database's file, its `-wal` and its `-shm`, seen from outside SQLite.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    table: String,
    identity: Identity,
    wal: PathBuf,
    shm: PathBuf,
    state: Mutex<State>,
    /// The reason why the store must not be used again. It stays until a restart.
    broken: OnceLock<String>,
    /// True once the log says that the file is gone.
    is_logged: AtomicBool,
}

#[derive(Debug)]
struct State {
    /// The identities of the `-wal` and the `-shm` that the writing connection uses.
    beside: Option<[Identity; 2]>,
    /// The file's length and time of change when it was last checked, or when it was opened.
    checked: (u64, Option<SystemTime>),
    next_check: Instant,
    /// True if the last check could not be made.
    is_suspect: bool,
}

/// Tells a file from another one of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    #[cfg(unix)]
    fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self { device: file.dev(), inode: file.ino() }
    }

    /// Other systems do not let an open file be deleted or replaced.
    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self { device: 0, inode: 0 }
    }
}

impl DatabaseFile {
    /// Watches a file that has just been opened and checked.
    pub(super) fn new(path: &Path, table: &str) -> Result<Self, StoreError> {
        let file = fs::metadata(path).map_err(StoreError::new)?;
        // SQLite follows links, and has the other two beside the real file.
        let real = fs::canonicalize(path).map_err(StoreError::new)?;
        let beside = |suffix: &str| {
            let mut name = real.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        let state = State { beside: None, checked: change(&file), next_check: Instant::now(), is_suspect: false };
        Ok(Self {
            path: path.to_owned(),
            table: table.to_owned(),
            identity: Identity::of(&file),
            wal: beside("-wal"),
            shm: beside("-shm"),
            state: Mutex::new(state),
            broken: OnceLock::new(),
            is_logged: AtomicBool::new(false),
        })
    }

    /// Fails if the file is not the one that was opened, or is known to be damaged.
    ///
    /// It succeeds again when the same file is back, for example after two `mv`.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if let Some(reason) = self.broken.get() {
            return Err(StoreError::new(reason.as_str()));
        }
        match self.metadata() {
            Ok(_) => {
                self.is_logged.store(false, Ordering::Relaxed);
                Ok(())
            }
            Err(reason) => {
                if !self.is_logged.swap(true, Ordering::Relaxed) {
                    tracing::error!("{reason}");
                }
                Err(StoreError::new(reason))
            }
        }
    }

    fn metadata(&self) -> Result<Metadata, String> {
        let path = self.path.display();
        match fs::metadata(&self.path) {
            Ok(file) if Identity::of(&file) == self.identity => Ok(file),
            Ok(_) => Err(format!(
                "the SQLite database `{path}` was replaced by another file: {STOPPED}. Put the file back, or restart to use \
                 the other one; what only the old file has is then lost"
            )),
            Err(error) => Err(format!(
                "the SQLite database `{path}` was deleted or moved ({error}): {STOPPED}. Put the file back, or restore a \
                 backup and restart"
            )),
        }
    }

    /// Records the `-wal` and the `-shm`, which belong to the writing connection. Call it for each new connection.
    pub(super) fn connected(&self) {
        self.state().beside = self.beside();
    }

    /// Fails if the last commit may not be in the files that the next start reads.
    pub(super) async fn check_committed(&self) -> Result<(), StoreError> {
        self.check()?;
        let beside = self.state().beside;
        if beside.is_some() && beside != self.beside() {
            let path = self.path.display();
            // Another connection would use new files beside those of the present ones, and damage the database.
            return Err(self.stop(format!(
                "the `-wal` or `-shm` file of the SQLite database `{path}` was deleted or replaced: {STOPPED}. Stop the \
                 process in an orderly way, so that SQLite saves what it can, and start it again"
            )));
        }
        if self.is_check_due() { self.check_contents().await } else { Ok(()) }
    }

    /// Reads the file from the disk, and stops the store if it is damaged. Call it too when SQLite says so.
    pub(super) async fn check_contents(&self) -> Result<(), StoreError> {
        self.check()?;
        let started = Instant::now();
        let checked = quick_check_file(&self.path, &self.table).await;
        let pause = started.elapsed().saturating_mul(PART_OF_TIME).max(LEAST_PAUSE);
        self.state().next_check = Instant::now() + pause;
        match checked {
            Ok(None) => Ok(()),
            Ok(Some(damage)) => Err(self.stop(damaged(&self.path, &damage))),
            Err(error) => {
                self.state().is_suspect = true;
                Err(StoreError::new(format!("the SQLite database could not be checked: {error}")))
            }
        }
    }

    /// True if the file has changed since the last check, and a check is due. SQLite's own checkpoints change it too.
    fn is_check_due(&self) -> bool {
        let Ok(file) = self.metadata() else { return false };
        let mut state = self.state();
        let now = change(&file);
        // A file that became shorter has lost something, or was vacuumed. That is rare, so it is not put off.
        let is_due = now.0 < state.checked.0 || Instant::now() >= state.next_check;
        let is_due = is_due && (state.is_suspect || state.checked != now);
        if is_due {
            state.checked = now;
            state.is_suspect = false;
        }
        is_due
    }

    /// Stops the store until a restart.
    #[cold]
    fn stop(&self, reason: String) -> StoreError {
        tracing::error!("{reason}");
        StoreError::new(self.broken.get_or_init(|| reason).as_str())
    }

    fn beside(&self) -> Option<[Identity; 2]> {
        let identity = |path| fs::metadata(path).ok().map(|file| Identity::of(&file));
        Some([identity(&self.wal)?, identity(&self.shm)?])
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn change(file: &Metadata) -> (u64, Option<SystemTime>) {
    (file.len(), file.modified().ok())
}

pub(super) fn damaged(path: &Path, damage: &str) -> String {
    format!(
        "the SQLite database `{}` is damaged ({damage}): {STOPPED}. Stop the process, keep a copy of the file and its \
         `-wal`, and restore a backup or use `sqlite3 … .recover`",
        path.display()
    )
}

/// Checks the file as it is on the disk. It uses a new connection, which has no page of the file in memory.
async fn quick_check_file(path: &Path, table: &str) -> sqlx::Result<Option<String>> {
    // SQLite takes an empty file for a new database. The store's file is never empty once it has been opened.
    if fs::metadata(path).map_err(sqlx::Error::Io)?.len() == 0 {
        return Ok(Some("the file is empty".to_owned()));
    }
    match connections::checking(path).connect().await {
        Ok(mut connection) => {
            let damage = quick_check(&mut connection, path, table).await;
            connection.close().await?;
            damage
        }
        Err(error) => as_damage(error),
    }
}

/// Returns the first damage that SQLite finds.
pub(super) async fn quick_check(
    connection: &mut SqliteConnection,
    path: &Path,
    table: &str,
) -> sqlx::Result<Option<String>> {
    let is_small = fs::metadata(path).map_err(sqlx::Error::Io)?.len() <= CHECKED_WHOLE;
    let what = if is_small { "1".to_owned() } else { format!("'{table}'") };
    let check = sqlx::query_scalar(AssertSqlSafe(format!("PRAGMA quick_check({what})")));
    match check.fetch_one(connection).await {
        Ok(found) => Ok(Some(found).filter(|found: &String| found != "ok")),
        Err(error) => as_damage(error),
    }
}

fn as_damage(error: sqlx::Error) -> sqlx::Result<Option<String>> {
    if is_damage(&error) { Ok(Some(error.to_string())) } else { Err(error) }
}

/// `SQLITE_CORRUPT` or `SQLITE_NOTADB`, or one of their extended codes.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    matches!(code.map(|code| code & 0xff), Some(11 | 26))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::coded;
    use crate::logged::logged;

    /// A watched file of eight bytes. It is removed when this is dropped.
    struct Watched(DatabaseFile);

    impl Watched {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("aghanim-hooks-{}-{name}.db", std::process::id()));
            fs::write(&path, [0; 8]).unwrap();
            Self(DatabaseFile::new(&path, "t").unwrap())
        }

        fn resize(&self, len: u64) {
            fs::File::options().write(true).open(&self.0.path).unwrap().set_len(len).unwrap();
        }

        fn touch(&self) {
            let file = fs::File::options().write(true).open(&self.0.path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }

        /// The next check is put off.
        fn pause(&self) {
            self.0.state().next_check = Instant::now() + Duration::from_hours(1);
        }
    }

    impl Drop for Watched {
        fn drop(&mut self) {
            drop(fs::remove_file(&self.0.path));
        }
    }

    #[test]
    fn a_file_is_checked_once_after_each_change() {
        let file = Watched::new("change");
        assert!(!file.0.is_check_due(), "nothing has changed");
        file.resize(16);
        assert!(file.0.is_check_due());
        assert!(!file.0.is_check_due(), "it has been checked");
        file.touch();
        assert!(file.0.is_check_due());
    }

    #[test]
    fn in_the_pause_after_a_check_only_a_shorter_file_is_checked() {
        let file = Watched::new("pause");
        file.pause();
        file.resize(16);
        assert!(!file.0.is_check_due(), "longer");
        file.resize(8);
        file.touch();
        assert!(!file.0.is_check_due(), "changed, with the same length");
        file.resize(4);
        assert!(file.0.is_check_due(), "shorter");
    }

    #[test]
    fn a_check_that_could_not_be_made_is_made_later() {
        let file = Watched::new("suspect");
        file.0.state().is_suspect = true;
        assert!(file.0.is_check_due());
        assert!(!file.0.is_check_due());
    }

    #[test]
    fn a_missing_file_is_logged_once_each_time_that_it_goes() {
        let file = Watched::new("missing");
        let moved = file.0.path.with_extension("moved");
        let check = || drop(file.0.check());
        for _ in 0..2 {
            assert_eq!(logged(check).len(), 0);
            fs::rename(&file.0.path, &moved).unwrap();
            let lines = logged(check);
            assert!(lines.len() == 1 && lines[0].contains("was deleted or moved"), "{lines:?}");
            assert_eq!(logged(check).len(), 0, "said already");
            fs::rename(&moved, &file.0.path).unwrap();
        }
    }

    #[tokio::test]
    async fn after_a_check_there_is_a_pause() {
        let file = Watched::new("pauses");
        file.resize(0);
        let error = file.0.check_contents().await.unwrap_err().to_string();
        assert!(error.contains("the file is empty"), "{error}");
        assert!(file.0.state().next_check > Instant::now());
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_damage_and_a_missing_one_is_an_error() {
        let file = Watched::new("garbage");
        fs::write(&file.0.path, "garbage ".repeat(1000)).unwrap();
        let damage = quick_check_file(&file.0.path, "t").await.unwrap().expect("damage");
        assert!(damage.contains("not a database"), "{damage}");
        quick_check_file(Path::new("/nowhere/game.db"), "t").await.unwrap_err();
        assert!(is_damage(&coded("11")) && is_damage(&coded("267")));
        assert!(!is_damage(&coded("10")) && !is_damage(&sqlx::Error::PoolTimedOut));
    }

    #[test]
    fn a_file_of_up_to_256_mebibytes_is_read_as_a_whole() {
        assert_eq!(CHECKED_WHOLE, 268_435_456);
    }
}
