use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::envelope::Envelope;
use crate::shorten::shortened;

/// An idempotency key in its scope: game, environment and event type.
///
/// A sandbox purchase must not block a live one, a game must not block another game, and an `item.add` must not block an
/// `order.paid` with the same key. So all of these are part of the key. An event without a game has the empty one.
///
/// ```
/// use aghanim_hooks::idempotency::Key;
///
/// let live = Key::new("gm_1", false, "item.add", "ik_1");
/// let sandbox = Key::new("gm_1", true, "item.add", "ik_1");
/// assert_ne!(live.digest(), sandbox.digest());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Game, event type and key in one string, to save two allocations for each delivery.
    text: String,
    game_ends: usize,
    event_type_ends: usize,
    sandbox: bool,
    digest: [u8; 32],
}

impl Key {
    /// A key in its scope.
    pub fn new(
        game_id: impl AsRef<str>,
        sandbox: bool,
        event_type: impl AsRef<str>,
        idempotency_key: impl AsRef<str>,
    ) -> Self {
        let parts = [game_id.as_ref(), event_type.as_ref(), idempotency_key.as_ref()];
        let mut hash = Sha256::new();
        for part in parts {
            // The length in front keeps parts from running into each other.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.update([u8::from(sandbox)]);
        let game_ends = parts[0].len();
        let event_type_ends = game_ends + parts[1].len();
        Self { text: parts.concat(), game_ends, event_type_ends, sandbox, digest: hash.finalize().into() }
    }

    /// The key of an event, unless it has none.
    pub(crate) fn of<T>(envelope: &Envelope<'_, T>) -> Option<Self> {
        Some(Self::in_scope_of(envelope, envelope.key()?))
    }

    /// This idempotency key, in the scope of this event.
    pub(crate) fn in_scope_of<T>(envelope: &Envelope<'_, T>, idempotency_key: &str) -> Self {
        let game = envelope.game_id.as_ref().map_or("", |game| &*game.0);
        Self::new(game, envelope.sandbox.unwrap_or(false), &envelope.event_type.0, idempotency_key)
    }

    /// Returns `game_id`. Empty if the event has none.
    #[must_use]
    pub fn game_id(&self) -> &str {
        &self.text[..self.game_ends]
    }

    /// True if the event comes from the sandbox environment.
    #[must_use]
    pub fn sandbox(&self) -> bool {
        self.sandbox
    }

    /// `event_type`.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.text[self.game_ends..self.event_type_ends]
    }

    /// `idempotency_key`: opaque text of any length, which may hold any character, NUL included.
    #[must_use]
    pub fn idempotency_key(&self) -> &str {
        &self.text[self.event_type_ends..]
    }

    /// Returns the SHA-256 of all parts. A store can index by it, whatever the texts are.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("game_id", &shortened(self.game_id()))
            .field("sandbox", &self.sandbox)
            .field("event_type", &shortened(self.event_type()))
            .field("idempotency_key", &shortened(self.idempotency_key()))
            .finish_non_exhaustive()
    }
}

/// The SHA-256 of the bytes of `event_data`. It tells a duplicate from another event under the same key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Returns the fingerprint of these bytes of JSON.
    #[must_use]
    pub fn new(event_data: &[u8]) -> Self {
        Self(Sha256::digest(event_data).into())
    }

    /// Returns a fingerprint from its stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The fingerprint of the data of the event that was read from this body.
    pub(crate) fn of<'a, T>(envelope: &Envelope<'a, T>, json: &'a str) -> Self {
        // If the data cannot be found, the whole body is used: equal bodies have equal data.
        Self::new(envelope.data_text(json).unwrap_or(json).as_bytes())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", const_hex::encode(self.0))
    }
}

/// The holder of a claim: a unique token. With it, an attempt whose lease lapsed cannot complete another attempt's claim.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner([u8; 16]);

