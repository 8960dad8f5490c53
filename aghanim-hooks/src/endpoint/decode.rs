//! Reads the payload, and the facts of the envelope that the next steps need.

use bytes::Bytes;
use serde::de::IgnoredAny;

use super::context::Context;
use super::once::ClaimRequest;
use crate::codec::{Codec, ReplyKind};
use crate::envelope::{self, Envelope, Malformed};
use crate::events::{self, catalogue};

/// The facts about an event that the next steps need.
pub(super) struct Decoded {
    pub(super) sandbox: bool,
    pub(super) has_sandbox_flag: bool,
    pub(super) has_key: bool,
    /// The claim to make, if the event has a key and the endpoint has a store.
    pub(super) claim: Option<Box<ClaimRequest>>,
    pub(super) reply: ReplyKind,
}

/// Reads envelope and payload in one pass.
pub(super) fn event<A, R>(codec: &Codec<A, R>, body: &Bytes, context: &Context) -> Result<(Decoded, A), Malformed> {
    let json = envelope::text(body)?;
    let (envelope, argument) = codec.read(json, body)?;
    let decoded = decoded(&envelope, json, codec.kind, context);
    if context.notes.want_drift() {
        context.notes.drift(events::drift(&context.event_type, json));
    }
    Ok((decoded, argument))
}

/// Reads the envelope of an event whose payload cannot be read.
pub(super) fn envelope_alone(body: &Bytes, context: &Context) -> Result<Decoded, Malformed> {
    let json = envelope::text(body)?;
    let envelope = envelope::parse::<IgnoredAny>(json)?;
    Ok(decoded(&envelope, json, ReplyKind::Any, context))
}

/// True if the event must take effect once.
///
/// False for an event that only asks a question, unless its handler says `once = true`: the answer to a `player.verify`
/// may be different a minute later.
fn happens_once(reply: ReplyKind, context: &Context) -> bool {
    let is_question = || {
        reply != ReplyKind::Ack && catalogue::find(&context.event_type).is_some_and(catalogue::EventInfo::needs_answer)
    };
    context.entry.once.unwrap_or_else(|| !is_question())
}

fn decoded<'a, T>(envelope: &Envelope<'a, T>, json: &'a str, reply: ReplyKind, context: &Context) -> Decoded {
    let sandbox = envelope.sandbox.unwrap_or(false);
    context.notes.envelope(envelope.event_id.as_ref().map(|id| &*id.0), sandbox);
    Decoded {
        sandbox,
        has_sandbox_flag: envelope.sandbox.is_some(),
        has_key: envelope.key().is_some(),
        claim: if happens_once(reply, context) { ClaimRequest::new(envelope, json, context) } else { None },
        reply,
    }
}
