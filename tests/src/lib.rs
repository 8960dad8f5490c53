//! What the tests share: a server on a real socket, and a client that sends whatever bytes a test wants sent.

mod client;
pub mod exactly_once;
pub mod postgres;
mod server;

pub use client::{Request, Response, signed};
pub use server::Server;

/// The code that README shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
