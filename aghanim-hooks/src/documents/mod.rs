//! OpenAPI and AsyncAPI documents of an endpoint, from its own handlers. This is the feature `schema`.
//!
//! [`Webhooks::contract`] collects what the handlers take and answer: every event with the envelope around it, the answer,
//! the refusals in the event's own shape, and the signature headers. [`Contract::openapi`] writes it as OpenAPI 3.1
//! (`webhooks`), [`Contract::asyncapi`] as AsyncAPI 3.0. Nothing is written by hand, so a document can't be out of date.
//!
//! ```
//! use aghanim_hooks::documents::changes;
//! use aghanim_hooks::events::ItemAdd;
//! use aghanim_hooks::{Secret, WebhookEvent, Webhooks, webhook, webhooks};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, JsonSchema, WebhookEvent)]
//! #[event("guild.joined", reply = GuildCard)]
//! struct GuildJoined {
//!     guild_id: String,
//! }
//!
//! #[derive(Serialize, JsonSchema)]
//! struct GuildCard {
//!     motto: String,
//! }
//!
//! #[webhook("guild.joined")]
//! async fn joined(event: GuildJoined) -> GuildCard {
//!     GuildCard { motto: format!("welcome to {}", event.guild_id) }
//! }
//!
//! #[webhook("item.add")]
//! async fn grant(_event: ItemAdd) {}
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = Secret::new("whsec_4f1c9d0a77b2e8d6")?;
//! let hooks: Webhooks = Webhooks::new(secret, webhooks![joined, grant]);
//! let contract = hooks.contract().title("Beetle Quest").version("1.4.0");
//! let document = contract.openapi();
//! assert!(document["webhooks"]["guild.joined"]["post"]["requestBody"].is_object());
//! assert_eq!(contract.undescribed().count(), 0, "every payload and reply has a schema");
//!
//! // A test compares it with the document that is checked in, and names what would break a partner.
//! let checked_in = document.clone();
//! assert!(changes(&checked_in, &document)?.iter().all(|change| !change.is_breaking()));
//! # Ok(())
//! # }
//! ```
//!
//! # Schemas
//!
//! Aghanim's payloads have a schema. A payload or a reply of your own needs `#[derive(schemars::JsonSchema)]`, with schemars
//! 1. Without it, the document allows any object there, and [`Contract::undescribed`] names the event.
//!
//! A schema is as loose as the endpoint: unknown keys and unknown values of open sets are valid, and a field that may be
//! missing may be null. The only thing that the endpoint takes and a schema refuses is an object that is sent as an array of
//! its values, which serde reads too.
//!
//! # Families
//!
//! A handler of `order.*` appears under each documented event that it takes, and once under `order.*` for events that
//! Aghanim adds to the family. A handler of `*` appears in the same way.
//!
//! # Without code
//!
//! The command `aghanim-hooks spec` writes the document of every event that Aghanim documents. `spec --check FILE` compares
//! two documents as [`changes`] does.

mod answers;
mod asyncapi;
mod changes;
mod contract;
mod definitions;
mod described;
mod envelope;
mod headers;
mod openapi;
mod prose;

pub use changes::{Change, NotADocument, changes};
pub use contract::Contract;

use crate::Webhooks;

impl<S> Webhooks<S> {
    /// The contract of this endpoint, to be written as OpenAPI or AsyncAPI; see [`documents`](crate::documents).
    ///
    /// Settings that change what is taken are in it, such as [`require_key`](Self::require_key).
    #[must_use]
    pub fn contract(&self) -> Contract {
        Contract::of(self.taken())
    }
}
