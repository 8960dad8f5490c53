//! The call of a `later` handler by a worker.

use std::panic::AssertUnwindSafe;

use bytes::Bytes;
use futures_util::FutureExt;

use super::call::{Call, panic_message};
use super::context::Context;
use super::rejection::chain;
use super::task::Task;
use crate::Rejection;
use crate::answer::Answer;
use crate::idempotency::{IdempotencyStore, StoreError};
use crate::later::{Latest, Outcome};

/// Calls the handler. If it takes a `Tx`, the job is completed in the same transaction.
pub(super) async fn answer(task: Task, context: &Context, body: &Bytes, call: Call) -> Answer {
    let outcome = match &context.settings.once {
        Some(once) if context.entry.transaction.is_some() => {
            let worked = in_transaction(&*once.store, &task, context, body, call).await;
            worked.unwrap_or_else(|error| failed(chain(&error)))
        }
        _ => called(call).await.map_or_else(|outcome| outcome, |()| Outcome::Completed),
    };
    task.ends(outcome)
}

/// Completes the job before the handler is called. The transaction then holds the job's row, so no other worker can
/// complete it, and an attempt that has lost its job ends here.
async fn in_transaction(
    store: &dyn IdempotencyStore,
    task: &Task,
    context: &Context,
    body: &Bytes,
    mut call: Call,
) -> Result<Outcome, StoreError> {
    let mut transaction = store.open().await?;
    transaction.lend(&mut call.parts.extensions);
    // From here on, an early return drops the transaction, which rolls back.
    if !task.complete(&mut call.parts.extensions).await? {
        return Ok(Outcome::Lost);
    }
    let worked = if is_newest(context, body, &mut call).await? {
        called(call).await.map(|()| Outcome::Completed)
    } else {
        // The handler is not called. Dropping the call gives the transaction back.
        drop(call);
        Ok(Outcome::Superseded)
    };
    match worked {
        Ok(outcome) => {
            transaction.commit().await?;
            Ok(outcome)
        }
        Err(outcome) => {
            if let Err(error) = transaction.rollback().await {
                tracing::warn!(%error, "a rollback failed; the database rolls back when the connection closes");
            }
            Ok(outcome)
        }
    }
}

/// The check of `latest_of`: false if a newer event of the same entity was worked before.
async fn is_newest(context: &Context, body: &Bytes, call: &mut Call) -> Result<bool, StoreError> {
    let path = context.entry.later.and_then(|policy| policy.latest_of);
    let (Some(path), Some(queue)) = (path, &context.settings.later) else { return Ok(true) };
    let Some(latest) = std::str::from_utf8(body).ok().and_then(|body| Latest::of(body, path)) else {
        return Ok(true);
    };
    queue.advance(&mut call.parts.extensions, &latest.entity, latest.time).await
}

/// Calls the handler. The error is the outcome of an attempt that did not succeed.
async fn called(call: Call) -> Result<(), Outcome> {
    let Call { parts, run } = call;
    match AssertUnwindSafe(async move { run(parts).await }).catch_unwind().await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(rejection)) => Err(rejected(&rejection)),
        Err(panic) => Err(panicked(&*panic)),
    }
}

fn rejected(rejection: &Rejection) -> Outcome {
    if rejection.is_decision() {
        return Outcome::Refused { code: rejection.code().to_owned(), message: rejection.message().to_owned() };
    }
    match rejection.cause() {
        Some(cause) => failed(chain(cause)),
        None => failed(format!("{} {}: {}", rejection.status(), rejection.code(), rejection.message())),
    }
}

pub(super) fn panicked(panic: &(dyn std::any::Any + Send)) -> Outcome {
    failed(format!("the handler panicked: {}", panic_message(panic)))
}

pub(super) fn failed(reason: impl Into<String>) -> Outcome {
    Outcome::Failed { reason: reason.into() }
}
