use serde::Deserialize;

use super::Item;
use crate::{Ack, WebhookEvent};

/// `order.created`, `order.paid`, `order.canceled`: an order, as it stands.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Order {
    /// `ord_…`
    pub id: String,
    /// What the player pays, in minor units of the currency.
    pub amount: i64,
    /// ISO 4217, such as `USD`.
    pub currency: String,
    /// What was ordered.
    pub items: Vec<Item>,
    /// Who ordered.
    #[serde(default)]
    pub player_id: Option<String>,
}

impl WebhookEvent for Order {
    const EVENTS: &'static [&'static str] = &["order.created", "order.paid", "order.canceled"];
    type Reply = Ack;
}
