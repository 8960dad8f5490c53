//! Declares payloads, and the objects within them.

/// Declares a struct that is read from JSON.
///
/// The two sections are its contract. A `required` field that is missing or null is an error that names it. An
/// `optional` field may be missing or null. Unknown keys are ignored.
///
/// The struct gets a setter for each optional field. It is made from its required fields: by `new`, which takes them in
/// order; or, with `by SomeBuilder` behind its name, by a builder. It needs a builder if there are more than three
/// required fields, or if two neighbours have the same type and could be swapped.
macro_rules! payload {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            required {
                $($(#[$required_meta:meta])* pub $required:ident: $required_type:ty,)+
            }
            $(optional {
                $($(#[$optional_meta:meta])* pub $optional:ident: Option<$optional_type:ty>,)+
            })?
        }
    ) => {
        $crate::events::payload::object! {
            $(#[$meta])*
            pub struct $name {
                $($(#[$required_meta])* pub $required: $required_type,)+
                { $($($(#[$optional_meta])* pub $optional: Option<$optional_type>,)+)? }
            }
        }

        impl $name {
            /// Creates a value from its required fields.
            ///
            /// Every other field is `None` until it is set.
            #[must_use]
            pub fn new($($required: impl Into<$required_type>),+) -> Self {
                Self {
                    $($required: $required.into(),)+
                    $($($optional: None,)+)?
                }
            }
        }
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident by $builder:ident {
            required {
                $($(#[$required_meta:meta])* pub $required:ident: $required_type:ty,)+
            }
            $(optional {
                $($(#[$optional_meta:meta])* pub $optional:ident: Option<$optional_type:ty>,)+
            })?
        }
    ) => {
        $crate::events::payload::object! {
            $(#[$meta])*
            pub struct $name {
                $($(#[$required_meta])* pub $required: $required_type,)+
                { $($($(#[$optional_meta])* pub $optional: Option<$optional_type>,)+)? }
            }
        }

        $crate::events::builder::builder! {
            $name by $builder { $($required: $required_type,)+ }
            then { $($($optional: None,)+)? }
        }
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            optional {
                $($(#[$optional_meta:meta])* pub $optional:ident: Option<$optional_type:ty>,)+
            }
        }
    ) => {
        $crate::events::payload::object! {
            #[derive(Default)]
            $(#[$meta])*
            pub struct $name {
                { $($(#[$optional_meta])* pub $optional: Option<$optional_type>,)+ }
            }
        }
    };
}

/// The struct itself, and the setters of its optional fields.
macro_rules! object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$required_meta:meta])* pub $required:ident: $required_type:ty,)*
            { $($(#[$optional_meta:meta])* pub $optional:ident: Option<$optional_type:ty>,)* }
        }
    ) => {
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[non_exhaustive]
        $(#[$meta])*
        pub struct $name {
            $($(#[$required_meta])* pub $required: $required_type,)*
            $(
                $(#[$optional_meta])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $optional: Option<$optional_type>,
            )*
        }

        impl $name {
            $crate::events::payload::setters! { $($optional: $optional_type,)* }
        }
    };
}

macro_rules! setters {
    ($($field:ident: $type:ty,)*) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
        #[must_use]
        pub fn $field(mut self, $field: impl Into<$type>) -> Self {
            self.$field = Some($field.into());
            self
        }
    )*};
}

/// Declares the payload of an event whose fields are not documented.
macro_rules! raw_payload {
    ($(#[$meta:meta])* pub struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        #[non_exhaustive]
        pub struct $name {
            /// The JSON of `event_data`, as it came.
            pub raw: $crate::RawEvent,
        }

        impl $name {
            /// Creates a payload from this JSON.
            #[must_use]
            pub fn new(raw: $crate::RawEvent) -> Self {
                Self { raw }
            }
        }
    };
}

pub(super) use {object, payload, raw_payload, setters};
