//! Puts the file of a `batch.ready` through your handlers, event by event.
//!
//! If a webhook has `batch_mode`, Aghanim collects events into a file and sends one signed `batch.ready`. It brings a
//! pre-signed URL to the file, valid for 24 hours. [`Batch`] reads the file as a stream, and each event goes through the
//! same handlers, the same idempotency store and the same observer as a delivery:
//!
//! ```
//! use aghanim_hooks::events::Order;
//! use aghanim_hooks::idempotency::MemoryStore;
//! use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
//! use aghanim_hooks_batch::Batch;
//!
//! #[webhook("order.paid")]
//! async fn paid(order: Order) {
//!     println!("paid: {}", order.id);
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
//! let hooks = Webhooks::new(secret, webhooks![paid]).idempotency(MemoryStore::new());
//! // Anything that is `AsyncRead`: a file, standard input, the body of a download.
//! let file = br#"
//! {"event_type":"order.paid","idempotency_key":"k1","event_data":{"id":"ord_1","amount":499,"currency":"USD","items":[],"created_at":1760000000}}
//! {"event_type":"order.paid","idempotency_key":"k2","event_data":{"id":7}}
//! "#;
//! let report = Batch::new(&hooks, ())?.run(&file[..]).await?;
//! assert_eq!((report.events, report.answered), (2, 1));
//! assert_eq!(report.failures[0].number, 3, "the number of the line");
//! assert!(report.failures[0].message.starts_with("`event_data.id`"));
//! # Ok(())
//! # }
//! ```
//!
//! # Accepted files
//!
//! One event per line, as documented, or a JSON array of events; compressed with gzip or not; with a byte order mark, CR
//! LF, blank lines, or no newline at the end. [`Shape`] says which came. A line may be as long as the endpoint's
//! [body limit](aghanim_hooks::Webhooks::body_limit). A longer one is a failed event, and so is a line that is not an
//! event; the next line follows. An array has no line to go on at: if its brackets or quotes don't match, everything from
//! there to the end of the array is one failed event.
//!
//! Memory is bounded: by 64 KiB of input (twice that with gzip), the body limit for each event [under way](Batch::concurrency), and the number
//! of [failures](Batch::failures) in the report. The size of the file does not matter, nor how far gzip expands it.
//!
//! Aghanim documents that `player.verify`, `player.lookup`, `store.get`, `item.add` and `item.remove` are never in
//! batches. If one comes, its handler is called all the same, since a purchase must not be lost. Nobody gets its
//! answer. [`Report::unexpected`] counts them, and a warning is logged once.
//!
//! # How often an event takes effect
//!
//! | Event | Takes effect |
//! |---|---|
//! | with an `idempotency_key`, and a handler with `Tx` on a store | once, also after a kill |
//! | with an `idempotency_key`, and a handler without `Tx` | once; again if the process is killed during the handler |
//! | without a key, of a family that grants, with an `event_id` | the same, by the [replay guard](aghanim_hooks::Webhooks::replay_guard) |
//! | all others | at least once: events after the last [checkpoint](Batch::checkpoint) are handled again after a kill |
//!
//! Keys are shared with deliveries: an event that was delivered before gets its stored answer. So after a kill, run the
//! batch again from the start. A [checkpoint](Batch::checkpoint) saves the time for what is done.
//!
//! # Trust
//!
//! The file is not signed, neither as a whole nor by line. All trust comes from the signed `batch.ready` that named its
//! URL. Therefore:
//!
//! - Never make a route that runs a batch from what a request brings. The endpoint's own handler of `batch.ready` is the
//!   only place where a URL may come from.
//! - Download over HTTPS only, and check the certificate.
//! - Check the URL before you fetch it, since your server can reach more than the internet can: take only the host that
//!   your account's files have, refuse addresses that are not public, and follow no redirects. The name of the field with
//!   the URL, and the host, are not documented: log one `batch.ready` to see them.
//! - A URL with a signature is a secret for 24 hours. Keep it out of logs.
//!
//! # Download
//!
//! There is no HTTP client here: use the one you have. With `reqwest` and `tokio-util`:
//!
//! ```text
//! let response = client.get(url).send().await?.error_for_status()?;
//! let body = response.bytes_stream().map_err(std::io::Error::other);
//! let report = Batch::new(&hooks, state)?.run(tokio_util::io::StreamReader::new(body)).await?;
//! ```
//!
//! Answer `batch.ready` before you download, since a large file takes longer than a delivery may. A `later` handler can
//! keep the URL as a job; or store it, and let another process download it within 24 hours. The example `batch` of the
//! repository reads a file or standard input with a progress bar.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod batch;
mod checkpoint;
mod error;
mod input;
mod names;
mod pieces;
mod report;
mod run;
mod shape;
mod text;
mod verdict;

pub use batch::Batch;
pub use error::{BatchError, ErrorKind};
pub use report::{Failure, Report};
pub use shape::{Form, Shape};
