//! Every event of the catalogue in one type.

use bytes::Bytes;
use serde::de::{Deserializer, Error};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::entries::entries;
use crate::codec::Codec;
use crate::envelope;
use crate::event::{EventArgument, EventError};
use crate::pattern::covered;
use crate::{AnyReply, Event, RawEvent, WebhookEvent};

macro_rules! any_event {
    ($($payload:ident: [$($pattern:literal),+] => $reply:ident {
        $(#[doc = $about:literal] $name:literal $(.$fact:ident($($argument:expr)?))*,)+
    })+) => {
        /// Any event, typed by its payload if Aghanim documents it.
        ///
        /// Use it to read events of different types from one queue or file, or as the parameter of a handler that takes
        /// several. Such a handler returns `()`, or any JSON as [`AnyReply`].
        ///
        /// ```
        /// use aghanim_hooks::webhook;
        /// use aghanim_hooks::events::AnyEvent;
        ///
        /// #[webhook("*")]
        /// async fn log(event: AnyEvent) {
        ///     match &event {
        ///         AnyEvent::ItemAdd(event) => println!("{} items", event.data.items.len()),
        ///         AnyEvent::Raw(event) => println!("{}: {}", event.event_type, event.data.get()),
        ///         _ => println!("{}", event.event_type()),
        ///     }
        /// }
        /// ```
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub enum AnyEvent {
            $(
                #[doc = concat!("An event of the payload [`", stringify!($payload), "`](super::", stringify!($payload), ").")]
                $payload(Box<Event<super::$payload>>),
            )+
            /// An event that the catalogue does not have.
            Raw(Box<Event<RawEvent>>),
        }

        impl AnyEvent {
            /// The name of the event.
            #[must_use]
            pub fn event_type(&self) -> &str {
                match self {
                    $(Self::$payload(event) => &event.event_type,)+
                    Self::Raw(event) => &event.event_type,
                }
            }

            /// Writes the event as JSON, as [`Event::to_json`] does.
            ///
            /// # Errors
            /// Returns an error if the payload does not serialize.
            pub fn to_json(&self) -> Result<String, EventError> {
                match self {
                    $(Self::$payload(event) => event.to_json(),)+
                    Self::Raw(event) => event.to_json(),
                }
            }
        }

        $(
            impl From<Event<super::$payload>> for AnyEvent {
                fn from(event: Event<super::$payload>) -> Self {
                    Self::$payload(Box::new(event))
                }
            }
        )+

        #[diagnostic::do_not_recommend]
        impl EventArgument for AnyEvent {
            type Payload = RawEvent;
            type Reply = AnyReply;
            const CODEC: Codec<Self, AnyReply> = <RawEvent as WebhookEvent>::CODEC.around(|json, body| {
                let event_type = envelope::event_type(json.as_bytes()).unwrap_or_default();
                $(if covered(super::$payload::EVENTS, &event_type) {
                    let (envelope, event) = Event::<super::$payload>::CODEC.read(json, body)?;
                    return Ok((envelope, event.into()));
                })+
                let (envelope, event) = Event::<RawEvent>::CODEC.read(json, body)?;
                Ok((envelope, event.into()))
            });
        }

        impl Serialize for AnyEvent {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$payload(event) => event.serialize(serializer),)+
                    Self::Raw(event) => event.serialize(serializer),
                }
            }
        }
    };
}

entries!(any_event);

impl AnyEvent {
    /// Reads a whole body, envelope included, which must be authenticated already.
    ///
    /// The name of the event decides the payload: an exact name before a family. An event that the catalogue does not
    /// have, an own event for example, becomes [`Raw`](Self::Raw).
    ///
    /// ```
    /// use aghanim_hooks::events::AnyEvent;
    ///
    /// let line = r#"{"event_type":"order.refunded","event_data":{"id":"ord_1"}}"#;
    /// let AnyEvent::AnyOrder(event) = AnyEvent::from_slice(line.as_bytes())? else { panic!("it is an order") };
    /// assert_eq!(event.data.id, "ord_1");
    /// # Ok::<(), aghanim_hooks::EventError>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the body is not an envelope, or if a required field of the payload is missing or of another
    /// type. The error names the field. [`Event::<RawEvent>::from_slice`](Event::from_slice) still reads such an event.
    pub fn from_slice(body: &[u8]) -> Result<Self, EventError> {
        let body = Bytes::copy_from_slice(body);
        let (_, event) = Self::CODEC.read(envelope::text(&body)?, &body)?;
        Ok(event)
    }
}

impl From<Event<RawEvent>> for AnyEvent {
    fn from(event: Event<RawEvent>) -> Self {
        Self::Raw(Box::new(event))
    }
}

/// Reads an event in the form that Aghanim sends, from JSON.
impl<'de> Deserialize<'de> for AnyEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The name may come after the data, which is then read as text first.
        let event = Event::<RawEvent>::deserialize(deserializer)?;
        let body = event.to_json().map_err(D::Error::custom)?;
        Self::from_slice(body.as_bytes()).map_err(D::Error::custom)
    }
}
