//! The payload of every event, and the answer it asks for.

pub(crate) mod catalogue;
mod item;
mod order;
mod player;

pub use item::{Item, ItemAdd, ItemRemove};
pub use order::Order;
pub use player::{Player, PlayerAttributes, PlayerVerify};
