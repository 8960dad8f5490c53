use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::future::join_all;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::client::Numbers;
use super::envelope::{Outgoing, signed_headers, unix_seconds};
use super::{Answers, RawAnswer, Refused, TestClient};
use crate::event::EventArgument;
use crate::events::catalogue::{self, IdempotencyKey};
use crate::signature::Secret;
use crate::{Event, Trigger, WebhookEvent};

/// An event for a test: [`TestClient::send`] makes one to send, and [`event`] makes one to call a handler with.
///
/// Unless set, the envelope is like Aghanim's: a fresh id, the current time, live, and a fresh idempotency key if
/// Aghanim documents one for the event.
#[derive(Debug, Clone)]
#[must_use = "an event is sent when it is awaited"]
pub struct Delivery<T, Via = ()> {
    envelope: Outgoing,
    at: Option<SystemTime>,
    secret: Option<Secret>,
    headers: Vec<(HeaderName, HeaderValue)>,
    via: Via,
    sender: &'static Location<'static>,
    payload: PhantomData<fn() -> T>,
}

/// Prepares an event to call a handler with, as a plain function.
///
/// ```
/// use aghanim_hooks::events::ItemAdd;
/// use aghanim_hooks::testing::{Sample, event};
/// use aghanim_hooks::{Event, Rejection, webhook};
///
/// #[webhook("item.add")]
/// async fn grant(event: Event<ItemAdd>) -> Result<(), Rejection> {
///     if event.sandbox { Err(Rejection::declined("not for sale yet")) } else { Ok(()) }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let bought = event(ItemAdd::new("2D2R-OP3C", [])).key("k1").sandbox().build();
/// assert_eq!(grant(bought).await.unwrap_err().code(), "declined");
/// # });
/// ```
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "a test makes the payload where it uses it")]
pub fn event<T: WebhookEvent + Serialize>(payload: T) -> Delivery<T> {
    Delivery::new(&payload, &Numbers::default().next(), (), Location::caller())
}

impl<T: WebhookEvent, Via> Delivery<T, Via> {
    pub(super) fn new(payload: &impl Serialize, number: &str, via: Via, sender: &'static Location<'static>) -> Self {
        let event_data: Box<RawValue> = serde_json::value::to_raw_value(payload)
            .unwrap_or_else(|error| panic!("{sender}: the payload can't be written as JSON: {error}"));
        // A family or `*` covers several events: take the first one in the catalogue.
        let pattern = T::EVENTS.first().copied().unwrap_or_default();
        let known = catalogue::CATALOGUE.iter().find(|event| crate::pattern::covers(pattern, event.name));
        let keyed = known.is_some_and(|event| event.idempotency_key == IdempotencyKey::Expected);
        let envelope = Outgoing {
            event_id: format!("whevt_{number}"),
            game_id: "gm_test".to_owned(),
            event_type: known.map_or(pattern, |event| event.name).to_owned(),
            event_time: 0,
            event_data,
            idempotency_key: keyed.then(|| format!("key_{number}")),
            request_id: None,
            sandbox: false,
            trigger: None,
            transaction_id: format!("whtx_{number}"),
            context: None,
        };
        Self { envelope, at: None, secret: None, headers: Vec::new(), via, sender, payload: PhantomData }
    }

    /// Sets `event_type`, for a payload that belongs to several events.
    pub fn event_type(mut self, event_type: impl Into<String>) -> Self {
        self.envelope.event_type = event_type.into();
        self
    }

