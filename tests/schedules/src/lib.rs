//! The library's own concurrency under many schedules: the duplicates that wait for each other in one process, and the
//! hand-over of SQLite's only writer.
//!
//! shuttle decides which task goes on at each lock, atomic and channel. It runs on the library's own sources: `build.rs`
//! copies them with shuttle's types in the place of those of the standard library and tokio. The database is a stand-in
//! in memory, since SQLite's own thread would be outside of shuttle's control.
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
