//! The state that all deliveries and the page share.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aghanim_hooks::testing::{Fit, RawAnswer};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use tokio::sync::{broadcast, mpsc, oneshot};

use super::chaos::Chaos;
use super::delivery::{Signature, Summary};
use super::patterns::Pattern;
use super::receiver::Receiver;
use super::signing::Signing;
use super::store::Store;
use super::verdict::Verdict;

/// The news that a slow page may be behind with. Then it loads the list again.
const NEWS: usize = 1024;

/// The dropped answers that are remembered until the sender tries again.
const DROPPED: usize = 64;

/// News for the pages that are open.
#[derive(Debug, Clone)]
pub(crate) enum News {
    Delivery(Box<Summary>),
    Chaos(Chaos),
    Verdict(Box<Verdict>),
}

/// News for the terminal.
#[derive(Debug, Clone)]
pub(crate) enum Ended {
    /// A delivery is answered, or has failed. With its answer, measured by the contract.
    Delivery(Box<Summary>, Option<Fit>),
    Verdict(Box<Verdict>),
}

/// The first answer to a key, which the sender did not get.
pub(super) struct Dropped {
    pub(super) scope: String,
    pub(super) id: Option<i64>,
    pub(super) answer: RawAnswer,
}

/// The state that all deliveries and the page share.
pub(crate) struct Hub {
    pub(crate) store: Store,
    pub(crate) receiver: Receiver,
    pub(crate) signing: Option<Signing>,
    /// Only these events are kept and shown. All are, if there are none.
    pub(crate) events: Vec<Pattern>,
    ended: mpsc::UnboundedSender<Ended>,
    news: broadcast::Sender<News>,
    chaos: Mutex<Chaos>,
    verdict: Mutex<Option<Verdict>>,
    held: Mutex<Option<oneshot::Sender<()>>>,
    dropped: Mutex<VecDeque<Dropped>>,
}

impl Hub {
    pub(crate) fn new(
        store: Store,
        receiver: Receiver,
        signing: Option<Signing>,
        events: Vec<Pattern>,
        chaos: Chaos,
        ended: mpsc::UnboundedSender<Ended>,
    ) -> Self {
        let verdict = chaos.asks_for_a_verdict().then(Verdict::waiting);
        Self {
            store,
            receiver,
            signing,
            events,
            ended,
            news: broadcast::Sender::new(NEWS),
            chaos: Mutex::new(chaos),
            verdict: Mutex::new(verdict),
            held: Mutex::default(),
            dropped: Mutex::default(),
        }
    }

    /// News from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// The faults that are on.
    pub(crate) fn chaos(&self) -> Chaos {
        lock(&self.chaos).clone()
    }

    /// Sets the faults.
    pub(crate) fn set_chaos(&self, chaos: Chaos) {
        let asks = chaos.asks_for_a_verdict();
        lock(&self.chaos).clone_from(&chaos);
        self.publish(News::Chaos(chaos));
        if asks {
            self.set_verdict(Verdict::waiting());
        }
    }

    /// The fixed answer's status for one delivery.
    pub(super) fn take_answer(&self) -> Option<u16> {
        let (status, chaos) = {
            let mut chaos = lock(&self.chaos);
            (chaos.take_answer()?, chaos.clone())
        };
        self.publish(News::Chaos(chaos));
        Some(status)
    }

    /// The latest verdict.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        lock(&self.verdict).clone()
    }

    pub(super) fn set_verdict(&self, verdict: Verdict) {
        *lock(&self.verdict) = Some(verdict.clone());
        // Nobody may be listening any more, at the end.
        let _ = self.ended.send(Ended::Verdict(Box::new(verdict.clone())));
        self.publish(News::Verdict(Box::new(verdict)));
    }

    /// Tells the pages about a delivery that is new, or has changed.
    pub(super) fn show(&self, summary: Summary) {
        self.publish(News::Delivery(Box::new(summary)));
    }

    /// Tells the terminal that a delivery has ended.
    pub(super) fn tell_ended(&self, summary: Summary, fit: Option<Fit>) {
        // Nobody may be listening any more, at the end.
        let _ = self.ended.send(Ended::Delivery(Box::new(summary), fit));
    }

    fn publish(&self, news: News) {
        // An error says that no page is open.
        let _ = self.news.send(news);
    }

    /// The place of a delivery that waits until another one has overtaken it.
    pub(super) fn held(&self) -> MutexGuard<'_, Option<oneshot::Sender<()>>> {
        lock(&self.held)
    }

    /// Remembers an answer that the sender did not get.
    pub(super) fn remember_dropped(&self, dropped: Dropped) {
        let mut all = lock(&self.dropped);
        all.retain(|other| other.scope != dropped.scope);
        all.push_back(dropped);
        if all.len() > DROPPED {
            all.pop_front();
        }
    }

    /// The dropped answer of this key, which the sender asks for again.
    pub(super) fn take_dropped(&self, scope: &str) -> Option<Dropped> {
        let mut all = lock(&self.dropped);
        let at = all.iter().position(|dropped| dropped.scope == scope)?;
        all.remove(at)
    }

    /// True if deliveries of this event are kept and shown.
    pub(super) fn wants(&self, event: Option<&str>) -> bool {
        self.events.is_empty() || event.is_some_and(|event| self.events.iter().any(|pattern| pattern.takes(event)))
    }

    /// Judges a signature.
    pub(super) fn judge(&self, headers: &HeaderMap, body: &[u8]) -> Signature {
        match &self.signing {
            Some(signing) => signing.judge(headers, body),
            None => Signature {
                verdict: "unchecked".to_owned(),
                reason: Some("no secret: set AGHANIM_WEBHOOK_SECRET, or name one with --secret-file".to_owned()),
            },
        }
    }

    /// Bytes without the secret.
    pub(super) fn masked(&self, bytes: &Bytes) -> Bytes {
        self.signing.as_ref().map_or_else(|| bytes.clone(), |signing| signing.masked(bytes))
    }

    /// A text without the secret.
    pub(super) fn masked_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.masked(&Bytes::copy_from_slice(text.as_bytes()))).into_owned()
    }

    /// Headers without the secret in their values.
    pub(super) fn masked_headers(&self, headers: &HeaderMap) -> HeaderMap {
        let masked = |value: &HeaderValue| {
            let masked = self.masked(&Bytes::copy_from_slice(value.as_bytes()));
            HeaderValue::from_maybe_shared(masked).expect("the text in place of the secret can be in a header")
        };
        headers.iter().map(|(name, value)| (name.clone(), masked(value))).collect()
    }
}

/// A panic in between leaves a whole value behind: each change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
