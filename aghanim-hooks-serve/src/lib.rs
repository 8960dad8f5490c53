//! Serves an axum router to the open internet, with bounds on everything that a client can hold.
//!
//! `axum::serve` sets no time limit for a request's headers and no limit on connections: a few thousand clients that send
//! one byte a second use up a process's file descriptors. [`Server`] is hyper's HTTP/1.1 connection with those bounds, and
//! a stop that finishes what has been started:
//!
//! ```no_run
//! use aghanim_hooks_serve::{Server, told_to_stop};
//! use axum::{Router, routing::get};
//! use tokio::net::TcpListener;
//!
//! # async fn example() -> std::io::Result<()> {
//! let app = Router::new().route("/live", get(|| async { "ok" }));
//! let listener = TcpListener::bind("127.0.0.1:8000").await?;
//! let stopped = Server::new().serve(listener, app, told_to_stop()).await?;
//! std::process::exit(i32::from(stopped.cut > 0));
//! # }
//! ```
//!
//! | Bound | Default | What happens past it |
//! |---|---|---|
//! | [open connections](Server::connections) | 1,024 | the one that has waited longest for its client is closed; if all are at work, the next client waits |
//! | [time for the headers](Server::header_timeout) | 10 s | the connection is closed |
//! | [time between two requests](Server::idle_timeout) | 75 s | the connection is closed |
//! | [bytes of the headers](Server::header_bytes) | 16 KiB | 431 |
//! | headers | 100 (hyper's) | 431 |
//! | [time to finish at the end](Server::grace) | 15 s | the connection is cut, and counted |
//!
//! These are our choices. Time and size of the body are limited by `aghanim_hooks::Webhooks`, which answers 408 and 413;
//! limit them yourself on routes of your own.
//!
//! # What is closed when all connections are in use
//!
//! A connection is at work from the moment when the body of its request is complete until its answer is made. It is never
//! closed in that time. Any other connection waits for its client: for the headers, the body, or the next request. When a
//! client comes and no place is free, the connection that has waited longest is closed. So a flood of slow clients pushes
//! out slow clients, and a client that sends its request at once is served.
//!
//! TLS and HTTP/2 are left to the proxy or load balancer in front.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod server;
mod signal;
mod stream;
mod table;

pub use server::{Server, Stopped};
pub use signal::told_to_stop;
