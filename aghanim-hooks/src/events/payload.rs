/// Declares the struct of a payload, or of an object within one.
///
/// The two sections are its contract: what stands under `required` makes an error when it is missing or null, and the
/// error names it; what stands under `optional` may be missing or null. Unknown keys are ignored.
///
/// The struct gets a constructor of its required fields, and a setter for each optional one.
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
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        $(#[$meta])*
        pub struct $name {
            $($(#[$required_meta])* pub $required: $required_type,)+
            $($(
                $(#[$optional_meta])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $optional: Option<$optional_type>,
            )+)?
        }

        impl $name {
            /// What is always there; everything else is `None` until it is set.
            #[must_use]
            #[allow(clippy::too_many_arguments, reason = "one for each field that is always there")]
            pub fn new($($required: impl Into<$required_type>),+) -> Self {
                Self {
                    $($required: $required.into(),)+
                    $($($optional: None,)+)?
                }
            }

            $($crate::events::payload::setters! { $($optional: $optional_type,)+ })?
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
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        $(#[$meta])*
        pub struct $name {
            $(
                $(#[$optional_meta])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $optional: Option<$optional_type>,
            )+
        }

        impl $name {
            $crate::events::payload::setters! { $($optional: $optional_type,)+ }
        }
    };
}

macro_rules! setters {
    ($($field:ident: $type:ty,)+) => {$(
        #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
        #[must_use]
        pub fn $field(mut self, $field: impl Into<$type>) -> Self {
            self.$field = Some($field.into());
            self
        }
    )+};
}

/// Declares the payload of an event whose fields are not documented.
macro_rules! raw_payload {
    ($(#[$meta:meta])* pub struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[non_exhaustive]
        pub struct $name {
            /// The JSON of `event_data`, as it came.
            pub raw: $crate::RawEvent,
        }

        impl $name {
            /// An event with this JSON.
            #[must_use]
            pub fn new(raw: $crate::RawEvent) -> Self {
                Self { raw }
            }
        }
    };
}

pub(super) use {payload, raw_payload, setters};
