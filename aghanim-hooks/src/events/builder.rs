//! Declares builders: see [`builders`](super::builders).

/// Gives a struct a `builder`. There can be one in a module.
///
/// The builder has a type parameter for each required field, with the field's name. It is a marker in `unset` until the
/// field is set, and the field's type afterwards.
///
/// `then` lists the other fields with their first values.
macro_rules! builder {
    (
        $name:ident by $builder:ident { $($field:ident: $type:ty,)+ }
        then { $($rest:tt)* }
    ) => {
        /// Markers of the fields that are not set.
        ///
        /// Each has its field's name, which a compile error then shows.
        mod unset {
            $(
                #[derive(Debug, Clone)]
                #[allow(non_camel_case_types, reason = "it has the name of its field")]
                pub struct $field {}
            )+
        }

        #[doc = concat!("Builds [`", stringify!($name), "`](crate::events::", stringify!($name), ").")]
        ///
        /// Set every field, in any order, then call [`build`](Self::build).
        #[derive(Debug, Clone)]
        #[must_use = "a builder does nothing until `build` is called"]
        #[allow(non_camel_case_types, reason = "each type parameter has the name of its field")]
        pub struct $builder<$($field),+> {
            $($field: $field,)+
        }

        impl $name {
            /// Starts a builder, which sets every required field by its name.
            pub fn builder() -> $builder<$(unset::$field),+> {
                $builder { $($field: unset::$field {},)+ }
            }
        }

        impl $builder<$($type),+> {
            /// Returns the value, once every field is set.
            #[must_use]
            pub fn build(self) -> $name {
                $name { $($field: self.$field,)+ $($rest)* }
            }
        }

        $crate::events::builder::builder_setters! { $name $builder [] $($field: $type,)+ }
    };
}

/// One setter for each field, which changes the type parameter of that field alone.
macro_rules! builder_setters {
    (
        $name:ident $builder:ident [$($before:ident)*] $field:ident: $type:ty, $($after:ident: $after_type:ty,)*
    ) => {
        #[allow(non_camel_case_types, reason = "each type parameter has the name of its field")]
        impl<$($before,)* $($after,)*> $builder<$($before,)* unset::$field, $($after,)*> {
            #[doc = concat!(
                "Sets [`", stringify!($field), "`](crate::events::", stringify!($name), "#structfield.", stringify!($field), ").",
            )]
            pub fn $field(self, $field: impl Into<$type>) -> $builder<$($before,)* $type, $($after,)*> {
                $builder { $($before: self.$before,)* $field: $field.into(), $($after: self.$after,)* }
            }
        }

        $crate::events::builder::builder_setters! {
            $name $builder [$($before)* $field] $($after: $after_type,)*
        }
    };
    ($name:ident $builder:ident [$($before:ident)*]) => {};
}

pub(super) use {builder, builder_setters};
