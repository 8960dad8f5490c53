use std::ffi::OsString;
use std::time::Duration;

use aghanim_hooks::Secret;
use tokio::process::Command;

use super::{Database, Handler, Ledger, Setup};

pub(super) const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// The number of effects that a key may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// At most one: a handler with `Tx`.
    Once,
    /// One, and another for each attempt that died before its answer was stored: a handler without `Tx`.
    AtLeastOnce,
}

/// The program under test: the command to start it, and the database with its effects.
pub struct Subject {
    pub(super) program: String,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, OsString)>,
    pub(super) ledger: Ledger,
    pub(super) promise: Promise,
    /// The endpoint's timeout.
    pub(super) timeout: Duration,
}

impl Subject {
    /// The [game](super::serve) of the tests, in this set-up, on an empty database.
    ///
    /// # Errors
    /// Fails if the database can't be prepared.
    pub async fn game(program: &str, setup: &Setup) -> sqlx::Result<Self> {
        let promise = match setup.handler {
            Handler::InTransaction => Promise::Once,
            Handler::UnderLease => Promise::AtLeastOnce,
        };
        Ok(Self {
            program: program.to_owned(),
            arguments: vec![setup.to_argument()],
            environment: Vec::new(),
            ledger: Ledger::of_game(&setup.database).await?,
            promise,
            timeout: setup.timeout,
        })
    }

    /// The example `exactly_once`, started in the documented way.
    ///
    /// # Errors
    /// Fails if the database can't be reached.
    pub async fn example(program: &str, database: &Database) -> sqlx::Result<Self> {
        let url = match database {
            Database::Sqlite(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(url) => url.clone(),
        };
        Ok(Self {
            program: program.to_owned(),
            arguments: vec!["--database".to_owned(), url],
            environment: Vec::new(),
            ledger: Ledger::of_example(database).await?,
            promise: Promise::Once,
            timeout: Duration::from_secs(10),
        })
    }

    /// Sets the promise that is checked.
    #[must_use]
    pub fn promise(mut self, promise: Promise) -> Self {
        self.promise = promise;
        self
    }

    /// Sets environment variables for its processes.
    #[must_use]
    pub fn environment(mut self, variables: impl IntoIterator<Item = (String, OsString)>) -> Self {
        self.environment.extend(variables);
        self
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env("PORT", "0").env("AGHANIM_WEBHOOK_SECRET", SECRET);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(super) fn secret() -> Secret {
        Secret::new(SECRET).expect("it is long enough")
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject")
            .field("program", &self.program)
            .field("arguments", &self.arguments)
            .finish_non_exhaustive()
    }
}
