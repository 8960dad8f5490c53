//! Every event that Aghanim documents: its payload, its answer, and how it is refused.
//!
//! The payload types take their event names and answers from this list, the endpoint looks up how to refuse, and the
//! table in [`events`](super) is tested against it.
//!
//! ```
//! use aghanim_hooks::events::catalogue::{self, CATALOGUE, Refusal};
//!
//! let lookup = catalogue::find("player.lookup").unwrap();
//! assert_eq!((lookup.payload, lookup.reply, lookup.refusal), ("PlayerLookup", "FoundPlayers", Refusal::InBody));
//! assert!(CATALOGUE.iter().filter(|event| event.family() == "payment").count() > 10);
//! ```

use super::entries::entries;
use crate::codec::{Codec, EventData};
#[cfg(not(feature = "schema"))]
use crate::event::NoSchema as _;
use crate::event::{Described, Encode, Encoding, Schemas};
use crate::pattern::{Message, contains, covered, covers, equal};
use crate::reply::{OtherReply as _, Replies};
use crate::{Reply, WebhookEvent};

/// The types that the entries can name as a reply.
mod replies {
    pub(super) use crate::events::{FoundPlayers, Player, StoreItems};
    pub(super) use crate::{Ack, AnyReply};
}

/// The facts about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventInfo {
    /// The `event_type`.
    pub name: &'static str,
    /// The event's meaning, in one sentence.
    pub about: &'static str,
    /// The names that it had before.
    pub former_names: &'static [&'static str],
    /// The type of its `event_data`, in [`events`](super).
    pub payload: &'static str,
    /// The type of its answer: `Ack`, a type in [`events`](super), or `AnyReply` if the answer is not documented.
    pub reply: &'static str,
    /// The form of a refusal.
    pub refusal: Refusal,
    /// True if it can come in the file of a `batch.ready`, for a webhook with `batch_mode`.
    pub batchable: bool,
    /// Says if it has an `idempotency_key`.
    pub idempotency_key: IdempotencyKey,
    /// True if a webhook can subscribe to it.
    pub subscribable: bool,
}

/// The form in which a handler's final [`Rejection`](crate::Rejection) is sent.
///
/// A failure is a 5xx for every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// An HTTP status of 4xx.
    ByStatus,
    /// HTTP 200, and `"status":"error"` in the body.
    InBody,
}

/// Says if an event has an `idempotency_key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdempotencyKey {
    /// All documented samples have one.
    Expected,
    /// It is null in all documented samples.
    Null,
    /// Newer samples have one. It is null in older samples.
    Varies,
    /// Not documented.
    Unknown,
}

impl EventInfo {
    const fn new(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about: trimmed(about),
            former_names: &[],
            payload: "",
            reply: "",
            refusal: Refusal::ByStatus,
            batchable: true,
            idempotency_key: IdempotencyKey::Unknown,
            subscribable: true,
        }
    }

    const fn once_called(self, former_names: &'static [&'static str]) -> Self {
        Self { former_names, ..self }
    }

    const fn refused_in_body(self) -> Self {
        Self { refusal: Refusal::InBody, ..self }
    }

    const fn never_batched(self) -> Self {
        Self { batchable: false, ..self }
    }

    const fn never_subscribed(self) -> Self {
        Self { subscribable: false, ..self }
    }

    const fn keyed(self) -> Self {
        Self { idempotency_key: IdempotencyKey::Expected, ..self }
    }

    const fn key_null(self) -> Self {
        Self { idempotency_key: IdempotencyKey::Null, ..self }
    }

    const fn key_varies(self) -> Self {
        Self { idempotency_key: IdempotencyKey::Varies, ..self }
    }

    const fn brings(self, payload: &'static str, reply: &'static str) -> Self {
        Self { payload, reply, ..self }
    }

    /// The text before the first dot: `order` of `order.paid`.
    #[must_use]
    pub const fn family(&self) -> &'static str {
        family_of(self.name)
    }

    /// True if Aghanim needs the content of the answer, so that an acknowledgement is not enough.
    #[must_use]
    pub const fn needs_answer(&self) -> bool {
        !equal(self.reply, "Ack") && !equal(self.reply, "AnyReply")
    }
}

/// A line of a doc comment without the space in front.
const fn trimmed(line: &'static str) -> &'static str {
    match line.as_bytes() {
        [b' ', ..] => line.split_at(1).1,
        _ => line,
    }
}

/// Finds an event by its name, or by a name that it had before.
///
/// `None` if the [`CATALOGUE`] does not have it.
#[must_use]
pub fn find(event_type: &str) -> Option<&'static EventInfo> {
    CATALOGUE.iter().find(|event| event.name == event_type || event.former_names.contains(&event_type))
}

/// The names of all events.
pub(crate) const NAMES: [&str; CATALOGUE.len()] = {
    let mut names = [""; CATALOGUE.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = CATALOGUE[i].name;
        i += 1;
    }
    names
};

/// True if a pattern takes an event of the [`CATALOGUE`], by its name or one that it had before.
pub(crate) const fn documents(pattern: &str) -> bool {
    let mut i = 0;
    while i < CATALOGUE.len() {
        let EventInfo { name, former_names, .. } = CATALOGUE[i];
        if covers(pattern, name) || contains(former_names, pattern) {
            return true;
        }
        i += 1;
    }
    false
}

