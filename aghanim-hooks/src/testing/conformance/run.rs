//! Shared by the scenarios of one run: the target, requests that are sure to be accepted, and a view of the effects.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::effects::{Effects, Receiver};
use super::{Options, Target, Unanswered, Wire};
use crate::events::catalogue::{self, IdempotencyKey};
use crate::signature::Secret;
use crate::testing::envelope::unix_seconds;
use crate::testing::{Fit, RawAnswer, sample_request, set_field};

/// An event that no receiver handles by name.
pub(super) const UNKNOWN: &str = "aghanim_hooks.conformance";

/// A player that no game has.
pub(super) const NOBODY: &str = "aghanim-hooks-nobody";

/// Asked for unless the options name others. Those without effects come first.
const USUAL: [&str; 7] =
    ["player.verify", "store.get", "player.lookup", "player.update", "item.add", "item.remove", "order.paid"];

pub(super) struct Run<'a> {
    target: &'a dyn Target,
    pub(super) options: &'a Options,
    /// The events that the receiver handles.
    pub(super) handled: Vec<&'a str>,
    /// Events that were asked for, and that it does not handle.
    pub(super) unhandled: Vec<&'a str>,
    /// The event that most scenarios send.
    pub(super) base: Option<&'a str>,
    /// An event with an effect that must happen once.
    pub(super) grant: Option<&'a str>,
    pub(super) effects: Effects,
    /// The answer to the first signed event.
    pub(super) first: Came,
    /// True if the receiver refuses events that are signed with the run's secret as it refuses those of strangers.
    pub(super) secret_refused: bool,
    number: AtomicU64,
    started: u64,
}

impl<'a> Run<'a> {
    /// Finds out what the receiver handles.
    pub(super) async fn prepare(target: &'a dyn Target, options: &'a Options) -> Self {
        let mut run = Self {
            target,
            options,
            handled: Vec::new(),
            unhandled: Vec::new(),
            base: None,
            grant: None,
            effects: Effects::none(),
            first: Came(Err(Unanswered::Broken("nothing was sent".to_owned()))),
            secret_refused: false,
            number: AtomicU64::new(0),
            started: random(),
        };
        let unknown = run.send(run.signed(&run.envelope(UNKNOWN, &json!({})))).await;
        let asked: Vec<&str> = if options.events.is_empty() {
            USUAL.to_vec()
        } else {
            options.events.iter().map(String::as_str).collect()
        };
        let mut accepted = Vec::new();
        let mut statuses = vec![unknown.status()];
        for event in asked {
            let came = run.send(run.signed(&run.event(event))).await;
            statuses.push(came.status());
            if came.same_as(&unknown, event) {
                run.unhandled.push(event);
            } else {
                run.handled.push(event);
            }
            if came.accepted() && !came.same_as(&unknown, event) {
                accepted.push(event);
            }
            if run.first.0.is_err() || !run.first.accepted() && came.accepted() {
                run.first = came;
            }
        }
        if unknown.refused() && statuses.iter().all(|status| *status == statuses[0]) {
            let stranger = Secret::new(format!("whsec_{:016x}{:016x}", random(), random())).expect("long enough");
            let timestamp = unix_seconds(SystemTime::now()).to_string();
            let forged = Wire::signed(&stranger, &timestamp, run.envelope(UNKNOWN, &json!({})).to_string());
            run.secret_refused = run.send(forged).await.status() == unknown.status();
        }
        let effectless = |event: &&str| catalogue::find(event).is_some_and(catalogue::EventInfo::needs_answer);
        run.base = accepted.iter().copied().find(effectless).or_else(|| accepted.first().copied());
        let keyed = |event: &&str| {
            catalogue::find(event).is_some_and(|event| event.idempotency_key == IdempotencyKey::Expected)
        };
        run.grant = accepted.iter().copied().find(|event| *event == "item.add");
        run.grant = run.grant.or_else(|| accepted.iter().copied().find(keyed));
        if let Some(grant) = run.grant {
            run.effects = Effects::calibrate(&run, grant).await;
        }
        run
    }

