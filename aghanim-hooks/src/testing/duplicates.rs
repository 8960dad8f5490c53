use std::marker::PhantomData;
use std::panic::Location;

use serde::de::DeserializeOwned;

use super::{RawAnswer, Refused};

/// The answers to one event that was sent several times.
///
/// ```
/// # use aghanim_hooks::events::ItemAdd;
/// # use aghanim_hooks::idempotency::MemoryStore;
/// # use aghanim_hooks::testing::TestClient;
/// # use aghanim_hooks::{Secret, Webhooks, webhook, webhooks};
/// # use axum::routing::post;
/// # #[webhook("item.add")]
/// # async fn grant(_event: ItemAdd) {}
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let secret = Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap();
/// # let hooks = Webhooks::new(secret.clone(), webhooks![grant]).idempotency(MemoryStore::new());
/// # let client = TestClient::new(post(hooks), secret);
/// client.send(ItemAdd::new("2D2R-OP3C", [])).key("k1").at_once(8).await.same().unwrap();
/// # });
/// ```
#[derive(Debug, Clone)]
#[must_use = "look at the answers"]
pub struct Answers<R> {
    raw: Vec<RawAnswer>,
    event_type: String,
    sender: &'static Location<'static>,
    reply: PhantomData<fn() -> R>,
}

impl<R> Answers<R> {
    pub(super) fn new(raw: Vec<RawAnswer>, event_type: String, sender: &'static Location<'static>) -> Self {
        Self { raw, event_type, sender, reply: PhantomData }
    }

    /// The answers, unchanged, in the order of sending.
    #[must_use]
    pub fn raw(&self) -> &[RawAnswer] {
        &self.raw
    }
}

impl<R: DeserializeOwned> Answers<R> {
    /// The one reply that all of them got.
    ///
    /// # Errors
    /// Fails if all of them got the same refusal.
    ///
    /// # Panics
    /// Panics if two answers differ in status or body: the message shows both. Also panics if there is no answer, or if it
    /// accepts the event but does not have the reply's shape.
    pub fn same(self) -> Result<R, Refused> {
        let Self { raw: answers, event_type, sender, .. } = self;
        let first = answers.first().unwrap_or_else(|| panic!("{sender}: `{event_type}` was sent 0 times"));
        for (index, other) in answers.iter().enumerate() {
            assert!(
                (first.status, &first.body) == (other.status, &other.body),
                "{sender}: duplicates of `{event_type}` were answered differently\n  1: {first}\n  {}: {other}",
                index + 1
            );
        }
        first.clone().read(&event_type).unwrap_or_else(|misfit| panic!("{sender}: {misfit}"))
    }

    /// Each reply, in the order of sending.
    ///
    /// # Panics
    /// Panics if an answer accepts the event but does not have the reply's shape.
    #[must_use]
    pub fn each(self) -> Vec<Result<R, Refused>> {
        let Self { raw: answers, event_type, sender, .. } = self;
        let read = |answer: RawAnswer| answer.read(&event_type).unwrap_or_else(|misfit| panic!("{sender}: {misfit}"));
        answers.into_iter().map(read).collect()
    }
}