    /// Sets `idempotency_key`.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.envelope.idempotency_key = Some(key.into());
        self
    }

    /// Sets `idempotency_key` to null.
    pub fn without_key(mut self) -> Self {
        self.envelope.idempotency_key = None;
        self
    }

    /// Sets `event_id`.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.envelope.event_id = id.into();
        self
    }

    /// Marks the event as sent from the sandbox.
    pub fn sandbox(mut self) -> Self {
        self.envelope.sandbox = true;
        self
    }

    /// Sets the time at which the event happens and is signed.
    pub fn at(mut self, time: SystemTime) -> Self {
        self.at = Some(time);
        self
    }

    /// Sets `game_id`.
    pub fn game_id(mut self, id: impl Into<String>) -> Self {
        self.envelope.game_id = id.into();
        self
    }

    /// Sets `trigger`.
    pub fn trigger(mut self, trigger: impl Into<Trigger>) -> Self {
        self.envelope.trigger = Some(trigger.into());
        self
    }

    /// Sets `context`.
    ///
    /// # Panics
    /// Panics if the context can't be written as JSON.
    pub fn context(mut self, context: &(impl Serialize + ?Sized)) -> Self {
        let context = serde_json::value::to_raw_value(context);
        self.envelope.context = Some(context.unwrap_or_else(|error| panic!("the context is no JSON: {error}")));
        self
    }

    fn written(&self, now: SystemTime) -> (SystemTime, Bytes) {
        let time = self.at.unwrap_or(now);
        let envelope = Outgoing { event_time: unix_seconds(time), ..self.envelope.clone() };
        (time, envelope.to_json().into())
    }
}

impl<T: WebhookEvent> Delivery<T> {
    /// Builds the event in the form that a handler takes.
    ///
    /// # Panics
    /// Panics if the payload's JSON can't be read back as the payload.
    #[must_use]
    pub fn build(self) -> Event<T> {
        let (_, body) = self.written(SystemTime::now());
        let json = std::str::from_utf8(&body).expect("JSON is UTF-8");
        match <Event<T> as EventArgument>::CODEC.read(json, &body) {
            Ok((_, event)) => event,
            Err(error) => panic!("{}: the payload does not read what it writes: {error}", self.sender),
        }
    }
}

impl<T: WebhookEvent> Delivery<T, TestClient> {
    /// Signs with this secret instead of the client's.
    pub fn signed_with(mut self, secret: &Secret) -> Self {
        self.secret = Some(secret.clone());
        self
    }

    /// Adds a header to the ones that Aghanim sends.
    ///
    /// # Panics
    /// Panics if the name or the value can't be in a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.parse().unwrap_or_else(|error| panic!("`{name}` is no header's name: {error}"));
        let value = value.parse().unwrap_or_else(|error| panic!("`{value}` can't be in a header: {error}"));
        self.headers.push((name, value));
        self
    }

    /// Sends the event, and returns the answer unchanged.
    pub fn answer(self) -> impl Future<Output = RawAnswer> + Send {
        let (headers, body) = self.signed();
        let request = self.via.request_of(&headers, body);
        async move { self.via.request(request).await }
    }

    /// Sends the same bytes this many times, one after the other.
    pub async fn repeat(self, times: usize) -> Answers<T::Reply> {
        let (headers, body) = self.signed();
        let mut answers = Vec::with_capacity(times);
        for _ in 0..times {
            answers.push(self.via.request(self.via.request_of(&headers, body.clone())).await);
        }
        Answers::new(answers, self.envelope.event_type, self.sender)
    }

    /// Sends the same bytes this many times at once.
    pub async fn at_once(self, times: usize) -> Answers<T::Reply> {
        let (headers, body) = self.signed();
        let send = |_| self.via.request(self.via.request_of(&headers, body.clone()));
        let answers = join_all((0..times).map(send)).await;
        Answers::new(answers, self.envelope.event_type, self.sender)
    }

    fn signed(&self) -> (HeaderMap, Bytes) {
        let (time, body) = self.written(self.via.now());
        let timestamp = unix_seconds(time).to_string();
        let mut headers = signed_headers(self.secret.as_ref().unwrap_or(&self.via.secret), &timestamp, &body);
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        (headers, body)
    }
}

impl<T> IntoFuture for Delivery<T, TestClient>
where
    T: WebhookEvent,
    T::Reply: DeserializeOwned,
{
    type Output = Result<T::Reply, Refused>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    /// Sends the event, and reads the reply.
    ///
    /// # Panics
    /// Panics if the answer accepts the event but does not have the reply's shape.
    fn into_future(self) -> Self::IntoFuture {
        let (event_type, sender) = (self.envelope.event_type.clone(), self.sender);
        let answer = self.answer();
        Box::pin(async move { answer.await.read(&event_type).unwrap_or_else(|misfit| panic!("{sender}: {misfit}")) })
    }
}
