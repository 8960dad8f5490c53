//! Sets of strings to which Aghanim may add values at any time.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};

/// Declares an enum of known strings. `Unrecognized` keeps any other string, and writes it back unchanged.
///
/// A known value is read without allocating.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+
        }
    ) => {
        $(#[$meta])*
        ///
        /// Aghanim may add values at any time. [`Unrecognized`](Self::Unrecognized) keeps a value that is not known
        /// here, and writes it back unchanged.
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                $(#[$variant_meta])*
                $variant,
            )+
            /// A value that this version of the crate does not know.
            Unrecognized(String),
        }

        impl $name {
            /// Every value that this version of the crate knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The text of the value, as Aghanim writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unrecognized(text) => text,
                }
            }

            fn known(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| {
                    $crate::open_enum::note(stringify!($name), text);
                    Self::Unrecognized(text.to_owned())
                })
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::known(&text).unwrap_or_else(|| {
                    $crate::open_enum::note(stringify!($name), &text);
                    Self::Unrecognized(text)
                })
            }
        }

        /// Compares the texts. An `Unrecognized` that was created by hand is equal to the known value with the same
        /// text.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                // The known values are examples: a validator must accept others.
                let known: &[&str] = &[$($text),+];
                schemars::json_schema!({ "type": "string", "examples": known })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::open_enum::deserialize(deserializer)
            }
        }
    };
}

pub(crate) use open_enum;

/// An open enum's name, and a value that it does not know.
type Unrecognized = (&'static str, String);

thread_local! {
    /// Collects unrecognized values while [`unrecognized`] runs on this thread.
    static NOTED: RefCell<Option<Vec<Unrecognized>>> = const { RefCell::new(None) };
}

/// Runs a function, and returns the unrecognized values that it read into open enums.
pub(crate) fn unrecognized<T>(run: impl FnOnce() -> T) -> (T, Vec<Unrecognized>) {
    NOTED.set(Some(Vec::new()));
    let result = run();
    (result, NOTED.take().unwrap_or_default())
}

/// Records a value that an open enum does not know, if such values are being collected.
#[cold]
pub(crate) fn note(name: &'static str, value: &str) {
    NOTED.with_borrow_mut(|noted| {
        if let Some(noted) = noted {
            noted.push((name, value.to_owned()));
        }
    });
}

pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: for<'a> From<&'a str> + From<String>,
    D: Deserializer<'de>,
{
    struct Value<T>(PhantomData<T>);

    impl<T: for<'a> From<&'a str> + From<String>> Visitor<'_> for Value<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            Ok(T::from(text))
        }

        fn visit_string<E: Error>(self, text: String) -> Result<T, E> {
            Ok(T::from(text))
        }
    }

    deserializer.deserialize_str(Value(PhantomData))
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro declares public enums")]
mod tests {
    use std::collections::HashSet;

    open_enum! {
        /// The enum of the tests.
        pub enum Light {
            Red = "red",
            /// It has a comment.
            Green = "green",
        }
    }

    #[test]
    fn known_and_unknown_values_are_written_back_unchanged() {
        for (json, light) in [
            (r#""red""#, Light::Red),
            (r#""green""#, Light::Green),
            (r#""a\nb""#, Light::Unrecognized("a\nb".to_owned())),
        ] {
            let read: Light = serde_json::from_str(json).unwrap();
            assert_eq!(read, light);
            assert_eq!(std::mem::discriminant(&read), std::mem::discriminant(&light));
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
        // A `Value` passes on an owned string.
        assert!(matches!(serde_json::from_value(serde_json::json!("red")), Ok(Light::Red)));
    }

    #[test]
    fn values_that_are_not_strings_are_refused() {
        for json in ["null", "1", "{}", "[\"red\"]"] {
            assert!(serde_json::from_str::<Light>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn values_with_the_same_text_are_equal() {
        assert_eq!(Light::from("red"), "red");
        assert_eq!(Light::from("blue".to_owned()), *"blue");
        assert_eq!(Light::Unrecognized("red".to_owned()), Light::Red);
        assert_eq!(HashSet::from([Light::Unrecognized("red".to_owned()), Light::Red]).len(), 1);
        assert_eq!(format!("{:>6}", Light::Green), " green");
        assert_eq!(Light::KNOWN, [Light::Red, Light::Green]);
    }
}
