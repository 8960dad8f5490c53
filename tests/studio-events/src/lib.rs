//! A studio's library of shared events: its own event types, and the handlers that all its games have.
//!
//! A game merges the handlers with its own: `webhooks![verify, grant].merge(studio_events::handlers())`.

use std::sync::{Arc, Mutex, PoisonError};

use aghanim_hooks::events::{Order, Payment};
use aghanim_hooks::{Event, Handlers, Rejection, WebhookEvent, webhook, webhooks};
use axum::extract::{FromRef, State};
use serde::{Deserialize, Serialize};

/// A player joined a guild in one of the studio's games.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, WebhookEvent)]
#[event("guild.joined", reply = GuildCard)]
pub struct GuildJoined {
    /// The guild.
    pub guild_id: String,
}

/// The answer to [`GuildJoined`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuildCard {
    /// The guild's motto, shown in the web shop.
    pub motto: String,
}

/// The studio's books. A game's state contains them, or can make them: see [`FromRef`].
#[derive(Debug, Clone, Default)]
pub struct Books(Arc<Mutex<Vec<String>>>);

impl Books {
    /// The lines of the books, in the order in which they were written.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

#[webhook("guild.joined")]
async fn greet(event: GuildJoined) -> Result<GuildCard, Rejection> {
    if event.guild_id.is_empty() {
        return Err(Rejection::deny("not_found", "no such guild"));
    }
    Ok(GuildCard { motto: format!("{} forever", event.guild_id) })
}

#[webhook("order.paid")]
async fn book_order(State(books): State<Books>, event: Event<Order>) {
    books.write(format!("{} {} {}", event.event_type, event.data.id, event.data.amount));
}

#[webhook("payment.*")]
async fn book_payment(State(books): State<Books>, event: Event<Payment>) {
    books.write(format!("{} {}", event.event_type, event.data.id));
}

/// The handlers that every game of the studio has.
#[must_use]
pub fn handlers<S>() -> Handlers<S>
where
    S: Send + Sync + 'static,
    Books: FromRef<S>,
{
    webhooks![greet, book_order, book_payment]
}
