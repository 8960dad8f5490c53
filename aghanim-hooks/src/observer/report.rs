use std::time::Duration;

use http::StatusCode;

use super::Outcome;
use crate::events::Drift;

/// One request: its event, its outcome, its times.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report<'a> {
    /// The event, from a bounded set: a type that this crate or the handlers' list names, else the pattern that takes it,
    /// such as `analytics.*`, else [`OTHER`](Self::OTHER).
    pub event: &'static str,
    /// The event's own type, as received. Empty unless authenticated. Not bounded: do not use it as a label.
    pub event_type: &'a str,
    /// Aghanim's id of the event. Empty if absent, or unless authenticated.
    pub event_id: &'a str,
    /// True if the event comes from the sandbox.
    pub sandbox: bool,
    /// The end of the request.
    pub outcome: Outcome<'a>,
    /// The status of the answer, or `None` if the client hung up before there was one.
    pub status: Option<StatusCode>,
    /// The index of the secret that signed the request, in [`Webhooks::secrets`](crate::Webhooks::secrets).
    /// `None` for an event of a batch, which has no signature of its own.
    pub secret: Option<usize>,
    /// The age of the signature in seconds, if authenticated: negative if it is ahead of this machine's clock.
    pub signature_age: Option<i64>,
    /// The length of the body in bytes, as far as it was read.
    pub body_bytes: usize,
    /// The time that each step took.
    pub times: Times,
    /// Differences from what this crate knows of the event, if [`Observer::wants_drift`](super::Observer::wants_drift)
    /// asked for them.
    pub drift: &'a [Drift],
}

impl Report<'_> {
    /// The [`event`](Self::event) of a request that has no other name.
    pub const OTHER: &'static str = "other";
}

/// The time that each step of a request took; `None` for a step that the request did not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Times {
    /// The time from the headers to the end of the body.
    pub body: Option<Duration>,
    /// The check of the signature.
    pub verify: Option<Duration>,
    /// The parsing of envelope and payload.
    pub decode: Option<Duration>,
    /// The time from there to the start of the handler: the waits for another attempt and for the store's claim.
    pub wait: Option<Duration>,
    /// The extractors and the handler.
    pub handler: Option<Duration>,
    /// The time from the handler's end to the answer: the commit, or storing the answer.
    pub commit: Option<Duration>,
    /// The time from the headers to the answer.
    pub total: Duration,
}

impl Times {
    /// The steps by name, in their order.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        let steps = [
            ("body", self.body),
            ("verify", self.verify),
            ("decode", self.decode),
            ("wait", self.wait),
            ("handler", self.handler),
            ("commit", self.commit),
        ];
        steps.into_iter().filter_map(|(name, time)| Some((name, time?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_steps_that_were_taken_are_listed() {
        let times = Times {
            verify: Some(Duration::from_micros(3)),
            handler: Some(Duration::from_millis(2)),
            ..Times::default()
        };
        let steps: Vec<_> = times.steps().collect();
        assert_eq!(steps, [("verify", Duration::from_micros(3)), ("handler", Duration::from_millis(2))]);
    }
}
