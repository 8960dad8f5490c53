//! The JSON Schemas of a payload and its reply, for the documents of an endpoint.

use std::marker::PhantomData;

#[cfg(feature = "schema")]
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Writes the schema of a type. `None` if the type has none, or without the feature `schema`.
#[cfg(feature = "schema")]
pub(crate) type SchemaOf = Option<fn(&mut SchemaGenerator) -> Schema>;

#[cfg(not(feature = "schema"))]
pub(crate) type SchemaOf = Option<std::convert::Infallible>;

/// Finds the schema of a type, if it has one. It must be used where the type is known.
///
/// `Described::<T>::SCHEMA` is the constant of this type if `T` implements `JsonSchema`, and that of [`NoSchema`]
/// otherwise.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "never made")]
pub struct Described<T>(PhantomData<T>);

#[cfg(feature = "schema")]
impl<T: JsonSchema> Described<T> {
    #[doc(hidden)]
    pub const SCHEMA: SchemaOf = Some(SchemaGenerator::subschema_for::<T>);
}

#[doc(hidden)]
pub trait NoSchema {
    const SCHEMA: SchemaOf = None;
}

impl<T> NoSchema for Described<T> {}

/// The schemas of a payload and of the reply to it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Schemas {
    pub payload: SchemaOf,
    pub reply: SchemaOf,
}

impl Schemas {
    #[doc(hidden)]
    pub const NONE: Self = Self::new(None, None);

    #[doc(hidden)]
    #[must_use]
    pub const fn new(payload: SchemaOf, reply: SchemaOf) -> Self {
        Self { payload, reply }
    }
}
