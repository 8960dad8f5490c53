//! The proof that an event takes effect once: a game under load, whatever happens to it, and the books afterwards.
//!
//! A [`Trial`] starts a [`Subject`], one process or several on one database, and sends it grants of items, many of them
//! at the same time and more than once, until each is answered. Meanwhile a test does to the processes or to their
//! database whatever it is about. [`Trial::settle`] then sends everything once more and compares three books: what each
//! client was answered each time, what stands in the database, and what the processes wrote to standard error. Whatever
//! does not add up is a [`Violation`].
//!
//! That the suite sees what it is for is shown by [`doubles`]: stores with one known flaw each, which it must catch.

mod clients;
pub mod doubles;
mod failure;
pub mod faults;
mod game;
mod ledger;
mod process;
mod subject;
pub mod suite;
mod trial;

pub use failure::{Failure, Summary, Verdict, Violation};
pub use game::{Database, Handler, Setup, Store, serve};
pub use ledger::Ledger;
pub use subject::{Promise, Subject};
pub use trial::{Load, Trial};

use std::env;

/// How many times longer than by default a run is to last: `AGHANIM_STORM`, 1 unless set.
///
/// # Panics
/// When the variable is set to what is no positive number.
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

/// What decides the random moments of a run: `AGHANIM_STORM_SEED`, else a new one, said on screen.
///
/// # Panics
/// When the variable is set to what is no number.
#[must_use]
pub fn seed(run: &str) -> u64 {
    let seed = match env::var("AGHANIM_STORM_SEED") {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("AGHANIM_STORM_SEED is a number, not `{text}`")),
        Err(_) => fastrand::u64(..),
    };
    eprintln!("{run}: AGHANIM_STORM_SEED={seed}");
    seed
}
