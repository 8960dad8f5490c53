//! Events as JSON: read from an authenticated body, written for a queue or a file, and read from there again.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Event, EventArgument, WebhookEvent};
use crate::envelope::{self, Malformed};
use crate::pattern::{Message, covered};
use crate::{Trigger, UnixTime};

/// Writes a payload as JSON, if its type implements `Serialize`.
#[doc(hidden)]
pub type Encode<T> = Option<fn(&T) -> serde_json::Result<Box<RawValue>>>;

/// Finds out whether a payload can be written, where its type is known.
///
/// `Encoding::<T>::ENCODE` is the constant of this type if `T` implements `Serialize`, and that of [`NoEncoding`]
/// otherwise.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "not for users")]
pub struct Encoding<T>(std::marker::PhantomData<T>);

impl<T: Serialize> Encoding<T> {
    pub const ENCODE: Encode<T> = Some(|data| serde_json::value::to_raw_value(data));
}

#[doc(hidden)]
pub trait NoEncoding {
    type Payload;
    const ENCODE: Encode<Self::Payload> = None;
}

impl<T> NoEncoding for Encoding<T> {
    type Payload = T;
}

impl<T: WebhookEvent> Event<T> {
    /// Reads a whole body, envelope included, which must be authenticated already.
    ///
    /// Use it for an event from a queue, a file or a batch. An endpoint does this by itself. The body is kept, so that
    /// [`data_raw`](Self::data_raw) has the keys that the payload does not type.
    ///
    /// ```
    /// use aghanim_hooks::{Event, WebhookEvent};
    /// use aghanim_hooks::events::ItemAdd;
    ///
    /// /// Works for Aghanim's events and for those of the game alike.
    /// fn replay<E: WebhookEvent>(line: &str) -> Result<Event<E>, aghanim_hooks::EventError> {
    ///     Event::from_slice(line.as_bytes())
    /// }
    ///
    /// let line = r#"{"event_type":"item.add","event_data":{"player_id":"2D2R-OP3C","items":[]}}"#;
    /// assert_eq!(replay::<ItemAdd>(line)?.data.player_id, "2D2R-OP3C");
    /// # Ok::<(), aghanim_hooks::EventError>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the body is not an envelope, if the event has another payload, or if a required field of it
    /// is missing or of another type. The error names the field.
    pub fn from_slice(body: &[u8]) -> Result<Self, EventError> {
        let body = Bytes::copy_from_slice(body);
        let (envelope, event) = <Self as EventArgument>::CODEC.read(envelope::text(&body)?, &body)?;
        if covered(T::EVENTS, &envelope.event_type.0) {
            return Ok(event);
        }
        let expected = Message::new().list(T::EVENTS).as_str().to_owned();
        Err(EventError(Reason::OtherEvent { event_type: event.event_type, expected }))
    }

    /// Writes the event as JSON, envelope included, so that [`from_slice`](Self::from_slice) can read it.
    ///
    /// The payload is written from its typed fields. Keys that the type does not know are left out: to keep them, use
    /// `Event<RawEvent>`. A payload of your own that does not implement `Serialize` is written as it was sent.
    ///
    /// ```
    /// use aghanim_hooks::{Event, WebhookEvent};
    /// use aghanim_hooks::events::PlayerVerify;
    ///
    /// fn enqueue<E: WebhookEvent>(event: &Event<E>) -> Result<String, aghanim_hooks::EventError> {
    ///     event.to_json()
    /// }
    ///
    /// let json = enqueue(&Event::new("player.verify", PlayerVerify::new("2D2R-OP3C")))?;
    /// assert!(json.contains(r#""event_data":{"player_id":"2D2R-OP3C"}"#));
    /// # Ok::<(), aghanim_hooks::EventError>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the payload does not serialize, or if its type does not implement `Serialize` and the event
    /// was made by [`Event::new`].
    pub fn to_json(&self) -> Result<String, EventError> {
        let written;
        let data = match T::ENCODE {
            Some(encode) => {
                written = encode(&self.data).map_err(Reason::Json)?;
                &*written
            }
            None => self.data_raw().ok_or(Reason::NotSerializable(std::any::type_name::<T>()))?,
        };
        Ok(serde_json::to_string(&Written::of(self, data)).map_err(Reason::Json)?)
    }
}

