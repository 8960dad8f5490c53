use sqlx::Database;

use super::Tx;

/// An extractor that takes the delivery's transaction, such as a repository.
///
/// A handler may take a [`Tx`] through an extractor of your own. Implement this for the extractor: the endpoint opens a
/// transaction only for handlers whose parameters say that they need one. Without it, the first request fails with 500,
/// and the log says what to implement.
///
/// ```
/// # #[cfg(feature = "sqlite")] {
/// use aghanim_hooks::events::ItemAdd;
/// use aghanim_hooks::idempotency::{NoTransaction, Sqlite, Tx, UsesTx};
/// use aghanim_hooks::{Rejection, webhook};
/// use axum::extract::FromRequestParts;
/// use http::request::Parts;
///
/// struct Inventory(Tx<Sqlite>);
///
/// impl Inventory {
///     async fn add(&mut self, player: &str, sku: &str) -> sqlx::Result<()> {
///         let insert = sqlx::query("INSERT INTO grants (player_id, sku) VALUES (?1, ?2)").bind(player).bind(sku);
///         insert.execute(&mut *self.0).await.map(drop)
///     }
/// }
///
/// impl UsesTx for Inventory {
///     type Database = Sqlite;
/// }
///
/// impl<S: Send + Sync> FromRequestParts<S> for Inventory {
///     type Rejection = NoTransaction;
///
///     async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NoTransaction> {
///         Tx::from_request_parts(parts, state).await.map(Self)
///     }
/// }
///
/// #[webhook("item.add")]
/// async fn grant(mut inventory: Inventory, event: ItemAdd) -> Result<(), Rejection> {
///     for item in &event.items {
///         inventory.add(&event.player_id, &item.sku).await?;
///     }
///     Ok(())
/// }
/// # }
/// ```
///
/// A handler has one transaction, so one of its parameters may use it.
pub trait UsesTx {
    /// The database of the [`Tx`].
    type Database: Database;
}

#[diagnostic::do_not_recommend]
impl<Db: Database> UsesTx for Tx<Db> {
    type Database = Db;
}
