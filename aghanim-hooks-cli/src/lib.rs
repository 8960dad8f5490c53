//! The command `aghanim-hooks`, as a library: each part without its command line.
//!
//! | Module | For |
//! |---|---|
//! | [`signature`] | telling why a signature does not match |
//! | [`recording`] | deliveries as files |
//! | [`export`] | a recorded delivery as a curl command, a HAR file or a Rust test |
//! | [`url`] | a receiver behind a URL, for the conformance suite and the inspector |
//! | [`envelope`] | whole envelopes with fresh ids |
//! | `inspector` | a listener for deliveries, with a page that shows them |
//! | [`management`] | Aghanim's management API: the registered webhooks |
//! | [`commands`] | the commands themselves |

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod commands;
pub mod envelope;
pub mod exit;
pub mod export;
pub mod input;
mod inspector;
pub mod junit;
pub mod management;
pub mod output;
pub mod recording;
pub mod replace;
pub mod secret;
pub mod signature;
pub mod transport;
pub mod url;
