//! JSON Schemas of every event, for documents and for tools in other languages. This is the feature `schema`.
//!
//! The schemas are of draft 2020-12. They are as strict as the payloads: see [how strict a payload
//! is](super#how-strict-a-payload-is). Unknown keys and unknown values are valid.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::entries::entries;
use crate::event::Schemas;
use crate::{Ack, AnyReply, RawEvent, UnixTime, WebhookEvent};

/// The schemas of one event.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EventSchemas {
    /// The `event_type`.
    pub name: &'static str,
    /// The schema of `event_data`.
    pub payload: Schema,
    /// The schema of the answer.
    pub reply: Schema,
}

macro_rules! schemas {
    ($($payload:ident: [$($pattern:literal),+] => $reply:ident {
        $(#[doc = $about:literal] $name:literal $(.$fact:ident($($argument:expr)?))*,)+
    })+) => {
        /// The schemas of every event, in the order of the [`CATALOGUE`](super::catalogue::CATALOGUE).
        ///
        /// ```
        /// let schemas = aghanim_hooks::events::schema::all();
        /// let verify = schemas.iter().find(|schemas| schemas.name == "player.verify").unwrap();
        /// assert_eq!(verify.payload.as_value()["required"], serde_json::json!(["player_id"]));
        /// assert_eq!(verify.reply.as_value()["required"], serde_json::json!(["player_id", "name", "attributes"]));
        /// ```
        #[must_use]
        pub fn all() -> Vec<EventSchemas> {
            let mut schemas = Vec::new();
            $({
                use replies::*;
                let payload = payload::<super::$payload>();
                let reply = reply::<$reply>();
                schemas.extend([$($name),+].map(|name| EventSchemas {
                    name,
                    payload: payload.clone(),
                    reply: reply.clone(),
                }));
            })+
            schemas
        }

        /// How to write the schemas of a documented event.
        pub(crate) fn schemas_of(event: &str) -> Schemas {
            match event {
                $($($name)|+ => <super::$payload as WebhookEvent>::SCHEMAS,)+
                _ => Schemas::NONE,
            }
        }
    };
}

/// The types that the entries can name as a reply.
mod replies {
    pub(super) use crate::events::{FoundPlayers, Player, StoreItems};
    pub(super) use crate::{Ack, AnyReply};
}

entries!(schemas);

/// The schema of a payload: of the JSON that can be read.
///
/// Use it for a payload of your own, with `#[derive(schemars::JsonSchema)]`.
#[must_use]
pub fn payload<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>()
}

/// The schema of an answer: of the JSON that is written.
#[must_use]
pub fn reply<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

impl JsonSchema for UnixTime {
    fn schema_name() -> Cow<'static, str> {
        "UnixTime".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "description": "A point in time, in Unix seconds." })
    }
}

impl JsonSchema for RawEvent {
    fn schema_name() -> Cow<'static, str> {
        "RawEvent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "description": "The fields are not documented." })
    }
}

impl JsonSchema for Ack {
    fn schema_name() -> Cow<'static, str> {
        "Ack".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": { "status": { "const": "ok" } },
            "required": ["status"],
        })
    }
}

impl JsonSchema for AnyReply {
    fn schema_name() -> Cow<'static, str> {
        "AnyReply".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "The answer is not documented." })
    }
}