/// True if an event of the [`CATALOGUE`] has the same first word as a pattern.
pub(crate) const fn has_family(pattern: &str) -> bool {
    let family = family_of(pattern);
    let mut i = 0;
    while i < CATALOGUE.len() {
        if equal(family, family_of(CATALOGUE[i].name)) {
            return true;
        }
        i += 1;
    }
    false
}

/// The text before the first dot.
const fn family_of(pattern: &str) -> &str {
    let mut dot = 0;
    while dot < pattern.len() && pattern.as_bytes()[dot] != b'.' {
        dot += 1;
    }
    pattern.split_at(dot).0
}

/// The name of the payload of the events that this pattern takes, if one payload fits all of them.
pub(crate) const fn payload_of(pattern: &str) -> Option<&'static str> {
    let mut i = 0;
    while i < PATTERNS.len() {
        let (covering, payload) = PATTERNS[i];
        if covers(covering, pattern) {
            return Some(payload);
        }
        i += 1;
    }
    None
}

/// Refuses, at compile time, a payload whose answer is an acknowledgement, for an event that needs more.
///
/// # Panics
/// Panics if the event needs an answer with content.
#[doc(hidden)]
#[track_caller]
pub const fn assert_acknowledged(event_type: &str) {
    let mut i = 0;
    while i < CATALOGUE.len() {
        if equal(CATALOGUE[i].name, event_type) && CATALOGUE[i].needs_answer() {
            let message = Message::new().text("`").text(event_type).text("` needs an answer: add `reply = ");
            panic!("{}", message.text(CATALOGUE[i].reply).text("`, or your own type with the same JSON").as_str());
        }
        i += 1;
    }
}

macro_rules! catalogue {
    ($($payload:ident: [$($pattern:literal),+] => $reply:ident {
        $(#[doc = $about:literal] $name:literal $(.$fact:ident($($argument:expr)?))*,)+
    })+) => {
        /// The patterns of each payload, exact names before families.
        const PATTERNS: &[(&str, &str)] = &[$($(($pattern, stringify!($payload)),)+)+];

        /// Every event, by family.
        pub const CATALOGUE: &[EventInfo] = &[$($(
            EventInfo::new($name, $about)$(.$fact($($argument)?))*.brings(stringify!($payload), stringify!($reply)),
        )+)+];

        $(
            impl WebhookEvent for super::$payload {
                const EVENTS: &'static [&'static str] = &[$($pattern),+];
                type Reply = replies::$reply;
                const CODEC: Codec<Self, replies::$reply> = Codec::new(EventData::READ, Reply::WRITE, Replies::<replies::$reply>::KIND);
                const ENCODE: Encode<Self> = Encoding::<Self>::ENCODE;
                const SCHEMAS: Schemas = Schemas::new(Described::<Self>::SCHEMA, Described::<replies::$reply>::SCHEMA);
            }

            $(const _: () = assert!(covered(super::$payload::EVENTS, $name), concat!($name, " is outside the payload's patterns"));)+
        )+
    };
}

entries!(catalogue);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "`store.get` needs an answer: add `reply = StoreItems`, or your own type")]
    fn an_answer_is_asked_for() {
        assert_acknowledged("store.get");
    }

    #[test]
    fn an_acknowledgement_is_enough_for_the_rest() {
        for event in ["item.add", "player.is_idle", "order.*", "*", "guild.joined"] {
            assert_acknowledged(event);
        }
    }

    #[test]
    fn former_names_are_found() {
        let event = find("analytics.checkout.payment_method.open").unwrap();
        assert_eq!(event.name, "analytics.checkout.payment_method.select");
        assert_eq!(find("analytics.checkout.payment_method"), None);
    }

    #[test]
    fn the_documented_table_is_up_to_date() {
        let row = |event: &EventInfo| {
            let reply = match event.reply {
                "Ack" => "acknowledgement".to_owned(),
                "AnyReply" => "[any JSON](crate::AnyReply)".to_owned(),
                reply => format!("[`{reply}`]"),
            };
            let refusal = match event.refusal {
                Refusal::ByStatus => "4xx",
                Refusal::InBody => "HTTP 200, status in the body",
            };
            let batch = if event.batchable { "yes" } else { "no" };
            let key = match event.idempotency_key {
                IdempotencyKey::Expected => "yes",
                IdempotencyKey::Null => "no",
                IdempotencyKey::Varies => "in newer samples",
                IdempotencyKey::Unknown => "unknown",
            };
            format!("| `{}` | [`{}`] | {reply} | {refusal} | {batch} | {key} |\n", event.name, event.payload)
        };
        let rows: String = CATALOGUE.iter().map(row).collect();
        let table = format!("| Event | Payload | Answer | Refusal | Batch | Key |\n|---|---|---|---|---|---|\n{rows}");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/events/table.md"), table).unwrap();
            return;
        }
        assert!(
            include_str!("table.md") == table,
            "`table.md` differs: `UPDATE_SNAPSHOTS=1 cargo test -p aghanim-hooks catalogue` writes:\n{table}"
        );
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> =
            CATALOGUE.iter().flat_map(|event| event.former_names.iter().chain([&event.name])).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        // `player.update` is documented, but is not among the events that a webhook can subscribe to.
        let unsubscribable: Vec<_> =
            CATALOGUE.iter().filter(|event| !event.subscribable).map(|event| event.name).collect();
        assert_eq!(unsubscribable, ["player.update"]);
    }
}
