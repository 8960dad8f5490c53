use std::time::Duration;

use super::reply::Reply;
use super::turn::{End, PlainEnd, Turn};
use crate::idempotency::{Claim, Claimed, StoreError, StoredAnswer};

/// A request to the writer.
pub(super) enum Job {
    Claim(Claim, Reply<Claimed>),
    Complete(Claim, StoredAnswer, Reply<bool>),
    Release(Claim, Reply<()>),
    /// A turn that claims a key.
    Begin(Claim, Reply<Claimed<Turn<End>>>),
    /// A turn without a claim.
    Open(Reply<Turn<PlainEnd>>),
    /// Deletes answers that are older than this.
    Prune(Duration, Reply<u64>),
}

impl Job {
    /// The event type of the claim that a handler waits for.
    pub(super) fn event_type(&self) -> Option<&str> {
        match self {
            Self::Begin(claim, _) => Some(claim.key.event_type()),
            _ => None,
        }
    }

    pub(super) fn fail(self, error: StoreError) {
        match self {
            Self::Claim(_, reply) => drop(reply.send(Err(error))),
            Self::Complete(_, _, reply) => drop(reply.send(Err(error))),
            Self::Release(_, reply) => drop(reply.send(Err(error))),
            Self::Begin(_, reply) => drop(reply.send(Err(error))),
            Self::Open(reply) => drop(reply.send(Err(error))),
            Self::Prune(_, reply) => drop(reply.send(Err(error))),
        }
    }
}