/// An event in the form that Aghanim sends.
#[derive(Serialize)]
struct Written<'a, D: ?Sized> {
    event_id: &'a Option<String>,
    event_type: &'a str,
    event_time: Option<UnixTime>,
    game_id: &'a Option<String>,
    idempotency_key: &'a Option<String>,
    request_id: &'a Option<String>,
    sandbox: bool,
    trigger: &'a Option<Trigger>,
    transaction_id: &'a Option<String>,
    context: &'a Option<Box<RawValue>>,
    event_data: &'a D,
}

impl<'a, D: ?Sized> Written<'a, D> {
    fn of<T>(event: &'a Event<T>, event_data: &'a D) -> Self {
        Self {
            event_id: &event.id,
            event_type: &event.event_type,
            event_time: event.time,
            game_id: &event.game_id,
            idempotency_key: &event.idempotency_key,
            request_id: &event.request_id,
            sandbox: event.sandbox,
            trigger: &event.trigger,
            transaction_id: &event.transaction_id,
            context: &event.context,
            event_data,
        }
    }
}

/// Writes the envelope and the typed fields of the payload, in the form that Aghanim sends.
impl<T: Serialize> Serialize for Event<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written::of(self, &self.data).serialize(serializer)
    }
}

#[derive(Deserialize)]
struct Owned<T> {
    #[serde(default)]
    event_id: Option<String>,
    event_type: String,
    #[serde(default)]
    event_time: Option<UnixTime>,
    #[serde(default)]
    game_id: Option<String>,
    #[serde(default)]
    idempotency_key: Option<String>,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    sandbox: Option<bool>,
    #[serde(default)]
    trigger: Option<Trigger>,
    #[serde(default)]
    transaction_id: Option<String>,
    #[serde(default)]
    context: Option<Box<RawValue>>,
    event_data: T,
}

/// Reads an event in the form that Aghanim sends, from JSON.
///
/// The event has no [`data_raw`](Event::data_raw), and its type is not compared with the payload's events. To have
/// both, use [`Event::from_slice`].
impl<'de, T: DeserializeOwned> Deserialize<'de> for Event<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Envelope<T>(std::marker::PhantomData<T>);

        impl<'de, T: DeserializeOwned> Visitor<'de> for Envelope<T> {
            type Value = Owned<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event's envelope")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Owned<T>, A::Error> {
                Owned::deserialize(MapAccessDeserializer::new(map))
            }
        }

        // An array of the values is not an envelope, though serde would read it as the struct.
        let read = deserializer.deserialize_map(Envelope(std::marker::PhantomData))?;
        Ok(Self {
            data: read.event_data,
            event_type: read.event_type,
            id: read.event_id,
            time: read.event_time,
            game_id: read.game_id,
            idempotency_key: read.idempotency_key,
            request_id: read.request_id,
            sandbox: read.sandbox.unwrap_or(false),
            trigger: read.trigger,
            transaction_id: read.transaction_id,
            context: read.context,
            body: None,
        })
    }
}

/// The reason why an event could not be read from JSON or written as JSON.
///
/// Its text names the field that is wrong, and has no values of it.
#[derive(Debug)]
pub struct EventError(Reason);

#[derive(Debug)]
enum Reason {
    Malformed(Malformed),
    OtherEvent { event_type: String, expected: String },
    Json(serde_json::Error),
    NotSerializable(&'static str),
}

impl From<Malformed> for EventError {
    fn from(malformed: Malformed) -> Self {
        Self(Reason::Malformed(malformed))
    }
}

impl From<Reason> for EventError {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Malformed(malformed) => malformed.fmt(f),
            Reason::OtherEvent { event_type, expected } => {
                write!(f, "`{event_type}` does not have this payload, which belongs to {expected}")
            }
            Reason::Json(error) => error.fmt(f),
            Reason::NotSerializable(payload) => {
                write!(f, "`{payload}` can't be written as JSON: add `#[derive(serde::Serialize)]` to it")
            }
        }
    }
}

impl Error for EventError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Reason::Json(error) => Some(error),
            Reason::Malformed(_) | Reason::OtherEvent { .. } | Reason::NotSerializable(_) => None,
        }
    }
}
