mod json;
mod schemas;

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::codec::{Codec, EventData, ReplyKind};
use crate::envelope::{self, Envelope};
use crate::reply::{AnyReply, Reply};
use crate::{Trigger, UnixTime};

pub use json::{Encode, Encoding, EventError, NoEncoding};
#[cfg(feature = "schema")]
pub(crate) use schemas::SchemaOf;
pub use schemas::{Described, NoSchema, Schemas};

/// A payload: the type of `event_data` of one or several events, and of the reply to them.
///
/// Derive it for an event type of your own, or to replace the payload of a known one:
///
/// ```
/// use aghanim_hooks::WebhookEvent;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, WebhookEvent)]
/// #[event("guild.joined", reply = GuildCard)]
/// struct GuildJoined {
///     guild_id: String,
/// }
///
/// #[derive(Serialize)]
/// struct GuildCard {
///     motto: String,
/// }
/// ```
///
/// Without `reply = …` the reply is the acknowledgement, [`Ack`](crate::Ack), and the handler returns `()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the payload of an event",
    label = "the last parameter must be the event: a payload such as `ItemAdd`, or `Event<ItemAdd>`",
    note = "Aghanim's payloads are in `aghanim_hooks::events`; to a type of your own, add `#[derive(Deserialize, WebhookEvent)]` and `#[event(\"guild.joined\")]`"
)]
pub trait WebhookEvent: Sized + Send + 'static {
    /// The events that have this payload: names, families such as `order.*`, or `*` for any.
    const EVENTS: &'static [&'static str];

    /// The type of the reply.
    type Reply: Send + 'static;

    #[doc(hidden)]
    const CODEC: Codec<Self, Self::Reply>;

    #[doc(hidden)]
    const ENCODE: Encode<Self> = None;

    #[doc(hidden)]
    const SCHEMAS: Schemas = Schemas::NONE;
}

/// An event: its payload, and the envelope around it.
///
/// A handler takes the payload type as its last parameter, or `Event<T>` if it needs the envelope too.
///
/// ```
/// use aghanim_hooks::{Event, Rejection, webhook};
/// use aghanim_hooks::events::ItemAdd;
///
/// #[webhook("item.add")]
/// async fn grant(event: Event<ItemAdd>) -> Result<(), Rejection> {
///     if event.sandbox {
///         return Ok(());
///     }
///     println!("{:?}: {} items", event.idempotency_key, event.data.items.len());
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event<T> {
    /// The payload, `event_data`.
    pub data: T,
    /// `event_type`: the name of the event.
    pub event_type: String,
    /// `event_id`: Aghanim's id of the event, `whevt_…`. It is not documented that a retry has the same id: recognise a
    /// repetition by [`idempotency_key`](Self::idempotency_key).
    pub id: Option<String>,
    /// `event_time`: the time of the event. Absent in the oldest documented samples.
    pub time: Option<UnixTime>,
    /// `game_id`: the game's id at Aghanim, `gm_…`. Absent in the oldest documented samples.
    pub game_id: Option<String>,
    /// `idempotency_key`: all deliveries with this key must take effect once. Opaque text.
    pub idempotency_key: Option<String>,
    /// `request_id`: the API request that caused the event.
    pub request_id: Option<String>,
    /// `sandbox`: true if the event comes from the sandbox environment. False if it is absent, as in the oldest documented
    /// samples.
    pub sandbox: bool,
    /// `trigger`: the cause of the event.
    pub trigger: Option<Trigger>,
    /// `transaction_id`: `whtx_…`. Absent in the oldest documented samples.
    pub transaction_id: Option<String>,
    /// `context`, as its JSON text. Its shape is not documented, and every sample has null. It probably holds the player's
    /// attributes when the webhook has `player_context_enabled`: see [`PlayerContext`](crate::events::PlayerContext).
    pub context: Option<Box<RawValue>>,
    body: Option<Bytes>,
}

impl<T: WebhookEvent> Event<T> {
    /// Creates an event with an otherwise empty envelope, to call a handler from a unit test.
    ///
    /// ```
    /// use aghanim_hooks::{Event, webhook};
    /// use aghanim_hooks::events::PlayerVerify;
    ///
    /// let mut event = Event::new("player.verify", PlayerVerify::new("2D2R-OP3C"));
    /// event.sandbox = true;
    /// ```
    pub fn new(event_type: impl Into<String>, data: T) -> Self {
        Self {
            data,
            event_type: event_type.into(),
            id: None,
            time: None,
            game_id: None,
            idempotency_key: None,
            request_id: None,
            sandbox: false,
            trigger: None,
            transaction_id: None,
            context: None,
            body: None,
        }
    }
}

