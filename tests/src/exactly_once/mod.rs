//! The proof that an event takes effect once: a game under load, faults of every kind, and a check of the history.
//!
//! A [`Trial`] starts a [`Subject`]: one process or several on one database. It sends grants of items, many at the same
//! time and most more than once, until each is answered. Meanwhile a test kills, stops or starves the processes or their
//! database. [`Trial::settle`] then sends everything once more, and the [`History`] of all answers is checked against the
//! effects in the database. Each rule that is broken is a [`Violation`].
//!
//! [`matrix`] does the same with one fault at a time, at a chosen moment of a delivery, on an [`Instance`] in this
//! process.
//!
//! The suite itself is tested: [`doubles`] are stores with one known flaw each, and the suite must catch each of them.

mod clients;
pub mod doubles;
mod failure;
pub mod faults;
mod game;
mod history;
mod instance;
mod ledger;
pub mod matrix;
mod process;
mod subject;
pub mod suite;
mod trial;

pub use failure::{Failure, Summary, Verdict, Violation};
pub use game::{Behaviour, Database, Handler, PANIC, Setup, Store, serve};
pub use history::{History, Observed};
pub use instance::{Endpoint, Instance};
pub use ledger::{Effects, Ledger};
pub use subject::{Promise, Subject};
pub use trial::{Load, Trial};

use std::env;

/// The length of a run, as a multiple of the default: `AGHANIM_STORM`, 1 unless set.
///
/// # Panics
/// Panics if the variable is not a positive number.
#[must_use]
pub fn storm_factor() -> u32 {
    match env::var("AGHANIM_STORM") {
        Ok(text) => match text.parse() {
            Ok(factor) if factor > 0 => factor,
            _ => panic!("AGHANIM_STORM is how many times longer to run, 1 or more, not `{text}`"),
        },
        Err(_) => 1,
    }
}

/// The seed of a run's random moments: `AGHANIM_STORM_SEED`, or a new one, which is printed.
///
/// # Panics
/// Panics if the variable is not a number.
#[must_use]
pub fn seed(run: &str) -> u64 {
    let seed = match env::var("AGHANIM_STORM_SEED") {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("AGHANIM_STORM_SEED is a number, not `{text}`")),
        Err(_) => fastrand::u64(..),
    };
    eprintln!("{run}: AGHANIM_STORM_SEED={seed}");
    seed
}