    /// A fresh event with the values that the options set.
    pub(super) fn event(&self, event_type: &str) -> Value {
        let sample = sample_request(event_type).unwrap_or_default();
        let mut envelope = self.envelope(event_type, sample.get("event_data").unwrap_or(&json!({})));
        envelope["trigger"] = sample.get("trigger").cloned().unwrap_or_default();
        let key = catalogue::find(event_type).map(|event| event.idempotency_key);
        if matches!(key, Some(IdempotencyKey::Expected | IdempotencyKey::Varies)) {
            envelope["idempotency_key"] = json!(format!("check_{}", self.number()));
        }
        for (path, value) in &self.options.set {
            set_field(&mut envelope, path, value.clone());
        }
        envelope
    }

    fn envelope(&self, event_type: &str, data: &Value) -> Value {
        let number = self.number();
        json!({
            "event_id": format!("whevt_check_{number}"),
            "event_type": event_type,
            "event_time": unix_seconds(SystemTime::now()),
            "game_id": "gm_check",
            "idempotency_key": null,
            "request_id": null,
            "sandbox": self.options.sandbox,
            "trigger": null,
            "transaction_id": format!("whtx_check_{number}"),
            "context": null,
            "event_data": data,
        })
    }

    /// A number that no run before has used.
    pub(super) fn number(&self) -> String {
        format!("{:016x}_{}", self.started, self.number.fetch_add(1, Ordering::Relaxed))
    }

    /// This event, signed now.
    pub(super) fn signed(&self, envelope: &Value) -> Wire {
        self.sign(envelope.to_string())
    }

    /// These bytes, signed now.
    pub(super) fn sign(&self, body: impl Into<Bytes>) -> Wire {
        self.sign_at(&unix_seconds(SystemTime::now()).to_string(), body)
    }

    /// These bytes, signed with this text for a timestamp.
    pub(super) fn sign_at(&self, timestamp: &str, body: impl Into<Bytes>) -> Wire {
        Wire::signed(&self.options.secret, timestamp, body)
    }

    pub(super) async fn send(&self, wire: Wire) -> Came {
        Came(self.target.send(wire).await)
    }

    /// True if the receiver still accepts a signed event.
    pub(super) async fn still_answers(&self, base: &str) -> bool {
        self.send(self.signed(&self.event(base))).await.accepted()
    }
}

impl Receiver for Run<'_> {
    fn options(&self) -> &Options {
        self.options
    }

    fn handles(&self, event: &str) -> bool {
        self.handled.contains(&event)
    }

    async fn deliver(&self, event: &str) -> String {
        self.send(self.signed(&self.event(event))).await.text()
    }
}

pub(super) fn set_header(wire: &mut Wire, name: &'static str, value: &str) {
    let value = HeaderValue::from_bytes(value.as_bytes()).expect("the scenarios set what can be in a header");
    wire.headers.insert(HeaderName::from_static(name), value);
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the system has randomness to give");
    u64::from_ne_bytes(bytes)
}

/// The answer to a request, or the reason why there is none.
pub(super) struct Came(pub(super) Result<RawAnswer, Unanswered>);

impl Came {
    fn status(&self) -> Option<u16> {
        self.0.as_ref().ok().map(|answer| answer.status.as_u16())
    }

    pub(super) fn accepted(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// True for a final refusal, a 4xx.
    pub(super) fn refused(&self) -> bool {
        self.status().is_some_and(|status| (400..500).contains(&status))
    }

    pub(super) fn failed(&self) -> bool {
        self.status().is_none_or(|status| status >= 500)
    }

    pub(super) fn text(&self) -> String {
        self.0.as_ref().map(RawAnswer::text).unwrap_or_default()
    }

    pub(super) fn fit(&self, event_type: &str) -> Option<Fit> {
        self.0.as_ref().ok().map(|answer| Fit::of(event_type, answer))
    }

    /// True if it answers this event as it answers an unknown one.
    fn same_as(&self, unknown: &Self, event_type: &str) -> bool {
        match (&self.0, &unknown.0) {
            (Ok(one), Ok(other)) => {
                one.status == other.status && one.text().replace(event_type, "") == other.text().replace(UNKNOWN, "")
                    // An acknowledgement may be the same for both.
                    && !one.status.is_success()
            }
            _ => false,
        }
    }
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Err(unanswered) => write!(f, "{unanswered}"),
            Ok(answer) => {
                let text = answer.to_string().replace(['\r', '\n'], " ");
                match text.char_indices().nth(240) {
                    Some((end, _)) => write!(f, "{}…", &text[..end]),
                    None => f.write_str(&text),
                }
            }
        }
    }
}
