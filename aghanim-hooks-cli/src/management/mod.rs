//! Aghanim's management API, as far as it is about webhooks.
//!
//! | Module | For |
//! |---|---|
//! | [`client`] | the calls, with retries |
//! | [`error`] | why a call failed, and what to change |
//! | [`webhook`] | a webhook, with the fields that are not documented |
//! | [`registration`] | the file that `webhooks![…; subscribed in "…"]` reads |
//! | [`difference`] | what differs between Aghanim, the file and the handlers |
//! | [`events`] | the names that can be subscribed to |
//! | [`secret_file`] | the file of secrets, replaced as a whole |
//! | [`idle`] | finds out if a running endpoint still uses its old secret |
//!
//! The calls and their fields are those of Aghanim's `OpenAPI` document, version 2026.07.14. `docs/registration.md` says what
//! is not known for certain.

pub mod client;
pub mod difference;
pub mod error;
pub mod events;
pub mod idle;
pub mod registration;
mod retry;
pub mod secret_file;
pub mod webhook;
