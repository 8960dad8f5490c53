//! An event with an idempotency key takes effect once: its handler answers it, or its first answer is sent again.

mod attempt;
mod lease;
mod replay_guard;
mod without_key;

use http::StatusCode;

use super::call::Call;
use super::context::Context;
use super::flight::Joined;
use super::notes::Notes;
use super::store::Once;
use crate::answer::Answer;
use crate::envelope::Envelope;
use crate::idempotency::{Claim, Fingerprint, Key, KeyReuse, Record, StoreError};
use crate::observer::Outcome;
use crate::shorten::{shortened, shortened_cause};
use attempt::Attempt;

/// A claim to make, and what to do when its key was answered for other data.
pub(super) struct ClaimRequest {
    claim: Claim,
    key_reuse: KeyReuse,
}

impl ClaimRequest {
    /// Returns the claim of an event that was read from this text.
    ///
    /// `None` if the endpoint has no store, or if the event has no key and needs no [guard](replay_guard) without one.
    pub(super) fn new<'a, T>(envelope: &Envelope<'a, T>, json: &'a str, context: &Context) -> Option<Box<Self>> {
        context.settings.once.as_ref()?;
        let key = Key::of(envelope).or_else(|| replay_guard::key(envelope, context))?;
        let lease = lease::length(context.settings.timeout);
        let claim = Claim::new(key, Fingerprint::of(envelope, json), lease, context.deadline.into_std());
        Some(Box::new(Self { claim, key_reuse: context.settings.key_reuse }))
    }

    /// The first answer to this key, with the outcome to note if the data are the same.
    fn replay(&self, record: Record, outcome: Outcome<'static>, notes: &Notes) -> Answer {
        let (event_type, key) =
            (&*shortened(self.claim.key.event_type()), &*shortened(self.claim.key.idempotency_key()));
        if record.fingerprint == self.claim.fingerprint {
            notes.outcome(outcome);
            tracing::debug!(event_type, key, "replayed the first answer to a duplicate");
            return record.answer.into();
        }
        notes.outcome(Outcome::KeyReused);
        tracing::warn!(
            event_type,
            key,
            policy = ?self.key_reuse,
            "an idempotency key came again with other `event_data`"
        );
        match self.key_reuse {
            KeyReuse::Answer => record.answer.into(),
            KeyReuse::Refuse => Answer::error(
                StatusCode::CONFLICT,
                "idempotency_key_reused",
                "This idempotency key was answered before, for other event_data",
            ),
        }
    }
}

/// Answers an event by its handler, or by its first answer.
pub(super) async fn answer(context: Box<Context>, request: Option<Box<ClaimRequest>>, call: Call) -> Answer {
    // The large futures are boxed, so that a delivery that needs none of them does not carry their space.
    match (&context.settings.once, request) {
        (Some(once), Some(request)) => Box::pin(answer_once(once.clone(), request, context, call)).await,
        (Some(once), None) if context.entry.in_transaction() => {
            Box::pin(without_key::in_transaction(&*once.store, call, &context)).await
        }
        _ => call.run(&context).await.answer,
    }
}

async fn answer_once(once: Once, request: Box<ClaimRequest>, context: Box<Context>, call: Call) -> Answer {
    loop {
        match once.join(&request.claim.key) {
            Joined::Lead(lead) => return Attempt::new(once.store, request, lead, context).run(call).await,
            Joined::Follow(follow) => {
                // When the other attempt failed, this one may take its place.
                if let Some(record) = follow.outcome().await {
                    return request.replay(record, Outcome::Duplicate, &context.notes);
                }
            }
        }
    }
}

/// The first answer to this key, if there is one. Nothing is claimed.
pub(super) async fn answered_before(context: &Context, request: Option<Box<ClaimRequest>>) -> Option<Answer> {
    let (once, request) = (context.settings.once.as_ref()?, request?);
    match once.store.lookup(&request.claim.key).await {
        Ok(record) => record.map(|record| request.replay(record, Outcome::Replayed, &context.notes)),
        Err(error) => Some(store_failed(&error, &context.notes)),
    }
}

#[cold]
fn store_failed(error: &StoreError, notes: &Notes) -> Answer {
    notes.outcome(Outcome::StoreFailed);
    tracing::error!(error = &*shortened_cause(&error.to_string()), "the idempotency store failed");
    Answer::unavailable()
}

fn rollback_failed(error: &StoreError) {
    tracing::warn!(%error, "a rollback failed; the database rolls back when the connection closes");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logged::logged;

    #[test]
    fn a_rollback_that_fails_is_logged() {
        let lines = logged(|| rollback_failed(&StoreError::new("the cable is cut")));
        assert!(lines.len() == 1 && lines[0].contains("WARN") && lines[0].contains("the cable is cut"), "{lines:?}");
    }
}