impl Owner {
    /// Returns a new token: eight random bytes of this process, and a count.
    ///
    /// # Panics
    /// The operating system has no random bytes. Only the first call can panic.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "no two are equal")]
    pub fn new() -> Self {
        static PROCESS: OnceLock<u64> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let process = PROCESS.get_or_init(|| getrandom::u64().expect("the operating system has random bytes"));
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut token = [0; 16];
        token[..8].copy_from_slice(&process.to_be_bytes());
        token[8..].copy_from_slice(&count.to_be_bytes());
        Self(token)
    }

    /// Returns the bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Owner({})", const_hex::encode(self.0))
    }
}

/// One attempt at a key.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Claim {
    /// The key to claim.
    pub key: Key,
    /// The fingerprint of this attempt's `event_data`.
    pub fingerprint: Fingerprint,
    /// The holder of the claim.
    pub owner: Owner,
    /// The time for which a claim without a transaction holds. After it, another attempt may take the key over.
    pub lease: Duration,
    /// The time until which the caller waits for the outcome. A store should not wait for another claim beyond it.
    pub deadline: Instant,
}

impl Claim {
    /// Returns a claim with a new owner.
    #[must_use]
    pub fn new(key: Key, fingerprint: Fingerprint, lease: Duration, deadline: Instant) -> Self {
        Self { key, fingerprint, owner: Owner::new(), lease, deadline }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_scope_counts_and_parts_do_not_run_together() {
        let key = Key::new("gm_1", false, "item.add", "ik");
        let others = [
            Key::new("gm_2", false, "item.add", "ik"),
            Key::new("gm_1", true, "item.add", "ik"),
            Key::new("gm_1", false, "item.remove", "ik"),
            Key::new("gm_1", false, "item.add", "ik2"),
            Key::new("gm_1i", false, "tem.add", "ik"),
            Key::new("gm_1", false, "item.addi", "k"),
            Key::new("", false, "gm_1item.add", "ik"),
        ];
        for other in others {
            assert_ne!(other.digest(), key.digest(), "{other:?}");
        }
        assert_eq!(Key::new("gm_1", false, "item.add", "ik"), key);
        assert!(!key.sandbox() && Key::new("gm_1", true, "item.add", "ik").sandbox());
    }

    #[test]
    fn its_parts_are_what_it_was_made_of() {
        let key = Key::new("gm_é", true, "item.add", "k\0");
        assert_eq!((key.game_id(), key.event_type(), key.idempotency_key()), ("gm_é", "item.add", "k\0"));
        let shown = format!("{key:?}");
        assert!(shown.starts_with(r#"Key { game_id: "gm_é", sandbox: true, event_type: "item.add""#), "{shown}");
        assert_ne!(Key::new("ab", true, "c", ""), Key::new("a", true, "bc", ""));
    }

    #[test]
    fn an_absent_a_null_and_an_empty_key_are_none() {
        let key = |text: &str| {
            let json = format!(r#"{{"event_type":"a.b","event_data":{{}}{text}}}"#);
            Key::of(&crate::envelope::parse::<serde_json::Value>(&json).unwrap())
        };
        assert_eq!(key(""), None);
        assert_eq!(key(r#","idempotency_key":null"#), None);
        assert_eq!(key(r#","idempotency_key":"""#), None);
        assert_eq!(key(r#","idempotency_key":"k""#), Some(Key::new("", false, "a.b", "k")));
        let full = r#","idempotency_key":"k","game_id":"gm","sandbox":true"#;
        assert_eq!(key(full), Some(Key::new("gm", true, "a.b", "k")));
    }

    #[test]
    fn a_fingerprint_is_of_the_data_alone() {
        let of = |json: &str| Fingerprint::of(&crate::envelope::parse::<serde_json::Value>(json).unwrap(), json);
        let first = of(r#"{"event_type":"a","event_id":"1","event_data":{"x":1}}"#);
        assert_eq!(first, of(r#"{"event_data":{"x":1},"event_type":"a","event_id":"2"}"#));
        assert_ne!(first, of(r#"{"event_type":"a","event_id":"1","event_data":{"x":2}}"#));
    }

    #[test]
    fn no_two_owners_are_equal() {
        assert_ne!(Owner::new(), Owner::new());
    }
}