impl<T> Event<T> {
    /// The JSON of `event_data` as it was sent, with the keys that the payload type does not know.
    ///
    /// Each call looks it up in the request's body. `None` for an event made by [`Event::new`].
    #[must_use]
    pub fn data_raw(&self) -> Option<&RawValue> {
        // The body was read as an envelope before, so this finds the same data.
        envelope::look_up(std::str::from_utf8(self.body.as_deref()?).ok()?)
    }
}

/// The payload of any event: the JSON of `event_data`, as it was sent.
///
/// It fits every pattern. The handler returns `()`, or any JSON as [`AnyReply`]. It must give the content that the event asks
/// for, as `player.verify` asks for a player: the compiler cannot check that here.
///
/// ```
/// use aghanim_hooks::{Event, RawEvent, webhook};
///
/// #[webhook("*")]
/// async fn rest(event: Event<RawEvent>) {
///     println!("{}: {}", event.event_type, event.data.get());
/// }
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawEvent(Box<RawValue>);

impl RawEvent {
    /// Creates a payload from a value, to call a handler from a unit test.
    ///
    /// ```
    /// use aghanim_hooks::RawEvent;
    ///
    /// # fn main() -> serde_json::Result<()> {
    /// let event = RawEvent::new(&serde_json::json!({ "score": 12 }))?;
    /// assert_eq!(event.get(), r#"{"score":12}"#);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Fails if it can't be written as JSON, such as a map whose keys are not strings.
    pub fn new(json: &(impl Serialize + ?Sized)) -> serde_json::Result<Self> {
        serde_json::value::to_raw_value(json).map(Self)
    }

    /// The JSON text.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Reads the JSON as a type of your own.
    ///
    /// # Errors
    /// Fails if the JSON is not of that type.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> serde_json::Result<T> {
        serde_json::from_str(self.get())
    }
}

/// Compares the JSON text, byte for byte.
impl PartialEq for RawEvent {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for RawEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawEvent({})", self.get())
    }
}

impl WebhookEvent for RawEvent {
    const EVENTS: &'static [&'static str] = &["*"];
    type Reply = AnyReply;
    const CODEC: Codec<Self, AnyReply> = Codec::new(EventData::READ, Reply::WRITE, ReplyKind::Any);
    const ENCODE: Encode<Self> = Encoding::ENCODE;
    const SCHEMAS: Schemas = Schemas::new(Described::<Self>::SCHEMA, Described::<AnyReply>::SCHEMA);
}

/// The last parameter of a handler: a payload, or an [`Event`] around one.
///
/// There is nothing to implement.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the payload of an event",
    label = "the last parameter must be the event: a payload such as `ItemAdd`, or `Event<ItemAdd>`",
    note = "Aghanim's payloads are in `aghanim_hooks::events`; to a type of your own, add `#[derive(Deserialize, WebhookEvent)]` and `#[event(\"guild.joined\")]`"
)]
pub trait EventArgument: Sized + Send {
    /// The payload's type.
    type Payload: WebhookEvent<Reply = Self::Reply>;

    /// The type of the reply.
    type Reply: 'static;

    #[doc(hidden)]
    const EVENT_TYPES: &'static [&'static str] = Self::Payload::EVENTS;

    #[doc(hidden)]
    const EVENT_SCHEMAS: Schemas = Self::Payload::SCHEMAS;

    #[doc(hidden)]
    const CODEC: Codec<Self, Self::Reply>;
}

#[diagnostic::do_not_recommend]
impl<T: WebhookEvent> EventArgument for T {
    type Payload = T;
    type Reply = T::Reply;
    const CODEC: Codec<T, T::Reply> = T::CODEC;
}

#[diagnostic::do_not_recommend]
impl<T: WebhookEvent> EventArgument for Event<T> {
    type Payload = T;
    type Reply = T::Reply;
    const CODEC: Codec<Self, T::Reply> = T::CODEC.around(|json, body| {
        let (envelope, data) = T::CODEC.read(json, body)?;
        let event = Self::around(data, &envelope, body);
        Ok((envelope, event))
    });
}

impl<T> Event<T> {
    fn around(data: T, envelope: &Envelope<'_, ()>, body: &Bytes) -> Self {
        let owned = |text: &Option<envelope::Text<'_>>| text.as_ref().map(|text| text.0.clone().into_owned());
        Self {
            data,
            event_type: envelope.event_type.0.clone().into_owned(),
            id: owned(&envelope.event_id),
            time: envelope.event_time,
            game_id: owned(&envelope.game_id),
            idempotency_key: owned(&envelope.idempotency_key),
            request_id: owned(&envelope.request_id),
            sandbox: envelope.sandbox.unwrap_or(false),
            trigger: envelope.trigger.as_ref().map(|text| Trigger::from(&*text.0)),
            transaction_id: owned(&envelope.transaction_id),
            context: envelope.context.map(RawValue::to_owned),
            body: Some(body.clone()),
        }
    }
}
