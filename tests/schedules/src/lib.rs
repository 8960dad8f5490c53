//! Tests of the library's own concurrency under many schedules: duplicates that wait for each other in one process, and
//! deliveries that take turns at SQLite's only writer.
//!
//! shuttle chooses the next task at each lock, atomic and channel. It runs the library's own sources: `build.rs` copies
//! them, and replaces the types of the standard library and tokio by shuttle's. The database is a stand-in in memory,
//! because shuttle can't control SQLite's own thread.
//!
//! `AGHANIM_STORM=10` tries ten times as many schedules.
#![cfg(test)]

use shuttle::scheduler::{PctScheduler, RandomScheduler};

mod flights;
mod idempotency;
mod sqlite;
mod sqlx;
mod writer;

/// The number of schedules that a test tries, of each kind.
fn schedules(count: usize) -> usize {
    let factor = std::env::var("AGHANIM_STORM").map_or(1, |factor| factor.parse().expect("AGHANIM_STORM is a number"));
    count * factor
}

/// Tries random schedules, then schedules with few preemptions, which find rare interleavings sooner.
fn check(count: usize, test: fn()) {
    let mut config = shuttle::Config::default();
    // Unoptimized futures are large.
    config.stack_size = 1 << 20;
    let count = schedules(count);
    shuttle::Runner::new(RandomScheduler::new(count), config.clone()).run(test);
    shuttle::Runner::new(PctScheduler::new(3, count), config).run(test);
}
