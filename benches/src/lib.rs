//! Shared by the benchmarks: the requests, and the endpoints that are compared.
//!
//! `docs/performance.md` lists the commands and their results.

pub mod every_event;
pub mod hand_written;
#[cfg(feature = "stores")]
pub mod keyed;
pub mod ours;
pub mod plot;
pub mod process;
pub mod request;
pub mod samples;

/// The median.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
