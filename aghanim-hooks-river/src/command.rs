//! The subcommand `dead`: find, understand, retry and drop what failed, and work deliveries again.

use std::error::Error;
use std::io::Write;
use std::time::SystemTime;

use aghanim_hooks::idempotency::StoreError;
use clap::{Args, Subcommand};
use riverqueue::jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{Backend, DeadLetter, Deliveries, River};

/// Look after dead letters: deliveries that were acknowledged, and whose work failed for good
#[derive(Debug, Args)]
pub struct Dead {
    /// `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE` [default: the variable `DATABASE_URL`, which other users
    /// of the machine cannot see]
    #[arg(long)]
    database: Option<String>,
    /// The PostgreSQL schema of the jobs [default: `aghanim_later`]
    #[arg(long)]
    schema: Option<String>,
    /// Write one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List dead letters, the newest first
    List {
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show everything about one: the reason, each failed attempt, and the body
    Show {
        /// The number in the list
        id: i64,
    },
    /// Work some again, now
    Retry {
        /// The numbers in the list
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Delete some for ever
    Drop {
        /// The numbers in the list
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// Work a range of deliveries again: dead letters, or with `--completed` those whose work was done
    Replay {
        /// Deliveries whose work was done, instead of dead letters. Their handlers run a second time
        #[arg(long)]
        completed: bool,
        /// Only this event, such as `order.paid`
        #[arg(long)]
        event: Option<String>,
        /// Enqueued since: a time such as `2026-11-24T18:00:00Z`, or how long ago, such as `2h`
        #[arg(long, value_parser = time)]
        since: Option<Timestamp>,
        /// Enqueued before: a time, or how long ago
        #[arg(long, value_parser = time)]
        until: Option<Timestamp>,
    },
    /// Count the jobs in each state, and show the age of the oldest
    Depth,
}

impl Dead {
    /// Does what the command line says, and writes to `out`.
    ///
    /// # Errors
    /// Fails if the database can't be reached, a number is not that of a dead letter, or `out` can't be written.
    pub async fn run(self, out: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
        let database = match &self.database {
            Some(database) => database.clone(),
            None => std::env::var("DATABASE_URL").map_err(|_| "say which database: `--database`, or DATABASE_URL")?,
        };
        #[cfg(feature = "sqlite")]
        if let Some(file) = database.strip_prefix("sqlite:") {
            let options = sqlx::sqlite::SqliteConnectOptions::new()
                .filename(file.trim_start_matches("//"))
                .busy_timeout(std::time::Duration::from_secs(10));
            let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(2).connect_with(options).await;
            let pool = pool.map_err(StoreError::new)?;
            return self.on(River::new(pool), out).await;
        }
        #[cfg(feature = "postgres")]
        if database.starts_with("postgres:") || database.starts_with("postgresql:") {
            let pool = sqlx::postgres::PgPoolOptions::new().max_connections(2).connect(&database).await;
            let pool = pool.map_err(StoreError::new)?;
            return self.on(River::new(pool), out).await;
        }
        Err("the database is `sqlite:FILE` or `postgres://…`".into())
    }

    async fn on<Db: Backend>(self, river: River<Db>, out: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
        let river = match self.schema {
            Some(schema) => river.schema(schema),
            None => river,
        };
        let dead = river.dead_letters();
        match self.action {
            Action::List { limit } => {
                let letters = dead.list(limit).await?;
                if letters.is_empty() && !self.json {
                    writeln!(out, "no dead letters")?;
                }
                for letter in letters {
                    if self.json { json_line(&letter, out)? } else { line(&letter, out)? }
                }
            }
            Action::Show { id } => {
                let letter = dead.show(id).await?.ok_or_else(|| not_dead(id))?;
                if self.json { json_line(&letter, out)? } else { page(&letter, out)? }
            }
            Action::Retry { ids } => {
                for id in ids {
                    if !dead.retry(id).await? {
                        return Err(not_dead(id).into());
                    }
                    writeln!(out, "{id} is worked again")?;
                }
            }
            Action::Drop { ids } => {
                for id in ids {
                    if !dead.drop(id).await? {
                        return Err(not_dead(id).into());
                    }
                    writeln!(out, "{id} is deleted")?;
                }
            }
            Action::Replay { completed, event, since, until } => {
                let mut range = if completed { Deliveries::completed() } else { Deliveries::dead() };
                if let Some(event) = event {
                    range = range.event(event);
                }
                if let Some(since) = since {
                    range = range.since(since.into());
                }
                if let Some(until) = until {
                    range = range.until(until.into());
                }
                let replayed = river.replay(&range).await?;
                for one in &replayed {
                    writeln!(out, "{} is worked again as {}", one.of, one.by)?;
                }
                writeln!(out, "{} replayed", replayed.len())?;
            }
            Action::Depth => {
                let depth = river.depth().await?;
                writeln!(
                    out,
                    "waiting {}, running {}, retrying {}, dead {}, oldest {} s",
                    depth.waiting,
                    depth.running,
                    depth.retrying,
                    depth.dead,
                    depth.oldest.as_secs()
                )?;
            }
        }
        Ok(())
    }
}

fn not_dead(id: i64) -> String {
    format!("{id} is not a dead letter: `dead list` shows them")
}

fn line(letter: &DeadLetter, out: &mut impl Write) -> std::io::Result<()> {
    let DeadLetter { id, event_type, attempts, died_at, reason, .. } = letter;
    writeln!(out, "{id}\t{}\t{event_type}\tattempt {attempts}\t{}", shown(*died_at), one_line(&reason.to_string()))
}

fn page(letter: &DeadLetter, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "job        {}", letter.id)?;
    writeln!(out, "event      {} {}", letter.event_type, letter.event_id.as_deref().unwrap_or("(no id)"))?;
    writeln!(out, "queue      {}", letter.queue)?;
    writeln!(out, "enqueued   {}", shown(letter.enqueued_at))?;
    writeln!(out, "died       {}", shown(letter.died_at))?;
    writeln!(out, "reason     {}", one_line(&letter.reason.to_string()))?;
    if letter.replayed {
        writeln!(out, "replayed   yes")?;
    }
    for failure in &letter.failures {
        writeln!(out, "attempt {:<2} {} {}", failure.attempt, shown(failure.at), one_line(&failure.error))?;
    }
    writeln!(out, "body       {}", one_line(&letter.body))
}

fn json_line(letter: &DeadLetter, out: &mut impl Write) -> std::io::Result<()> {
    let failures: Vec<_> = letter
        .failures
        .iter()
        .map(|failure| json!({ "attempt": failure.attempt, "at": shown(failure.at), "error": failure.error }))
        .collect();
    let line = json!({
        "id": letter.id,
        "event_type": letter.event_type,
        "event_id": letter.event_id,
        "queue": letter.queue,
        "enqueued_at": shown(letter.enqueued_at),
        "died_at": shown(letter.died_at),
        "reason": letter.reason.to_string(),
        "attempts": letter.attempts,
        "failures": failures,
        "replayed": letter.replayed,
        "body": letter.body,
    });
    writeln!(out, "{line}")
}

/// The time in UTC, to the second.
fn shown(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(|_| "?".to_owned(), |time| format!("{time:.0}"))
}

/// A sender wrote some of it: control characters must not reach the terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A time, or how long ago.
fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let wrong = || format!("`{text}` is neither a time such as 2026-11-24T18:00:00Z nor a duration such as 2h");
    let ago = text.parse::<SignedDuration>().map_err(|_| wrong())?;
    Timestamp::now().checked_sub(ago).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_absolute_or_ago() {
        assert_eq!(time("2026-11-24T18:00:00Z").unwrap().as_second(), 1_795_543_200);
        let ago = Timestamp::now().duration_since(time("2h").unwrap());
        assert!((7199..=7201).contains(&ago.as_secs()), "{ago:?}");
        assert!(time("yesterday").is_err());
    }

    #[test]
    fn a_line_is_a_line() {
        assert_eq!(one_line("a\nb\u{1b}[2J"), "a b [2J");
    }
}
