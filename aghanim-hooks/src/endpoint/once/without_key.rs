//! An event without a key, for a handler that takes a `Tx`: a transaction without a claim.

use super::{rollback_failed, store_failed};
use crate::answer::Answer;
use crate::endpoint::call::{Call, Outcome};
use crate::endpoint::context::Context;
use crate::idempotency::IdempotencyStore;

/// Calls the handler in a transaction. Its writes are kept when it accepts the event, and undone otherwise.
pub(super) async fn in_transaction(store: &dyn IdempotencyStore, mut call: Call, context: &Context) -> Answer {
    let mut transaction = match store.open().await {
        Ok(transaction) => transaction,
        Err(error) => return store_failed(&error, &context.notes),
    };
    transaction.lend(&mut call.parts.extensions);
    let handled = call.run(context).await;
    if handled.outcome == Outcome::Accepted {
        return match transaction.commit().await {
            Ok(()) => handled.answer,
            Err(error) => store_failed(&error, &context.notes),
        };
    }
    if let Err(error) = transaction.rollback().await {
        rollback_failed(&error);
    }
    handled.answer
}
