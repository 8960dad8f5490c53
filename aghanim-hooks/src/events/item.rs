use serde::Deserialize;

use crate::{Ack, WebhookEvent};

/// `item.add`: grant these items to this player.
///
/// Refuse with [`Rejection::declined`](crate::Rejection::declined), on which Aghanim refunds the payment where it has
/// enabled that for the account.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ItemAdd {
    /// Who gets them.
    pub player_id: String,
    /// What to grant.
    pub items: Vec<Item>,
    /// Why, for people: `Order paid ord_…`.
    #[serde(default)]
    pub reason: Option<String>,
}

impl WebhookEvent for ItemAdd {
    const EVENTS: &'static [&'static str] = &["item.add"];
    type Reply = Ack;
}

/// `item.remove`: take these items from this player.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ItemRemove {
    /// Who loses them.
    pub player_id: String,
    /// What to take.
    pub items: Vec<Item>,
    /// Why, for people.
    #[serde(default)]
    pub reason: Option<String>,
}

impl WebhookEvent for ItemRemove {
    const EVENTS: &'static [&'static str] = &["item.remove"];
    type Reply = Ack;
}

/// An item of an order or a grant.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Item {
    /// Aghanim's id.
    pub id: String,
    /// The game's own name for it.
    pub sku: String,
    /// Its name for people.
    pub name: String,
    /// How many.
    pub quantity: i64,
}
