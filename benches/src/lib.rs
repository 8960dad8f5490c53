//! What the benchmarks share: the requests they send, and the endpoints that are measured beside each other.
//!
//! `docs/performance.md` lists the commands and what they found.

pub mod every_event;
pub mod hand_written;
pub mod ours;
pub mod request;
pub mod samples;
