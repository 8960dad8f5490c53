//! Shared by the tests: a server on a real socket, a client that sends any bytes, and requests for every event.

mod client;
pub mod exactly_once;
pub mod fixtures;
mod log;
mod metrics;
pub mod outside;
pub mod polls;
pub mod postgres;
pub mod properties;
pub mod proxy;
pub mod receiver;
mod server;
mod skip;

pub use client::{Request, Response, signed};
pub use log::Log;
pub use metrics::{recorder, samples};
pub use server::Server;
pub use skip::skip;

/// The code that README shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
